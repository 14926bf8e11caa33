"""Bright kitchens on the first page: snapshots that wait for me, and all of them."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion
from storage.kitchens.scope import sees_kitchens
from storage.kitchens.snapshots import count_waiting


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """待核实的抓拍：监管所、餐饮科；执法大队看待审核的证据。"""
    actor = question.actor
    if not sees_kitchens(actor):
        return
    waiting = count_waiting(question.session, actor=actor)
    if waiting or "enforcement" not in actor.roles:
        yield HomeLine(
            "waits" if waiting else "start",
            "待核实的抓拍",
            "Snapshots to review",
            "snapshot_queue",
            "eye",
            count=waiting,
        )
