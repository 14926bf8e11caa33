"""What the selects of a form offer: matters, areas step by step, businesses, posts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from web.frame.client import Client
from web.frame.language import t
from web.frame.naming import matter_names

Options = list[tuple[str, str]]

_VILLAGE = 12
_MANY = "200"


@dataclass(frozen=True, slots=True)
class Step:
    """One select on the way down the areas; `chosen` is "" where nothing is chosen yet."""

    options: Options
    chosen: str
    above: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Options by field type; a type the form does not have stays empty."""

    matter: Options
    area: list[Step]
    business: Options

    def of(self, kind: str) -> Options:
        """The options of a field that is one select."""
        return self.matter if kind == "matter" else self.business


def choices_for(client: Client, document: Mapping[str, Any], values: Mapping[str, Any]) -> Choices:
    """Fetch what the form offers, with the way down to the area already chosen."""
    kinds = {one["type"]: one["name"] for one in document["fields"]}
    area = str(values.get(kinds.get("area", ""), "") or "")
    return Choices(
        matter=matters(client) if "matter" in kinds else [],
        area=list(area_steps(client, area)) if "area" in kinds else [],
        business=businesses(client, area) if "business" in kinds else [],
    )


def matters(client: Client) -> Options:
    """The published list, and what is not on it."""
    listed = [(code, f"{code} {name}") for code, name in matter_names(client).items()]
    return [*listed, ("other", t("其他（清单以外）", "Other, not on the list"))]


def businesses(client: Client, area: str) -> Options:
    """Businesses of an area, or of all the caller's areas."""
    if client.token is None:
        return []
    found = client.get("/businesses", area=area, limit=_MANY).items
    return [(str(one["id"]), f"{one['name']} {one['address'] or ''}".strip()) for one in found]


def area_steps(client: Client, code: str) -> Iterator[Step]:
    """The selects from where the caller begins down to a code, and one further."""
    options, above = _roots(client), ""
    while options:
        fallback = options[0][0] if len(options) == 1 and not above else ""
        chosen = next((one for one, _ in options if code.startswith(one)), fallback)
        yield Step(options, chosen, above)
        options, above = (areas_below(client, chosen) if chosen else []), chosen


def areas_below(client: Client, code: str) -> Options:
    """The areas one level below a code; the public chooses down to the village."""
    if not code.isdecimal() or (client.token is None and len(code) >= _VILLAGE):
        return []
    found = client.get(f"/areas/{code}/children").items
    return [(one["code"], one["name"]) for one in found]


def _roots(client: Client) -> Options:
    """Where a choice begins: the areas of the caller's posts, or every county for the public."""
    codes = [] if client.token is None else client.get("/me").data["areas"]
    if not codes:
        counties = client.get("/areas", level="county", limit=_MANY).items
        return [(one["code"], one["name"]) for one in counties]
    named = [(code, client.get(f"/areas/{code}")) for code in codes]
    return [(code, one.data["name"]) for code, one in named if not one.is_problem]
