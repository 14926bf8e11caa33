"""Changes of a drawing without an editor: a step put on a line or taken out, an id renamed.

The drawing grows by a column where the step stands; everything else of the file stays as it was,
foreign extensions and comments included.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from engine.diagrams.dialect import BPMN, BPMN_DI, DC, DI
from engine.diagrams.reader import EXTENSION
from engine.diagrams.xml import parse_xml
from engine.errors import EditError

_B: Final = f"{{{BPMN}}}"
_X: Final = f"{{{EXTENSION}}}"
_DI: Final = f"{{{BPMN_DI}}}"
_DC: Final = f"{{{DC}}}"
_WAY: Final = f"{{{DI}}}waypoint"
_WIDTH, _HEIGHT, _COLUMN, _ROW = 100.0, 80.0, 160.0, 120.0
_REFERENCES: Final = frozenset(
    {"id", "sourceRef", "targetRef", "default", "attachedToRef", "bpmnElement", "processRef"}
    | {"calledElement", "messageRef", "errorRef"}
)
_NAMING: Final = frozenset({"flowNodeRef", "incoming", "outgoing"})

Tree = Any
"""An lxml element; lxml ships no types."""


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to draw: a user task, or a service task whose properties say what it does."""

    id: str
    name: str
    tag: str
    properties: Mapping[str, str] = field(default_factory=dict)
    lane: str | None = None


def read_drawing(content: bytes, *, name: str) -> Tree:
    """Read a file to be changed, with everything it holds.

    Raises:
        DiagramError: it is refused as any other file is.
    """
    parse_xml(content, name=name)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(content, parser)


def write_drawing(root: Tree, *, like: bytes) -> bytes:
    """Write the file again, spelled `like` it was, so that a comparison shows the change alone."""
    written: bytes = etree.tostring(root, encoding="UTF-8")
    head, _, _ = like.partition(b"?>")
    if b" />" in like:
        written = written.replace(b'"/>', b'" />')  # the writer escapes > everywhere else
    declaration = head + b"?>\n" if head.startswith(b"<?xml") else b""
    return declaration + written.rstrip() + b"\n"


def insert_step(root: Tree, step: NewStep, *, after: str) -> None:
    """Put a step on the line that leaves `after`, or on the line of that id.

    Raises:
        EditError: there is no such place, or the id is taken.
    """
    process = root.find(f"{_B}process")
    if _find(root, step.id) is not None:
        message = f"编号 {step.id} 已经用了，请另取一个。"
        raise EditError(message, english=f"The id {step.id} is taken.")
    flow = _flow(process, after)
    target = flow.get("targetRef")
    onward = f"{step.id}_to_{target}"
    node = _element(process, flow, step, flow.get("id"), onward)
    flow.set("targetRef", step.id)
    made = etree.Element(f"{_B}sequenceFlow", id=onward, sourceRef=step.id, targetRef=target)
    _place_beside(flow, made)
    _replace_listed(_find(root, target), "incoming", flow.get("id"), onward)
    _put_in_lane(process, step, near=flow.get("sourceRef"))
    _draw_step(root, flow, node, onward, target)


def remove_step(root: Tree, step: str) -> None:
    """Take a step out; what led to it leads to what followed it.

    Raises:
        EditError: it is no step with one way out, or events stand on its border.
    """
    process = root.find(f"{_B}process")
    node = _find(process, step)
    flows = process.findall(f"{_B}sequenceFlow")
    leaving = [flow for flow in flows if flow.get("sourceRef") == step]
    entering = [flow for flow in flows if flow.get("targetRef") == step]
    borders = [one.get("id") for one in process if one.get("attachedToRef") == step]
    if node is None or len(leaving) != 1 or not entering:
        message = f"{step} 不是只有一个出口的步骤，请在编辑器里删。"
        raise EditError(message, english=f"{step} is no step with one way out.")
    if borders:
        message = f"{step} 的边界上还有事件：{'、'.join(borders)}，请先在编辑器里删。"
        raise EditError(message, english=f"Events stand on the border of {step}.")
    (onward,) = leaving
    target = onward.get("targetRef")
    _join_lines(root, entering, onward, node)
    for flow in entering:
        flow.set("targetRef", target)
    following = _find(process, target)
    _replace_listed(following, "incoming", onward.get("id"), *(one.get("id") for one in entering))
    for gone in (node, onward):
        _drop(gone)
    for reference in list(process.iter(f"{_B}flowNodeRef")):
        if (reference.text or "").strip() == step:
            before = reference.getprevious()
            if before is not None:
                before.tail = reference.tail
            reference.getparent().remove(reference)


