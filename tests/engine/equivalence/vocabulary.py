"""Values worth trying for the variables a drawing reads, found by reading its expressions."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from random import Random

from lxml import etree

from tests.engine.equivalence.drawing import Drawing

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_PROPERTY = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"
_MOMENTS = (
    "2099-01-05T09:00:00+08:00",
    "2099-01-06T17:30:00+08:00",
    "2099-02-28T00:00:00+00:00",
    "9999-12-30T00:00:00+08:00",
)
_DURATIONS = ("PT4H", "P3D", "P1DT12H")
_COLLECTIONS: tuple[list[str], ...] = ([], ["one"], ["one", "two"], ["p1", "p2", "p3"])
_NEW = ("first_new", "second_new", "third_new")
_OTHER = "something else"

Vocabulary = Mapping[str, tuple[object, ...]]


def vocabulary(drawing: Drawing) -> Vocabulary:
    """Every variable the drawing reads, with values that lead into each of its branches."""
    words: defaultdict[str, list[object]] = defaultdict(list)
    for text in drawing.files.values():
        root = etree.fromstring(text.encode())
        for name, value in _read_by(root):
            if value not in words[name]:
                words[name].append(value)
    return {name: tuple(values) for name, values in sorted(words.items())} | dict(drawing.names)


def everything(words: Vocabulary, rnd: Random) -> dict[str, object]:
    """A value for every variable."""
    return {name: _fresh(rnd.choice(values)) for name, values in words.items()}


def something(words: Vocabulary, rnd: Random) -> dict[str, object]:
    """A value for some of the variables, and for some nobody had before.

    Lists stay what they were: where two branches hold different ones, the stock engine mixes them.
    """
    known = {
        name: _fresh(rnd.choice(values))
        for name, values in words.items()
        if rnd.random() < 0.6 and not isinstance(values[0], list)
    }
    return known | {name: rnd.randrange(9) for name in _NEW if rnd.random() < 0.2}


def _fresh(value: object) -> object:
    """Nested values of its own for every use: what is shared could be changed behind our back."""
    if isinstance(value, list):
        return [_fresh(one) for one in value]
    if isinstance(value, dict):
        return {key: _fresh(one) for key, one in value.items()}
    return value


def _read_by(root: etree._Element) -> Iterator[tuple[str, object]]:
    for kind, values in (("timeDate", _MOMENTS), ("timeDuration", _DURATIONS)):
        for element in root.iter(_BPMN + kind):
            for name in _names(element.text):
                yield from ((name, value) for value in values)
    for element in root.iter(_BPMN + "loopDataInputRef"):
        yield from ((element.text.strip(), value) for value in _COLLECTIONS)
    for element in root.iter(_BPMN + "conditionExpression"):
        yield from _compared(element.text)
    properties = [one.get("value") for one in root.iter(_PROPERTY)]
    for text in (one[1:] for one in properties if one.startswith("=")):
        yield from ((name, _OTHER) for name in _names(text))


def _names(text: str) -> list[str]:
    tree = ast.parse(text.strip(), mode="eval")
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]


def _compared(text: str) -> Iterator[tuple[str, object]]:
    tree = ast.parse(text.strip(), mode="eval")
    compared = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
            compared.add(node.left.id)
            for other in node.comparators:
                yield from ((node.left.id, value) for value in _around(other))
    for name in _names(text):
        if name not in compared and name not in {"len", "min", "max", "true", "false", "null"}:
            yield name, True
            yield name, False


def _around(node: ast.expr) -> Iterator[object]:
    """The constants of a comparison and a neighbour that is none of them."""
    for one in ast.walk(node):
        if not isinstance(one, ast.Constant):
            continue
        yield one.value
        if isinstance(one.value, bool) or one.value is None:
            yield not one.value
        elif isinstance(one.value, int):
            yield from (one.value - 1, one.value + 1)
        else:
            yield _OTHER
