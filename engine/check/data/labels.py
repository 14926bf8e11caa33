"""Ways out of a gateway that say one answer and are taken by another.

What a way says is its label and its id; what it takes is known from the conditions and the data.
The words of an answer are those of the options of the forms, of the roles and of the outcomes.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from engine.binding import MARK
from engine.check.bundle import Bundle, Drawing
from engine.check.data.conditions import decided
from engine.check.data.domains import Atom, ValueKind, Values, shown
from engine.check.data.flow import DataFlow
from engine.diagrams.model import Flow, Node
from engine.findings import Finding, Text
from storage.cases.outcomes import OUTCOMES
from storage.people.roles import ROLES

Words = Mapping[str, frozenset[str]]
"""An answer, and the parts of its Chinese labels."""

Taken = Mapping[str, Mapping[str, Values]]
"""Flow, name it asks, and the values with which it is taken."""

_PARTS: Final = re.compile(r"[，、；。：,;:（）()\s]+")
_NO: Final = ("不", "未", "没", "无", "非", "否", "还没", "尚未", "仍未", "拒不")
_NO_LETTERS: Final = "不未没无非否"
_NOT: Final = frozenset({"not", "no", "nobody", "nothing", "never", "un"})
_FALSE: Final[Values] = frozenset({("truth", False), ("null", None), ("text", "no")})
_TRUTH: Final[Values] = _FALSE | {("truth", True), ("text", "yes")}
_LETTERS: Final = 2
"""Shorter words are part of too many others."""

_WAY_OUT: Final = Text(
    "请更正条件或默认出口；条件没有错的，请改名称。",
    "Correct the condition or the default; where these are right, change the label.",
)


def check_labels_of_ways(flow: DataFlow) -> Iterator[Finding]:
    """Every way out of a gateway whose answers are all known."""
    words = _words(flow.bundle)
    for drawing in flow.bundle.drawings:
        diagram = drawing.diagram
        for node, asked in decided(diagram):
            state = flow.before.get((diagram.process_id, node.id))
            result = None if state is None else flow.split(diagram, node, state)
            if result is None:
                continue
            taken = {
                way: {name: frozenset(values) for name, values in kept.items()}
                for way, kept in result.taken.items()
            }
            names = {name for one in asked for name in one.expression.names}
            yield from _check_ways(drawing, node, taken, words)
            if len(names) == 1:
                yield from _check_truth(drawing, node, taken, names.pop())


def _check_ways(drawing: Drawing, node: Node, taken: Taken, words: Words) -> Iterator[Finding]:
    for name in sorted({name for kept in taken.values() for name in kept}):
        every = frozenset[Atom]().union(*(kept.get(name, frozenset()) for kept in taken.values()))
        if any(isinstance(value, ValueKind) for value in every):
            continue
        for way, kept in _drawn(taken):
            said = _said(drawing.diagram.flows[way], every, words)
            if said and said.isdisjoint(kept[name]):
                message = Text(
                    f"“{drawing.diagram.flows[way].label}”说的是 {shown(said)}，"
                    f"走这条路的却是 {name} = {shown(kept[name])}。",
                    f"The way says {shown(said)}, and is taken with {name} = {shown(kept[name])}.",
                )
                yield _finding(drawing, node, way, message)


def _check_truth(drawing: Drawing, node: Node, taken: Taken, name: str) -> Iterator[Finding]:
    """A way that says no is not the one taken when something is so."""
    every = frozenset[Atom]().union(*(kept[name] for kept in taken.values()))
    is_asked_by_none = ("null", None) in every
    if not every <= _TRUTH and not is_asked_by_none:
        return
    for way, kept in _drawn(taken):
        flow = drawing.diagram.flows[way]
        if kept[name] and kept[name].isdisjoint(_FALSE) and _denies(flow.label):
            message = Text(
                f"“{flow.label}”是否定的回答，{name} 成立时走的却是这条路。",
                f"The way says no, and is taken when {name} is so.",
            )
            yield _finding(drawing, node, way, message)


def _drawn(taken: Taken) -> Iterator[tuple[str, Mapping[str, Values]]]:
    return ((way, kept) for way, kept in taken.items() if MARK not in way)


def _finding(drawing: Drawing, node: Node, way: str, message: Text) -> Finding:
    trace = (node.id, way, *(one for one in node.outgoing if one != way))
    return drawing.finding("label_value", way, message, _WAY_OUT, severity="warning", trace=trace)


def _said(flow: Flow, every: Values, words: Words) -> Values:
    """The answers a way names: by its whole label, else by parts of it or by its id."""
    known = (value for value in every if not isinstance(value, ValueKind))
    texts: dict[Atom, str] = {value: str(value[1]) for value in known if value[0] == "text"}
    parts = [flow.label] if _exactly(flow.label, texts, words) else _split(flow.label)
    named = {
        value
        for part in parts
        for value in _exactly(part, texts, words) or _nearly(part, texts, words)
    }
    return frozenset(named or _said_by_id(flow.id, texts))


def _exactly(part: str, texts: Mapping[Atom, str], words: Words) -> set[Atom]:
    return {value for value, text in texts.items() if part in words.get(text, ())}


def _nearly(part: str, texts: Mapping[Atom, str], words: Words) -> set[Atom]:
    return {
        value
        for value, text in texts.items()
        if any(_is_same(part, word) for word in words.get(text, ()))
    }


def _said_by_id(identifier: str, texts: Mapping[Atom, str]) -> set[Atom]:
    tokens = identifier.split("_")
    found = {value: _tokens_in(tokens, text.lower().split("_")) for value, text in texts.items()}
    return {value for value, is_in in found.items() if is_in}


def _tokens_in(tokens: list[str], words: list[str]) -> bool:
    if not words[0]:
        return False
    rest = _NOT.intersection(tokens) - set(words)
    length = len(words)
    at = range(len(tokens) - length + 1)
    return not rest and any(tokens[place : place + length] == words for place in at)


def _is_same(part: str, word: str) -> bool:
    """Whether one holds the other, and nothing before it there says no."""
    shorter, longer = sorted((part, word), key=len)
    if len(shorter) < _LETTERS or shorter not in longer:
        return False
    before = longer[: longer.index(shorter)]
    return not any(letter in before for letter in _NO_LETTERS)


def _denies(text: str) -> bool:
    return text.startswith(_NO)


def _split(label: str) -> list[str]:
    parts = (part.removesuffix("等") for part in _PARTS.split(label))
    return [part for part in parts if part]


def _words(bundle: Bundle) -> Words:
    found: dict[str, set[str]] = defaultdict(set)
    for form in bundle.forms.values():
        for field in form.fields:
            for option in field.options:
                found[option.value].add(option.label.zh)
    for role in ROLES.values():
        found[role.id] |= {role.name_zh, *role.also}
    for outcome in OUTCOMES.values():
        found[outcome.id].add(outcome.name_zh)
    return {
        value: frozenset(labels.union(*(_split(label) for label in labels)))
        for value, labels in found.items()
    }
