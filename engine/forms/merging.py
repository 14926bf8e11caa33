"""A form filled in somewhere else meanwhile: merged by the fields each side touched.

Who fills in a form starts from a draft. When another device has saved the draft since, what only
one side touched is taken from that side; a field both sides changed is for people to decide.
"""

from collections.abc import Mapping
from typing import Any, Final

from storage.errors import FieldMessage, FormInvalid

Values = Mapping[str, Any]

TOUCHED_BY_BOTH: Final = "touched_by_both"

_CHANGED: Final = FieldMessage("另一处也改了这一项。", "This was changed elsewhere, too.")


def merged(base: Values, mine: Values, theirs: Values) -> dict[str, Any]:
    """Merge two fillings that started from `base`.

    Raises:
        FormInvalid: with the code `touched_by_both`, naming each field both sides changed.
    """
    touched = touched_by_both(base, mine, theirs)
    if touched:
        message = "有的内容另一处也改了，请核对后再提交。"
        errors: list[tuple[str, str]] = [(f"/{name}", _CHANGED) for name in touched]
        raise FormInvalid(message, errors=errors, code=TOUCHED_BY_BOTH)
    return taken_from_both(base, mine, theirs)


def touched_by_both(base: Values, mine: Values, theirs: Values) -> list[str]:
    """The fields both sides changed, and not to the same; lists are merged item by item."""
    return [
        name
        for name in {**theirs, **mine}
        if _differ(mine.get(name), theirs.get(name))
        and _differ(mine.get(name), base.get(name))
        and _differ(theirs.get(name), base.get(name))
        and not _are_lists(base.get(name), mine.get(name), theirs.get(name))
    ]


def taken_from_both(base: Values, mine: Values, theirs: Values) -> dict[str, Any]:
    """Every field from the side that touched it; from `mine` where both did."""
    values = dict(mine)
    for name, their_value in theirs.items():
        my_value, before = mine.get(name), base.get(name)
        if not _differ(my_value, before):
            values[name] = their_value
        elif _are_lists(before, my_value, their_value):
            values[name] = _items(before or [], my_value or [], their_value or [])
    gone = [name for name in mine if name in base and name not in theirs]
    for name in gone:
        if not _differ(mine[name], base[name]):
            del values[name]
    return values


def _items(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    """What neither side took away, then what either side added."""
    kept = [item for item in base if item in mine and item in theirs]
    added = [item for item in theirs if item not in base]
    return kept + added + [item for item in mine if item not in base and item not in added]


def _are_lists(*values: Any) -> bool:
    return all(value is None or isinstance(value, list) for value in values)


def _differ(one: Any, other: Any) -> bool:
    return bool(_plain(one) != _plain(other))


def _plain(value: Any) -> Any:
    """A value without what a page cannot tell apart: blanks, and ends of lines."""
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").strip()
    is_blank = value is None or value is False or value in ("", [], {})
    return None if is_blank else value
