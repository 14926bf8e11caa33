"""The files a check reads, parsed once; the rules are in the modules beside this one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Final

from engine.binding import MARK, owner_of
from engine.contract import DataContract
from engine.decisions.tables import DecisionTable, parse_decision
from engine.diagrams.dialect import BPMN, drawn_id
from engine.diagrams.inclusive import without_inclusive
from engine.diagrams.model import Diagram, Node
from engine.diagrams.parts import part_of, with_parts
from engine.diagrams.reader import EXTENSION, known_lanes, read_diagram
from engine.diagrams.xml import Element, parse_xml
from engine.errors import DiagramError
from engine.findings import Finding, Severity, Text
from engine.forms.forms import Form, parse_form
from engine.ready import find_ready

_KEPT_AT_MOST: Final = 64
_PARTS_AT_MOST: Final = 40

Functions = Mapping[str, Mapping[str, str]]
"""Process id -> name of a handler function -> its kind: service, user, decision, start, lane."""

Promises = Mapping[str, Mapping[str, DataContract]]
"""Process id -> name of a handler function -> the data it reads and returns."""


@dataclass(frozen=True)
class Drawing:
    """One diagram with its XML."""

    file: str
    root: Element
    diagram: Diagram

    @cached_property
    def is_read_into(self) -> bool:
        """Whether the diagram holds nodes that stand for others."""
        return any(MARK in name for name in self.diagram.nodes)

    def finding(  # a finding has this many parts
        self,
        rule: str,
        element: str,
        message: Text,
        way_out: Text,
        *,
        severity: Severity = "error",
        trace: Iterable[str] = (),
        clause: str | None = None,
    ) -> Finding:
        """A finding in this file, at what a person finds in the drawing."""
        path = tuple(dict.fromkeys(map(drawn_id, trace))) if self.is_read_into else tuple(trace)
        place = part_of(element) if element == self.diagram.process_id else drawn_id(element)
        return Finding(severity, rule, self.file, place, message, way_out, path, clause)


@dataclass(frozen=True, slots=True)
class TableFile:
    """One decision table and its file."""

    file: str
    table: DecisionTable


@dataclass(slots=True)
class Bundle:
    """All files of one check; `findings` are about files that could not be read."""

    drawings: list[Drawing] = field(default_factory=list)
    tables: dict[str, TableFile] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    functions: Functions | None = None
    declared: Promises | None = None
    names: frozenset[str] = frozenset()
    message_names: dict[str, frozenset[str]] = field(default_factory=dict)
    """Process id -> names its messages fill."""
    findings: list[Finding] = field(default_factory=list)

    def diagram(self, process_id: str) -> Diagram | None:
        """The diagram of a process, None when the bundle has none."""
        diagrams = (
            drawing.diagram for drawing in self.drawings if drawing.diagram.process_id == process_id
        )
        return next(diagrams, None)

    def calls_of(self, process_id: str) -> Iterator[tuple[Diagram, Node]]:
        """Every call activity that calls a process, each with the diagram it stands in."""
        for drawing in self.drawings:
            for node in drawing.diagram.nodes.values():
                if node.kind == "call" and node.called == process_id:
                    yield drawing.diagram, node


def read_bundle(
    files: Mapping[str, bytes], functions: Functions | None, declared: Promises | None = None
) -> Bundle:
    """Read every file; what cannot be read becomes a finding and is left out."""
    bundle = Bundle(functions=functions, declared=declared)
    for name, content in sorted(files.items()):
        try:
            _read(bundle, name, content)
        except DiagramError as error:
            bundle.findings.extend(error.findings)
    bundle.message_names = {
        one.diagram.process_id: frozenset(_message_names(one)) for one in bundle.drawings
    }
    _share_functions(bundle)
    _declare_ready(bundle)
    bundle.names = frozenset(_names(bundle))
    return bundle


def stem(name: str) -> str:
    """Name of a file without folders and ending."""
    return PurePosixPath(name).stem


def _read(bundle: Bundle, name: str, content: bytes) -> None:
    kind = PurePosixPath(name).suffix.lower()
    if kind == ".bpmn":
        drawings = _drawings(name, content, known_lanes())
        _check_name(bundle, name, drawings[0].diagram.process_id)
        bundle.drawings.extend(drawings)
    elif kind == ".dmn":
        held = _table(name, content)
        _check_name(bundle, name, held.table.id)
        bundle.tables[held.table.id] = held
    elif kind == ".json":
        form = _form(name, content)
        _check_name(bundle, name, form.id)
        bundle.forms[form.id] = form
    else:
        message = Text("不认识这种文件。", "A file of this kind is not known.")
        way_out = Text("请上传 .bpmn、.dmn 或表单 .json。", "Give .bpmn, .dmn or form .json files.")
        bundle.findings.append(Finding("error", "file_kind", name, "", message, way_out))


# The same file is mostly checked again unchanged; no rule changes what was read.


@lru_cache(maxsize=_KEPT_AT_MOST)
def _drawings(name: str, content: bytes, _lanes: tuple[str, ...]) -> tuple[Drawing, ...]:
    root = parse_xml(content, name=name)
    _refuse_many_parts(root, name)
    proved = without_inclusive(with_parts(root))
    return tuple(Drawing(name, root, one) for one in read_diagram(proved, name=name).whole())


def _refuse_many_parts(root: Element, name: str) -> None:
    """Each subprocess is checked as a diagram of its own, so their number is the effort."""
    count = sum(1 for _ in root.iter(f"{{{BPMN}}}subProcess"))
    if count > _PARTS_AT_MOST:
        message = Text(f"一张图里有 {count} 个子流程。", f"The diagram has {count} subprocesses.")
        way_out = Text("请拆成几个流程。", "Cut it into several processes.")
        finding = Finding("error", "task_count", name, "", message, way_out)
        text = f"{name}: {message.zh}"
        raise DiagramError(text, code="too_many_parts", findings=[finding])


@lru_cache(maxsize=_KEPT_AT_MOST)
def _table(name: str, content: bytes) -> TableFile:
    return TableFile(name, parse_decision(parse_xml(content, name=name), name=name))


@lru_cache(maxsize=_KEPT_AT_MOST)
def _form(name: str, content: bytes) -> Form:
    return parse_form(_utf8(content, name), name=name)


def forget_files() -> None:
    """Read every file again."""
    for read in (_drawings, _table, _form):
        read.cache_clear()


def _utf8(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = Text("文件不是 UTF-8 编码。", "The file is not UTF-8.")
        way_out = Text("请另存为 UTF-8。", "Save it as UTF-8.")
        finding = Finding("error", "form", name, "", message, way_out)
        text = f"{name}: {message.zh}"
        raise DiagramError(text, code="form_not_utf8", findings=[finding]) from error


def _check_name(bundle: Bundle, name: str, identifier: str) -> None:
    if stem(name) == identifier:
        return
    message = Text(
        f"文件名与其中的编号 {identifier} 不一致。",
        f"The file is not named after the id {identifier} in it.",
    )
    way_out = Text(f"请改名为 {identifier}。", f"Name the file {identifier}, or change the id.")
    bundle.findings.append(Finding("error", "file_name", name, identifier, message, way_out))


def _names(bundle: Bundle) -> Iterator[str]:
    """Every variable that something in the bundle fills or declares."""
    for form in bundle.forms.values():
        yield from (field.name for field in form.fields)
    for held in bundle.tables.values():
        yield from (output.name for output in held.table.outputs)
    for drawing in bundle.drawings:
        yield from drawing.diagram.variables
        for node in drawing.diagram.nodes.values():
            yield from node.properties
            if node.loop is not None and node.loop.item:
                yield node.loop.item
    yield from frozenset().union(*bundle.message_names.values())
    for named in (bundle.declared or {}).values():
        for one in named.values():
            yield from (one.gives or {})
            yield from one.may_give


def _share_functions(bundle: Bundle) -> None:
    """Functions of a part are written in the module of the process it is drawn in."""
    for drawing in bundle.drawings:
        part, owner = drawing.diagram.process_id, owner_of(drawing.diagram.process_id)
        if part == owner:
            continue
        own = {*drawing.diagram.nodes, *(lane.role for lane in drawing.diagram.lanes)}
        bundle.declared = {
            **(bundle.declared or {}),
            part: (bundle.declared or {}).get(owner, {}),
        }
        if bundle.functions is not None:
            bundle.functions = _shared(bundle, part, owner, own)


def _shared(bundle: Bundle, part: str, owner: str, own: set[str | None]) -> Functions:
    functions = bundle.functions or {}
    written = functions.get(owner, {})
    whole = bundle.diagram(owner)
    outside = set() if whole is None else {*whole.nodes, *(lane.role for lane in whole.lanes)}
    left = {name: kind for name, kind in written.items() if name not in own or name in outside}
    given = {name: kind for name, kind in written.items() if name in own}
    return {**functions, owner: left, part: given}


def _declare_ready(bundle: Bundle) -> None:
    """Add the ready functions the drawings name to those that are written, with their data."""
    functions = {name: dict(kinds) for name, kinds in (bundle.functions or {}).items()}
    declared = {name: dict(said) for name, said in (bundle.declared or {}).items()}
    for drawing in bundle.drawings:
        process = drawing.diagram.process_id
        for node, contract in _ready_nodes(drawing, functions.get(process, {})):
            functions.setdefault(process, {})[node] = "service"
            declared.setdefault(process, {})[node] = contract
    if bundle.functions is not None:
        bundle.functions = functions
    bundle.declared = declared


def _ready_nodes(drawing: Drawing, written: dict[str, str]) -> Iterator[tuple[str, DataContract]]:
    for node in drawing.diagram.nodes.values():
        ready = find_ready(node.properties) if node.kind == "service" else None
        if ready is not None and node.id not in written:
            complete = dict.fromkeys(ready.needs, "") | dict(node.properties)
            yield node.id, ready.contract(complete)


def _message_names(drawing: Drawing) -> Iterator[str]:
    for variable in drawing.root.iter(f"{{{EXTENSION}}}messageVariable"):
        yield (variable.text or "").strip()
