"""One step is written whole or not at all, on both databases alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from storage.cases import cases, events, messages, tasks, timers
from storage.cases.cases import LockedCase
from storage.cases.events import NewEvent
from storage.cases.steps import (
    ArmedTimer,
    AwaitedMessage,
    ClosedTask,
    NewDelivery,
    NewMessage,
    StoredAnswer,
)
from storage.database.session import Database, Session
from storage.delivery import idempotency, outbox
from storage.errors import Conflict, Refused
from storage.moments import NEVER
from storage.tables import case_, metadata
from tests.build import MORNING, a_case, a_chain, a_task, locked_again, stepped

LATER = MORNING + timedelta(hours=1)


def everything(case_number: str) -> dict[str, Any]:
    """A step with something in each of its parts."""
    return {
        "marking": b"\x00\x01 not text",
        "data": '{"outcome":"resolved"}',
        "next_due": LATER,
        "case_changes": {"phase": "handle", "location": {"lat": 25.3, "lon": 118.7}},
        "closed": [ClosedTask("1", "done", LATER, 7)],
        "opened": [a_task("3", why={"rule": "role"}), a_task("4", due_at=NEVER)],
        "task_changes": [("2", {"officer_id": 7, "draft": {"answer": "accept"}})],
        "armed": [ArmedTimer("handling/accept#late", LATER), ArmedTimer("chase:3", LATER, "chase")],
        "awaiting": [AwaitedMessage("handling/withdrawn", "withdrawn", '"x"')],
        "events": [NewEvent("task_completed", LATER, "officer:7", {"内容": "好"}, "assistance")],
        "outbox": [NewDelivery(f"{case_number}:1", "log", "platform", "closed", {"a": 1}, LATER)],
        "messages": [NewMessage("disputed", '"x"', {"b": 2}, LATER)],
        "idempotency": StoredAnswer("officer:7", "key", "hash", 200, "{}", LATER),
    }


def test_a_step_writes_all_of_its_parts(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session, tasks=[a_task("1"), a_task("2")])
        written = stepped(session, case, **everything(case.case.number))

    with database.reading() as session:
        now = locked_again(session, case, "2")
        assert now.task is not None
        assert (now.case.version, now.case.phase) == (2, "handle")
        assert now.case.location == {"lat": 25.3, "lon": 118.7}
        assert (now.case.last_seq, now.case.head_hash) == (2, written.head_hash)
        assert now.process.marking == b"\x00\x01 not text"
        assert (now.process.data, now.process.next_due) == ('{"outcome":"resolved"}', LATER)
        assert (now.task.officer_id, now.task.draft) == (7, {"answer": "accept"})


def test_the_parts_of_a_step_can_be_read_back(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session, tasks=[a_task("1"), a_task("2")])
        stepped(session, case, **everything(case.case.number))

    case_id = case.case.id
    with database.reading() as session:
        opened = {task.token: task for task in tasks.list_open_tasks(session, case_id)}
        assert set(opened) == {"2", "3", "4"}
        assert (opened["3"].why, opened["3"].due_at) == (
            {"rule": "role"},
            MORNING + timedelta(days=1),
        )
        assert opened["4"].due_at == NEVER
        assert [timer.kind for timer in timers.list_timers(session, case_id)] == ["chase", "drawn"]
        assert messages.list_waiting_of(session, case_id)[0].name == "withdrawn"
        assert outbox.list_of_case(session, case_id)[0].payload == {"a": 1}
        assert events.list_events(session, case_id)[-1].data == {"内容": "好"}
        assert idempotency.find_answer(
            session, actor="officer:7", key="key", body_hash="hash"
        ) == idempotency.FirstAnswer(200, "{}", LATER)


def test_a_lost_race_writes_nothing_at_all(database: Database) -> None:
    """The trap of notes/performance.md section 1: no part may run without the version check."""
    with database.transaction() as session:
        seen = a_case(session, tasks=[a_task("1"), a_task("2")])
        stepped(session, seen, armed=[ArmedTimer("old", LATER)])

    late = everything(seen.case.number) | {"disarmed": ["old"]}
    with pytest.raises(Conflict), database.transaction() as session:
        stepped(session, seen, **late)

    case_id = seen.case.id
    with database.reading() as session:
        assert locked_again(session, seen).case.version == 2
        assert locked_again(session, seen).process.marking == b"marking"
        assert {task.token for task in tasks.list_open_tasks(session, case_id)} == {"1", "2"}
        assert [timer.element for timer in timers.list_timers(session, case_id)] == ["old"]
        assert messages.list_waiting_of(session, case_id) == []
        assert outbox.list_of_case(session, case_id) == []
        assert len(events.list_events(session, case_id)) == 1
        assert idempotency.find_answer(session, actor="officer:7", key="key", body_hash="h") is None


def test_a_timer_armed_and_disarmed_in_one_step_stays_armed(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)
        stepped(session, case, armed=[ArmedTimer("loop", LATER), ArmedTimer("once", LATER)])
        again = [ArmedTimer("loop", LATER + timedelta(days=1))]
        stepped(session, locked_again(session, case), armed=again, disarmed=["loop", "once"])

        waiting = timers.list_timers(session, case.case.id)

    assert [(one.element, one.due_at) for one in waiting] == [("loop", LATER + timedelta(days=1))]


def test_a_message_awaited_again_stays_awaited(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)
        stepped(session, case, awaiting=[AwaitedMessage("one", "withdrawn", "a")])
        again = [AwaitedMessage("one", "withdrawn", "b")]
        stepped(session, locked_again(session, case), awaiting=again, unawaited=["one"])

        waiting = messages.list_waiting_of(session, case.case.id)

    assert [one.correlation for one in waiting] == ["b"]


def test_a_delivery_key_is_queued_once(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)
        one = NewDelivery("same", "log", "platform", "closed", {}, LATER)
        stepped(session, case, outbox=[one])
        stepped(session, locked_again(session, case), outbox=[one])

        assert len(outbox.list_of_case(session, case.case.id)) == 1


@pytest.mark.postgres
def test_one_statement_writes_a_step_on_postgresql(postgres: Database) -> None:
    with postgres.transaction() as session:
        case = a_case(session, tasks=[a_task("1"), a_task("2")])

    with postgres.transaction() as session, postgres.counting() as count:
        stepped(session, case, **everything(case.case.number))

    assert len(count) == 1


@pytest.mark.fault
def test_a_step_that_breaks_at_any_statement_leaves_nothing(database: Database) -> None:
    """notes/reliability.md row 2: a complete sweep of the points a step can break at."""
    with database.transaction() as session:
        case = a_case(session, tasks=[a_task("1"), a_task("2")])
    before = dump(database)

    breaking = Breaking()
    with database.interrupted(breaking):
        for point in range(1, 40):
            breaking.after(point)
            try:
                write_everything(database, case)
            except BreakingError:
                breaking.after(None)
                assert dump(database) == before
            else:
                break

    assert point > (12 if database.is_sqlite else 1)
    assert dump(database) != before


class BreakingError(Exception):
    """What breaks a step."""


class Breaking:
    """Raises at the n-th statement from now."""

    def __init__(self) -> None:
        self._left: int | None = None

    def after(self, statements: int | None) -> None:
        """Let so many statements less one pass; None lets all pass."""
        self._left = statements

    def __call__(self, statement: str) -> None:
        """Hear of a statement about to run."""
        if self._left is None:
            return
        self._left -= 1
        if self._left == 0:
            raise BreakingError(statement)


def write_everything(database: Database, case: LockedCase) -> None:
    """One whole step in one transaction."""
    with database.transaction() as session:
        stepped(session, case, **everything(case.case.number))


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row there is."""
    with database.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def test_an_unknown_column_is_a_mistake_of_the_caller(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)
        with pytest.raises(ValueError, match="version"):
            stepped(session, case, case_changes={"version": 9})


