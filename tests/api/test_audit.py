"""The audit log over HTTP and on the command line: what is on file, who may read it, its proof."""

from datetime import datetime
from pathlib import Path

import orjson
import pytest

from storage.moments import CHINA
from tests.api.conftest import Api
from tests.api.terminal import Terminal


def acts(api: Api, **query: str) -> list[dict[str, object]]:
    answer = api.get("/audit", "admin_audit", query_string=query)
    assert answer.status_code == 200
    return list(answer.json["items"])


def test_sign_ins_and_refused_sign_ins_are_on_file(api: Api) -> None:
    api.post("/tokens", {"username": "station_officer", "password": "hangji-demo"})
    api.post("/tokens", {"username": "station_officer", "password": "wrong"})
    api.post("/tokens", {"username": "nobody", "password": "wrong"})

    station = api.get("/me", "station_officer").json["id"]
    kinds = [entry["action"] for entry in acts(api, actor=f"officer:{station}")]

    assert kinds == ["sign_in_refused", "signed_in"]


def test_a_case_taken_out_is_on_file_before_it_leaves(api: Api) -> None:
    number = api.report()

    api.get(f"/cases/{number}/file", "grid_member", query_string={"format": "json"})
    refused = api.get(f"/cases/{number}/file", "business")

    entries = acts(api, action="case_exported")
    assert refused.status_code == 404
    assert [(entry["subject"], entry["data"]) for entry in entries] == [
        (number, {"format": "json"})
    ]


def test_nobody_but_the_auditor_reads_the_log(api: Api) -> None:
    for who in ("admin_system", "admin_security", "supervisor", "city_officer", "grid_member"):
        assert api.get("/audit", who).status_code == 403
        assert api.get("/audit/days/2026-03-02", who).status_code == 403
    assert api.get("/audit").status_code == 401


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_either_end_of_the_calendar_is_refused(api: Api, day: str) -> None:
    for bound in ("since", "until"):
        assert api.get("/audit", "admin_audit", query_string={bound: day}).status_code == 422
    assert api.get(f"/audit/days/{day}", "admin_audit").status_code == 404


def test_a_day_is_proved_offline_and_a_forged_one_is_noticed(
    terminal: Terminal, tmp_path: Path
) -> None:
    day = datetime.now(CHINA).date().isoformat()

    file = tmp_path / "day.json"
    file.write_bytes(terminal.run("audit", day).out.encode())
    whole = terminal.run("verify", file, "--json")
    forged = orjson.loads(file.read_bytes())
    forged["entries"][0]["actor"] = "officer:9"
    file.write_bytes(orjson.dumps(forged))
    broken = terminal.run("verify", file, "--json")

    assert (whole.status, whole.json["authenticated"], whole.json["day"]) == (0, True, day)
    assert (broken.status, broken.json["whole"]) == (1, False)
    assert broken.json["place"] == "entry 1"
