"""Compare two versions of the analysts' files and describe each difference in behaviour."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from engine.check.changes.diagrams import changes_of_diagram
from engine.check.changes.forms import changes_of_form
from engine.check.changes.tables import changes_of_table
from engine.check.changes.words import Change, added, removed
from engine.decisions.tables import DecisionTable, parse_decision
from engine.diagrams.model import Diagram
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from engine.findings import Text
from engine.forms.forms import Form, parse_form

__all__ = ["Change", "list_changes"]

_KINDS: Final = {
    ".bpmn": Text("流程", "process"),
    ".dmn": Text("决策表", "table"),
    ".json": Text("表单", "form"),
}


def list_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Everything a case, an officer or a reader of the picture would notice, file by file.

    Raises:
        DiagramError: a file cannot be read.
    """
    return [one for name in sorted({*before, *after}) for one in _of_file(name, before, after)]


def _of_file(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    if before.get(name) == after.get(name):
        return
    if name not in before:
        yield added(name, PurePosixPath(name).stem, _label(name, after[name]), _kind(name))
    elif name not in after:
        yield removed(name, PurePosixPath(name).stem, _label(name, before[name]), _kind(name))
    else:
        yield from _told_apart(name, _read(name, before[name]), _read(name, after[name]))


def _told_apart(
    name: str, old: Diagram | DecisionTable | Form, new: Diagram | DecisionTable | Form
) -> Iterator[Change]:
    if isinstance(old, Diagram) and isinstance(new, Diagram):
        yield from changes_of_diagram(name, old, new)
        former = {part.process_id: part for part in old.parts}
        for part in new.parts:
            blank = replace(part, nodes={}, flows={})
            yield from changes_of_diagram(name, former.get(part.process_id, blank), part)
    elif isinstance(old, DecisionTable) and isinstance(new, DecisionTable):
        yield from changes_of_table(name, old, new)
    elif isinstance(old, Form) and isinstance(new, Form):
        yield from changes_of_form(name, old, new)


def _read(name: str, text: str) -> Diagram | DecisionTable | Form:
    if name.endswith(".json"):
        return parse_form(text, name=name)
    root = parse_xml(text.encode(), name=name)
    is_table = name.endswith(".dmn")
    return parse_decision(root, name=name) if is_table else read_diagram(root, name=name)


def _kind(name: str) -> Text:
    return _KINDS[PurePosixPath(name).suffix]


def _label(name: str, text: str) -> str:
    read = _read(name, text)
    return read.title.zh if isinstance(read, Form) else read.label
