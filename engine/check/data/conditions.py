"""Which way out of an exclusive gateway each value takes; found by trying, not by rewriting.

The conditions are evaluated in the order of the diagram, as in the engine.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from engine.check.data.domains import OTHER, Atom, State, ValueKind, Values, constants, sampled
from engine.decisions.cells import Key
from engine.diagrams.model import Diagram, Node
from engine.errors import ExpressionError
from engine.expressions.language import Expression, compile_expression

TRIES: Final = 3_000
"""Maximum of value combinations tried at one gateway; beyond it the gateway is not checked."""

_ANYTHING: Final[tuple[Any, ...]] = (OTHER, "", True, False, None, 0, 1, [])


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a gateway."""

    flow: str
    expression: Expression


@dataclass(slots=True)
class Branching:
    """The results of all combinations tried."""

    taken: dict[str, dict[str, set[Atom]]] = field(default_factory=dict)
    """Flows taken, with the values of the names that took them."""
    holds: set[str] = field(default_factory=set)
    """Flows whose own condition was true at least once."""
    fails_to_hold: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)
    """Flows whose condition cannot be evaluated, with the reason."""
    stuck: dict[str, Any] | None = None
    """Values for which no flow is taken, as far as what the names can be is known."""


def conditions_of(diagram: Diagram, node: Node) -> list[Condition]:
    """The conditions of a gateway in order of evaluation; empty when one does not compile."""
    asked = []
    for identifier in node.outgoing:
        source = diagram.flows[identifier].condition
        if identifier == node.default or not source:
            continue
        try:
            asked.append(Condition(identifier, compile_expression(source)))
        except ExpressionError:
            return []
    return asked


def split(
    asked: list[Condition], default: str | None, state: Mapping[str, Values]
) -> Branching | None:
    """Try every combination of values; None when there are too many of them."""
    names = sorted(frozenset().union(*(one.expression.names for one in asked)))
    landmarks = frozenset().union(*(constants(one.expression.source) for one in asked))
    columns = [_samples(state.get(name, frozenset()), landmarks) for name in names]
    count = 1
    for column in columns:
        count *= len(column)
    if count > TRIES:
        return None
    result = Branching()
    # What one name can be without any limit says nothing about the type of the others.
    is_typed = not any(ValueKind.ANY in state.get(name, frozenset()) for name in names)
    for combination in product(*columns):
        data = {name: value for name, (_, value) in zip(names, combination, strict=True)}
        flow = _first_true(asked, data, result, is_typed=is_typed) or default
        if flow is not None:
            kept = result.taken.setdefault(flow, {name: set() for name in names})
            for name, (atom, _) in zip(names, combination, strict=True):
                kept[name].add(atom)
        elif is_typed and result.stuck is None:
            result.stuck = data
    return result


def _samples(values: Values, landmarks: frozenset[Key]) -> list[tuple[Atom, Any]]:
    if ValueKind.ANY not in values:
        return sampled(values, landmarks)
    named = [value for _, value in landmarks]
    return [(ValueKind.ANY, value) for value in (*named, *_ANYTHING)]


def _first_true(
    asked: list[Condition], data: dict[str, Any], result: Branching, *, is_typed: bool
) -> str | None:
    """The flow taken, and the result of every condition for these data."""
    taken = None
    for one in asked:
        try:
            holds = bool(one.expression.evaluate(data))
        except ExpressionError as error:
            if is_typed and taken is None:
                result.errors.setdefault(one.flow, error.message)
            continue
        (result.holds if holds else result.fails_to_hold).add(one.flow)
        if holds and taken is None:
            taken = one.flow
    return taken


def refined(state: State, kept: Mapping[str, set[Atom]]) -> State:
    """The state behind a flow: only values that take it."""
    return {**state, **{name: frozenset(atoms) for name, atoms in kept.items()}}


def decided(diagram: Diagram) -> Iterator[tuple[Node, list[Condition]]]:
    """Every gateway with conditions, and these conditions."""
    for node in diagram.nodes.values():
        if node.kind == "exclusive" and len(node.outgoing) > 1:
            asked = conditions_of(diagram, node)
            if asked:
                yield node, asked
