"""Sizes that keep a file, a function, a view and a diagram readable at one sight."""

import ast
import re
from collections import Counter
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from tests.architecture.tree import (
    ROOMS,
    Function,
    Place,
    functions,
    last_name,
    python_files,
    source,
    tracked_files,
)

FILE_LINES = 500  # `make test` lists those over 400
FOLDER_MODULES = 16
FUNCTION_LINES = 50
VIEW_LINES = 15
TYPE_IGNORES = 10
DIAGRAM_TASKS = 12

ROUTE_DECORATORS = {"route", "get", "post", "put", "patch", "delete"}
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ACTIVITIES = {
    "task",
    "manualTask",
    "userTask",
    "serviceTask",
    "businessRuleTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "callActivity",
    "subProcess",
    "transaction",
    "adHocSubProcess",
}


def test_no_file_has_more_than_500_lines() -> None:
    code = [path for path in tracked_files() if path.endswith((".py", ".js", ".ts", ".css"))]
    long = {path: n for path in code if (n := len(source(path).splitlines())) > FILE_LINES}

    assert long == {}


def test_no_folder_holds_more_than_sixteen_modules() -> None:
    """A room that outgrows a sight is divided by nouns; migrations are a list and do not count."""
    modules = [
        PurePosixPath(path)
        for path in python_files(*ROOMS)
        if not path.endswith("__init__.py") and not path.startswith("storage/migrations/")
    ]
    sizes = Counter(path.parent.as_posix() for path in modules)

    assert {folder: n for folder, n in sizes.items() if n > FOLDER_MODULES} == {}


def test_no_function_has_more_than_50_lines() -> None:
    # A migration is one list of statements, read once and never changed.
    files = [path for path in python_files() if not path.startswith("storage/migrations/versions")]
    long = [
        str(Place(path, node.lineno, f"{node.name} has {length(node)} lines"))
        for path in files
        for node in functions(path)
        if length(node) > FUNCTION_LINES
    ]

    assert long == []


def test_no_view_has_more_than_15_lines() -> None:
    long = [
        str(Place(path, node.lineno, f"{node.name} has {body_length(node)} lines"))
        for path in python_files("api", "web")
        for node in functions(path)
        if is_view(node) and body_length(node) > VIEW_LINES
    ]

    assert long == []


def test_at_most_ten_types_are_ignored() -> None:
    ignored = [
        str(Place(path, number, line.strip()))
        for path in python_files(*ROOMS, "bench")
        for number, line in enumerate(source(path).splitlines(), start=1)
        if re.search(r"#\s*type:\s*ignore", line)
    ]

    assert len(ignored) <= TYPE_IGNORES, ignored


def test_no_diagram_has_more_than_twelve_tasks() -> None:
    drawn = {path: count_tasks(source(path)) for path in tracked_files() if path.endswith(".bpmn")}
    crowded = {path: n for path, n in drawn.items() if n > DIAGRAM_TASKS and is_shipped(path)}

    assert crowded == {}


def length(node: Function) -> int:
    """Lines from `def` to the end, as a reader scrolls them; decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def body_length(node: Function) -> int:
    """Lines of what a function does, without signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def is_view(node: Function) -> bool:
    """Whether a route leads here."""
    called = (one.func if isinstance(one, ast.Call) else one for one in node.decorator_list)
    return any(last_name(decorator) in ROUTE_DECORATORS for decorator in called)


def count_tasks(xml: str) -> int:
    """Activities of a diagram."""
    root = ET.fromstring(xml.encode())  # noqa: S314 - our own tracked file, not an upload
    return sum(1 for name in ACTIVITIES for _ in root.iter(f"{BPMN}{name}"))


def is_shipped(path: str) -> bool:
    """Whether officers work by this diagram; those under tests are made to be odd."""
    return path.startswith("bpmn/")