@pytest.mark.parametrize("floor", [4, 5, 6])
@pytest.mark.parametrize("owner", [4, 5, 6])
@pytest.mark.parametrize("way", ["step", "sql", "import"])
def test_an_owner_is_never_below_the_collecting_level(
    database: Database, floor: int, owner: int, way: str
) -> None:
    """R26: the database itself refuses, whatever way the change comes."""
    with database.transaction() as session:
        a_chain(session)

    if owner >= floor:
        own(database, floor, owner, WAYS[way])
        return
    with pytest.raises(Refused) as refused:
        own(database, floor, owner, WAYS[way])
    assert refused.value.clause == "R26"


def test_the_collecting_level_of_a_case_cannot_be_lowered(database: Database) -> None:
    """R26 covers an administrator's override too."""
    with database.transaction() as session:
        case = a_case(session, floor_rank=5)

    for level in (4, None):
        with pytest.raises(Refused), database.transaction() as session:
            session.execute(update(case_).values(floor_rank=level))
    with database.reading() as session:
        assert cases.get_case(session, case.case.id).floor_rank == 5


@pytest.mark.parametrize(
    "attack",
    [
        "update case_event set actor = 'officer:8'",
        "delete from case_event",
        "update case_event set data = data",
    ],
)
def test_an_entry_of_a_case_file_cannot_be_changed_or_removed(
    database: Database, attack: str
) -> None:
    """R44, R70: append-only in the database itself."""
    with database.transaction() as session:
        a_case(session)

    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.exec_driver_sql(attack)


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["case_event", "vault_access", "process_release"])
def test_a_case_file_cannot_be_emptied(postgres: Database, table: str) -> None:
    with pytest.raises(Exception, match="append-only"), postgres.transaction() as session:
        session.exec_driver_sql(f"truncate {table} cascade")


def owned(rank: int) -> dict[str, Any]:
    """What makes the post of a rank the owner."""
    posts = {4: "station:ST-350322100", 5: "county:J-350322", 6: "city:3503"}
    return {"owner_post": posts[rank], "owner_rank": rank}


def by_step(session: Session, floor: int, owner: int) -> None:
    """Change the owner in a step."""
    case = a_case(session, floor_rank=floor)
    entry = NewEvent("owner_changed", MORNING, "system", {})
    stepped(session, case, case_changes=owned(owner), events=[entry])


def by_sql(session: Session, floor: int, owner: int) -> None:
    """Change the owner behind everybody's back."""
    a_case(session, floor_rank=floor)
    filed = case_.c.last_seq + 1
    session.execute(update(case_).values(**owned(owner), last_seq=filed))


def own(
    database: Database, floor: int, owner: int, way: Callable[[Session, int, int], None]
) -> None:
    """Try one way in a transaction of its own."""
    with database.transaction() as session:
        way(session, floor, owner)


def by_import(session: Session, floor: int, owner: int) -> None:
    """Put in a case whole, owner and all."""
    a_case(session)
    row = dict(session.execute(select(case_)).mappings().one())
    copied = {"id": 99, "number": "99", "floor_rank": floor}
    session.execute(insert(case_).values({**row, **copied, **owned(owner)}))


WAYS = {"step": by_step, "sql": by_sql, "import": by_import}
