"""The rules of one level: who owns it, until when, and what its owner may say."""

from datetime import datetime, timedelta

import pytest

from engine.contract import FormInvalid, NotAllowed, Refused
from handlers.handling import handling
from storage.moments import CHINA
from storage.people.actors import load_actor
from tests.build import MORNING, UNIT, a_case
from tests.handlers.scene import NEVER, Scene, kinds, told

CHAIN = ("unit_leader", "grid_member", "grid_leader", "station", "county", "city")


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (handling.accept_deadline, ("accept_pass_up_at", "accept_inform_at")),
        (handling.handle_deadline, ("handle_pass_up_at", "handle_supervise_at")),
    ],
)
@pytest.mark.parametrize("on_overdue", ["pass_up", "supervise", "inform_superior"])
def test_one_of_two_timers_gets_the_due_time_and_the_other_never(
    scene: Scene, rule: object, names: tuple[str, str], on_overdue: str
) -> None:
    """Flows, handling: whether a timer interrupts is drawn, what happens is data."""
    row = {"limit": 2, "unit": "working_day", "on_overdue": on_overdue}

    answer = rule(scene.case(), row)  # type: ignore[operator]  # one of two functions

    due = datetime(2026, 3, 4, 23, 59, 59, tzinfo=CHINA).isoformat()
    wanted = (due, NEVER) if on_overdue == "pass_up" else (NEVER, due)
    assert tuple(answer[name] for name in names) == wanted


@pytest.mark.parametrize("on_overdue", ["pass_up", "supervise"])
def test_a_departments_case_is_followed_when_it_has_been_open_for_long(
    scene: Scene, on_overdue: str
) -> None:
    """R43: counted from the day of the case, not of this level."""
    case = scene.case(opened_at=MORNING - timedelta(days=7))
    case.properties = {"long_running_after": "15"}
    row = {"limit": 2, "unit": "working_day", "on_overdue": on_overdue}

    answer = handling.handle_deadline(case, row)

    fifteenth = datetime(2026, 3, 16, 23, 59, 59, tzinfo=CHINA).isoformat()
    assert answer["long_running_at"] == (NEVER if on_overdue == "pass_up" else fifteenth)


def test_a_case_on_an_older_drawing_becomes_long_by_choice_only(scene: Scene) -> None:
    """R47: running cases keep their version."""
    row = {"limit": 2, "unit": "working_day", "on_overdue": "supervise"}

    assert handling.handle_deadline(scene.case(), row)["long_running_at"] == NEVER


def test_accepting_makes_the_case_that_persons_and_ends_the_way_back(scene: Scene) -> None:
    case = scene.case({"level": "station", "passed_up_by": "village_center"})
    case.change(owner_post=scene.post("station"))

    answer = handling.accept(case, {"answer": "accept"}, officer=scene.people["station"])

    assert answer == {"answer": "accept", "passed_up_by": ""}
    assert case.row["owner_officer"] == scene.people["station"].id


def test_somebody_elses_case_is_not_accepted(scene: Scene) -> None:
    """R42."""
    case = scene.case({"level": "station"})
    case.change(owner_post=scene.post("station"))

    with pytest.raises(NotAllowed) as caught:
        handling.accept(case, {"answer": "accept"}, officer=scene.people["county"])

    assert caught.value.clause == "R42"


RETURNABLE = {"level": "station", "passed_up_by": "village_assistant"}


def test_a_return_goes_to_whoever_passed_up(scene: Scene) -> None:
    """A3."""
    case = scene.case(RETURNABLE)
    case.change(owner_post=scene.post("station"))
    form = {"answer": "return", "reason": "材料不全"}

    said = handling.accept(case, form, officer=scene.people["station"])
    back = handling.return_to_previous(case)

    assert said == {"answer": "return"}
    assert (back["outcome"], back["start_level"], back["was_returned"]) == (
        "return",
        "village_assistant",
        True,
    )
    assert kinds(case) == ["returned"]


def test_a_return_never_goes_below_the_collector(scene: Scene) -> None:
    """R26."""
    data = {"level": "county", "passed_up_by": "station"}
    case = scene.case(data, owner_post=scene.post("station"), floor_rank=5)
    form = {"answer": "return", "reason": "材料不全"}

    with pytest.raises(Refused) as caught:
        handling.accept(case, form, officer=scene.people["station"])

    assert caught.value.code == "owner_below_collector"


