"""Filling in the checklists of inspections and self-inspections, as every walker and story does.

Holds no test.
"""

import csv
from collections.abc import Callable, Collection, Iterable
from typing import Any

from api.settings import ROOT

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


def answered(category: str, *, wrong: Collection[str] = ()) -> list[str]:
    """Every line of the checklist of a category with its answer, as a business sends them."""
    path = ROOT / "city" / "putian" / "checklists" / f"{category}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        items = [row["item"] for row in csv.DictReader(file)]
    return [f"{item}:{'no' if item in wrong else 'yes'}" for item in items]
