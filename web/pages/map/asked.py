"""What the address of a map asks: the area, the figure areas are shaded by, filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import request, url_for

from storage.city.maps import FIGURES
from storage.errors import FormInvalid
from storage.places.areas import significant_code
from storage.registry.statuses import MOVES
from web.frame.contract import hangji

FILTERS: Final[tuple[str, ...]] = ("category", "status", "bright", "open_cases")
"""The parameters that narrow the businesses of a map."""
POINTS: Final = "points"
_LONGEST: Final = 60
_YES: Final = "yes"


@dataclass(frozen=True, slots=True)
class MapQuestion:
    """The question of an address; `area` is None for one's own."""

    page: str
    area: str | None
    layer: str
    view: str
    filters: Mapping[str, str]

    def address(self, **changed: str | None) -> str:
        """The address of the same page with something changed; None leaves it out."""
        query = {"area": self.area, "view": self.view, "layer": self.layer, **self.filters}
        query |= changed
        if query.get("layer") == FIGURES[0]:
            query["layer"] = None
        written = urlencode({name: value for name, value in query.items() if value})
        here = url_for(self.page)
        return f"{here}?{written}" if written else here

    @property
    def of_businesses(self) -> dict[str, Any]:
        """The filters as a search of businesses takes them."""
        flags = {name: True for name in ("bright", "open_cases") if name in self.filters}
        rest = {name: self.filters[name] for name in ("category", "status") if name in self.filters}
        return {**rest, **flags}


def read(page: str, *, layers: tuple[str, ...] = FIGURES) -> MapQuestion:
    """Read the address of a map.

    Raises:
        FormInvalid: a filter is none; the message names it.
    """
    given = {name: request.args[name] for name in request.args if request.args[name]}
    hangji().refuse_hostile(given)
    layer, view = given.get("layer", layers[0]), given.get("view", "")
    filters = {name: given[name] for name in FILTERS if name in given}
    known: dict[str, tuple[str, ...]] = {"bright": (_YES,), "open_cases": (_YES,)}
    known["status"] = tuple(MOVES)
    wrong = [name for name, values in known.items() if filters.get(name, values[0]) not in values]
    wrong += ["layer"] * (layer not in layers) + ["view"] * (view not in {"", POINTS})
    wrong += ["category"] * (len(filters.get("category", "")) > _LONGEST)
    if wrong:
        message = "地址里的条件不能识别，请从地图上选。"
        english = f"The filter {wrong[0]} cannot be read; choose it on the map."
        raise FormInvalid.at(wrong[0], message, english=english)
    area = significant_code(given["area"]) if "area" in given else None
    return MapQuestion(page, area, layer, view, filters)
