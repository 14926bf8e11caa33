"""What PostgreSQL reads for a page of an inbox: as much with few open tasks as with many."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text

from storage.cases.inboxes import lists
from storage.cases.inboxes.filters import TaskFilter
from storage.database.session import Database, Session
from storage.people.actors import Actor
from storage.people.scope import owned_by
from storage.tables import case_
from tests.build import GRID, MORNING, UNIT, a_case, a_chain, a_task

PAGE = 50
ELSEWHERE = "350399100001001001"
MOST_READ = 12 * PAGE
"""Rows of tables and indexes; a page joins each task with its case and its first photo."""

CLONED = """
insert into case_ ({cases})
select {cases_from} from case_, generate_series(1, :more) as n where id = :case_id
"""
CLONED_TASKS = """
insert into task ({tasks})
select {tasks_from} from task, generate_series(1, :more) as n where case_id = :case_id
"""


def cloned(session: Session, case_id: int, more: int) -> None:
    """Many more open tasks, each of a case of its own, due one after the other."""
    cases = [one for one in columns(session, "case_") if one != "words"]
    values = {"id": "1000000 + n", "number": "'2026' || (10000000 + n)"}
    of_task = columns(session, "task")
    task_values = {
        "running_id": "1000000 + n",
        "case_id": "1000000 + n",
        "due_at": "due_at + n * interval '1 minute'",
    }
    names = {
        "cases": ", ".join([*cases, "words"]),
        "cases_from": ", ".join([*(values.get(one, one) for one in cases), "'情况 w' || n"]),
        "tasks": ", ".join(of_task),
        "tasks_from": ", ".join(task_values.get(one, one) for one in of_task),
    }
    for statement in (CLONED, CLONED_TASKS):
        session.execute(text(statement.format(**names)), {"more": more, "case_id": case_id})
    for table in ("case_", "task"):
        session.execute(text(f"analyze {table}"))


def columns(session: Session, table: str) -> list[str]:
    question = "select column_name from information_schema.columns where table_name = :name"
    return list(session.execute(text(question), {"name": table}).scalars())


@contextmanager
def heard() -> Iterator[list[tuple[str, Any]]]:
    """The statements sent within, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def hear(*call: Any) -> None:
        sent.append((call[2], call[3]))

    event.listen(Engine, "before_cursor_execute", hear)
    yield sent
    event.remove(Engine, "before_cursor_execute", hear)


def rows_read(plan: dict[str, Any]) -> int:
    """How many rows the scans of a plan came upon, those they threw away included."""
    own = 0
    if "Scan" in plan["Node Type"]:
        seen = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = int(seen * plan["Actual Loops"])
    return own + sum(rows_read(part) for part in plan.get("Plans", ()))


def cost(session: Session, actor: Actor, having: TaskFilter) -> int:
    """How many rows the list reads for its first page."""
    with heard() as sent:
        page = lists.list_inbox(
            session, actor=actor, at=MORNING + timedelta(hours=1), having=having, limit=PAGE
        )
    assert page.items
    return _read_by(session, sent)


def _read_by(session: Session, sent: list[tuple[str, Any]]) -> int:
    listing, values = next(one for one in sent if "ORDER BY" in one[0] and "case_" in one[0])
    told = session.exec_driver_sql(f"explain (analyze, format json) {listing}", values).scalar_one()
    plans = json.loads(told) if isinstance(told, str) else told
    return rows_read(plans[0]["Plan"])


@pytest.mark.postgres
def test_a_page_of_an_inbox_reads_no_more_of_many_open_tasks_than_of_few(
    postgres: Database,
) -> None:
    """Issue, speed: flat from a thousand to a million open tasks."""
    with postgres.transaction() as session:
        chain = a_chain(session)
        task = a_task("1", post_id=f"grid_member:{GRID}")
        case_id = a_case(session, area_code=UNIT, tasks=[task]).case.id
        cloned(session, case_id, 20_000)
        asked = {
            "mine": (chain["grid_member"], TaskFilter(whose="mine", is_urgent=False)),
            "team": (chain["grid_member"], TaskFilter(whose="team", is_urgent=False)),
            "all": (chain["supervisor"], TaskFilter(is_urgent=False)),
            "newest": (chain["supervisor"], TaskFilter(is_newest_first=True)),
            "found": (chain["supervisor"], TaskFilter(text="w777")),
        }

        read = {name: cost(session, actor, having) for name, (actor, having) in asked.items()}

        assert {name: rows for name, rows in read.items() if rows > MOST_READ} == {}


@pytest.mark.postgres
def test_emergencies_are_looked_up_by_an_index_of_their_own(postgres: Database) -> None:
    """They stand before every list, so that each page asks for them."""
    with postgres.transaction() as session:
        chain = a_chain(session)
        task = a_task("1", post_id=f"grid_member:{GRID}")
        case_id = a_case(session, area_code=UNIT, tasks=[task]).case.id
        cloned(session, case_id, 20_000)
        a_case(session, area_code=UNIT, priority="urgent", tasks=[task])
        session.execute(text("analyze case_"))

        read = cost(session, chain["supervisor"], TaskFilter(is_urgent=True))

        assert read <= PAGE


@pytest.mark.postgres
def test_the_cases_of_an_owner_are_found_among_many_of_others(postgres: Database) -> None:
    """No index of a case follows its owner; `case_owned` finds the few."""
    with postgres.transaction() as session:
        chain = a_chain(session)
        case_id = a_case(session, area_code=ELSEWHERE).case.id
        cloned(session, case_id, 20_000)
        owner = chain["station"]
        owned = {"owner_post": owner.post_ids[0], "owner_rank": 4}
        ours = a_case(session, area_code=ELSEWHERE, **owned).case.number
        session.execute(text("analyze case_owned"))
        with heard() as sent:
            way = select(case_.c.number).where(owned_by(owner.post_ids))
            found = session.execute(way.order_by(case_.c.id.desc()).limit(PAGE)).scalars().all()

        assert found == [ours]
        assert _read_by(session, sent) <= MOST_READ
