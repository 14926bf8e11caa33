"""My round on the first page: how many shops are due."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.patrols.rounds import count_due, goes_on_rounds
from storage.places.levels import CODE_LENGTHS, AreaLevel


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """应巡查的主体：网格单元协管员和市场监管所各自辖区。"""
    actor = question.actor
    town = CODE_LENGTHS[AreaLevel.TOWN]
    if goes_on_rounds(actor) and all(len(code) >= town for code in actor.prefixes):
        count = count_due(question.session, actor=actor, now=question.now)
        part: Part = "waits" if count else "start"
        yield HomeLine(
            part, "应巡查", "Due on my round", "my_round_page", "list-checks", count=count
        )
