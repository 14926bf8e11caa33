"""Which values a name can have: single values, or kinds of values too many to list.

A set of them is judged by samples: every value that is listed, and a few that represent a kind.
"""

import ast
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, Final, TypeAlias

from engine.contract import Source
from engine.decisions.cells import Key, key_of
from engine.errors import ExpressionError
from engine.expressions.language import compile_expression
from engine.forms.documents import LISTS, FormField
from storage.people.roles import ROLES


class ValueKind(Enum):
    """Values too many to list, and the two that are none: not known, and not set at all."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    DURATION = "duration"
    NUMBER = "number"
    LIST = "list"
    NAMED = "named values"
    ANY = "anything"
    MISSING = "missing"


Atom: TypeAlias = Key | ValueKind
Values: TypeAlias = frozenset[Atom]
State: TypeAlias = dict[str, Values]
"""The possible values of every name at one place; a missing name has not been set."""

ANYTHING: Final[Values] = frozenset({ValueKind.ANY})
NOT_SET: Final[Values] = frozenset({ValueKind.MISSING})
NOTHING: Final[Values] = frozenset({("null", None)})
TRUTHS: Final[Values] = frozenset({("truth", True), ("truth", False)})
MOMENT_TEXT: Final = "2000-01-03T08:00:00+08:00"
OTHER: Final = "（其他）"
_EXPRESSIONS_AT_MOST: Final = 1_024

_OF_TYPE: Final[Mapping[type, Values]] = {
    str: frozenset({ValueKind.TEXT}),
    date: frozenset({ValueKind.DATE}),
    datetime: frozenset({ValueKind.MOMENT}),
    timedelta: frozenset({ValueKind.DURATION}),
    int: frozenset({ValueKind.NUMBER}),
    float: frozenset({ValueKind.NUMBER}),
    bool: TRUTHS,
    list: frozenset({ValueKind.LIST}),
    dict: frozenset({ValueKind.NAMED}),
    object: ANYTHING,
}
_OF_FIELD: Final[Mapping[str, Values]] = {
    "text": frozenset({ValueKind.TEXT}),
    "longtext": frozenset({ValueKind.TEXT}),
    "date": frozenset({ValueKind.DATE}),
    "datetime": frozenset({ValueKind.MOMENT}),
    "boolean": TRUTHS,
    "integer": frozenset({ValueKind.NUMBER}),
    "number": frozenset({ValueKind.NUMBER}),
    "business": frozenset({ValueKind.NUMBER}),
    "area": frozenset({ValueKind.TEXT}),
    "matter": frozenset({ValueKind.TEXT}),
    "document": frozenset({ValueKind.TEXT}),
    "choices": frozenset({ValueKind.LIST}),
    "photos": frozenset({ValueKind.LIST}),
    "posts": frozenset({ValueKind.LIST}),
    "checklist": frozenset({ValueKind.LIST}),
    "location": frozenset({ValueKind.NAMED}),
}


def of_field(field: FormField) -> Values:
    """Possible values of a form field; includes the missing value where it is optional."""
    if field.type == "choice":
        values: Values = frozenset(("text", option.value) for option in field.options)
    else:
        values = _OF_FIELD.get(field.type, ANYTHING)
    is_always_there = field.required or field.type in LISTS
    return values if is_always_there else values | NOTHING


def declared(words: Any, elsewhere: Mapping[Source, Values]) -> Values:
    """What a function declares about one name; `elsewhere` is the domain in its form or row."""
    found: set[Atom] = set()
    for word in words if isinstance(words, tuple) else (words,):
        if word is Source.ROLE:
            found |= {key_of(role) for role in ROLES}
        elif isinstance(word, Source):
            found |= elsewhere.get(word, ANYTHING)
        elif isinstance(word, type):
            found |= _OF_TYPE.get(word, ANYTHING)
        else:
            found.add(key_of(word))
    return frozenset(found)


@lru_cache(maxsize=_EXPRESSIONS_AT_MOST)
def constants(source: str) -> frozenset[Key]:
    """Every text and number an expression names."""
    nodes = ast.walk(ast.parse(_one_line(source), mode="eval"))
    values = (node.value for node in nodes if isinstance(node, ast.Constant))
    return frozenset(key_of(value) for value in values if type(value) in {str, int, float})


@lru_cache(maxsize=_EXPRESSIONS_AT_MOST)
def compared(source: str) -> tuple[tuple[str, Key], ...]:
    """Every name with each value it is compared with, by `==`, `!=`, `in` or `not in`."""
    try:
        compile_expression(source)
    except ExpressionError:  # reported elsewhere
        return ()
    found: list[tuple[str, Key]] = []
    for node in ast.walk(ast.parse(_one_line(source), mode="eval")):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        sides = (node.left, node.comparators[0])
        names = [side.id for side in sides if isinstance(side, ast.Name)]
        if len(names) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            found += [(names[0], value) for side in sides for value in _literals(side)]
    return tuple(found)


def _literals(node: ast.expr) -> Iterable[Key]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return [key_of(item.value) for item in items if isinstance(item, ast.Constant)]


def _one_line(source: str) -> str:
    return " ".join(source.split())


def fits(atom: Atom, values: Values) -> bool:
    """Whether a value is among those a name can have, listed or by its kind."""
    if atom in values or ValueKind.ANY in values or atom is ValueKind.ANY:
        return True
    if isinstance(atom, ValueKind):
        return atom in {ValueKind.DATE, ValueKind.MOMENT} and ValueKind.TEXT in values
    kind, value = atom
    if kind == "text":
        return ValueKind.TEXT in values or (ValueKind.MOMENT in values and is_moment(value))
    return kind == "number" and ValueKind.NUMBER in values


def is_moment(value: object) -> bool:
    """Whether it is the text of a moment with its offset."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def sampled(values: Values, landmarks: Iterable[Key]) -> list[tuple[Atom, Any]]:
    """Values to try, each with what it stands for; `landmarks` are those an answer may turn at."""
    samples: list[tuple[Atom, Any]] = []
    for atom in values:
        if not isinstance(atom, ValueKind):
            samples.append((atom, atom[1]))
        elif atom is ValueKind.TEXT:
            texts = {value for kind, value in landmarks if kind == "text"} | {OTHER}
            samples += [(atom, text) for text in sorted(map(str, texts))]
        elif atom is ValueKind.NUMBER:
            samples += [(atom, number) for number in _numbers(landmarks)]
        elif atom is not ValueKind.MISSING:
            samples += [(atom, value) for value in _STANDS_FOR[atom]]
    return samples


