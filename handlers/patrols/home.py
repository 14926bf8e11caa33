"""The first page: shops due on my round, self-inspections of a business, who is watched."""

from collections.abc import Iterator
from typing import Final

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.patrols.rounds import count_due, goes_on_rounds
from storage.patrols.watching import list_watched
from storage.people.roles import ROLES
from storage.places.levels import CODE_LENGTHS, AreaLevel

WATCHING: Final = frozenset({"station", "county"})
MOST: Final = 100


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """应巡查的主体，自己的自查，加强检查的主体。"""
    actor = question.actor
    town = CODE_LENGTHS[AreaLevel.TOWN]
    leads = any(ROLES[post.role].supervises for post in actor.posts)
    if not leads and goes_on_rounds(actor) and all(len(code) >= town for code in actor.prefixes):
        count = count_due(question.session, actor=actor, now=question.now)
        part: Part = "waits" if count else "start"
        yield HomeLine(
            part, "应巡查", "Due on my round", "my_round_page", "list-checks", count=count
        )
    if "business" in actor.roles:
        yield HomeLine("start", "我的自查", "My self-inspections", "my_obligations", "list-checks")
    if actor.roles & WATCHING:
        areas, most = actor.prefixes, MOST
        watched = len(list_watched(question.session, areas, limit=most))
        yield HomeLine(
            "changed",
            "加强检查的主体",
            "Businesses watched more closely",
            "self_inspections",
            "eye",
            count=watched,
        )
