"""What a department collected, what a leaver sees, and that the two forms of the rule agree."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from engine.run.access import is_seen
from storage.cases import cases, tasks
from storage.cases.steps import ClosedTask
from storage.database.session import Database, Session
from storage.errors import Refused
from storage.people.posts import Actor, Post
from storage.people.scope import visible_tasks
from storage.tables import case_, case_event, task
from tests.build import (
    GRID,
    MORNING,
    TOWN,
    UNIT,
    VILLAGE,
    a_business,
    a_case,
    a_chain,
    a_task,
    an_officer,
    stepped,
)

POSTS = {
    "grid_member": Post(f"grid_member:{GRID}", "grid_member", GRID, 1, "x"),
    "village_center": Post(f"village_center:{VILLAGE}", "village_center", VILLAGE, 3, "x"),
    "station": Post(f"station:ST-{TOWN}", "station", f"ST-{TOWN}", 4, "x"),
    "city": Post("city:3503", "city", "3503", 6, "x"),
    "supervisor": Post("supervisor:3503", "supervisor", "3503", 0, "x"),
    "triage": Post("triage:3503", "triage", "3503", 0, "x"),
}
AREAS = (UNIT, GRID, VILLAGE, TOWN, "3503", "350302")


def seen_by(session: Session, actor: Actor) -> list[str]:
    """The cases a list shows to an actor."""
    return [one.number for one in cases.list_cases(session, actor=actor).items]


def test_below_the_rank_of_the_collector_a_departments_case_is_not_seen(
    database: Database,
) -> None:
    """R21: an unannounced inspection is not on the grid's list."""
    with database.transaction() as session:
        chain = a_chain(session)
        a_case(session, visible_from_rank=5)

        seers = {role for role in chain if seen_by(session, chain[role])}
        counts = {role for role in chain if cases.count_cases(session, actor=chain[role])}

        assert seers == counts == {"county", "city", "supervisor"}


def test_a_post_that_holds_a_task_of_it_sees_a_departments_case(database: Database) -> None:
    with database.transaction() as session:
        chain = a_chain(session)
        post = f"grid_member:{GRID}"
        case = a_case(session, visible_from_rank=5, tasks=[a_task("1", post_id=post)])

        assert seen_by(session, chain["grid_member"]) == [case.case.number]
        assert seen_by(session, chain["grid_leader"]) == []


@pytest.mark.parametrize("is_in_post", [True, False])
def test_who_has_left_the_post_no_longer_sees_what_they_collected_or_did(
    database: Database, *, is_in_post: bool
) -> None:
    with database.transaction() as session:
        a_chain(session)
        post = "enforcement:EN-350322"
        holder = an_officer(session, post)
        actor = holder if is_in_post else an_officer(session)
        a_case(session, collector_officer=actor.id, collector_post=post)
        case = a_case(session, tasks=[a_task("1", post_id=post)])
        stepped(session, case, closed=[ClosedTask("1", "done", MORNING, actor.id)])

        assert len(seen_by(session, actor)) == (2 if is_in_post else 0)


def settled(session: Session, officer: int, shop: int) -> None:
    """Open, done and cancelled tasks of every post, in cases of every standing."""
    for post, rank, business in product(POSTS.values(), (None, 4, 6), (None, shop)):
        opened = [a_task(str(i), post_id=post.id, officer_id=officer) for i in (1, 2, 3)]
        case = a_case(session, visible_from_rank=rank, business_id=business, tasks=opened)
        ended = [
            ClosedTask("2", "done", MORNING, officer),
            ClosedTask("3", "cancelled", MORNING, None),
        ]
        stepped(session, case, closed=ended)


def test_the_database_and_the_engine_show_the_same_tasks(database: Database) -> None:
    """One rule in two forms, for generated actors."""
    with database.transaction() as session:
        a_chain(session)
        shop = a_business(session)
        officer = an_officer(session).id
        settled(session, officer, shop)
        everything = [
            (tasks.get_task(session, running, token), cases.get_case(session, of))
            for running, token, of in session.execute(
                select(task.c.running_id, task.c.token, task.c.case_id)
            ).all()
        ]

        @settings(max_examples=60, deadline=None, database=None)
        @given(
            st.lists(st.sampled_from(sorted(POSTS)), unique=True, max_size=3),
            st.lists(st.sampled_from(AREAS), unique=True, max_size=2),
            st.sampled_from([officer, officer + 1000]),
            st.sampled_from([None, shop]),
        )
        def agree(roles: list[str], areas: list[str], who: int, business: int | None) -> None:
            posts = tuple(POSTS[role] for role in roles)
            actor = Actor(who, "a", "a", business, posts, frozenset(), tuple(areas))
            question = (
                select(task.c.running_id, task.c.token)
                .join(case_, case_.c.id == task.c.case_id)
                .where(visible_tasks(actor))
            )
            by_sql = {tuple(row) for row in session.execute(question)}
            by_rule = {
                (one.running_id, one.token) for one, case in everything if is_seen(actor, case, one)
            }
            assert by_sql == by_rule

        agree()


LOW = f"grid_member:{GRID}"


@pytest.mark.parametrize("what", ["owner", "task", "entry", "first entry gap"])
def test_the_database_refuses_a_low_owner_a_low_task_and_a_loose_entry(
    database: Database, what: str
) -> None:
    """R26 and the chain against direct SQL."""
    with database.transaction() as session:
        a_chain(session)
        owned = {"owner_post": "city:3503", "owner_rank": 6, "floor_rank": 6}
        open_task = a_task("1", post_id="city:3503", lane="owner")
        case = cases.get_case(session, a_case(session, tasks=[open_task], **owned).case.id)
    entry = {
        "case_id": case.id,
        "at": MORNING + timedelta(hours=1),
        "actor": "system",
        "kind": "note_added",
        "data": "{}",
        "previous": "0" * 64,
        "hash": "1" * 64,
    }
    direct = {
        "owner": update(case_).where(case_.c.id == case.id).values(owner_post=LOW),
        "task": update(task).where(task.c.case_id == case.id).values(post_id=LOW),
        "entry": insert(case_event).values(**entry, seq=case.last_seq + 1),
        "first entry gap": insert(case_event).values(**entry, seq=1000),
    }[what]

    with pytest.raises((DBAPIError, Refused)), database.transaction() as session:
        session.execute(direct)
