"""The words of a case: what its tasks and the fields and answers of its forms are called."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.definitions import Definition
from engine.reads.reading import Reading
from storage.cases import cases
from storage.cases.cases import RunningProcess
from storage.processes import definitions

__all__ = ["Legend", "TaskWords", "legend_of", "read_answers", "read_legend"]


@dataclass(frozen=True, slots=True)
class TaskWords:
    """One element of a diagram that has a label."""

    label: str
    form: str | None


@dataclass(frozen=True, slots=True)
class Legend:
    """Words by id; the definitions a case is pinned to are one vocabulary."""

    processes: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, TaskWords] = field(default_factory=dict)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)


_OF_DIGEST: dict[str, Legend] = {}
"""A digest names one content for ever; there are as many as `DefinitionCache` keeps."""


def read_legend(reading: Reading, number: str) -> Legend:
    """Explain the ids that entries of a case file name: tasks, forms, fields, answers."""
    case = cases.get_visible_case(reading.session, number, actor=reading.actor)
    return legend_of(reading, cases.list_processes(reading.session, case.id))


def legend_of(reading: Reading, processes: Iterable[RunningProcess]) -> Legend:
    """Gather the words of the definitions of these processes; do not change what is returned."""
    digests = sorted({process.digest for process in processes})
    legends = [_of_digest(reading, digest) for digest in digests]
    if len(legends) == 1:
        return legends[0]
    whole = Legend()
    for each in legends:
        whole.processes.update(each.processes)
        whole.tasks.update(each.tasks)
        whole.forms.update(each.forms)
    return whole


def read_answers(reading: Reading, name: str) -> dict[str, dict[str, str]]:
    """The labels of a field's answers by value, in the forms new cases take now."""
    labels: dict[str, dict[str, str]] = {}
    for version in definitions.list_published(reading.session, at=reading.now):
        for form in _of_digest(reading, version.digest).forms.values():
            for field_ in form["fields"]:
                if field_["name"] == name:
                    labels |= {one["value"]: one["label"] for one in field_.get("options", ())}
    return labels


def _of_digest(reading: Reading, digest: str) -> Legend:
    legend = _OF_DIGEST.get(digest)
    if legend is None:
        legend = _OF_DIGEST[digest] = _legend(reading.definition(digest))
    return legend


def _legend(definition: Definition) -> Legend:
    legend = Legend()
    for diagram in definition.diagrams.values():
        legend.processes[diagram.process_id] = diagram.label
        for node in diagram.nodes.values():
            if node.label:
                legend.tasks[node.id] = TaskWords(node.label, node.form)
    legend.forms.update({name: form.document() for name, form in definition.forms.items()})
    return legend
