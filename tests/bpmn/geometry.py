"""The picture of a diagram: boxes, labels, lines read from its DI, and what collides; no rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

from lxml import etree

_NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
}
_FRAMES = {"participant", "lane"}


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas: a shape or a label."""

    of: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        beside = self.right <= other.left or other.right <= self.left
        above = self.bottom <= other.top or other.bottom <= self.top
        return not (beside or above)

    def holds(self, other: "Box") -> bool:
        """Whether the other lies wholly inside."""
        inside_x = self.left <= other.left and other.right <= self.right
        return inside_x and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True)
class Piece:
    """A straight piece of the line of one sequence flow."""

    of: str
    source: str
    target: str
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def is_level(self) -> bool:
        """Whether it runs from side to side."""
        return self.y1 == self.y2

    @property
    def is_straight(self) -> bool:
        """Whether it runs along an axis."""
        return self.is_level or self.x1 == self.x2

    def box(self, shrink: float = 0) -> Box:
        """The piece as a box without height or width; its ends may be cut short."""
        left, right = sorted((self.x1, self.x2))
        top, bottom = sorted((self.y1, self.y2))
        if self.is_level:
            return Box(self.of, left + shrink, top - 0.5, right - shrink, bottom + 0.5)
        return Box(self.of, left - 0.5, top + shrink, right + 0.5, bottom - shrink)


@dataclass(frozen=True)
class Picture:
    """Everything drawn in one file."""

    frames: tuple[Box, ...]
    shapes: tuple[Box, ...]
    labels: tuple[Box, ...]
    pieces: tuple[Piece, ...]
    hosts: dict[str, str]

    def crossings(self) -> Iterator[str]:
        """Lines that cross or lie on each other though they share no end."""
        for one, two in combinations(self.pieces, 2):
            if one.of != two.of and not _may_touch(one, two) and one.box().meets(two.box()):
                yield f"{one.of} x {two.of}"

    def lines_through_shapes(self) -> Iterator[str]:
        """Lines that run through a shape they neither leave nor enter."""
        for piece in self.pieces:
            ends = {piece.source, piece.target, self.hosts.get(piece.source, "")}
            for shape in self.shapes:
                if shape.of not in ends and piece.box().meets(shape):
                    yield f"{piece.of} x {shape.of}"

    def covered_labels(self) -> Iterator[str]:
        """Labels under a line, a shape or another label."""
        for label in self.labels:
            things = [*self.shapes, *(piece.box() for piece in self.pieces)]
            yield from (f"{label.of} x {thing.of}" for thing in things if label.meets(thing))
        for one, two in combinations(self.labels, 2):
            if one.meets(two):
                yield f"{one.of} x {two.of}"

    def touching_shapes(self) -> Iterator[str]:
        """Shapes on top of each other, apart from a boundary event on its task."""
        for one, two in combinations(self.shapes, 2):
            attached = self.hosts.get(one.of) == two.of or self.hosts.get(two.of) == one.of
            if one.meets(two) and not attached:
                yield f"{one.of} x {two.of}"

    def slanting_lines(self) -> Iterator[str]:
        """Lines that run neither level nor upright."""
        yield from (piece.of for piece in self.pieces if not piece.is_straight)

    def outside(self) -> Iterator[str]:
        """Shapes, labels and lines that stick out of the pool."""
        pool = max(self.frames, key=lambda frame: frame.right - frame.left)
        things = [*self.shapes, *self.labels, *(piece.box() for piece in self.pieces)]
        yield from (thing.of for thing in things if not pool.holds(thing))


def _may_touch(one: Piece, two: Piece) -> bool:
    """Lines that leave one gateway or enter one gateway may run together there."""
    return bool({one.source, one.target} & {two.source, two.target})


def read_picture(path: Path) -> Picture:
    """Read the drawing of a diagram file."""
    root = etree.parse(path).getroot()
    kinds = {
        element.get("id"): etree.QName(element).localname
        for element in root.iter(f"{{{_NS['bpmn']}}}*")
    }
    shapes = [_box(shape) for shape in root.iterfind(".//bpmndi:BPMNShape", _NS)]
    labelled = root.iterfind(".//bpmndi:BPMNLabel/..", _NS)
    return Picture(
        frames=tuple(box for box in shapes if kinds[box.of] in _FRAMES),
        shapes=tuple(box for box in shapes if kinds[box.of] not in _FRAMES),
        labels=tuple(_box(element, "bpmndi:BPMNLabel/dc:Bounds") for element in labelled),
        pieces=tuple(_pieces(root)),
        hosts={
            event.attrib["id"]: event.attrib["attachedToRef"]
            for event in root.iterfind(".//bpmn:boundaryEvent", _NS)
        },
    )


def _box(element: etree._Element, where: str = "dc:Bounds") -> Box:
    bounds = element.find(where, _NS)
    assert bounds is not None, f"{element.get('id')} has no bounds"
    x, y, width, height = (float(bounds.attrib[name]) for name in ("x", "y", "width", "height"))
    return Box(element.attrib["bpmnElement"], x, y, x + width, y + height)


def _pieces(root: etree._Element) -> Iterator[Piece]:
    flows = {
        flow.attrib["id"]: (flow.attrib["sourceRef"], flow.attrib["targetRef"])
        for flow in root.iterfind(".//bpmn:sequenceFlow", _NS)
    }
    for edge in root.iterfind(".//bpmndi:BPMNEdge", _NS):
        of = edge.attrib["bpmnElement"]
        points = [
            (float(point.attrib["x"]), float(point.attrib["y"]))
            for point in edge.iterfind("di:waypoint", _NS)
        ]
        for (x1, y1), (x2, y2) in pairwise(points):
            yield Piece(of, *flows[of], x1, y1, x2, y2)
