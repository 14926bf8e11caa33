"""What a reader leans on: reasons beside exceptions, Chinese beside tasks, the product in logs."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import (
    ROOMS,
    Function,
    Place,
    calls,
    classes,
    functions,
    last_name,
    python_files,
    source,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")
IGNORED_LINT = re.compile(
    r"#\s*noqa(?:: (?P<codes>[A-Z]+\d+(?:, ?[A-Z]+\d+)*))?(?P<reason> - \S|\s+# \S)?"
)
# What a class may derive from without taking over any method that is called from outside.
OF_A_LIBRARY = "Element"  # lxml describes its own methods
PLAIN_BASES = {"Enum", "StrEnum", "Exception", "HangjiError", "NamedTuple", "Protocol", "TypedDict"}
IGNORED_TYPE = re.compile(r"#\s*type:\s*ignore\[[\w, -]+\]\s+# \S")


def test_every_ignored_lint_rule_is_named_with_its_reason() -> None:
    """A reason may stand once in a file, at the first place it holds for."""
    assert [str(place) for path in python_files() for place in unexplained(path)] == []


def test_every_ignored_type_is_named_with_its_reason() -> None:
    bare = [
        str(Place(path, number, line.strip()))
        for path in python_files(*ROOMS)
        for number, line in enumerate(source(path).splitlines(), start=1)
        if re.search(r"#\s*type:\s*ignore", line) and not IGNORED_TYPE.search(line)
    ]

    assert bare == []


def test_every_handler_says_in_chinese_what_it_does() -> None:
    """Its first line is shown on the diagram."""
    silent = [
        str(Place(path, node.lineno, node.name))
        for path in python_files("handlers")
        for node in functions(path)
        if is_bound(node) and not CHINESE.search((ast.get_docstring(node) or "").split("\n")[0])
    ]

    assert silent == []


def test_every_logger_of_ours_carries_the_name_of_the_product() -> None:
    """`engine.run.runner` says nothing in a log that several programs write."""
    strange = [
        str(Place(path, node.lineno, ast.unparse(node)))
        for path in python_files(*ROOMS)
        for node, name in calls(path)
        if name in {"getLogger", "get_logger"}
        and (not node.args or ast.unparse(node.args[0]).strip("'").startswith((*ROOMS, "__")))
    ]

    assert strange == []


def test_every_public_method_says_what_it_does_unless_its_base_does() -> None:
    """A class of its own describes its methods; an override is described where it comes from."""
    silent = [
        str(Place(path, method.lineno, f"{owner.name}.{method.name}"))
        for path in python_files()
        for owner in classes(path)
        if not owner.name.startswith("_") and owner.name != OF_A_LIBRARY
        if not any(last_name(base) not in PLAIN_BASES for base in owner.bases)
        for method in owner.body
        if isinstance(method, Function)
        and not method.name.startswith("_")
        and not ast.get_docstring(method)
    ]

    assert silent == []


def unexplained(path: str) -> Iterator[Place]:
    """Ignored rules that say neither here nor further up why."""
    explained: set[str | None] = set()
    for number, line in enumerate(source(path).splitlines(), start=1):
        for found in IGNORED_LINT.finditer(line):
            if found["codes"] and found["reason"]:
                explained.add(found["codes"])
            elif found["codes"] not in explained:
                yield Place(path, number, line.strip())


def is_bound(node: Function) -> bool:
    """Whether a task of a diagram leads to this function."""
    marks = {"service_task", "user_task", "decision_task", "start_event", "lane"}
    return any(
        isinstance(mark, ast.Call) and ast.unparse(mark.func).split(".")[-1] in marks
        for mark in node.decorator_list
    )
