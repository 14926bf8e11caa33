"""Whether the engine accepts files that pass the other rules: load them, start a case in memory.

This rule runs last and only on files without an error: on others it would repeat findings. All
files are read once for all processes. What has started before, drawn the same, starts again.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.check.structures import Structure, structure_of
from engine.diagrams.model import Diagram
from engine.errors import EngineFault, ExpressionError
from engine.execution.execution import step
from engine.execution.marking import SpecNames
from engine.execution.plan import Start
from engine.execution.schema import find_schema_fault
from engine.execution.spiff import Library, Spec
from engine.expressions.language import compile_expression
from engine.findings import Finding, Text

_NOW: Final = datetime(2000, 1, 3, 8, tzinfo=UTC)
_REASON_LIMIT: Final = 300
_KEPT_AT_MOST: Final = 200
_STARTED: Final[dict[frozenset[Structure], None]] = {}
"""What started in this operating-system process, oldest first."""
_EXPORT: Final = Text(
    "请按这一句改正，或用流程编辑器重新导出。",
    "Correct what the sentence names, or export the diagram from the editor again.",
)


def check_running(
    known: Bundle, files: Mapping[str, bytes], findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Restore every process nobody calls with all it needs, and start a case of it."""
    broken = {finding.file for finding in findings if finding.severity == "error"}
    fresh = []
    for drawing in known.drawings:
        if drawing.file not in broken:
            found = list(_check_schema(drawing, files[drawing.file]))
            yield from found
            fresh += [] if found else [drawing]
    diagrams = {drawn.diagram.process_id: drawn.diagram for drawn in fresh}
    called = {node.called for drawn in diagrams.values() for node in drawn.nodes.values()}
    roots = [drawn for drawn in fresh if drawn.diagram.process_id not in called]
    met = ((root, _closure(root.diagram, diagrams)) for root in roots)
    unknown = [(root, drawn) for root, drawn in met if drawn and drawn not in _STARTED]
    if unknown:
        yield from _check_starts(unknown, fresh)


def forget_started() -> None:
    """Start everything again, and hold it against the schema again."""
    _STARTED.clear()
    find_schema_fault.cache_clear()


def _check_schema(drawing: Drawing, content: bytes) -> Iterator[Finding]:
    fault = find_schema_fault(content, name=drawing.file)
    if fault is not None:
        reason = f"{fault.reason:.{_REASON_LIMIT}}"
        message = Text(
            f"流程引擎读不懂第 {fault.line} 行：{reason}",
            f"The engine cannot read line {fault.line}: {reason}",
        )
        yield drawing.finding("engine", fault.element, message, _EXPORT)


def _closure(diagram: Diagram, diagrams: Mapping[str, Diagram]) -> frozenset[Structure]:
    """A process and all it calls, as they are drawn; empty when something is missing."""
    found, pending = {diagram.process_id: diagram}, [diagram]
    while pending:
        for node in pending.pop().nodes.values():
            if node.called and node.called not in found:
                if node.called not in diagrams:
                    return frozenset()
                found[node.called] = diagrams[node.called]
                pending.append(diagrams[node.called])
    return frozenset(structure_of(one) for one in found.values())


def _check_starts(
    roots: list[tuple[Drawing, frozenset[Structure]]], drawings: list[Drawing]
) -> Iterator[Finding]:
    library = _read(drawings)
    for drawing, closure in roots:
        found = list(_check_start(drawing, library or drawings))
        yield from found
        if not found:
            while len(_STARTED) >= _KEPT_AT_MOST:
                _STARTED.pop(next(iter(_STARTED)), None)
            _STARTED[closure] = None


def _read(drawings: list[Drawing]) -> Library | None:
    """All files at once; None when one of them cannot be read, so that each is asked alone."""
    try:
        return Library({one.file: deepcopy(one.root) for one in drawings}, are_valid=True)
    except Exception:  # noqa: BLE001 - the library raises what it likes on odd drawings
        return None


@dataclass(frozen=True, slots=True)
class _Started:
    """What a step needs of a definition."""

    top: Spec
    called: Mapping[str, Spec]
    names: SpecNames


def _check_start(drawing: Drawing, source: Library | list[Drawing]) -> Iterator[Finding]:
    process_id = drawing.diagram.process_id
    try:
        if not isinstance(source, Library):
            source = Library({one.file: deepcopy(one.root) for one in source if one is drawing})
        top, called = source.processes(process_id)
        if any(node.kind == "start" and not node.events for node in drawing.diagram.nodes.values()):
            step(_Started(top, called, SpecNames(top, called)), None, Start({}), {}, now=_NOW)
    except ExpressionError as error:
        # What reads a variable may wait for what the start form brings; a constant may not.
        if not compile_expression(error.source).names:
            yield _refused(drawing, process_id, error)
    except EngineFault as error:
        yield _refused(drawing, error.element or process_id, error)
    except Exception as error:  # noqa: BLE001 - the library raises what it likes on odd drawings
        yield _refused(drawing, process_id, error)


def _refused(drawing: Drawing, element: str, error: Exception) -> Finding:
    reason = f"{str(error) or type(error).__name__:.{_REASON_LIMIT}}"
    message = Text(f"案件开始不了：{reason}", f"A case cannot start: {reason}")
    return drawing.finding("engine", element, message, _EXPORT)
