"""The first page of who keeps the registry: what is to be decided, and the ways to begin."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.registry.keeping import KEEPER
from storage.registry.reviews import count_open


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """待核对的主体，导入台账，完整情况。"""
    if KEEPER not in question.actor.roles:
        return
    count = sum(count_open(question.session).values())
    part: Part = "waits" if count else "start"
    yield HomeLine(part, "主体待核对", "Registry questions", "review", "list-checks", count=count)
    yield HomeLine("start", "导入台账", "Import a list", "import_list", "table-2")
    yield HomeLine(
        "start", "主体库完整情况", "Completeness of the registry", "completeness", "store"
    )
