"""What a check of diagrams costs, as a ratio to what SpiffWorkflow needs to read the same files.

The library reads every process nobody calls with all files, as publishing does. The first check of
an operating-system process finds nothing memoized; the second follows a change of words in one
diagram, which is what an analyst does between two checks. Checking and reading take turns; the
ratio is that of the medians of processor time.
"""

import gc
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

from api.composition import handler_modules
from api.settings import ROOT, city_folder
from bench.diagrams import chosen, rounds
from bench.report import ReportTable
from engine.binding import collect
from engine.check import check_bundle, forget
from engine.definitions import read_folder_raw
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from engine.execution.spiff import parse_processes
from engine.findings import Finding
from handlers.policy import POLICIES
from storage.city import rules

TIMES: Final = 7
Files = Mapping[str, bytes]
_changes = count(1)


def run(*, times: int = TIMES) -> list[ReportTable]:
    """Measure the shipped set and two drawn ones."""
    rules.install(rules.read_rules(city_folder()))
    table = ReportTable(
        "Check of diagrams: processor time, as a ratio to SpiffWorkflow's reading",
        ("files", "reading, ms", "first check", "after a change", "errors"),
    )
    functions = collect(handler_modules())
    shipped = read_folder_raw(Path(ROOT) / "bpmn")

    def whole(files: Files) -> list[Finding]:
        table, declared = functions.table(), functions.declared()
        return check_bundle(files, policies=POLICIES, functions=table, declared=declared)

    def alone(files: Files) -> list[Finding]:
        return check_bundle(files, policies=POLICIES)

    _measure(table, "shipped set", shipped, whole, times)
    _measure(table, "six parallel branches of two tasks, timers, loops", rounds(6), alone, times)
    _measure(table, "one diagram of 40 nodes", chosen(9), alone, times)
    return [table]


def _measure(
    table: ReportTable,
    name: str,
    files: Files,
    check: Callable[[Files], list[Finding]],
    times: int,
) -> None:
    reading, first, again = [], [], []
    found = check(files)
    for _ in range(times):
        reading.append(_seconds(lambda: _read(files)))
        forget()
        first.append(_seconds(lambda: check(files)))
        changed = _changed(files)
        again.append(_seconds(partial(check, changed)))
    whole = median(reading)
    errors = sum(finding.severity == "error" for finding in found)
    table.add(name, whole * 1000, median(first) / whole, median(again) / whole, errors)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _read(files: Files) -> None:
    drawn = {name: text for name, text in files.items() if name.endswith(".bpmn")}
    diagrams = [read_diagram(parse_xml(text, name=name), name=name) for name, text in drawn.items()]
    called = {node.called for one in diagrams for node in one.nodes.values()}
    for one in diagrams:
        if one.process_id not in called:
            trees = {name: parse_xml(text, name=name) for name, text in drawn.items()}
            parse_processes(trees, one.process_id)


def _changed(files: Files) -> Files:
    """Another name for the first process: one diagram has changed, nothing of how it runs."""
    name = min(one for one in files if one.endswith(".bpmn"))
    label = f'isExecutable="true" name="改{next(_changes)}"'.encode()
    plain = files[name].replace(b' name="\xe6\xb5\x81\xe7\xa8\x8b" isExecutable', b" isExecutable")
    return {**files, name: plain.replace(b'isExecutable="true"', label, 1)}
