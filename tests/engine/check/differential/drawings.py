"""Random small diagrams of every supported element, some of them drawn wrong on purpose."""

from dataclasses import dataclass, field
from random import Random

from tests.engine import drawing as d

MESSAGE = '<bpmn:message id="msg" name="msg"/>'
ERROR = '<bpmn:error id="e_refused" errorCode="refused"/>'
_WRONG = 0.12
Ends = tuple[str, str]
"""First and last node of a block."""


@dataclass
class Maker:
    """Draws nested blocks; every choice reads a variable of its own, which any step may set."""

    random: Random
    parts: list[str] = field(default_factory=list)
    picks: dict[str, int] = field(default_factory=dict)
    """Variable of each gateway, and how many ways it has."""
    count: int = 0

    def name(self, kind: str) -> str:
        """A new id."""
        self.count += 1
        return f"{kind}_{self.count}"

    def chance(self, share: float) -> bool:
        """Whether something of this likelihood happens."""
        return self.random.random() < share

    def draw(self, *parts: str) -> None:
        """Add to the diagram."""
        self.parts.extend(parts)

    # -- steps -----------------------------------------------------------------------------------

    def step(self) -> Ends:
        """One task, call or catch event, perhaps with an event on its border."""
        name = self.name("task")
        kind = self.random.choices(
            ["user", "timer", "call", "several", "part"], weights=[0.64, 0.12, 0.08, 0.08, 0.08]
        )[0]
        if kind == "timer":
            self.draw(d.catch(name, d.timer()))
            return name, name
        if kind == "call":
            self.draw(d.call(name, "sub"))
        elif kind == "part":
            self._part(name)
        else:
            several = self._several(name) if kind == "several" else ""
            self.draw(d.user(name, several, form="picks"))
        return self._with_event(name, kind) if self.chance(0.3) else (name, name)

    def _part(self, name: str) -> None:
        """A subprocess of a task or two, side by side or a choice of them."""
        outside, self.parts = self.parts, []
        first, last = self._branches(0, is_parallel=self.chance(0.5))
        begun, over = self.name("begun"), self.name("over")
        self.draw(d.start(begun), d.end(over), d.path(begun, first), d.path(last, over))
        inside, self.parts = self.parts, outside
        self.draw(d.part(name, *inside))

    def _several(self, name: str) -> str:
        """Over a list: at once or in turn, all of it or until one is done."""
        enough = "numberOfCompletedInstances >= 1" if self.chance(0.4) else ""
        return d.several(item=f"post_{name}", in_turn=self.chance(0.5), enough=enough)

    def _with_event(self, name: str, kind: str) -> Ends:
        event, interrupts = self.name("event"), self.chance(0.6)
        what = self.random.choice([d.timer(), d.message("msg")])
        if kind == "call" and interrupts and self.chance(0.4):
            what = d.error("e_refused")
        self.draw(d.boundary(event, name, what, interrupting=interrupts))
        way = self.random.random()
        if way < 0.4:
            end = self.name("end")
            inner = self.random.choice(["", "", "<bpmn:terminateEventDefinition/>"])
            self.draw(d.end(end, inner), d.path(event, end))
        elif way < 0.8 or not interrupts:
            task, end = self.name("task"), self.name("end")
            self.draw(d.user(task, form="picks"), d.end(end), d.path(event, task, end))
        else:
            merge = self.name("merge")
            self.draw(d.xor(merge), d.path(name, merge), d.path(event, merge))
            return name, merge
        return name, name

    # -- blocks ----------------------------------------------------------------------------------

    def block(self, depth: int) -> Ends:
        """A block that is entered and left once, if it is drawn right."""
        kinds = ["step", "row", "xor", "fork", "some", "loop", "events"] if depth else ["step"]
        kind = self.random.choice(kinds)
        drawn = {"step": self.step, "events": self._events}
        if kind in drawn:
            return drawn[kind]()
        deep = {"row": self._row, "loop": self._loop, "xor": self._xor, "fork": self._fork}
        return deep.get(kind, self._some)(depth - 1)

    def _row(self, depth: int) -> Ends:
        (first, one), (two, last) = self.block(depth), self.block(depth)
        self.draw(d.path(one, two))
        return first, last

    def _loop(self, depth: int) -> Ends:
        into, out, behind = self.name("in"), self.name("again"), self.name("task")
        first, last = self.block(depth)
        self.draw(
            d.fork(into) if self.chance(_WRONG) else d.xor(into), d.user(behind, form="picks")
        )
        self.draw(d.path(into, first), d.path(last, out))
        self._choice(out, [into, behind])
        return into, behind

    def _events(self) -> Ends:
        gate, merge = self.name("events"), self.name("join")
        late, told = self.name("late"), self.name("told")
        self.draw(d.event_gateway(gate), d.fork(merge) if self.chance(_WRONG) else d.xor(merge))
        self.draw(d.catch(late, d.timer()), d.catch(told, d.message("msg")))
        self.draw(d.path(gate, late, merge), d.path(gate, told, merge))
        return gate, merge

    def _xor(self, depth: int) -> Ends:
        return self._branches(depth, is_parallel=False)

    def _fork(self, depth: int) -> Ends:
        return self._branches(depth, is_parallel=True)

    def _some(self, depth: int) -> Ends:
        """One branch, the other, both, or neither, which is the default."""
        split, join = self.name("split"), self.name("join")
        meets = self.random.choice([d.xor, d.fork]) if self.chance(_WRONG) else d.some
        neither = self.name("task") if self.chance(0.5) else join
        default = f"{split}_to_{neither}"
        self.draw(d.some(split, default=default), meets(join), d.flow(split, neither))
        if neither != join:
            self.draw(d.user(neither, form="picks"), d.path(neither, join))
        for number in (1, 2):
            first, last = self.block(depth)
            self.draw(d.flow(split, first, f"{split}_pick in [{number}, 3]"), d.path(last, join))
        self.picks[f"{split}_pick"] = 4
        return split, join

    def _branches(self, depth: int, *, is_parallel: bool) -> Ends:
        split, join = self.name("split"), self.name("join")
        blocks = [self.block(depth) for _ in range(2)]
        firsts = [first for first, _ in blocks]
        if is_parallel != self.chance(_WRONG):
            self.draw(d.fork(split), *(d.path(split, first) for first in firsts))
        else:
            self._choice(split, firsts)
        self.draw(d.fork(join) if is_parallel != self.chance(_WRONG) else d.xor(join))
        self.draw(*(d.path(last, join) for _, last in blocks))
        return split, join

    def _choice(self, gate: str, targets: list[str]) -> None:
        self.draw(d.xor(gate, default=f"{gate}_to_{targets[-1]}"))
        for number, target in enumerate(targets[:-1]):
            self.draw(d.flow(gate, target, f"{gate}_pick == {number}"))
        self.draw(d.flow(gate, targets[-1]))
        self.picks[f"{gate}_pick"] = len(targets)


