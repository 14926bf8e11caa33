"""Operations on values during evaluation of an expression, independent of its syntax.

Values are plain JSON and nothing else: whatever else may have got among the data of a case is
never compared, indexed, called or handed on.
"""

from collections.abc import Callable, Mapping
from typing import Final, NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

NUMBER_LIMIT: Final = 10**15
LIST_LIMIT: Final = 10_000
RESULT_DEPTH: Final = 32
RESULT_SIZE: Final = 10_000

_SCALARS: Final = frozenset({str, int, bool, float, type(None)})
JSON_TYPES: Final = _SCALARS | {list, dict}


class Refusal(Exception):
    """An error and its position, before the source is known."""

    def __init__(self, code: str, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.column = column


def refuse(code: str, message: str, column: int = 1) -> NoReturn:
    """Leave the evaluation; `code` is a stable word, `message` the sentence about the source."""
    raise Refusal(code, message, column)


def part(value: object, index: object, column: int) -> object:
    """One entry of a list, a text or named values; never an attribute of an object."""
    try:
        if type(value) is dict and type(index) is str:
            entry = value[index]
        else:
            entry = _entry(value, index, column)
    except LookupError:
        refuse("no_entry", f"there is no entry {index!r:.40}", column)
    if type(entry) not in JSON_TYPES:
        refuse("type", f"the entry {index!r:.40} is not plain data", column)
    return entry


def _entry(value: object, index: object, column: int) -> object:
    if (type(value) is list or type(value) is str) and type(index) is int:
        return value[index]
    return refuse("type", "names need named values, positions a list or text", column)


def number(value: object, column: int) -> float:
    """Narrow to a number within bounds; true and false are no numbers, nor are inf and nan."""
    if type(value) is not int and type(value) is not float:
        refuse("type", "a number is needed here", column)
    if not -NUMBER_LIMIT <= value <= NUMBER_LIMIT:
        refuse("number", "the number is too large", column)
    return value


def equal(a: object, b: object) -> bool:
    """Compare by value; of lists and named values only plain, bounded copies are compared."""
    if type(a) in _SCALARS and type(b) in _SCALARS:
        return a == b
    return detached(a) == detached(b)


def contains(item: object, holder: object, column: int) -> bool:
    """Look for an item in a list, or for a text in a text or among the keys of named values."""
    if type(holder) is list:
        if len(holder) > LIST_LIMIT:
            refuse("too_large", f"'in' looks into at most {LIST_LIMIT} entries", column)
        for one in holder:  # noqa: SIM110  # twice as fast as any()
            if equal(item, one):
                return True
        return False
    if (type(holder) is dict or type(holder) is str) and type(item) is str:
        return item in holder
    return refuse("type", "'in' looks into a list, or for a text in a text", column)


def ordered(order: Callable[..., bool], a: object, b: object, column: int) -> bool:
    """Compare two texts or two numbers; nothing else has an order."""
    if type(a) is str and type(b) is str:
        return order(a, b)
    return order(number(a, column), number(b, column))


def _length(values: list[object], column: int) -> object:
    (value, *more) = values
    if more or (type(value) is not list and type(value) is not dict and type(value) is not str):
        refuse("type", "len counts one list, text or named values", column)
    return len(value)


def _smallest(values: list[object], column: int) -> object:
    return min(_numbers("min", values, column))


def _largest(values: list[object], column: int) -> object:
    return max(_numbers("max", values, column))


def _numbers(name: str, values: list[object], column: int) -> list[float]:
    chosen = values[0] if len(values) == 1 else values
    if type(chosen) is not list or not 0 < len(chosen) <= LIST_LIMIT:
        refuse("type", f"{name} takes numbers, or one list of them", column)
    return [number(value, column) for value in chosen]


def detached(value: object) -> Json:
    """A scalar as it is, a list or named values as a copy: nobody gets hold of the case's own."""
    if value is None or type(value) is bool or type(value) is str:
        return value
    if type(value) is int or type(value) is float:
        return number(value, 1)
    return _copied(value, RESULT_DEPTH, [RESULT_SIZE])


def _copied(value: object, depth: int, room: list[int]) -> Json:
    room[0] -= 1
    if depth == 0 or room[0] < 0:
        refuse("too_large", "the result is too large")
    if type(value) is list:
        return [_copied(item, depth - 1, room) for item in value]
    if type(value) is dict:
        return {_key(key): _copied(item, depth - 1, room) for key, item in value.items()}
    if type(value) in JSON_TYPES:
        return detached(value)
    return _refuse_result()


def _key(key: object) -> str:
    return key if type(key) is str else _refuse_result()


def _refuse_result() -> NoReturn:
    refuse("type", "the result is not plain data")


FUNCTIONS: Final[Mapping[str, Callable[[list[object], int], object]]] = {
    "len": _length,
    "max": _largest,
    "min": _smallest,
}
