"""The rung that does not handle, and the way back."""

from datetime import datetime

import pytest

from engine.contract import FormInvalid
from handlers.handling import escalation
from storage.moments import CHINA
from tests.build import a_case
from tests.handlers.scene import Scene, kinds


def test_the_village_centre_answers_for_the_case_while_it_sorts(scene: Scene) -> None:
    case = scene.case({"level": "grid_leader", "matter": "L01"})

    answer = escalation.assign_village_center(case)

    assert (answer["is_filled"], answer["level"]) == (True, "village_center")
    assert case.owner == scene.post("village_center")


def test_a_vacant_village_centre_is_stepped_over(scene: Scene) -> None:
    """R40: vacancy at each post."""
    scene.vacate("village_center")
    case = scene.case({"level": "grid_leader"})

    answer = escalation.assign_village_center(case)

    assert (answer["is_filled"], answer["reason"]) == (False, "vacant")
    assert case.owner is None
    assert kinds(case) == ["post_stepped_over"]


def test_the_dwell_time_ends_in_forwarding(scene: Scene) -> None:
    """A1: at most one working day."""
    row = {"limit": 1, "unit": "working_day", "on_overdue": "forward"}

    answer = escalation.relay_deadline(scene.case(), row)

    due = datetime(2026, 3, 3, 23, 59, 59, tzinfo=CHINA)
    assert answer == {"relay_forward_at": due.isoformat()}
    assert escalation.forward_by_itself(scene.case())["outcome"] == "pass_up"


def test_relaying_may_reclassify(scene: Scene) -> None:
    """A1: may reclassify or mark duplicate, cannot resolve."""
    case = scene.case({"matter": "L01"}, matter="L01")
    form = {"outcome": "pass_up", "matter": "S02"}

    answer = escalation.relay(case, form, officer=scene.people["village_center"])

    assert (answer["matter"], case.matter) == ("S02", "S02")
    assert answer["passed_up_by"] == "village_center"
    assert kinds(case) == ["reclassified", "relayed"]


def test_relaying_without_another_matter_keeps_the_one_there_is(scene: Scene) -> None:
    case = scene.case({"matter": "L01"}, matter="L01")
    form = {"outcome": "pass_up", "matter": None}

    answer = escalation.relay(case, form, officer=scene.people["village_center"])

    assert (answer["matter"], case.changes) == ("L01", {})


def test_an_unknown_matter_is_refused(scene: Scene) -> None:
    case = scene.case({"matter": "L01"}, matter="L01")

    with pytest.raises(FormInvalid) as caught:
        escalation.relay(
            case, {"outcome": "pass_up", "matter": "Q99"}, officer=scene.people["village_center"]
        )

    assert [pointer for pointer, _ in caught.value.errors] == ["/matter"]


def test_the_centre_may_mark_a_duplicate_with_its_original(scene: Scene) -> None:
    original = a_case(scene.session).case
    case = scene.case({"matter": "L01"}, matter="L01")
    form = {"outcome": "duplicate", "original": original.number}

    answer = escalation.relay(case, form, officer=scene.people["village_center"])

    assert answer["outcome"] == "duplicate"
    assert case.links == [(original.id, "duplicate_of")]


def test_a_step_back_forgets_the_outcome_of_the_level_that_was_left(scene: Scene) -> None:
    case = scene.case({"outcome": "withdrawn", "start_level": "grid_leader"})

    assert escalation.step_back(case) == {"outcome": ""}
    assert case.notes[0].data == {"outcome": "withdrawn", "to_level": "grid_leader"}
