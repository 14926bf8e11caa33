"""Names that something reads where they are not set, or hold the wrong kind of value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from engine.check.bundle import Drawing
from engine.check.data.domains import (
    ANYTHING,
    NOT_SET,
    State,
    ValueKind,
    Values,
    compared,
    declared,
    fits,
    is_moment,
    shown,
)
from engine.check.data.flow import DataFlow, Place
from engine.check.expressions import DURATION
from engine.check.structure import path_to, reach, starts_of, steps
from engine.diagrams.dialect import INSTANCE_COUNTS
from engine.diagrams.model import Node
from engine.expressions.language import compile_expression
from engine.findings import Finding, Text

_MOMENT: Final[Values] = frozenset({ValueKind.MOMENT})
_DURATION: Final[Values] = frozenset({ValueKind.DURATION})


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name that is read at a place; `wanted` is what it may be there."""

    name: str
    element: str
    who: Text
    wanted: Values = ANYTHING


def check_reads(flow: DataFlow) -> Iterator[Finding]:
    """Every name read by a node, an event, a condition or a function."""
    for drawing in flow.bundle.drawings:
        for node in drawing.diagram.nodes.values():
            place = (drawing.diagram.process_id, node.id)
            state = flow.before.get(place)
            if state is None:
                continue
            for read in _reads(flow, drawing, node):
                if node.loop is not None and read.name == node.loop.item:
                    continue
                yield from _check(flow, drawing, place, state, read)
            yield from _check_literals(flow, drawing, node, state)
            yield from _check_enough(flow, drawing, node, state)
        if flow.effects.is_all_declared:
            yield from _check_unread(flow, drawing)


def _check_unread(flow: DataFlow, drawing: Drawing) -> Iterator[Finding]:
    """Data passed to a call or set by a limit for a timer that nothing reads."""
    timers = flow.effects.read_by_timers
    for node in drawing.diagram.nodes.values():
        names = node.properties.keys() - flow.effects.tracked if node.kind == "call" else set()
        said = flow.effects.declared(drawing.diagram, node.id)
        if node.kind == "decision" and said is not None:
            moments = {name for name, words in (said.gives or {}).items() if words is datetime}
            names = moments - timers
        for name in sorted(names):
            message = Text(f"{name} 没有谁读。", f"Nothing reads {name}.")
            way_out = Text(
                "请更正名称，或画出读它的定时、条件；不需要的请删去。",
                "Correct the name, or draw the timer or condition that reads it; else remove it.",
            )
            trace = (node.id, *_behind(drawing, node))
            yield drawing.finding("unread", node.id, message, way_out, trace=trace)


def _behind(drawing: Drawing, node: Node) -> Iterator[str]:
    """The task a limit is for, and the events on its border."""
    for name in drawing.diagram.targets(node):
        task = drawing.diagram.nodes.get(name)
        if task is not None and task.kind in {"user", "manual"}:
            yield from (name, *task.boundaries)


def _reads(flow: DataFlow, drawing: Drawing, node: Node) -> Iterator[ReadName]:
    diagram = drawing.diagram
    if node.kind == "exclusive":
        for asked in flow.asked(diagram, node):
            who = Text("条件", "the condition")
            yield from (ReadName(name, asked.flow, who) for name in sorted(asked.expression.names))
    if node.timer is not None:
        yield from _read_by_timer(node)
    for drawn in diagram.expressions:
        if drawn.element == node.id and drawn.use in {"collection", "property"}:
            wanted = frozenset({ValueKind.LIST}) if drawn.use == "collection" else ANYTHING
            who = (
                Text("属性", "a property")
                if drawn.use == "property"
                else Text("多实例", "the list")
            )
            names = sorted(compile_expression(drawn.source).names)
            yield from (ReadName(name, node.id, who, wanted) for name in names)
    if node.kind in {"user", "manual"}:
        yield from _read_by_engine(node)
    yield from _read_by_function(flow, drawing, node)


