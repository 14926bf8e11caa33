"""Filling in the checklist of an inspection, as every walker and story does; holds no test."""

from collections.abc import Callable, Iterable
from typing import Any

Ask = Callable[..., dict[str, Any]]
"""Sends one request (method, path, who, json=…) and returns the body of an answer that is fine."""


def in_order(items: Iterable[str], *, base: int = 0) -> list[dict[str, Any]]:
    """Every line named, without a fault."""
    return [{"item": item, "base": base, "answer": "yes"} for item in items]


def fill_in(ask: Ask, number: str, who: str) -> None:
    """Answer what is not answered yet; a list of no lines stays as it is."""
    path = f"/cases/{number}/inspection"
    record = ask("GET", path, who)
    answered = {item["item"] for item in record["items"]}
    lines = in_order(line["item"] for line in record["lines"] if line["item"] not in answered)
    if lines:
        ask("PUT", path, who, json={"items": lines})
