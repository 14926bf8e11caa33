"""Draws of a plan as a page shows them: each pool in the order of its numbers, and the seed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from handlers.inspections.drawing import BUSINESSES, INSPECTORS, is_repeated, ranked
from storage.inspections.plans import Draw
from web.frame.language import moment, t

MOST_ROWS: Final = 30
"""Rows of a pool on the page; the file has all."""

KINDS: Final = {BUSINESSES: ("主体", "Businesses"), INSPECTORS: ("检查人员", "Inspectors")}


def drawn_shops(draws: Sequence[Draw]) -> list[int]:
    """The businesses whose names the page needs."""
    return _shown_keys(draws, BUSINESSES)


def drawn_people(draws: Sequence[Draw]) -> list[int]:
    """The officers whose names the page needs."""
    return _shown_keys(draws, INSPECTORS)


def shown_draws(
    draws: Sequence[Draw], shops: Mapping[int, str], officers: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Every draw, the one that holds first."""
    names = {BUSINESSES: shops, INSPECTORS: officers}
    return [
        {
            "number": number,
            "holds": number == len(draws),
            "seed": draw.seed,
            "at": moment(draw.at),
            "is_repeated": is_repeated(draw),
            "pools": [_pool(draw, kind, names[kind]) for kind in KINDS],
        }
        for number, draw in reversed(list(enumerate(draws, 1)))
    ]


def _pool(draw: Draw, kind: str, names: Mapping[int, str]) -> dict[str, Any]:
    size, taken = len(draw.population[kind]), set(draw.drawn[kind])
    return {
        "kind": kind,
        "label": t(*KINDS[kind]),
        "size": size,
        "count": len(taken),
        "left": max(0, size - MOST_ROWS),
        "rows": [
            {
                "place": place,
                "id": key,
                "name": names.get(key, ""),
                "number": rank,
                "is_drawn": key in taken,
            }
            for place, (rank, key) in enumerate(ranked(draw, kind)[:MOST_ROWS], 1)
        ],
    }


def _shown_keys(draws: Sequence[Draw], kind: str) -> list[int]:
    return [key for draw in draws for _, key in ranked(draw, kind)[:MOST_ROWS]]
