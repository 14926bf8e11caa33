"""The map on the first page: one's own area, or the bright kitchens of the city."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion
from handlers.registry.searching import areas_within

_CATERING = "catering_section"


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """一张图：本人辖区；餐饮科看全市明厨亮灶。"""
    if areas_within(question.actor, "") != []:
        yield HomeLine("start", "看辖区地图", "See the map of my area", "map_page", "map")
    if _CATERING in question.actor.roles:
        yield HomeLine(
            "start",
            "明厨亮灶地图",
            "Map of bright kitchens",
            "public_map",
            "video",
            {"layer": "bright"},
        )
