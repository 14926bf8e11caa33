"""What the selects of a form offer: matters, areas and posts the caller may name."""

from collections.abc import Mapping
from typing import Any

from web.client import Client
from web.language import chosen

Choices = dict[str, list[tuple[str, str]] | None]

_PAGE = "200"


def choices_for(client: Client, document: Mapping[str, Any]) -> Choices:
    """Options by field type, fetched only for the types the form has."""
    kinds = {one["type"] for one in document["fields"]}
    found: Choices = {"business": None, "posts": None}
    if "matter" in kinds:
        found["matter"] = _matters(client)
    if "area" in kinds:
        found["area"] = _areas(client)
    return found


def _matters(client: Client) -> list[tuple[str, str]]:
    items = client.get("/matters", limit=_PAGE).data["items"]
    other = "Other, not on the list" if chosen() == "en" else "其他（清单以外）"
    listed = [(one["code"], f"{one['code']} {one[f'name_{chosen()}']}") for one in items]
    return [*listed, ("other", other)]


def _areas(client: Client) -> list[tuple[str, str]] | None:
    """The areas of the caller's posts and, below them, two levels; None means type the code."""
    if client.token is None:
        return None
    codes = client.get("/me").data["areas"]
    found: list[tuple[str, str]] = []
    for code in codes[:5]:
        area = client.get(f"/areas/{code}")
        if area.is_problem:
            continue
        found.append((code, area.data["name"]))
        below = _children(client, code)
        found.extend((child["code"], f"— {child['name']}") for child in below)
    return found or None


def _children(client: Client, code: str) -> list[dict[str, Any]]:
    answer = client.get(f"/areas/{code}/children", limit=_PAGE)
    return [] if answer.is_problem else list(answer.data["items"])
