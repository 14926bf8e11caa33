"""Published definitions: a bundle of diagrams, decision tables and forms under one digest.

A bundle is immutable. It is parsed once per operating-system process and shared by every case that
is pinned to its digest. Storage holds the bundles and which one is current.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import orjson

from engine.decisions.tables import DecisionTable, parse_decision
from engine.diagrams.model import Node
from engine.diagrams.reader import Diagram, read_diagram
from engine.diagrams.xml import parse_xml
from engine.errors import DiagramError
from engine.execution import spiff
from engine.execution.hydration import Memo
from engine.execution.marking import SpecNames
from engine.forms.forms import Form, parse_form

DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Definition:
    """One published process with everything it calls.

    `names_read` are the variables any drawn expression reads: the only form fields that enter the
    process data; the whole form is in the case file. `memo` is what steps did before.
    """

    process_id: str
    digest: str
    files: Mapping[str, str]
    top: spiff.Spec
    called: Mapping[str, spiff.Spec]
    names: SpecNames
    diagrams: Mapping[str, Diagram]
    decisions: Mapping[str, DecisionTable]
    forms: Mapping[str, Form]
    names_read: frozenset[str]
    memo: Memo

    @property
    def start(self) -> Node:
        """The event a case begins at."""
        nodes = self.diagrams[self.process_id].nodes.values()
        starts = [node for node in nodes if node.kind == "start"]
        if len(starts) != 1:
            message = f"流程 {self.process_id} 必须恰好有一个开始事件。"
            raise DiagramError(message, code="start_event_missing")
        return starts[0]

    @property
    def starters(self) -> frozenset[str]:
        """The roles that may start a case by the process itself."""
        return frozenset(self.start.who)

    def outcome_of(self, passed: Iterable[str]) -> str | None:
        """The outcome of the last drawn end of the process among the elements passed."""
        nodes = self.diagrams[self.process_id].nodes
        ends = [
            nodes[node].outcome for node in passed if node in nodes and nodes[node].kind == "end"
        ]
        return ends[-1] if ends else None

    def form(self, name: str) -> Form:
        """The form of that name; a missing one is a fault of the published bundle."""
        form = self.forms.get(name)
        if form is None:
            message = f"流程定义 {self.process_id} 中没有表单 {name}。"
            raise DiagramError(message)
        return form

    def decision(self, name: str) -> DecisionTable:
        """The decision table of that id."""
        table = self.decisions.get(name)
        if table is None:
            message = f"流程定义 {self.process_id} 中没有决策表 {name}。"
            raise DiagramError(message)
        return table


def read_folder(folder: Path) -> dict[str, str]:
    """Every diagram, decision table and form below the analysts' folder: file name -> text."""
    return {name: content.decode("utf-8") for name, content in read_folder_raw(folder).items()}


def read_folder_raw(folder: Path) -> dict[str, bytes]:
    """The same files as they lie there, whatever their encoding."""
    patterns = ("*.bpmn", "*.dmn", "forms/*.json")
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def bundle(files: Mapping[str, str], process_id: str) -> dict[str, str]:
    """The part of `files` that `process_id` needs: what it calls, decides by and asks for.

    The tables of limits and of chasing belong to every bundle; no node names them.
    """
    drawn = [one for name in files if name.endswith(".bpmn") for one in _diagrams(name, files)]
    by_id = {diagram.process_id: diagram for diagram in drawn}
    if process_id not in by_id:
        message = f"没有流程 {process_id} 的图。"
        raise DiagramError(message)
    wanted, pending = set[str](), [process_id]
    needed = {"deadlines.dmn", "chase.dmn"} & files.keys()
    while pending:
        one = pending.pop()
        if one in wanted or one not in by_id:
            continue
        wanted.add(one)
        diagram = by_id[one]
        needed.add(diagram.name)
        needed.update(_named_files(diagram))
        pending.extend(node.called for node in diagram.nodes.values() if node.called)
    return {name: files[name] for name in sorted(needed) if name in files}


def _diagrams(name: str, files: Mapping[str, str]) -> Iterable[Diagram]:
    return read_diagram(parse_xml(files[name].encode("utf-8"), name=name), name=name).whole()


def _named_files(diagram: Diagram) -> Iterable[str]:
    for node in diagram.nodes.values():
        if node.form:
            yield f"forms/{node.form}.json"
        if node.decision:
            yield f"{node.decision}.dmn"
        if node.kind == "start":
            yield f"forms/{node.id}.json"
            if node.advice:
                yield f"{node.advice}.dmn"


def digest_of(files: Mapping[str, str]) -> str:
    """First 32 hex digits of SHA-256 over the files in the order of their names."""
    content = orjson.dumps(dict(sorted(files.items())))
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]


def restore(process_id: str, files: Mapping[str, str]) -> Definition:
    """Parse a bundle into what cases run on.

    Raises:
        DiagramError: a diagram, table or form cannot be read.
    """
    trees = {
        name: parse_xml(text.encode("utf-8"), name=name)
        for name, text in files.items()
        if not name.endswith(".json")
    }
    bpmn = {name: tree for name, tree in trees.items() if name.endswith(".bpmn")}
    top, called = spiff.parse_processes(bpmn, process_id)
    diagrams = [one for name, tree in bpmn.items() for one in read_diagram(tree, name=name).whole()]
    tables = [parse_decision(tree, name=n) for n, tree in trees.items() if n.endswith(".dmn")]
    forms = [parse_form(text, name=n) for n, text in files.items() if n.endswith(".json")]
    return Definition(
        process_id=process_id,
        digest=digest_of(files),
        files=dict(files),
        top=top,
        called=called,
        names=SpecNames(top, called),
        diagrams={diagram.process_id: diagram for diagram in diagrams},
        decisions={table.id: table for table in tables},
        forms={form.id: form for form in forms},
        names_read=_names_read(diagrams, tables),
        memo=Memo(),
    )


def _names_read(diagrams: Iterable[Diagram], tables: Iterable[DecisionTable]) -> frozenset[str]:
    names: set[str] = set()
    for diagram in diagrams:
        names.update(diagram.names_read())
    for table in tables:
        names.update(table.names_read())
    return frozenset(names)


class DefinitionCache:
    """Definitions by digest, parsed once and kept for the life of the process."""

    def __init__(self) -> None:
        self._known: dict[str, Definition] = {}
        self._lock = Lock()

    def get(self, digest: str, load: Callable[[str], tuple[str, Mapping[str, str]]]) -> Definition:
        """The definition of `digest`; `load` fetches (process id, files) on first use."""
        known = self._known.get(digest)
        if known is None:
            with self._lock:
                known = self._known.get(digest)
                if known is None:
                    known = restore(*load(digest))
                    self._known[digest] = known
        return known
