"""Values as they arrive from a form: bounded, blank, hidden, turned from text; no schema here."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from engine.forms.documents import LISTS, Scalar
from storage.texts import shows_nothing

DEPTH_LIMIT: Final = 6
ITEM_LIMIT: Final = 2_000
TEXT_LIMIT: Final = 100_000
WHOLE: Final = re.compile(r"-?[0-9]{1,15}", re.ASCII)

_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_MARKED: Final = frozenset({"true", "on", "1"})


def is_bounded(values: object) -> bool:
    """Whether the values are few and flat enough to look at; they may contain themselves."""
    pending: list[tuple[object, int]] = [(values, 0)]
    items = texts = 0
    while pending:
        value, depth = pending.pop()
        items += 1
        if isinstance(value, str):
            texts += len(value)
        if items > ITEM_LIMIT or depth > DEPTH_LIMIT or texts > TEXT_LIMIT:
            return False
        if isinstance(value, dict):
            pending += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            pending += [(part, depth + 1) for part in value[: ITEM_LIMIT + 1]]
    return True


def is_blank(value: object) -> bool:
    """Whether nothing was filled in, or nothing that shows."""
    return value is None or (isinstance(value, str) and shows_nothing(value))


def answers(value: object, wanted: Iterable[Scalar]) -> bool:
    """Whether the value, or one of several, is among those wanted."""
    given = value if isinstance(value, list) else [value]
    return any(type(value) is type(other) and value == other for value in given for other in wanted)


def typed(kind: str | None, texts: Sequence[str]) -> object:
    """Turn the texts of one HTML field into the JSON value of its type, where that is possible."""
    if kind in LISTS:
        return [text for text in texts if text]
    text = texts[-1] if texts else ""
    if kind == "boolean":
        return text in _MARKED if text in _MARKED or text in {"false", "off", "0"} else text
    if kind == "integer" and WHOLE.fullmatch(text):
        return int(text)
    if kind == "number" and _DECIMAL.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
