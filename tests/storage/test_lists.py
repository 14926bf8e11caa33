"""Inboxes and searches: everyone sees what their posts and areas allow, page by page."""

from datetime import timedelta

import pytest

from storage.cases import cases, related, tasks
from storage.cases.cases import CaseFilter
from storage.cases.inboxes import lists
from storage.cases.inboxes.filters import TaskFilter
from storage.cases.steps import ClosedTask
from storage.database.session import Database, Session
from storage.errors import FormInvalid, NotFound
from storage.moments import NEVER
from storage.people import actors, staffing
from storage.people.actors import Actor
from tests.build import (
    GRID,
    MORNING,
    TOWN,
    a_business,
    a_case,
    a_chain,
    a_task,
    an_officer,
    locked_again,
    stepped,
)

HOUR = timedelta(hours=1)
ELSEWHERE = "350322101001001001"


def numbers(session: Session, actor: Actor, having: CaseFilter | None = None) -> list[str]:
    return [one.number for one in cases.list_cases(session, actor=actor, having=having).items]


def inbox(session: Session, actor: Actor, **having: object) -> list[str]:
    page = lists.list_inbox(session, actor=actor, at=MORNING, having=TaskFilter(**having))  # type: ignore[arg-type]  # a test names filters as an inbox does
    return [one.task.token for one in page.items]


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("unit_leader", True),
        ("grid_leader", True),
        ("village_assistant", True),
        ("station", True),
        ("county", True),
        ("city", True),
        ("supervisor", True),
        ("enforcement", False),
        ("triage", False),
    ],
)
def test_a_case_is_seen_by_the_posts_above_its_area(
    database: Database, role: str, *, sees: bool
) -> None:
    with database.transaction() as session:
        chain = a_chain(session)
        case = a_case(session)

        assert bool(numbers(session, chain[role])) is sees
        if not sees:
            with pytest.raises(NotFound):
                cases.get_visible_case(session, case.case.number, actor=chain[role])


def test_a_case_of_another_area_is_not_there(database: Database) -> None:
    """api.md: 404 not there or not visible to you."""
    with database.transaction() as session:
        chain = a_chain(session)
        a_case(session, area_code=ELSEWHERE)

        assert [role for role in chain if numbers(session, chain[role])] == ["city", "supervisor"]


@pytest.mark.parametrize("link", ["collector", "owner", "task", "done"])
def test_who_has_to_do_with_a_case_sees_it(database: Database, link: str) -> None:
    with database.transaction() as session:
        a_chain(session)
        actor = an_officer(session, "enforcement:EN-350322")
        columns = {
            "collector": {"collector_officer": actor.id},
            "owner": {"owner_post": "enforcement:EN-350322", "owner_rank": 5},
        }.get(link, {})
        post = {"post_id": "enforcement:EN-350322"} if link in {"task", "done"} else {}
        case = a_case(session, tasks=[a_task("1", **post)], **columns)
        if link == "done":
            stepped(session, case, closed=[ClosedTask("1", "done", MORNING, actor.id)])

        assert numbers(session, actor) == [case.case.number]


def test_a_business_never_sees_a_case_about_itself(database: Database) -> None:
    """R54, fact 8: whatever post it holds."""
    with database.transaction() as session:
        shop = a_business(session)
        keeper = an_officer(session, f"grid_leader:{GRID}", business_id=shop)
        post = f"grid_leader:{GRID}"
        own = a_case(session, business_id=shop, tasks=[a_task("1", post_id=post)])
        other = a_case(session, tasks=[a_task("2", post_id=post)])

        assert numbers(session, keeper) == [other.case.number]
        assert inbox(session, keeper) == ["2"]
        assert inbox(session, keeper, whose="mine") == ["2"]
        key = tasks.task_key(own.process.id, "1")
        with pytest.raises(NotFound):
            lists.get_visible_task(session, key, actor=keeper)


def test_cases_are_found_by_every_filter(database: Database) -> None:
    with database.transaction() as session:
        city = an_officer(session, "city:3503")
        shop = a_business(session)
        first = a_case(session, matter="L01", title="过期食品", business_id=shop)
        second = a_case(session, matter="X01", area_code=ELSEWHERE, at=MORNING + HOUR)
        stepped(session, second, case_changes={"status": "closed", "supervised": True})

        found = {
            "first": [
                CaseFilter(matter="L01"),
                CaseFilter(area=TOWN),
                CaseFilter(status="open"),
                CaseFilter(business_id=shop),
                CaseFilter(q="过期"),
                CaseFilter(q=first.case.number),
                CaseFilter(opened_before=MORNING + HOUR),
                CaseFilter(supervised=False),
            ],
            "second": [
                CaseFilter(area="350322101"),
                CaseFilter(opened_from=MORNING + HOUR),
                CaseFilter(supervised=True, kind="grid_report", source="grid_patrol"),
            ],
        }
        for having in found["first"]:
            assert numbers(session, city, having) == [first.case.number], having
        for having in found["second"]:
            assert numbers(session, city, having) == [second.case.number], having
        assert cases.count_cases(session, actor=city) == 2


