"""The first page of who looks after other platforms: what waits, and the way to the board."""

from collections.abc import Iterator
from typing import Final

from engine.slots import HomeLine, HomeQuestion
from storage.sync.dead import count_open_dead
from storage.sync.reviews import count_open_reviews
from storage.sync.sources import list_sources

ADMINISTRATOR: Final = "admin_system"


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """待裁定的记录、没有接收的记录；没有对接平台的不显示。"""
    if ADMINISTRATOR not in question.actor.roles:
        return
    session = question.session
    sources = [source.id for source in list_sources(session)]
    if not sources:
        return
    reviews = sum(count_open_reviews(session, source) for source in sources)
    dead = sum(count_open_dead(session, source) for source in sources)
    if reviews:
        yield HomeLine(
            "waits", "记录待裁定", "Records to decide", "sync_reviews", "list-checks", count=reviews
        )
    yield HomeLine(
        "waits" if dead else "start",
        "数据对接" if not dead else "对接记录没有接收",
        "Exchange of records" if not dead else "Records not taken",
        "sync_board",
        "refresh-cw",
        count=dead,
    )
