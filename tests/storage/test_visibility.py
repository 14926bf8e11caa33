"""What a department collected, what a leaver sees, and that the two forms of the rule agree."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from engine.run.access import is_seen, sees_case
from storage.cases import cases, tasks
from storage.cases.steps import ClosedTask
from storage.database.session import Database, Session
from storage.errors import Refused
from storage.people import staffing
from storage.people.actors import Actor
from storage.people.posts import Post
from storage.people.roles import ROLES, Role
from storage.people.scope import visible_case, visible_tasks
from storage.tables import case_, case_event, task
from tests.build import (
    GRID,
    MORNING,
    UNIT,
    a_business,
    a_case,
    a_chain,
    a_jurisdiction,
    a_task,
    an_area,
    an_officer,
    stepped,
)

FAR = "350302001201001001"
"""A unit of another county."""


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


def placed(role: Role, *, chain: str = UNIT) -> str:
    """Where a post of a role stands: in the area of the cases, or far from it."""
    town = chain[:9]
    return {
        "unit": chain,
        "grid": chain[:15],
        "village": chain[:12],
        "town": town,
        "station": f"ST-{town}",
        "county": f"J-{chain[:6]}",
        "enforcement": f"EN-{chain[:6]}",
        "city": chain[:4],
        "business": "B-1",
    }[role.place]


def every_post(session: Session) -> list[Post]:
    """A post of every role of the city, here and in another county."""
    an_area(session, FAR)
    a_jurisdiction(session, FAR[:9], county=f"J-{FAR[:6]}")
    return [
        staffing.add_post(session, role.id, place)
        for role in ROLES.values()
        for place in sorted({placed(role), placed(role, chain=FAR)})
    ]


def a_past(session: Session, posts: list[Post], people: list[int], shop: int) -> None:
    """Cases of every standing with main and side tasks, open, done and cancelled."""
    dice = Random(20260302)  # noqa: S311 - the same past each time, no secret
    for _ in range(120):
        area = dice.choice([UNIT, UNIT[:12], FAR])
        owner = dice.choice([None, *posts])
        tasks = [
            a_task(
                str(place),
                post_id=dice.choice([None, *posts_ids(posts)]),
                officer_id=dice.choice([None, *people]),
                area_code=dice.choice([area, FAR]),
                process_id=dice.choice(["handling", "side_task"]),
            )
            for place in range(dice.randrange(4))
        ]
        case = a_case(
            session,
            area_code=area,
            tasks=tasks,
            visible_from_rank=dice.choice([None, None, 4, 5, 6]),
            is_listed=dice.random() > 0.1,
            business_id=dice.choice([None, None, shop]),
            collector_officer=dice.choice([None, *people]),
            collector_post=dice.choice([None, *posts_ids(posts)]),
            owner_post=None if owner is None else owner.id,
            owner_rank=None if owner is None else owner.rank,
        )
        ends = [
            ClosedTask(one.token, dice.choice(["done", "cancelled"]), MORNING, dice.choice(people))
            for one in tasks
            if dice.random() < 0.6
        ]
        stepped(session, case, closed=ends)


def posts_ids(posts: list[Post]) -> list[str]:
    """The ids of posts."""
    return [one.id for one in posts]


def test_the_database_and_the_engine_show_the_same_cases_and_tasks(database: Database) -> None:
    """One rule in two forms: `people.scope` and `engine.run.access`, for generated actors.

    An actor without the post a case was collected or a task was done in has left it.
    """
    with database.transaction() as session:
        a_chain(session)
        shop = a_business(session)
        people = [an_officer(session).id for _ in range(3)]
        posts = every_post(session)
        areas_of = {post.id: an_officer(session, post.id).prefixes for post in posts}
        a_past(session, posts, people, shop)
        all_cases = [
            cases.get_case(session, key) for key in session.execute(select(case_.c.id)).scalars()
        ]
        tasks_of = {one.id: tasks.list_tasks(session, one.id) for one in all_cases}
        lit = set()

        @settings(max_examples=150, deadline=None, database=None)
        @given(
            st.lists(st.sampled_from(posts), unique=True, max_size=3),
            st.sampled_from([*people, people[-1] + 1000]),
            st.sampled_from([None, None, shop]),
        )
        def agree(held: list[Post], who: int, business: int | None) -> None:
            prefixes = tuple(sorted({area for post in held for area in areas_of[post.id]}))
            actor = Actor(who, "a", "a", business, tuple(held), frozenset(), prefixes)
            cases_by_rule = {one.id for one in all_cases if sees_case(actor, one, tasks_of[one.id])}
            tasks_by_rule = {
                (task_.running_id, task_.token)
                for one in all_cases
                for task_ in tasks_of[one.id]
                if is_seen(actor, one, task_)
            }
            seen = select(case_.c.id).where(visible_case(actor))
            assert set(session.execute(seen).scalars()) == cases_by_rule
            listed = cases.list_cases(session, actor=actor, limit=200).items
            assert {one.id for one in listed} == cases_by_rule
            assert cases.count_cases(session, actor=actor) == len(cases_by_rule)
            shown = (
                select(task.c.running_id, task.c.token)
                .join(case_, case_.c.id == task.c.case_id)
                .where(visible_tasks(actor))
            )
            assert {tuple(row) for row in session.execute(shown)} == tasks_by_rule
            lit.update(cases_by_rule)

        agree()

        assert len(lit) > len(all_cases) / 2


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