def rename(root: Tree, old: str, new: str) -> int:
    """Replace an id wherever the file refers to it; how many places changed.

    Raises:
        EditError: the new id is taken.
    """
    if _find(root, new) is not None:
        message = f"编号 {new} 已经用了，请另取一个。"
        raise EditError(message, english=f"The id {new} is taken.")
    return rename_all(root, {old: new})


def rename_all(root: Tree, names: Mapping[str, str]) -> int:
    """Replace ids wherever the file refers to them; how many places changed."""
    count = 0
    for element in root.iter(etree.Element):
        for key in element.attrib:
            if etree.QName(key).localname in _REFERENCES and element.get(key) in names:
                element.set(key, names[element.get(key)])
                count += 1
        text = (element.text or "").strip()
        if text in names and _local(element) in _NAMING:
            element.text = names[text]
            count += 1
    return count


# -- the process ---------------------------------------------------------------------------------


def _local(element: Tree) -> str:
    return str(etree.QName(element).localname)


def _find(root: Tree, identifier: str) -> Tree:
    found = (one for one in root.iter(etree.Element) if one.get("id") == identifier)
    return next(found, None)


def _flow(process: Tree, after: str) -> Tree:
    flows = process.findall(f"{_B}sequenceFlow")
    named = [flow for flow in flows if flow.get("id") == after]
    leaving = [flow for flow in flows if flow.get("sourceRef") == after]
    if len(named or leaving) == 1:
        return (named or leaving)[0]
    ways = "、".join(flow.get("id") for flow in leaving)
    message = f"{after} 后面有几条路（{ways}），请写其中一条。" if ways else f"没有 {after}。"
    raise EditError(message, english=f"Name one line after {after}: {ways or 'there is none'}.")


def _element(process: Tree, flow: Tree, step: NewStep, incoming: str, outgoing: str) -> Tree:
    node = etree.Element(f"{_B}{step.tag}", id=step.id, name=step.name)
    if step.properties:
        extension = etree.SubElement(node, f"{_B}extensionElements")
        listed = etree.SubElement(extension, f"{_X}properties")
        for name, value in step.properties.items():
            etree.SubElement(listed, f"{_X}property", name=name, value=value)
    etree.SubElement(node, f"{_B}incoming").text = incoming
    etree.SubElement(node, f"{_B}outgoing").text = outgoing
    etree.indent(node, space="  ", level=2)
    place = _find(process, flow.get("sourceRef"))
    _place_beside(place, node)
    return node


def _place_beside(there: Tree, made: Tree) -> None:
    made.tail = there.tail
    there.addnext(made)


def _replace_listed(node: Tree, tag: str, old: str, *new: str) -> None:
    for listed in list(node.findall(f"{_B}{tag}")):
        if (listed.text or "").strip() == old:
            for name in new:
                made = etree.Element(f"{_B}{tag}")
                made.text, made.tail = name, listed.tail
                listed.addprevious(made)
            node.remove(listed)