def _read_by_timer(node: Node) -> Iterator[ReadName]:
    source = "" if node.timer is None else node.timer.text
    names = compile_expression(source).names
    is_date = node.timer is not None and node.timer.kind == "date"
    is_name = source.strip() in names
    # Of what is no bare name the kind is not known.
    wanted = _MOMENT if is_date else _DURATION
    for name in sorted(names):
        yield ReadName(name, node.id, Text("定时", "the timer"), wanted if is_name else ANYTHING)


def _read_by_engine(node: Node) -> Iterator[ReadName]:
    due = node.properties.get("due")
    if due is not None:
        yield ReadName(due, node.id, Text("时限 due", "its limit `due`"), _MOMENT)
    if node.role == "named_post":
        yield ReadName("named_post", node.id, Text("泳道“指定岗”", "the lane of the named post"))


def _read_by_function(flow: DataFlow, drawing: Drawing, node: Node) -> Iterator[ReadName]:
    said = flow.effects.declared(drawing.diagram, node.id)
    who = Text(f"函数 {node.id}", f"the function {node.id}")
    for name, words in ({} if said is None else said.reads).items():
        yield ReadName(name, node.id, who, declared(words, {}))
    if node.kind in {"user", "manual"} and node.role == "verifier":
        lane = flow.effects.declared(drawing.diagram, "verifier")
        for name, words in ({} if lane is None else lane.reads).items():
            yield ReadName(
                name, node.id, Text("泳道函数", "the lane's function"), declared(words, {})
            )


def _check(
    flow: DataFlow, drawing: Drawing, place: Place, state: State, read: ReadName
) -> Iterator[Finding]:
    values = state.get(read.name, NOT_SET)
    if ValueKind.ANY in values:  # something that declares nothing may have filled it
        return
    if ValueKind.MISSING in values:
        yield _not_set(flow, drawing, place, read)
        return
    strange = frozenset(one for one in values if not _suits(one, read.wanted))
    if strange:
        message = Text(
            f"{read.who.zh}读的 {read.name} 不能是：{shown(strange)}。",
            f"{read.name}, read by {read.who.en}, cannot be: {shown(strange)}.",
        )
        way_out = Text(
            f"这里要的是：{shown(read.wanted)}。", f"What is wanted here: {shown(read.wanted)}."
        )
        element = _origin(flow, place, read, strange) or read.element
        file = _drawing_of(flow, element, drawing)
        yield file.finding("kind", element, message, way_out)


def _suits(atom: Any, wanted: Values) -> bool:
    if wanted == _MOMENT and isinstance(atom, tuple):
        return is_moment(atom[1])
    if wanted == _DURATION:  # a text somebody writes may be one
        is_one = isinstance(atom, tuple) and bool(DURATION.fullmatch(str(atom[1])))
        return is_one or atom in {ValueKind.DURATION, ValueKind.TEXT, ValueKind.MISSING}
    return atom is ValueKind.MISSING or fits(atom, wanted)


def _origin(flow: DataFlow, place: Place, read: ReadName, strange: Values) -> str | None:
    """The call activity that hands down what does not suit, where one does."""
    calls = (call for _, call in flow.bundle.calls_of(place[0]))
    return next(
        (call.id for call in calls if ("text", call.properties.get(read.name)) in strange), None
    )


def _drawing_of(flow: DataFlow, element: str, otherwise: Drawing) -> Drawing:
    if element in otherwise.diagram.nodes or element in otherwise.diagram.flows:
        return otherwise
    found = (one for one in flow.bundle.drawings if element in one.diagram.nodes)
    return next(found, otherwise)