def test_a_return_needs_its_reason(scene: Scene) -> None:
    case = scene.case(RETURNABLE, owner_post=scene.post("station"))

    with pytest.raises(FormInvalid) as caught:
        handling.accept(case, {"answer": "return"}, officer=scene.people["station"])

    assert [pointer for pointer, _ in caught.value.errors] == ["/reason"]


def test_what_is_taken_back_is_handled_straight_away(scene: Scene) -> None:
    """Flows, escalation: withdrawn goes back to the level that passed up."""
    case = scene.case({"level": "station", "passed_up_by": "grid_leader"})

    back = handling.take_back(case)

    assert (back["outcome"], back["start_level"], back["enter_at"]) == (
        "withdrawn",
        "grid_leader",
        "handle",
    )
    again = scene.case({"level": "grid_leader", **back})
    assert handling.assign_owner(again)["enter_at"] == "handle"


def test_what_nobody_passed_up_is_not_taken_back(scene: Scene) -> None:
    """After a failed verification the case waits for acceptance too, but nobody sent it there."""
    with pytest.raises(Refused) as caught:
        handling.take_back(scene.case({"level": "station", "passed_up_by": ""}))

    assert caught.value.code == "too_late_to_withdraw"


@pytest.mark.parametrize("level", CHAIN[:-1])
def test_passing_up_keeps_reason_and_level(scene: Scene, level: str) -> None:
    """R40: reason code and text."""
    case = scene.case({"level": level}, owner_post=scene.post(level))
    form = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出职权"}

    answer = handling.resolve_or_pass_up(case, form, officer=scene.people[level])

    assert answer == {
        "outcome": "pass_up",
        "reason": "beyond_powers",
        "enter_at": "accept",
        "passed_up_by": level,
    }
    assert case.notes[0].data["reason_code"] == "beyond_powers"


def test_above_the_city_there_is_nothing(scene: Scene) -> None:
    """R40: pass-up at the top is refused."""
    case = scene.case({"level": "city"}, owner_post=scene.post("city"))
    form = {"outcome": "pass_up", "reason_code": "other", "reason": "太难"}

    with pytest.raises(Refused) as caught:
        handling.resolve_or_pass_up(case, form, officer=scene.people["city"])

    assert (caught.value.code, caught.value.clause) == ("top_of_chain", "R40")


@pytest.mark.parametrize("left_out", ["reason_code", "reason"])
def test_passing_up_without_a_reason_is_refused(scene: Scene, left_out: str) -> None:
    """R40."""
    case = scene.case({"level": "grid_member"}, owner_post=scene.post("grid_member"))
    form = {"outcome": "pass_up", "reason_code": "other", "reason": "太难"}
    del form[left_out]

    with pytest.raises(FormInvalid) as caught:
        handling.resolve_or_pass_up(case, form, officer=scene.people["grid_member"])

    assert [pointer for pointer, _ in caught.value.errors] == [f"/{left_out}"]


@pytest.mark.parametrize("level", CHAIN)
def test_resolving_records_who_handled_for_the_verifier(scene: Scene, level: str) -> None:
    """R42."""
    case = scene.case({"level": level}, owner_post=scene.post(level))
    form = {"outcome": "resolved", "measures": "当场改正"}

    answer = handling.resolve_or_pass_up(case, form, officer=scene.people[level])

    assert answer["outcome"] == "resolved"
    assert (answer["handled_level"], answer["handled_post"], answer["handled_by"]) == (
        level,
        scene.post(level),
        scene.people[level].id,
    )


@pytest.mark.parametrize(
    "level", ["unit_leader", "grid_member", "grid_leader", "village_assistant"]
)
def test_grass_roots_staff_hand_no_lead_to_enforcement(scene: Scene, level: str) -> None:
    """R03."""
    case = scene.case({"level": level}, owner_post=scene.post(level))

    with pytest.raises(NotAllowed) as caught:
        handling.resolve_or_pass_up(case, {"outcome": "case_lead"}, officer=scene.people[level])

    assert caught.value.clause == "R03"


