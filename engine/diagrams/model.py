"""Plain data model of a BPMN file; `diagrams.reader` reads it from the XML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from engine.expressions.language import compile_expression

Kind = Literal[
    "start",
    "end",
    "user",
    "manual",
    "service",
    "decision",
    "call",
    "exclusive",
    "parallel",
    "inclusive",
    "event_gateway",
    "boundary",
    "catch",
    "throw",
    "other",
]

ACTIVITIES: Final = frozenset({"user", "manual", "service", "decision", "call"})
GATEWAYS: Final = frozenset({"exclusive", "parallel", "inclusive", "event_gateway"})


@dataclass(frozen=True, slots=True)
class DrawnTimer:
    """The expression of a timer event; its value is an ISO date or duration."""

    kind: Literal["date", "duration", "cycle"]
    text: str


@dataclass(frozen=True, slots=True)
class Loop:
    """Repetition drawn on an activity; `enough` says when no further instance is waited for."""

    kind: Literal["parallel", "sequential", "standard"]
    collection: str | None = None
    item: str | None = None
    cardinality: str | None = None
    enough: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One activity, event or gateway of the process.

    `called` is the process of a call activity, `decision` the table of a rule task, `form` the
    form of a user task. `role` is the role or run-time lane behind the lane's name, None when
    the lane names neither. `events` are the kinds of event definitions, usually one or none.
    """

    id: str
    kind: Kind
    tag: str
    label: str
    lane: str = ""
    role: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    called: str | None = None
    decision: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    default: str | None = None
    attached_to: str | None = None
    boundaries: tuple[str, ...] = ()
    cancel_activity: bool = True
    events: tuple[str, ...] = ()
    timer: DrawnTimer | None = None
    message: str | None = None
    error: str | None = None
    loop: Loop | None = None
    documentation: str = ""

    @property
    def form(self) -> str | None:
        """Stem of the form document a person fills in."""
        return self.properties.get("form")

    @property
    def phase(self) -> str | None:
        """One of the six phases shown to people."""
        return self.properties.get("phase")

    @property
    def who(self) -> tuple[str, ...]:
        """Roles that may start a case here; none where a named way in does."""
        return tuple(self.properties.get("who", "").split())

    @property
    def advice(self) -> str | None:
        """Decision table that advises whoever starts a case here; it never stops them."""
        return self.properties.get("advice")

    @property
    def is_listed(self) -> bool:
        """Whether a case that starts here stands in lists, counts and exports."""
        return self.properties.get("listed", "yes") != "no"

    @property
    def outcome(self) -> str | None:
        """How a case ends here: a word of the city pack."""
        return self.properties.get("outcome")

    @property
    def deadline(self) -> str | None:
        """The `step` column of the table of limits."""
        return self.properties.get("deadline")


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is an expression."""

    id: str
    source: str
    target: str
    condition: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane and the role its name denotes."""

    id: str
    name: str
    role: str | None
    nodes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An expression of the diagram and its location; `use` is its purpose."""

    element: str
    use: Literal[
        "condition",
        "timer",
        "collection",
        "enough",
        "property",
        "correlation",
        "payload",
        "due",
        "not_by",
    ]
    source: str


@dataclass(frozen=True, slots=True)
class Box:
    """The bounds of a shape in the diagram."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Diagram:
    """The model of one BPMN file with one process."""

    name: str
    process_id: str
    label: str
    documentation: str
    variables: frozenset[str]
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...]
    messages: Mapping[str, str]
    expressions: tuple[Drawn, ...]
    shapes: Mapping[str, Box]
    edges: frozenset[str]
    parts: tuple["Diagram", ...] = ()
    """The subprocesses drawn in it, each as a process that is called where it stands."""

    def whole(self) -> Iterator["Diagram"]:
        """The process and all its parts."""
        yield self
        yield from self.parts

    def names_read(self) -> frozenset[str]:
        """Every variable an expression of the drawing reads; ExpressionError when one is broken."""
        read = (compile_expression(drawn.source).names for drawn in self.expressions)
        return frozenset().union(*read)

    def targets(self, node: Node) -> tuple[str, ...]:
        """Ids of the nodes the outgoing flows of `node` lead to."""
        return tuple(self.flows[flow].target for flow in node.outgoing)

    def sources(self, node: Node) -> tuple[str, ...]:
        """Ids of the nodes the incoming flows of `node` come from."""
        return tuple(self.flows[flow].source for flow in node.incoming)
