"""What the selects of a form offer: matters, areas and posts the caller may name."""

from collections.abc import Mapping
from typing import Any

from web.client import Client
from web.language import chosen, t

Choices = dict[str, list[tuple[str, str]] | None]

_MOST = "200"


def choices_for(client: Client, document: Mapping[str, Any]) -> Choices:
    """Options by field type, fetched only for the types the form has."""
    kinds = {one["type"] for one in document["fields"]}
    found: Choices = {"business": None, "posts": None}
    if "matter" in kinds:
        found["matter"] = _matters(client)
    if "area" in kinds:
        found["area"] = _areas(client)
    return found


def areas_below(client: Client, code: str) -> list[tuple[str, str]]:
    """The areas one level below a code, for choosing more exactly."""
    answer = client.get(f"/areas/{code}/children")
    return [] if answer.is_problem else [(one["code"], one["name"]) for one in answer.data["items"]]


def _matters(client: Client) -> list[tuple[str, str]]:
    items = client.get("/matters").data["items"]
    listed = [(one["code"], f"{one['code']} {one[f'name_{chosen()}']}") for one in items]
    return [*listed, ("other", t("其他（清单以外）", "Other, not on the list"))]


def _areas(client: Client) -> list[tuple[str, str]]:
    """Where a choice begins: the areas of the caller's posts, or every town for the public."""
    codes = [] if client.token is None else client.get("/me").data["areas"]
    if not codes:
        towns = client.get("/areas", level="town", limit=_MOST).data["items"]
        return [(one["code"], one["name"]) for one in towns]
    named = [(code, client.get(f"/areas/{code}")) for code in codes]
    return [(code, one.data["name"]) for code, one in named if not one.is_problem]
