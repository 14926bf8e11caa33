"""The database itself holds owner, rank, task and case file together, direct SQL included."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from storage.cases import cases, events
from storage.cases.cases import Case
from storage.cases.events import NewEvent, chain
from storage.database.session import Database, Session
from storage.tables import case_, case_event, task, vault_access
from tests.build import MORNING, a_case, a_chain, a_task, an_officer, locked_again, stepped
from tests.storage.test_registry import deployed

CITY, COUNTY, STATION = "city:3503", "county:J-350322", "station:ST-350322100"
SUPERVISOR = "supervisor:3503"
OWNED = {
    "owner_post": STATION,
    "owner_rank": 4,
    "floor_rank": 4,
    "collector_post": STATION,
}
GUARDS = "case_owner_|case_collector_|continues the chain"
LATER = MORNING + timedelta(hours=1)

Attack: TypeAlias = Callable[[Session, Case], Any]


def set_case(**columns: Any) -> Attack:
    """Change columns of the case behind everybody's back."""
    return lambda session, case: session.execute(
        update(case_).where(case_.c.id == case.id).values(**columns)
    )


def set_task(**columns: Any) -> Attack:
    """Change columns of its task in the same way."""
    return lambda session, case: session.execute(
        update(task).where(task.c.case_id == case.id).values(**columns)
    )


def file_entry(**columns: Any) -> Attack:
    """Add a well-chained entry, but for the columns given."""

    def attack(session: Session, case: Case) -> None:
        entry = NewEvent("note_added", LATER, "system", {})
        rows, _, _ = chain([entry], last_seq=case.last_seq, head_hash=case.head_hash)
        session.execute(
            insert(case_event).values({**rows[0], "case_id": case.id, "at": LATER, **columns})
        )

    return attack


def filed(attack: Attack, **columns: Any) -> Attack:
    """The same after the case was made to say that there is an entry more."""

    def both(session: Session, case: Case) -> None:
        set_case(last_seq=case.last_seq + 1, **columns)(session, case)
        attack(session, case)

    return both


ATTACKS: dict[str, Attack] = {
    "a rank without its post": set_case(owner_rank=6),
    "a higher post, the rank left": set_case(owner_post=COUNTY),
    "a higher post with its rank, nothing on file": set_case(owner_post=COUNTY, owner_rank=5),
    "another post of the same rank": set_case(owner_post="station:ST-350322101"),
    "another person of the same post, nothing on file": set_case(owner_officer=1),
    "another collector": set_case(collector_post=COUNTY),
    "no collector": set_case(collector_post=None),
    "the task to a higher post": set_task(post_id=COUNTY, role="county"),
    "the task to another post of the same rank": set_task(post_id="station:ST-350322101"),
    "the task to nobody": set_task(post_id=None),
    "a chained entry the case knows nothing of": file_entry(),
    "an entry that is not the head of its case": filed(file_entry()),
    "an entry with a gap before it": filed(file_entry(seq=9)),
    "an entry that follows another": filed(file_entry(previous="0" * 64), head_hash="1" * 64),
    "an entry of no case": file_entry(case_id=999),
}


def an_owned_case(session: Session) -> Case:
    """A case of the station, with the task of its owner open."""
    a_chain(session)
    a_chain(session, "350322101001001001")
    opened = a_task("1", post_id=STATION, lane="owner", role="station")
    return a_case(session, tasks=[opened], **OWNED).case


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_does_not_belong_together_is_refused(database: Database, attack: str) -> None:
    """R26, R44."""
    with database.transaction() as session:
        case = an_owned_case(session)

    with pytest.raises(DBAPIError, match=GUARDS), database.transaction() as session:
        ATTACKS[attack](session, case)

    with database.reading() as session:
        assert cases.get_case(session, case.id) == case
        assert events.verify(case.number, events.list_events(session, case.id)) is None


@pytest.mark.postgres
def test_an_owner_does_not_leave_its_open_task_behind(postgres: Database) -> None:
    """What SQLite cannot look at, because a step there is several statements."""
    with postgres.transaction() as session:
        case = an_owned_case(session)

    with (
        pytest.raises(DBAPIError, match="case_owner_has_its_task"),
        postgres.transaction() as session,
    ):
        filed(lambda *_: None, owner_post=COUNTY, owner_rank=5)(session, case)


def test_an_owner_and_its_task_move_together_in_a_step(database: Database) -> None:
    with database.transaction() as session:
        case = an_owned_case(session)
        moved = {"owner_post": COUNTY, "owner_rank": 5}
        locked = cases.lock_case_for_step(session, running_id=_running(session, case), token="1")
        stepped(
            session,
            locked,
            case_changes=moved,
            task_changes=[("1", {"post_id": COUNTY, "role": "county"})],
            events=[NewEvent("task_delegated", LATER, "system", {})],
        )
        after = locked_again(session, locked, "1")

    assert (after.case.owner_post, after.case.owner_rank) == (COUNTY, 5)
    assert after.task is not None
    assert after.task.post_id == COUNTY


def test_a_post_beside_the_chain_stands_in_with_the_rank_of_the_owner_before(
    database: Database,
) -> None:
    with database.transaction() as session:
        a_chain(session)
        locked = a_case(session, **OWNED)
        entry = NewEvent("owner_changed", LATER, "system", {})
        moved = {"owner_post": SUPERVISOR, "owner_rank": 6}
        stepped(session, locked, case_changes=moved, events=[entry])

    with pytest.raises(DBAPIError, match=GUARDS), database.transaction() as session:
        session.execute(update(case_).values(owner_rank=5))


def _running(session: Session, case: Case) -> int:
    (process,) = cases.list_processes(session, case.id)
    return process.id


@pytest.mark.parametrize(
    ("table", "column", "forged"),
    [
        ("case_event", "actor", "'officer:8'"),
        ("vault_access", "purpose", "'none'"),
        ("process_release", "publisher", "'nobody'"),
        ("case_", "floor_rank", "null"),
    ],
)
def test_sqlite_replaces_no_row_that_is_to_stay(
    sqlite: Database, table: str, column: str, forged: str
) -> None:
    with sqlite.transaction() as session:
        case, officer = an_owned_case(session), an_officer(session)
        reading = {"case_id": case.id, "officer_id": officer.id, "purpose": "回访", "at": MORNING}
        session.execute(insert(vault_access).values(**reading))
        deployed(session, "digest")
        names = [row[1] for row in session.exec_driver_sql(f"pragma table_info({table})")]
    values = ", ".join(forged if name == column else name for name in names)

    with pytest.raises(DBAPIError, match="replaces no row"), sqlite.transaction() as session:
        session.exec_driver_sql(
            f"insert or replace into {table} select {values} from {table}"  # noqa: S608 - constants
        )
