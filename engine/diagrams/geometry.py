"""Where steps and lines stand in a drawing: room for a new step, none for one that is gone."""

from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from engine.diagrams.dialect import BPMN, BPMN_DI, DC, DI
from engine.diagrams.xml import Tree

__all__ = ["draw_step", "join_lines", "nodes_of", "place_beside"]

_B: Final = f"{{{BPMN}}}"
_DI: Final = f"{{{BPMN_DI}}}"
_DC: Final = f"{{{DC}}}"
_WAY: Final = f"{{{DI}}}waypoint"
_WIDTH, _HEIGHT, _COLUMN, _ROW = 100.0, 80.0, 160.0, 120.0


def draw_step(root: Tree, flow: Tree, node: Tree, onward: str, target: str) -> None:
    """Draw a step on the line of `flow`, and the line `onward` from it to the target."""
    edge = _drawn(root, "BPMNEdge", flow.get("id"))
    source, following = (_drawn(root, "BPMNShape", one) for one in (flow.get("sourceRef"), target))
    if edge is None or source is None or following is None:
        return  # nothing is drawn there, and the check says so
    line = etree.Element(f"{_DI}BPMNEdge", id=f"{onward}_edge", bpmnElement=onward)
    place_beside(edge, line)
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


def join_lines(root: Tree, entering: Iterable[Tree], onward: Tree, node: Tree) -> None:
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
    for axis, begin, length in (("x", x - 30, _COLUMN), ("y", y - 20, _ROW)):
        if _is_empty(root, begin, begin + length - 2, axis=axis):
            _shift(root, begin + length - 2, -length, axis=axis)
            return


def nodes_of(lane: Tree) -> list[str]:
    """The ids a lane lists."""
    return [(one.text or "").strip() for one in lane.findall(f"{_B}flowNodeRef")]


def place_beside(there: Tree, made: Tree) -> None:
    """Put an element behind another one, with the same blanks after it."""
    made.tail = there.tail
    there.addnext(made)


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
    place_beside(source, shape)


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
    return next((lane for lane in lanes if node in nodes_of(lane)), None)


def _middle_of_lane(root: Tree, node: str) -> float | None:
    lane = _lane_of(root, node)
    shape = None if lane is None else _drawn(root, "BPMNShape", lane.get("id"))
    if shape is None:
        return None
    _, top, _, height = _box(shape)
    return top + height / 2


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