def test_a_percent_sign_in_a_search_is_only_a_percent_sign(database: Database) -> None:
    with database.transaction() as session:
        city = an_officer(session, "city:3503")
        a_case(session, title="普通")

        assert numbers(session, city, CaseFilter(q="%")) == []


def test_pages_of_cases_follow_each_other_without_gap(database: Database) -> None:
    with database.transaction() as session:
        city = an_officer(session, "city:3503")
        made = [a_case(session).case.number for _ in range(5)]

        seen: list[str] = []
        cursor = None
        for _ in range(3):
            page = cases.list_cases(session, actor=city, limit=2, cursor=cursor)
            seen += [one.number for one in page.items]
            cursor = page.next

    assert seen == made[::-1]
    assert cursor is None


def test_an_inbox_is_ordered_by_due_time_page_by_page(database: Database) -> None:
    with database.transaction() as session:
        member = an_officer(session, f"grid_member:{GRID}")
        due = {"a": 3, "b": 1, "c": 1, "d": 2}
        opened = [a_task(name, due_at=MORNING + hours * HOUR) for name, hours in due.items()]
        a_case(session, tasks=[*opened, a_task("e", due_at=NEVER)])

        first = lists.list_inbox(session, actor=member, at=MORNING, limit=2)
        second = lists.list_inbox(session, actor=member, at=MORNING, limit=2, cursor=first.next)
        third = lists.list_inbox(session, actor=member, at=MORNING, limit=2, cursor=second.next)

    tokens = [one.task.token for page in (first, second, third) for one in page.items]
    assert tokens == ["b", "c", "d", "a", "e"]
    assert third.next is None
    with pytest.raises(FormInvalid), database.reading() as session:
        lists.list_inbox(session, actor=member, at=MORNING, cursor="x")


def test_mine_is_what_waits_for_me_and_team_what_waits_for_my_posts(database: Database) -> None:
    with database.transaction() as session:
        me = an_officer(session, f"station:ST-{TOWN}", username="me")
        colleague = an_officer(session, f"station:ST-{TOWN}", username="colleague")
        post = {"post_id": f"station:ST-{TOWN}"}
        a_case(
            session,
            tasks=[
                a_task("free", **post),
                a_task("mine", **post, officer_id=me.id),
                a_task("theirs", **post, officer_id=colleague.id),
                a_task("elsewhere"),
            ],
        )

        assert inbox(session, me, whose="mine") == ["free", "mine"]
        assert inbox(session, me, whose="team") == ["free", "mine", "theirs"]
        assert inbox(session, me) == ["free", "mine", "theirs"]


@pytest.mark.parametrize("way", ["left", "switched off"])
def test_what_was_left_behind_is_mine_to_take(database: Database, way: str) -> None:
    """A13, R46: nothing stays with somebody who has left the post or has no account any more."""
    station = f"station:ST-{TOWN}"
    with database.transaction() as session:
        me, gone, colleague = (an_officer(session, station) for _ in range(3))
        taken = {"mine": me, "left": gone, "theirs": colleague}
        opened = [a_task(name, post_id=station, officer_id=one.id) for name, one in taken.items()]
        a_case(session, tasks=opened)
        before = inbox(session, me, whose="mine")
        if way == "left":
            staffing.leave(session, station, until=MORNING, officer_id=gone.id)
            gone = actors.load_actor(session, gone.id, at=MORNING)
        else:
            staffing.switch_officer(session, gone.id, active=False)

        assert before == ["mine"]
        assert inbox(session, me, whose="mine") == ["left", "mine"]
        assert inbox(session, colleague, whose="mine") == ["left", "theirs"]
        assert inbox(session, me, whose="team") == ["left", "mine", "theirs"]
        if way == "left":
            assert inbox(session, gone, whose="mine") == []


def test_ones_own_inbox_is_two_questions_however_much_waits(database: Database) -> None:
    """Design section 1.4: who is in post is asked once, not for every task."""
    station = f"station:ST-{TOWN}"
    with database.transaction() as session:
        me, colleague = (an_officer(session, station) for _ in range(2))
        opened = [a_task(str(n), post_id=station, officer_id=colleague.id) for n in range(9)]
        a_case(session, tasks=[*opened, a_task("free", post_id=station)])
        with database.counting() as count:
            found = inbox(session, me, whose="mine")

    assert (found, len(count)) == (["free"], 2)


def test_an_inbox_takes_every_filter(database: Database) -> None:
    with database.transaction() as session:
        city = an_officer(session, "city:3503")
        a_case(session, matter="L01", title="无证", tasks=[a_task("1", due_at=MORNING + HOUR)])
        other = a_task("2", task_id="verify", process_id="grid_report", phase="verify")
        there = other._replace(area_code=ELSEWHERE)
        a_case(session, matter="X01", area_code=ELSEWHERE, tasks=[there])

        soon = MORNING + 2 * HOUR
        assert inbox(session, city, overdue_at=soon) == ["1"]
        assert inbox(session, city, due_before=soon) == ["1"]
        assert inbox(session, city, process_id="handling") == ["1"]
        assert inbox(session, city, task_id="verify") == ["2"]
        assert inbox(session, city, phase="verify") == ["2"]
        assert inbox(session, city, matter="X01") == ["2"]
        assert inbox(session, city, area=TOWN) == ["1"]
        assert inbox(session, city, q="无证") == ["1"]


