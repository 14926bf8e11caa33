"""Whether the engine accepts files that pass the other rules: load them, start a case in memory.

This rule runs last and only on files without an error: on others it would repeat findings.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.definitions import Definition, bundle, restore
from engine.diagrams.model import Diagram
from engine.errors import EngineFault, ExpressionError
from engine.execution.execution import step
from engine.execution.plan import Start
from engine.execution.schema import find_schema_fault
from engine.expressions.language import compile_expression
from engine.findings import Finding, Text

_NOW: Final = datetime(2000, 1, 3, 8, tzinfo=UTC)
_REASON_LIMIT: Final = 300
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
    texts = {name: text.decode() for name, text in files.items() if name not in broken}
    diagrams = {drawn.diagram.process_id: drawn.diagram for drawn in fresh}
    called = {node.called for drawn in diagrams.values() for node in drawn.nodes.values()}
    kept = {name: text for name, text in texts.items() if not name.endswith(".bpmn")}
    kept |= {drawn.file: texts[drawn.file] for drawn in fresh}
    for drawing in fresh:
        is_root = drawing.diagram.process_id not in called
        if is_root and _has_all_it_calls(drawing.diagram, diagrams):
            yield from _check_start(drawing, kept)


def _check_schema(drawing: Drawing, content: bytes) -> Iterator[Finding]:
    fault = find_schema_fault(content, name=drawing.file)
    if fault is not None:
        reason = f"{fault.reason:.{_REASON_LIMIT}}"
        message = Text(
            f"流程引擎读不懂第 {fault.line} 行：{reason}",
            f"The engine cannot read line {fault.line}: {reason}",
        )
        yield drawing.finding("engine", fault.element, message, _EXPORT)


def _has_all_it_calls(diagram: Diagram, diagrams: Mapping[str, Diagram]) -> bool:
    pending, seen = [diagram], set[str]()
    while pending:
        for node in pending.pop().nodes.values():
            if node.called and node.called not in seen:
                if node.called not in diagrams:
                    return False
                seen.add(node.called)
                pending.append(diagrams[node.called])
    return True


def _check_start(drawing: Drawing, files: Mapping[str, str]) -> Iterator[Finding]:
    process_id = drawing.diagram.process_id
    try:
        definition = restore(process_id, bundle(files, process_id))
        _start(definition)
    except ExpressionError as error:
        # What reads a variable may wait for what the start form brings; a constant may not.
        if not compile_expression(error.source).names:
            yield _refused(drawing, process_id, error)
    except EngineFault as error:
        yield _refused(drawing, error.element or process_id, error)
    except Exception as error:  # noqa: BLE001 - the library raises what it likes on odd drawings
        yield _refused(drawing, process_id, error)


def _start(definition: Definition) -> None:
    nodes = definition.diagrams[definition.process_id].nodes.values()
    if any(node.kind == "start" and not node.events for node in nodes):
        step(definition, None, Start({}), {}, now=_NOW)


def _refused(drawing: Drawing, element: str, error: Exception) -> Finding:
    reason = f"{str(error) or type(error).__name__:.{_REASON_LIMIT}}"
    message = Text(f"案件开始不了：{reason}", f"A case cannot start: {reason}")
    return drawing.finding("engine", element, message, _EXPORT)
