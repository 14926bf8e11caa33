"""Progress on what cannot be settled soon."""

import pytest

from engine.contract import NotAllowed
from handlers.handling import follow_up
from tests.handlers.scene import Scene


def test_unfinished_work_goes_on(scene: Scene) -> None:
    case = scene.case(owner_post=scene.post("station"))
    form = {"finished": False, "progress": "正在整改"}

    assert follow_up.report_progress(case, form, officer=scene.people["station"]) == {
        "finished": False
    }


def test_finished_work_is_resolved_by_who_reports_it(scene: Scene) -> None:
    case = scene.case(owner_post=scene.post("station"))
    form = {"finished": True, "progress": "整改完成"}

    answer = follow_up.report_progress(case, form, officer=scene.people["station"])

    assert (answer["outcome"], answer["handled_by"]) == ("resolved", scene.people["station"].id)


def test_only_the_owner_reports_progress(scene: Scene) -> None:
    """R42."""
    case = scene.case(owner_post=scene.post("station"))

    with pytest.raises(NotAllowed):
        follow_up.report_progress(
            case, {"finished": True, "progress": "好了"}, officer=scene.people["county"]
        )