def _put_in_lane(process: Tree, step: NewStep, *, near: str) -> None:
    lanes = list(process.iter(f"{_B}lane"))
    names = [lane for lane in lanes if step.lane in {lane.get("name"), lane.get("id")}]
    if step.lane is not None and not names:
        known = "、".join(lane.get("name") or "" for lane in lanes)
        message = f"没有泳道“{step.lane}”；有：{known}。"
        raise EditError(message, english=f"There is no lane {step.lane}; known: {known}.")
    theirs = [lane for lane in lanes if near in _nodes_of(lane)]
    for lane in (names or theirs)[-1:]:
        reference = etree.Element(f"{_B}flowNodeRef")
        reference.text = step.id
        last = next(reversed(lane.findall(f"{_B}flowNodeRef")), None)
        if last is None:
            lane.insert(0, reference)
        else:
            lane.insert(lane.index(last) + 1, reference)
            reference.tail, last.tail = last.tail, lane.text


def _nodes_of(lane: Tree) -> list[str]:
    return [(one.text or "").strip() for one in lane.findall(f"{_B}flowNodeRef")]


def _drop(element: Tree) -> None:
    """Remove an element and what draws it; the text around it stays."""
    root = element.getroottree().getroot()
    shown = element.get("id")
    drawn = [one for one in root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge") if shown]
    for one in [element, *(one for one in drawn if one.get("bpmnElement") == shown)]:
        one.getparent().remove(one)


# -- the drawing ---------------------------------------------------------------------------------


def _drawn(root: Tree, tag: str, element: str) -> Tree:
    shapes = root.iter(f"{_DI}{tag}")
    return next((one for one in shapes if one.get("bpmnElement") == element), None)


def _box(shape: Tree) -> tuple[float, float, float, float]:
    bounds = shape.find(f"{_DC}Bounds")
    x, y, width, height = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, width, height


def _points(edge: Tree) -> list[tuple[float, float]]:
    return [(float(one.get("x")), float(one.get("y"))) for one in edge.findall(_WAY)]


def _put_points(edge: Tree, points: Iterable[tuple[float, float]]) -> None:
    for one in edge.findall(_WAY):
        edge.remove(one)
    for place, (x, y) in enumerate(_straight(list(points))):
        edge.insert(place, etree.Element(_WAY, x=_number(x), y=_number(y)))
    etree.indent(edge, space="  ", level=3)


def _straight(points: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Leave out points on the straight line between their neighbours."""
    for place, point in enumerate(points):
        if 0 < place < len(points) - 1:
            (x0, y0), (x1, y1), (x2, y2) = points[place - 1], point, points[place + 1]
            if (x0 == x1 == x2) or (y0 == y1 == y2):
                continue
        yield point


def _number(value: float) -> str:
    return f"{value:g}"


def _shift(root: Tree, cut: float, by: float, *, axis: str = "x") -> None:
    """Move everything beyond `cut`, and widen the lanes across it."""
    lanes = {one.get("id") for one in root.iter(f"{_B}lane", f"{_B}participant")}
    size = "width" if axis == "x" else "height"
    for shape in root.iter(f"{_DI}BPMNShape"):
        bounds = shape.find(f"{_DC}Bounds")
        begin, length = float(bounds.get(axis)), float(bounds.get(size))
        is_lane = shape.get("bpmnElement") in lanes
        if begin >= cut or (not is_lane and begin + length / 2 >= cut):
            for one in shape.iter(f"{_DC}Bounds"):
                one.set(axis, _number(float(one.get(axis)) + by))
        elif is_lane and begin + length > cut:
            bounds.set(size, _number(length + by))
    for edge in root.iter(f"{_DI}BPMNEdge"):
        for one in (*edge.iter(_WAY), *edge.iter(f"{_DC}Bounds")):
            if float(one.get(axis)) >= cut:
                one.set(axis, _number(float(one.get(axis)) + by))


def _draw_step(root: Tree, flow: Tree, node: Tree, onward: str, target: str) -> None:
    edge = _drawn(root, "BPMNEdge", flow.get("id"))
    source, following = (_drawn(root, "BPMNShape", one) for one in (flow.get("sourceRef"), target))
    if edge is None or source is None or following is None:
        return  # nothing is drawn there, and the check says so
    line = etree.Element(f"{_DI}BPMNEdge", id=f"{onward}_edge", bpmnElement=onward)
    _place_beside(edge, line)
    points = _points(edge)
    is_upright = len({x for x, _ in points}) == 1
    lanes = [_lane_of(root, one) for one in (flow.get("sourceRef"), target)]
    own = _lane_of(root, node.get("id"))
    if is_upright and any(own is lane for lane in lanes):
        upper = min(source, following, key=lambda shape: _box(shape)[1])
        _, top, _, height = _box(upper)
        border = _border(root, own, is_lower=(own is lanes[0]) is (upper is source))
        cut = top + height + 1 if lanes[0] is lanes[1] or border is None else border
        _draw_in_a_row(root, edge, line, source, node, cut=cut)
    else:
        _draw_in_a_column(root, edge, line, (source, following), node, is_same=own is lanes[0])


def _border(root: Tree, lane: Tree, *, is_lower: bool) -> float | None:
    """Just inside the lower or the upper border of a lane."""
    shape = None if lane is None else _drawn(root, "BPMNShape", lane.get("id"))
    if shape is None:
        return None
    _, top, _, height = _box(shape)
    return top + height - 1 if is_lower else top + 1


def _draw_in_a_row(
    root: Tree, edge: Tree, line: Tree, source: Tree, node: Tree, *, cut: float
) -> None:
    """Put the step on an upright line, into a row that opens at `cut`."""
    _shift(root, cut, _ROW, axis="y")
    middle = cut + _ROW / 2
    (x, first), *_, (_, last) = _points(edge)
    _add_shape(source, node, x - _WIDTH / 2, middle)
    near, far = (-_HEIGHT / 2, _HEIGHT / 2) if last > first else (_HEIGHT / 2, -_HEIGHT / 2)
    _put_points(edge, [(x, first), (x, middle + near)])
    _put_points(line, [(x, middle + far), (x, last)])


def _draw_in_a_column(
    root: Tree, edge: Tree, line: Tree, ends: tuple[Tree, Tree], node: Tree, *, is_same: bool
) -> None:
    """Put the step into a new column behind the step before it."""
    source, following = ends
    left, _, width, _ = _box(source)
    cut = left + width + 1
    _shift(root, cut, _COLUMN)
    _, top, _, height = _box(source)
    lane = None if is_same else _middle_of_lane(root, node.get("id"))
    middle = top + height / 2 if lane is None else lane
    x = cut + (_COLUMN - _WIDTH) / 2
    _add_shape(source, node, x, middle)
    for label in edge.iter(f"{_DC}Bounds"):  # the answer of a gateway stays beside it
        label.set("x", _number(cut + 1))
    points = _points(edge)
    first, last = points[0], points[-1]
    _put_points(edge, [first, *_elbow(first, (x, middle), is_upright=first[0] < left + width)])
    begin, end = (x + _WIDTH, middle), _box(following)
    is_from_above = end[0] < last[0] < end[0] + end[2]
    corner = [(last[0], middle)] if is_from_above else _bend(begin, last)
    _put_points(line, [begin, *corner, last])


def _add_shape(source: Tree, node: Tree, x: float, middle: float) -> None:
    shape = etree.Element(f"{_DI}BPMNShape", id=f"{node.get('id')}_shape")
    shape.set("bpmnElement", node.get("id"))
    bounds = etree.SubElement(shape, f"{_DC}Bounds", x=_number(x))
    bounds.set("y", _number(middle - _HEIGHT / 2))
    bounds.set("width", _number(_WIDTH))
    bounds.set("height", _number(_HEIGHT))
    etree.indent(shape, space="  ", level=3)
    _place_beside(source, shape)


def _elbow(
    start: tuple[float, float], end: tuple[float, float], *, is_upright: bool
) -> list[tuple[float, float]]:
    if start[1] == end[1]:
        return [end]
    if is_upright:
        return [(start[0], end[1]), end]
    return [*_bend(start, end), end]


def _bend(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    middle = (start[0] + end[0]) / 2
    return [(middle, start[1]), (middle, end[1])]


def _lane_of(root: Tree, node: str) -> Tree:
    lanes = root.iter(f"{_B}lane")
    return next((lane for lane in lanes if node in _nodes_of(lane)), None)


def _middle_of_lane(root: Tree, node: str) -> float | None:
    lane = _lane_of(root, node)
    shape = None if lane is None else _drawn(root, "BPMNShape", lane.get("id"))
    if shape is None:
        return None
    _, top, _, height = _box(shape)
    return top + height / 2


def _join_lines(root: Tree, entering: Iterable[Tree], onward: Tree, node: Tree) -> None:
    """Lead the lines into a step on to its end, and close its column when it is empty."""
    edge = _drawn(root, "BPMNEdge", onward.get("id"))
    shape = _drawn(root, "BPMNShape", node.get("id"))
    if edge is None or shape is None:
        return
    for flow in entering:
        line = _drawn(root, "BPMNEdge", flow.get("id"))
        if line is not None:
            points = [*_points(line)[:-1], *_points(edge)[1:]]
            first, last = points[0], points[-1]
            is_level = first[1] == last[1] and first[0] < last[0]
            _put_points(line, [first, last] if is_level else points)
    x, y, _, _ = _box(shape)
    shape.getparent().remove(shape)
    edge.getparent().remove(edge)
    for axis, begin, length in (("x", x - 30, 160.0), ("y", y - 20, 120.0)):
        if _is_empty(root, begin, begin + length - 2, axis=axis):
            _shift(root, begin + length - 2, -length, axis=axis)
            return


def _is_empty(root: Tree, begin: float, end: float, *, axis: str) -> bool:
    """Whether nothing but lanes lies in a column or row, and no line turns or ends in it."""
    lanes = {one.get("id") for one in root.iter(f"{_B}lane", f"{_B}participant")}
    place = 0 if axis == "x" else 1
    boxes = [
        _box(shape)
        for shape in root.iter(f"{_DI}BPMNShape")
        if shape.get("bpmnElement") not in lanes
    ]
    turns = [float(point.get(axis)) for point in root.iter(_WAY)]
    return not any(box[place] < end and begin < box[place] + box[place + 2] for box in boxes) and (
        not any(begin < turn < end for turn in turns)
    )


# -- tables --------------------------------------------------------------------------------------


def set_cell(root: Tree, row: str, column: str, value: str) -> str:
    """Write a cell of a decision table; what it held before.

    `column` is the name of an answer, or the expression of an input. Texts keep their quotes.

    Raises:
        EditError: there is no such row or column.
    """
    space = f"{{{etree.QName(root).namespace}}}"
    names = [one.get("name") or "" for one in root.iter(f"{space}output")]
    asked = [
        (one.findtext(f"{space}inputExpression/{space}text") or "").strip()
        for one in root.iter(f"{space}input")
    ]
    rule = next((one for one in root.iter(f"{space}rule") if one.get("id") == row), None)
    known = names if column in names else asked
    if rule is None or column not in known:
        rows = [one.get("id") for one in root.iter(f"{space}rule")]
        message = f"没有这一格。行：{'、'.join(rows)}；列：{'、'.join([*asked, *names])}。"
        raise EditError(message, english=f"There is no cell {row} {column}.")
    kind = "outputEntry" if column in names else "inputEntry"
    text = rule.findall(f"{space}{kind}")[known.index(column)].find(f"{space}text")
    before = (text.text or "").strip()
    text.text = f'"{value}"' if before.startswith('"') and not value.startswith('"') else value
    return before
