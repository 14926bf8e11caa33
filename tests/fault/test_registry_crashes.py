"""Merging, unmerging, entering and correcting a business: broken anywhere, nothing is half done."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from engine.actions.starting import start_case
from handlers.registry.business_ceased import KIND
from handlers.registry.correcting import correct
from handlers.registry.keeping import Keeping
from handlers.registry.surveying import add_surveyed
from storage.database.session import Session
from storage.registry import evidence, many, reviews, told
from storage.registry.businesses import NewBusiness, get_business
from storage.registry.names import NameKeys
from storage.registry.reviews import NewReview
from storage.tables import case_
from tests.build import UNIT, an_officer
from tests.fault.fuses import BlownError, break_everywhere
from tests.stories.world import World

RUNNING = 1
"""The first process of a fresh database."""

pytestmark = pytest.mark.fault

FEWEST = 4
"""Points of the shortest act: it reads, writes the business and its change, and commits."""

Act = Callable[[Keeping], Any]


def shops(session: Session, world: World) -> tuple[int, int, int]:
    """Two shops of one name, and the question whether they are one."""
    new = [
        NewBusiness(name=name, category="small.eatery", area_code=UNIT, address=address)
        for name, address in (("同名示例店", "许可路1号"), ("同名示例店二", None))
    ]
    keys = NameKeys([], [])
    first, second = many.add_businesses(
        session, new, keys=keys, origin="licence", at=world.clock.now()
    )
    proposals = {"names": [each.name for each in new], "reason": "same_name"}
    question = NewReview("duplicate", f"duplicate:{first}:{second}", first, proposals, None, second)
    reviews.add_reviews(session, [question], at=world.clock.now())
    asked = reviews.list_reviews(session).items[-1]
    return first, second, asked.id


def broken_everywhere(world: World, act: Act) -> int:
    """Do an act until it breaks no more; every row was as before after each break."""
    with world.database.transaction() as session:
        keeper = an_officer(session, "registry_keeper:3503")

    def press() -> None:
        with suppress(BlownError), world.database.transaction() as session:
            act(Keeping(session, keeper, world.clock.now()))

    points, _ = break_everywhere(world.database, press)
    return points


def test_a_merge_and_its_undoing_are_whole_or_not_at_all(world: World) -> None:
    with world.database.transaction() as session:
        first, second, question = shops(session, world)

    merging = broken_everywhere(world, lambda keeping: keeping.decide(question, "2"))
    with world.database.reading() as session:
        merged = get_business(session, second)
        changes = evidence.list_changes(session, second)
        decided = reviews.get_review(session, question)
    unmerging = broken_everywhere(world, lambda keeping: keeping.unmerge(second))

    assert (merged.merged_into, decided.state) == (first, "decided")
    assert [change.field for change in changes] == ["merged_into"]
    with world.database.reading() as session:
        assert get_business(session, second).merged_into is None
        assert len(evidence.list_changes(session, second)) == len(changes) + 1
    assert min(merging, unmerging) >= FEWEST


def test_a_status_moves_with_its_case_whole_or_not_at_all(world: World) -> None:
    """R14: the business, its change and the step of the case that moves it, or none of them."""
    shop = world.business()
    runner, marker = world.composition.runner, world.people["grid_member"]
    form = {"business": shop, "seen_on": "2026-03-02", "reason": "已搬空"}
    reached = {"reached": "reached", "contacted_by": "visit", "reason": "退租"}

    marking = broken_everywhere(
        world, lambda keeping: start_case(runner, keeping.session, KIND, form, actor=marker)
    )
    with world.database.reading() as session:
        number = told.find_open_case(session, shop, KIND)
    assert number is not None
    token = int(world.task(number)["id"].split("-")[-1])
    ended = {**reached, "ended": "terminated"}
    ending = broken_everywhere(
        world,
        lambda keeping: runner.complete(keeping.session, RUNNING, token, ended, actor=marker),
    )
    with world.database.reading() as session:
        changes = evidence.list_changes(session, shop)
        status = get_business(session, shop).status
        cases = session.execute(select(case_.c.id).where(case_.c.business_id == shop)).all()

    assert status == "terminated_confirmed"
    assert [change.after for change in changes] == ["terminated_confirmed", "ceased"]
    assert len(cases) == 1, "one mark, one case"
    assert world.task(number)["name"] == "notify_deregistration"
    assert min(marking, ending) >= FEWEST


def test_a_shop_is_entered_and_corrected_whole_or_not_at_all(world: World) -> None:
    with world.database.transaction() as session:
        first, _, _ = shops(session, world)
    new = NewBusiness(name="同名示例店三", category="small.eatery", area_code=UNIT)
    values = {"address": "新路2号", "phone": "05940000001"}

    entering = broken_everywhere(world, lambda keeping: add_surveyed(keeping, new))
    correcting = broken_everywhere(
        world, lambda keeping: correct(keeping, get_business(keeping.session, first), values)
    )

    with world.database.reading() as session:
        after = get_business(session, first)
        changed = {change.field for change in evidence.list_changes(session, first)}
    assert (after.address, after.phone, after.version) == ("新路2号", "05940000001", 2)
    assert changed == {"address", "phone"}
    assert min(entering, correcting) >= FEWEST
