"""Spoil the shipped diagrams and tables in one place after another: every fault is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree

from engine.check import check_bundle
from handlers.policy import POLICIES
from tests.engine.check.test_shipped import shipped

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FILES = shipped()
Node = Any  # lxml gives its element type no public name
Spoil = Callable[[Node], None]
DIAGRAMS = sorted(name for name in FILES if name.endswith(".bpmn"))
TABLES = [name for name in FILES if name.endswith(".dmn") and b'"COLLECT"' not in FILES[name]]


def _errors(name: str, content: bytes) -> set[tuple[str, str]]:
    """Errors of one file alone; what it refers to is missing before and after alike."""
    findings = check_bundle({name: content}, policies=POLICIES)
    return {(finding.rule, finding.element) for finding in findings if finding.severity == "error"}


def _spoilt(name: str, path: str) -> Iterator[tuple[Node, Node]]:
    """A fresh copy of the file for every element on the path, with that element of it."""
    count = len(etree.fromstring(FILES[name]).findall(path))
    for number in range(count):
        root = etree.fromstring(FILES[name])
        yield root, root.findall(path)[number]


def _unnoticed(name: str, path: str, spoil: Spoil) -> list[str]:
    known = _errors(name, FILES[name])
    silent = []
    for root, element in _spoilt(name, path):
        identifier = element.get("id") or element.text
        spoil(element)
        if _errors(name, etree.tostring(root)) <= known:
            silent.append(str(identifier))
    return silent


def _remove(element: Node) -> None:
    element.getparent().remove(element)


def _let_dangle(element: Node) -> None:
    element.set("targetRef", "nobody")


def _break(element: Node) -> None:
    element.text = f"{element.text} +"


def _make_inclusive(element: Node) -> None:
    element.tag = f"{BPMN}inclusiveGateway"


def _make_script(element: Node) -> None:
    element.tag = f"{BPMN}scriptTask"


def _repeat(element: Node) -> None:
    element.addnext(etree.fromstring(etree.tostring(element)))


@pytest.mark.parametrize("name", DIAGRAMS)
@pytest.mark.parametrize(
    ("path", "spoil"),
    [
        (f".//{BPMN}sequenceFlow", _remove),
        (f".//{BPMN}sequenceFlow", _let_dangle),
        (f".//{BPMN}conditionExpression", _break),
        (f".//{BPMN}conditionExpression", _remove),
        (f".//{BPMN}timeDate", _break),
        (f".//{BPMN}exclusiveGateway", _make_inclusive),
        (f".//{BPMN}serviceTask", _make_script),
        (f".//{BPMN}userTask", _repeat),
        (f".//{BPMN}boundaryEvent/{BPMN}timerEventDefinition", _remove),
        (f".//{BPMN}endEvent", _remove),
    ],
)
def test_no_fault_of_a_diagram_goes_unnoticed(name: str, path: str, spoil: Spoil) -> None:
    assert _unnoticed(name, path, spoil) == []


@pytest.mark.parametrize("name", TABLES)
def test_a_repeated_row_is_refused(name: str) -> None:
    def again(row: Node) -> None:
        copy = etree.fromstring(etree.tostring(row))
        copy.set("id", "again")
        row.addnext(copy)

    assert _unnoticed(name, ".//{*}rule", again) == []


@pytest.mark.parametrize("name", TABLES)
def test_an_unquoted_cell_is_refused(name: str) -> None:
    def unquote(cell: Node) -> None:
        cell.text = "__import__('os')"

    assert _unnoticed(name, ".//{*}rule/{*}inputEntry/{*}text", unquote) == []