def _not_set(flow: DataFlow, drawing: Drawing, place: Place, read: ReadName) -> Finding:
    trace = _way_without(flow, place, read.name)
    callers = _callers(flow, place[0])
    message = Text(
        f"{read.who.zh}读变量 {read.name}，可是按这条路走来还没有谁给出它。",
        f"{read.name} is read by {read.who.en}, but nothing has set it on this way.",
    )
    way_out = Text(
        "请让路上的表单、决策表、函数或调用属性给出它，或者换一个变量。",
        "Let a form, a table, a function or a call's property on the way fill it, or read another.",
    )
    lacking = [one for one in callers if _lacks(flow, one, read.name)]
    starts = starts_of(drawing.diagram)
    is_from_outside = any(_lacks(flow, (place[0], start), read.name) for start in starts)
    if is_from_outside and lacking and len(lacking) < len(callers):
        caller, element = lacking[0]
        outer = next(one for one in flow.bundle.drawings if one.diagram.process_id == caller)
        return outer.finding("not_set", element, message, way_out, trace=trace)
    return drawing.finding("not_set", read.element, message, way_out, trace=trace)


def _callers(flow: DataFlow, process: str) -> list[Place]:
    """Every call activity that calls a process and is reached."""
    calls = ((caller.process_id, call.id) for caller, call in flow.bundle.calls_of(process))
    return [place for place in calls if place in flow.before]


def _lacks(flow: DataFlow, place: Place, name: str) -> bool:
    """Whether a case can be there without the name, call properties included."""
    state = flow.before.get(place)
    if state is None:
        return False
    diagram = flow.bundle.diagram(place[0])
    node = None if diagram is None else diagram.nodes.get(place[1])
    is_handed = node is not None and node.kind == "call" and name in node.properties
    return not is_handed and ValueKind.MISSING in state.get(name, NOT_SET)


def _way_without(flow: DataFlow, place: Place, name: str) -> tuple[str, ...]:
    """The shortest way to a place on which nothing sets the name, through the calls above it."""
    process, element = place
    diagram = flow.bundle.diagram(process)
    if diagram is None:
        return (element,)

    def following(node: str) -> Iterator[str]:
        for one in steps(diagram, node):
            if ValueKind.MISSING in flow.before.get((process, one), {}).get(name, NOT_SET):
                yield one

    reached = reach(starts_of(diagram), following)
    own = path_to(element, reached) if element in reached else (element,)
    for caller in _callers(flow, process):
        if caller[0] != process and _lacks(flow, caller, name):
            return (*_way_without(flow, caller, name), *own)
    return own


def _check_literals(
    flow: DataFlow, drawing: Drawing, node: Node, state: State
) -> Iterator[Finding]:
    """Conditions written as properties, such as whether a task may be returned."""
    for name, text in node.properties.items():
        if text.startswith("="):
            where = Text(f"属性 {name} 里", f"In {name}")
            yield from _check_compared(flow, drawing, node, state, (text[1:], where))


def _check_enough(flow: DataFlow, drawing: Drawing, node: Node, state: State) -> Iterator[Finding]:
    """What a completion condition asks is known once one instance is done."""
    if node.loop is None or node.loop.enough is None or node.kind == "call":
        return
    behind = flow.effects.behind(drawing.diagram, node, state)
    place = (drawing.diagram.process_id, node.id)
    who = Text("多实例的完成条件", "the completion condition")
    known = {*INSTANCE_COUNTS, node.loop.item}
    for name in sorted(compile_expression(node.loop.enough).names - known):
        yield from _check(flow, drawing, place, behind, ReadName(name, node.id, who))
    where = Text("完成条件里", "In the completion condition")
    yield from _check_compared(flow, drawing, node, behind, (node.loop.enough, where))


def _check_compared(
    flow: DataFlow, drawing: Drawing, node: Node, state: State, asked: tuple[str, Text]
) -> Iterator[Finding]:
    """Literals that a name never is at this place."""
    source, where = asked
    for read, literal in compared(source):
        values = state.get(read, ANYTHING)
        if read not in flow.effects.handed_names and not fits(literal, values):
            message = Text(
                f"{where.zh}的 {read} 不会是“{literal[1]}”，只会是：{shown(values)}。",
                f"{where.en}, {read} is never {literal[1]!r}, only: {shown(values)}.",
            )
            way_out = Text("请从列出的取值中选一个。", "Choose one of the values listed.")
            yield drawing.finding("value", node.id, message, way_out)