def test_done_tasks_are_listed_latest_first(database: Database) -> None:
    with database.transaction() as session:
        me = an_officer(session, f"grid_member:{GRID}")
        case = a_case(session, tasks=[a_task("1"), a_task("2"), a_task("3")])
        done = [ClosedTask(token, "done", MORNING + int(token) * HOUR, me.id) for token in "12"]
        stepped(session, case, closed=[*done, ClosedTask("3", "cancelled", MORNING)])

        page = lists.list_inbox(
            session, actor=me, at=MORNING, having=TaskFilter(state="done", whose="mine"), limit=1
        )
        assert [one.task.token for one in page.items] == ["2"]
        rest = lists.list_inbox(
            session,
            actor=me,
            at=MORNING,
            having=TaskFilter(state="done"),
            limit=1,
            cursor=page.next,
        )
        assert [one.task.token for one in rest.items] == ["1"]
        assert [task.state for task in tasks.list_tasks(session, case.case.id)] == [
            "done",
            "done",
            "cancelled",
        ]


def test_a_task_is_found_by_its_public_id(database: Database) -> None:
    with database.transaction() as session:
        me = an_officer(session, f"grid_member:{GRID}")
        case = a_case(session, tasks=[a_task("7")])
        listed = lists.get_visible_task(session, f"{case.process.id}-7", actor=me)

        assert listed.case_number == case.case.number
        assert listed.task.key == f"{case.process.id}-7"
        assert tasks.get_task(session, case.process.id, 7) == listed.task


@pytest.mark.parametrize("key", ["", "1", "-1", "x-1", "1-", "１-1", "9-9"])
def test_a_public_id_that_is_none_is_not_found(database: Database, key: str) -> None:
    with database.reading() as session, pytest.raises(NotFound):
        lists.get_visible_task(session, key, actor=Actor(1, "a", "a", None, (), frozenset(), ()))


def test_a_draft_is_kept_without_touching_the_case(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session, tasks=[a_task("1")])

        assert tasks.save_draft(session, case.process.id, "1", {"answer": "accept"})
        now = locked_again(session, case, "1")
        assert now.case.version == case.case.version
        assert now.task is not None
        assert now.task.draft == {"answer": "accept"}

        stepped(session, case, closed=[ClosedTask("1", "done", MORNING, None)])
        assert not tasks.save_draft(session, case.process.id, "1", {})


def test_repeats_and_likely_duplicates_are_found(database: Database) -> None:
    """Domain defaults section 6."""
    with database.transaction() as session:
        shop = a_business(session)
        old = a_case(session, business_id=shop, at=MORNING - timedelta(days=91))
        first = a_case(session, business_id=shop)
        second = a_case(session, business_id=shop, at=MORNING + HOUR)
        since = MORNING - timedelta(days=90)

        again = related.list_repeats(
            session, business_id=shop, matter="L01", since=since, but=second.case.id
        )
        alike = related.list_alike(session, matter="L01", area=GRID, since=since)
        assert [one.id for one in again] == [first.case.id]
        assert {one.id for one in alike} == {first.case.id, second.case.id}
        assert old.case.id not in {one.id for one in alike}


def test_linked_cases_are_seen_from_both_ends(database: Database) -> None:
    with database.transaction() as session:
        first, second = a_case(session).case, a_case(session).case
        related.link_cases(session, first.id, second.id, kind="duplicate_of", at=MORNING)

        assert [
            (one.id, kind, out) for one, kind, out in related.list_links(session, first.id)
        ] == [(second.id, "duplicate_of", True)]
        assert [(one.id, out) for one, _, out in related.list_links(session, second.id)] == [
            (first.id, False)
        ]


def test_a_task_waits_for_the_post_and_so_for_the_next_holder(database: Database) -> None:
    with database.transaction() as session:
        first = an_officer(session, f"grid_member:{GRID}")
        a_case(session, tasks=[a_task("1")])
        staffing.leave(session, f"grid_member:{GRID}", until=MORNING)
        successor = an_officer(session)
        staffing.hold(session, f"grid_member:{GRID}", successor.id, since=MORNING)

        before, after = (
            actors.load_actor(session, one.id, at=MORNING) for one in (first, successor)
        )
        assert inbox(session, before, whose="mine") == []
        assert inbox(session, after, whose="mine") == ["1"]


def test_open_tasks_due_later_are_read_page_by_page(database: Database) -> None:
    with database.transaction() as session:
        due = {"a": 1, "b": 3, "c": 2, "d": 4}
        opened = [a_task(name, due_at=MORNING + hours * HOUR) for name, hours in due.items()]
        case = a_case(session, tasks=opened)
        running = case.process.id
        since = MORNING + 2 * HOUR

        first = tasks.list_due_since(session, since, limit=2)
        assert first == [(running, "b"), (running, "c")]
        assert tasks.list_due_since(session, since, after=first[-1]) == [(running, "d")]