def _numbers(landmarks: Iterable[Key]) -> list[float]:
    named: list[Any] = [value for kind, value in landmarks if kind == "number"] or [0]
    return sorted({one for number in named for one in (number - 1, number, number + 1)})


_STANDS_FOR: Final[Mapping[ValueKind, tuple[Any, ...]]] = {
    ValueKind.DATE: (MOMENT_TEXT[:10],),
    ValueKind.MOMENT: (MOMENT_TEXT,),
    ValueKind.DURATION: ("P7D",),
    ValueKind.LIST: ([], [OTHER]),
    ValueKind.NAMED: ({}, {OTHER: OTHER}),
    ValueKind.ANY: (),
}


def evaluated(source: str, state: Mapping[str, Values]) -> Values:
    """Possible results of an expression; unrestricted where they cannot be derived."""
    expression = compile_expression(source)
    if source.strip() in expression.names:
        return state.get(source.strip(), NOT_SET) - NOT_SET
    if not expression.names:
        return frozenset({key_of(expression.evaluate({}))})
    return ANYTHING


def shown(values: Values) -> str:
    """A few of the values, for a sentence."""
    listed = sorted(_word(atom) for atom in values if atom is not ValueKind.MISSING)
    return ", ".join(listed[:8]) + (" …" if len(listed) > 8 else "")  # noqa: PLR2004 - a line


def _word(atom: Atom) -> str:
    if isinstance(atom, ValueKind):
        return atom.value
    kind, value = atom
    if kind == "text":
        return f"'{value}'"
    return str(value).lower() if kind == "truth" else "null" if value is None else str(value)