@pytest.mark.parametrize("level", CHAIN)
def test_only_the_assistant_may_find_a_report_unclear(scene: Scene, level: str) -> None:
    """Flows, public_report."""
    case = scene.case({"level": level}, owner_post=scene.post(level))

    with pytest.raises(FormInvalid) as caught:
        handling.resolve_or_pass_up(case, {"outcome": "unclear"}, officer=scene.people[level])

    assert [pointer for pointer, _ in caught.value.errors] == ["/outcome"]


def test_who_left_the_post_no_longer_acts_for_it(scene: Scene) -> None:
    """R42."""
    former = scene.people["station"]
    case = scene.case(
        {"level": "station"}, owner_post=scene.post("station"), owner_officer=former.id
    )
    scene.vacate("station")

    with pytest.raises(NotAllowed):
        handling.accept(
            case,
            {"answer": "accept"},
            officer=load_actor(scene.session, former.id, at=MORNING + timedelta(hours=1)),
        )


def test_a_duplicate_names_its_original(scene: Scene) -> None:
    original = a_case(scene.session).case
    case = scene.case({"level": "grid_member"}, owner_post=scene.post("grid_member"))
    form = {"outcome": "duplicate", "original": original.number}

    handling.resolve_or_pass_up(case, form, officer=scene.people["grid_member"])

    assert case.links == [(original.id, "duplicate_of")]


@pytest.mark.parametrize("original", [None, "", "202600000001", "itself"])
def test_a_duplicate_of_nothing_or_of_itself_is_refused(scene: Scene, original: str) -> None:
    itself = a_case(scene.session, area_code=UNIT).case
    case = scene.case({"level": "grid_member"}, owner_post=scene.post("grid_member"))
    case.row.update(id=itself.id, number=itself.number)
    form = {"outcome": "duplicate", "original": itself.number if original == "itself" else original}

    with pytest.raises(FormInvalid) as caught:
        handling.resolve_or_pass_up(case, form, officer=scene.people["grid_member"])

    assert [pointer for pointer, _ in caught.value.errors] == ["/original"]


def test_what_nobody_accepted_moves_on_and_still_goes_back_to_who_sent_it(scene: Scene) -> None:
    case = scene.case({"level": "grid_leader", "passed_up_by": "grid_member"})

    answer = handling.pass_up_not_accepted(case)

    assert (answer["outcome"], answer["reason"]) == ("pass_up", "not_accepted")
    assert "passed_up_by" not in answer


def test_what_was_accepted_and_left_lying_moves_on_from_there(scene: Scene) -> None:
    case = scene.case({"level": "grid_leader", "passed_up_by": ""})

    answer = handling.pass_up_overdue(case)

    assert (answer["reason"], answer["passed_up_by"]) == ("overdue", "grid_leader")


@pytest.mark.parametrize(("level", "superior"), [("station", "county"), ("county", "city")])
def test_an_unaccepted_department_case_is_told_to_the_superior(
    scene: Scene, level: str, superior: str
) -> None:
    """Domain defaults, section 1: ownership stays."""
    case = scene.case({"level": level}, owner_post=scene.post(level))

    handling.inform_superior(case)

    assert told(case) == [(scene.post(superior), "not_accepted_in_time")]
    assert case.changes == {}


def test_an_unaccepted_city_case_is_supervised(scene: Scene) -> None:
    """Domain defaults, section 1: there is no superior to tell."""
    case = scene.case({"level": "city"}, owner_post=scene.post("city"))

    handling.inform_superior(case)

    assert case.changes == {"supervised": True}
    assert told(case) == [(scene.post("supervisor"), "overdue_supervised")]


@pytest.mark.parametrize("level", ["station", "county", "city"])
def test_an_overdue_department_case_is_supervised_and_stays(scene: Scene, level: str) -> None:
    """Domain defaults, sections 1 and 2."""
    case = scene.case({"level": level}, owner_post=scene.post(level))

    handling.supervise_overdue(case)

    assert case.changes == {"supervised": True}
    assert told(case) == [(scene.post("supervisor"), "overdue_supervised")]
