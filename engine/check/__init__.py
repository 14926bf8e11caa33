"""Checks of diagrams, decision tables and forms before they become law; each rule has its page.

`check_bundle` looks at everything that is published together. The pages with a good and a bad
example are in `docs/rules/`, named after the rule.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from engine.check.advice import check_advice
from engine.check.binding import (
    check_called,
    check_calls,
    check_functions,
    check_orphan_functions,
    check_references,
)
from engine.check.bundle import (
    Bundle,
    Drawing,
    Functions,
    Promises,
    forget_files,
    read_bundle,
)
from engine.check.data.report import check_data
from engine.check.decisions import check_tables
from engine.check.elements import (
    check_elements,
    check_event_gateways,
    check_events,
    check_inclusive,
    check_loops,
    check_processes,
)
from engine.check.expressions import check_expressions
from engine.check.face import Policies
from engine.check.fields import check_fields
from engine.check.foreign import check_foreign, check_properties
from engine.check.names import (
    check_duplicate_ids,
    check_ids,
    check_labels,
    check_lanes,
    check_questions,
    check_shapes,
    check_starters,
)
from engine.check.ready import check_ready
from engine.check.running import check_running, forget_started
from engine.check.soundness import Effort, check_error_ends, check_soundness, ends_of
from engine.check.structure import check_side_ends, check_structure
from engine.findings import TO_ACCEPT, Finding, Text

__all__ = ["TO_ACCEPT", "Finding", "Policies", "check_bundle", "forget"]

Rule = Callable[[Drawing, Bundle], Iterator[Finding]]

_SHAPE_RULES: Final[tuple[Rule, ...]] = (
    check_elements,
    check_processes,
    check_events,
    check_loops,
    check_event_gateways,
    check_inclusive,
    check_structure,
    check_duplicate_ids,
)
"""Soundness is asked only of a diagram that passes these: of others it would only repeat them."""

_OTHER_RULES: Final[tuple[Rule, ...]] = (
    check_expressions,
    check_ids,
    check_labels,
    check_lanes,
    check_questions,
    check_shapes,
    check_starters,
    check_functions,
    check_ready,
    check_references,
    check_called,
    check_side_ends,
    check_error_ends,
    check_foreign,
    check_properties,
)
_HARMLESS: Final = frozenset({"task_count"})
_TRACE_LIMIT: Final = 200
_WORD_LIMIT: Final = 200
_SENTENCE_LIMIT: Final = 2_000
_TEXTS_AT_MOST: Final = 256


def check_bundle(
    files: Mapping[str, bytes],
    *,
    policies: Policies,
    functions: Functions | None = None,
    declared: Promises | None = None,
) -> list[Finding]:
    """Everything that is wrong with the files, errors first; never raises on bad input.

    `files` are diagrams (`*.bpmn`), tables (`*.dmn`) and forms (`*.json`) by name, everything a
    process needs together. `functions` are the kinds of the handler functions by process and
    name; None leaves binding to handlers out. `declared` is the data they declare to read and
    return; nodes after other functions are not checked. `policies` are the rules of the city.
    """
    bundle = read_bundle(files, functions, declared)
    findings = [*bundle.findings]
    effort, ends, proved = Effort(), ends_of(bundle), set[str]()
    rules = (*_OTHER_RULES, *policies.of_drawings)
    for drawing in bundle.drawings:
        shape = [finding for rule in _SHAPE_RULES for finding in rule(drawing, bundle)]
        findings += shape
        findings += [finding for rule in rules for finding in rule(drawing, bundle)]
        if all(finding.severity == "warning" or finding.rule in _HARMLESS for finding in shape):
            faults = list(check_soundness(drawing, effort, ends))
            proved |= set() if faults else {drawing.diagram.process_id}
            findings += faults
    findings += check_orphan_functions(bundle)
    findings += check_calls(bundle)
    findings += check_tables(bundle)
    findings += check_advice(bundle)
    findings += check_fields(bundle)
    findings += check_data(bundle, findings, frozenset(proved))
    findings += [finding for rule in policies.of_bundles for finding in rule(bundle)]
    findings += check_running(bundle, files, tuple(findings))
    unique = dict.fromkeys(_clean(finding) for finding in findings)
    return sorted(
        unique, key=lambda finding: (finding.severity, finding.file, finding.rule, finding.element)
    )


def forget() -> None:
    """Forget the files read and what has started, as a new operating-system process has."""
    forget_files()
    forget_started()


def _clean(finding: Finding) -> Finding:
    """Cut and re-encode what hostile files put into a finding, so that it can always be shown."""
    return Finding(
        finding.severity,
        finding.rule,
        _shown(finding.file, _WORD_LIMIT),
        _shown(finding.element, _WORD_LIMIT),
        _sentences(finding.message),
        _sentences(finding.way_out),
        tuple(_shown(element, _WORD_LIMIT) for element in finding.trace[:_TRACE_LIMIT]),
        finding.clause,
    )


@lru_cache(maxsize=_TEXTS_AT_MOST)
def _sentences(text: Text) -> Text:
    return Text(_shown(text.zh, _SENTENCE_LIMIT), _shown(text.en, _SENTENCE_LIMIT))


def _shown(text: str, limit: int) -> str:
    cut = text[:limit]
    return cut if cut.isascii() else cut.encode("utf-8", errors="replace").decode("utf-8")
