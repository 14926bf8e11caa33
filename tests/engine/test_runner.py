"""The runner on both databases: one act is one transaction, one write, one entry of the file."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.actions.tasks import claim
from storage.cases.cases import Case, find_case_by_number, get_process
from storage.cases.events import list_events, verify
from storage.cases.tasks import list_tasks, task_key
from storage.cases.timers import list_timers
from storage.database.session import Database
from storage.errors import (
    FormInvalid,
    NotFound,
    NotYourTask,
    Refused,
    Stale,
    TaskClosed,
)
from tests.engine.errand import HALF_WAY_AT, LATE_AT, Setting, setting


@pytest.fixture
def errand(database: Database) -> Setting:
    return setting(database)


def case_of(errand: Setting, number: str) -> Case:
    with errand.database.reading() as session:
        case = find_case_by_number(session, number)
    assert case is not None
    return case


def complete(
    errand: Setting, task: tuple[int, int, str], answer: str, *, seen: int | None = None
) -> None:
    running, token, _ = task
    form = {"answer": answer}
    with errand.database.transaction() as session:
        errand.runner.complete(session, running, token, form, actor=errand.first, seen_version=seen)


def test_a_start_opens_a_task_for_its_post_with_a_due_time(errand: Setting) -> None:
    _, _, number = errand.start()

    case = case_of(errand, number)
    with errand.database.reading() as session:
        (task,) = list_tasks(session, case.id)
        timers = {timer.element: timer.due_at for timer in list_timers(session, case.id)}
    assert task.post_id == "grid_leader:350322100001001"
    assert task.due_at == datetime(2026, 11, 4, 15, 59, 59, tzinfo=UTC)
    assert timers["grown_late"] == datetime.fromisoformat(LATE_AT)


def test_completing_ends_the_case_and_files_every_act_in_a_chain(errand: Setting) -> None:
    task = errand.start()

    complete(errand, task, "done")

    case = case_of(errand, task[2])
    assert (case.status, case.outcome) == ("closed", "resolved")
    with errand.database.reading() as session:
        events = list_events(session, case.id)
        assert list_timers(session, case.id) == []
    assert [event.kind for event in events] == ["case_opened", "prepared", "task_completed"]
    assert verify(case.number, events) is None


def test_a_loop_opens_the_same_task_again_under_a_new_token(errand: Setting) -> None:
    task = errand.start()

    complete(errand, task, "again")

    case = case_of(errand, task[2])
    with errand.database.reading() as session:
        states = [(one.task_id, one.state) for one in list_tasks(session, case.id)]
    assert sorted(states) == [("do_it", "done"), ("do_it", "open")]


def test_a_form_that_is_wrong_names_the_field_and_moves_nothing(errand: Setting) -> None:
    running, token, number = errand.start()

    with pytest.raises(FormInvalid) as caught, errand.database.transaction() as session:
        errand.runner.complete(session, running, token, {"answr": "x"}, actor=errand.first)

    assert {pointer for pointer, _ in caught.value.errors} >= {"/answer", "/answr"}
    assert case_of(errand, number).version == 1


@pytest.mark.parametrize("answer", ["never", "broken"])
def test_a_rule_that_refuses_or_breaks_leaves_the_case_where_it_was(
    errand: Setting, answer: str
) -> None:
    task = errand.start()
    before = case_of(errand, task[2])

    with pytest.raises((Refused, RuntimeError)):
        complete(errand, task, answer)

    assert case_of(errand, task[2]) == before


def test_a_task_is_done_once(errand: Setting) -> None:
    task = errand.start()
    complete(errand, task, "again")

    with pytest.raises(TaskClosed) as caught:
        complete(errand, task, "again")

    assert caught.value.attributes["closed_by"] == errand.first.id


def test_somebody_outside_the_area_finds_no_task(errand: Setting) -> None:
    running, token, _ = errand.start()

    with pytest.raises(NotFound), errand.database.transaction() as session:
        errand.runner.complete(session, running, token, {"answer": "x"}, actor=errand.outsider)


def test_a_claimed_task_is_not_a_colleagues(errand: Setting) -> None:
    running, token, _ = errand.start()
    with errand.database.transaction() as session:
        claim(errand.runner, session, task_key(running, str(token)), actor=errand.second)

    with pytest.raises(NotYourTask), errand.database.transaction() as session:
        errand.runner.complete(session, running, token, {"answer": "x"}, actor=errand.first)


def test_an_old_version_is_refused(errand: Setting) -> None:
    task = errand.start()

    with pytest.raises(Stale):
        complete(errand, task, "done", seen=7)


def test_a_due_timer_takes_the_task_away(errand: Setting) -> None:
    running, _, number = errand.start()
    errand.clock.set(datetime.fromisoformat(LATE_AT))

    with errand.database.transaction() as session:
        errand.runner.fire(session, running, "grown_late")

    case = case_of(errand, number)
    assert (case.status, case.outcome) == ("closed", "not_valid")
    with errand.database.reading() as session:
        assert [task.state for task in list_tasks(session, case.id)] == ["cancelled"]


def test_a_late_answer_does_not_outrun_its_deadline(errand: Setting) -> None:
    """The scheduler has not ticked, but the deadline has passed: it wins."""
    task = errand.start()
    errand.clock.set(datetime.fromisoformat(LATE_AT) + timedelta(seconds=1))

    with pytest.raises(TaskClosed) as caught:
        complete(errand, task, "done")

    assert caught.value.code == "deadline_passed"
    assert case_of(errand, task[2]).status == "open"


def test_a_deadline_wins_after_an_earlier_timer_has_fired_too(errand: Setting) -> None:
    task = errand.start()
    errand.clock.set(datetime.fromisoformat(HALF_WAY_AT))
    with errand.database.transaction() as session:
        errand.runner.fire(session, task[0], "half_way")
    errand.clock.set(datetime.fromisoformat(LATE_AT) + timedelta(seconds=1))

    with pytest.raises(TaskClosed) as caught:
        complete(errand, task, "done")

    assert caught.value.code == "deadline_passed"


def test_a_timer_nobody_waits_for_is_forgotten(errand: Setting) -> None:
    task = errand.start()
    complete(errand, task, "done")

    with pytest.raises(TaskClosed), errand.database.transaction() as session:
        errand.runner.fire(session, task[0], "grown_late")


def test_only_fields_a_drawn_expression_reads_enter_the_process_data(errand: Setting) -> None:
    running, token, number = errand.start("a long word that no gateway reads")
    with errand.database.transaction() as session:
        form = {"answer": "again", "remark": "private remark"}
        errand.runner.complete(session, running, token, form, actor=errand.first)

    case = case_of(errand, number)
    with errand.database.reading() as session:
        process = get_process(session, running)
        events = list_events(session, case.id)
    assert "remark" not in process.data
    assert "long word" not in process.data
    assert events[-1].data["form"]["remark"] == "private remark"
