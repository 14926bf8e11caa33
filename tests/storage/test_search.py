"""Searching cases: what is found by which words, on both databases, within what one may see."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql.base import PGDialect

from storage.cases import cases
from storage.cases.cases import CaseFilter
from storage.cases.inboxes import lists
from storage.cases.inboxes.filters import TaskFilter
from storage.cases.search import cut, matching
from storage.database.schema import upgrade
from storage.database.session import Database, Session
from storage.people.actors import Actor
from storage.tables import case_, officer
from tests.build import (
    GRID,
    MORNING,
    UNIT,
    a_business,
    a_case,
    a_chain,
    a_task,
    an_area,
    an_officer,
    stepped,
)

FAR = "350302001201001001"
"""A unit of another county."""


def found(session: Session, actor: Actor, typed: str) -> list[str]:
    """The numbers of the cases a typed text finds."""
    page = cases.list_cases(session, actor=actor, having=CaseFilter(text=typed))
    return [one.number for one in page.items]


def test_chinese_is_cut_into_pairs_and_latin_and_digits_into_words() -> None:
    assert cut("后厨有老鼠，Ｌ０２ abc-38鼠") == [
        "后厨", "厨有", "有老", "老鼠", "l02", "abc", "38", "鼠",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [
        "老鼠",
        "枫亭",
        "小吃",
        "枫亭 老鼠",
        "老鼠 第2次",
        "2次",
        "缺失",
        "h02",
        "鼠药",
        "LAST4",
        "蟑螂",
    ],
)
def test_a_case_is_found_by_text_business_place_matter_common_word_and_last_digits(
    database: Database, typed: str
) -> None:
    """Two characters are enough; 蟑螂 stands nowhere but among the common words of H02."""
    with database.transaction() as session:
        an_area(session, "350322100", name="枫亭镇")
        chain = a_chain(session)
        business = a_business(session, name="示例小吃店（演示）")
        sought = a_case(
            session,
            description="后厨有老鼠，没有鼠药，第2次检查",
            title="三防设施缺失、鼠蝇蟑迹象",
            matter="H02",
            business_id=business,
        ).case
        other = a_case(session, description="许可证过期", title="证照过期", area_code=FAR).case
        typed = typed.replace("LAST4", sought.number[-4:])

        numbers = found(session, chain["supervisor"], typed)

        assert (numbers, other.number in numbers) == ([sought.number], False)


def test_nothing_is_found_beyond_what_one_may_see(database: Database) -> None:
    with database.transaction() as session:
        chain = a_chain(session)
        near = a_case(session, description="后厨有老鼠").case
        a_case(session, description="后厨有老鼠", area_code=FAR)

        numbers = found(session, chain["station"], "老鼠")
        counted = cases.count_cases(session, actor=chain["station"], having=CaseFilter(text="老鼠"))

        assert (numbers, counted) == ([near.number], 1)


def test_a_case_is_found_by_who_has_to_do_with_it(database: Database) -> None:
    with database.transaction() as session:
        chain = a_chain(session)
        worker = an_officer(session, f"grid_member:{GRID}")
        name = session.execute(
            select(officer.c.display_name).where(officer.c.id == worker.id)
        ).scalar_one()
        collected = a_case(session, collector_officer=worker.id).case
        held = a_case(
            session,
            tasks=[a_task("1", post_id=f"grid_member:{GRID}", officer_id=worker.id)],
        ).case
        a_case(session)

        assert found(session, chain["supervisor"], name) == [held.number, collected.number]
        page = lists.list_inbox(
            session,
            actor=chain["supervisor"],
            at=collected.opened_at,
            having=TaskFilter(text=name),
        )
        assert [one.case_number for one in page.items] == [held.number]


def test_what_a_step_changes_is_found_and_what_it_replaces_no_longer(database: Database) -> None:
    with database.transaction() as session:
        chain = a_chain(session)
        opened = a_case(session, description="后厨有老鼠")
        stepped(session, opened, case_changes={"description": "冰柜断电"})

        assert found(session, chain["supervisor"], "老鼠") == []
        assert found(session, chain["supervisor"], "断电") == [opened.case.number]


def test_an_inbox_is_searched_by_the_words_of_its_cases(database: Database) -> None:
    with database.transaction() as session:
        chain = a_chain(session)
        post = f"grid_member:{GRID}"
        sought = a_case(session, description="后厨有老鼠", tasks=[a_task("1", post_id=post)]).case
        a_case(session, description="许可证过期", tasks=[a_task("1", post_id=post)])
        page = lists.list_inbox(
            session,
            actor=chain["grid_member"],
            at=sought.opened_at + timedelta(hours=1),
            having=TaskFilter(whose="mine", text="老鼠"),
        )

        assert [one.case_number for one in page.items] == [sought.number]


def test_what_stands_between_words_does_no_harm(database: Database) -> None:
    """Signs of a query language are no words."""
    with database.transaction() as session:
        chain = a_chain(session)
        case = a_case(session, description="后厨有老鼠").case

        assert found(session, chain["supervisor"], '"老鼠" OR (') == []
        assert found(session, chain["supervisor"], "(老鼠)") == [case.number]
        assert found(session, chain["supervisor"], "*") == []


@pytest.mark.postgres
def test_postgresql_looks_words_up_in_its_index(postgres: Database) -> None:
    with postgres.transaction() as session:
        an_area(session, UNIT)
        for number in range(300):
            a_case(session, description=f"情况{number}")
        a_case(session, description="后厨有老鼠")
        session.execute(text("analyze case_"))
        session.execute(text("set local enable_seqscan = off"))
        question = select(case_.c.id).where(matching(session, "老鼠"))
        asked = question.compile(dialect=PGDialect(), compile_kwargs={"literal_binds": True})
        plan = session.execute(text(f"explain {asked}")).scalars().all()

        assert any("case_words_idx" in line for line in plan)


def test_the_words_of_a_case_are_not_written_by_hand(database: Database) -> None:
    """SQLite keeps its table up to date, whoever writes the column."""
    with database.transaction() as session:
        chain = a_chain(session)
        case = a_case(session, description="后厨有老鼠").case
        session.execute(update(case_).where(case_.c.id == case.id).values(words="断电"))

        assert found(session, chain["supervisor"], "老鼠") == []
        assert found(session, chain["supervisor"], "断电") == [case.number]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_cases_from_before_are_found_after_the_upgrade(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if kind == "postgres":
        url = str(request.getfixturevalue("bare_postgres_url"))
    database = Database(url, pooled=False)
    upgrade(database, "0009_statistics")
    with database.transaction() as session:
        row = cases.blank_case(1, at=MORNING) | {"kind": "grid_report", "area_code": UNIT}
        row = {name: value for name, value in row.items() if name != "is_listed"}
        session.execute(insert(case_).values(**{**row, "description": "后厨有老鼠"}))
    upgrade(database)

    with database.transaction() as session:
        chain = a_chain(session)
        number = found(session, chain["supervisor"], "老鼠")

    assert number == [row["number"]]
    database.close()
