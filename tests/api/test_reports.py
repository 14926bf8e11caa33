"""Filing an event: what the form refuses, and who may file."""

from typing import Any

import pytest

from tests.api.conftest import UNIT, Api
from tests.api.test_tasks import told


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"matter": "Z99"}, "/matter"),
        ({"matter": 7}, "/matter"),
        ({"area": "999999"}, "/area"),
        ({"area": "abc"}, "/area"),
        ({"area": 350322}, "/area"),
        ({"business": 999999}, "/business"),
        ({"business": "abc"}, "/business"),
        ({"description": ""}, "/description"),
        ({"description": "\u200b\u3164\u3000"}, "/description"),
        ({"location": {"lat": 0, "lon": 0}}, "/location"),
        ({"location": {"lat": 39.9, "lon": 116.4}}, "/location"),
        ({"location": {"lat": 118.9, "lon": 25.4}}, "/location/lat"),
        ({"description": "x" * 4001}, "/description"),
        ({"description": ["x"]}, "/description"),
        ({"location": {"lat": 91, "lon": 0}}, "/location/lat"),
        ({"location": {"lat": "x", "lon": 0}}, "/location/lat"),
        ({"photos": ["nothing"]}, "/photos"),
        ({"photos": "text"}, "/photos"),
        ({"no_photo_reason": None}, "/no_photo_reason"),
        ({"source": "hearsay"}, "/source"),
        ({"source": "self_inspection"}, "/source"),
        ({"urgent": "very"}, "/urgent"),
        ({"level": "city"}, "/level"),
        ({"collector_officer": 1}, "/collector_officer"),
    ],
)
def test_a_report_that_does_not_fit_names_its_field(
    api: Api, change: dict[str, Any], pointer: str
) -> None:
    report = {"matter": "L01", "area": UNIT, "description": "流动摊贩", "no_photo_reason": "无"}

    answer = api.post("/reports", {**report, **change}, "grid_member")

    assert told(answer) == (422, "form_invalid")
    assert pointer in {error["pointer"][: len(pointer)] for error in answer.get_json()["errors"]}
    assert api.get("/cases", "supervisor").get_json()["items"] == []


@pytest.mark.parametrize(
    ("who", "source"),
    [
        ("grid_member", "self_inspection"),
        ("station_officer", "smart_snapshot"),
        ("station_officer", "external_sync"),
        ("station_officer", "video_patrol"),
    ],
)
def test_nobody_chooses_the_source_of_a_report(api: Api, who: str, source: str) -> None:
    """R20: a source is counted by, so it is told by the way in."""
    report = {"matter": "L01", "area": UNIT, "description": "流动摊贩", "no_photo_reason": "无"}

    answer = api.post("/reports", {**report, "source": source}, who)

    assert told(answer) == (422, "form_invalid")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["/source"]


def test_what_no_list_names_goes_to_triage(api: Api) -> None:
    """R39: never lost."""
    number = api.report("grid_member", matter="other")

    assert api.task(number)["name"] == "triage"