@dataclass(frozen=True)
class Drawn:
    """A diagram `p` with what it calls and asks; `picks` are the choices in it."""

    files: dict[str, bytes]
    picks: dict[str, int]


def drawn(seed: int) -> Drawn:
    """The diagram of this number."""
    random = Random(seed)  # noqa: S311 - draws, hides nothing
    maker = Maker(random)
    first, last = maker.block(2)
    body = d.start() + "".join(maker.parts) + d.end()
    body += d.path("reported", first) + d.path(last, "closed")
    process = d.diagram(body, outside=MESSAGE + ERROR, lane="").replace(
        b'isExecutable="true">',
        b'isExecutable="true"><bpmn:property id="posts" name="posts"/>',
        1,
    )
    fields = [{"name": name, "type": "integer"} for name in maker.picks]
    files = {
        "p.bpmn": process,
        "sub.bpmn": _called(random),
        "forms/picks.json": d.form("picks", *fields, {"name": "posts", "type": "posts"}),
        "forms/note.json": d.form("note", {"name": "sub_pick", "type": "integer"}),
    }
    return Drawn(files, maker.picks)


def _called(random: Random) -> bytes:
    """A called process of one task, which may end by an error, by one alone, or not at all."""
    fails = random.random() < 0.4
    body = d.start("sub_in") + d.user("sub_task") + d.end("sub_out") + d.path("sub_in", "sub_task")
    if fails:
        body += d.xor("sub_ask", default="sub_yes") + d.end("sub_failed", d.error("e_refused"))
        body += d.path("sub_task", "sub_ask") + d.flow("sub_ask", "sub_out", identifier="sub_yes")
        body += d.flow("sub_ask", "sub_failed", "sub_pick == 1")
    else:
        body += d.path("sub_task", "sub_out")
    return d.diagram(body, process="sub", outside=ERROR, lane="")
