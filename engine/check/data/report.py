"""Findings about the data of cases: names not set, values never matched, rows missing."""

from collections.abc import Iterable, Iterator

from engine.check.bundle import Bundle
from engine.check.data.contracts import check_contracts
from engine.check.data.effects import Effects
from engine.check.data.flow import DataFlow, TooMuchError
from engine.check.data.gateways import check_gateways
from engine.check.data.labels import check_labels_of_ways
from engine.check.data.loops import check_loops_of_data
from engine.check.data.reads import check_reads
from engine.check.data.tables import check_asked_tables
from engine.findings import Finding, Text

_TOO_MUCH = (
    Text("数据走法过多，不能核对每个变量。", "Too many ways for the data to be checked."),
    Text("请拆成几个流程，或减少循环。", "Cut it into several processes, or draw fewer loops."),
)


def check_data(
    bundle: Bundle, findings: Iterable[Finding], proved: frozenset[str]
) -> Iterator[Finding]:
    """Check the data; beyond the contracts only when all drawings are connected and compile.

    `proved` are the processes found to be sound when data are left out.
    """
    yield from check_contracts(bundle)
    errors = {one.rule for one in findings if one.severity == "error"}
    if errors & _BREAKS_THE_DRAWING:
        return
    flow = DataFlow(bundle, Effects(bundle))
    try:
        flow.follow()
    except TooMuchError:
        first = bundle.drawings[0]
        element = first.diagram.process_id
        yield first.finding("unproved", element, *_TOO_MUCH, severity="warning")
        return
    yield from check_gateways(flow)
    yield from check_labels_of_ways(flow)
    yield from check_loops_of_data(flow, proved)
    yield from check_reads(flow)
    yield from check_asked_tables(flow)


_BREAKS_THE_DRAWING = frozenset(
    {
        "calls_itself",
        "dangling_flow",
        "duplicate_id",
        "expression",
        "element",
        "missing_form",
        "missing_decision",
        "missing_process",
        "decision_table",
        "decision_collects",
        "form",
        "start",
        "unknown_name",
        "timer_literal",
        "xml",
        "no_process",
        "one_process",
    }
)
"""Errors after which findings about data would be guesses."""
