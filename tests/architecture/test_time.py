"""Time is an argument: only the clock asks the machine what time it is."""

import ast

from tests.architecture.tree import ROOMS, Place, calls, python_files

THE_CLOCK = "engine/time/clock.py"
QUESTIONS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
ASKED = {"datetime", "date", "time"}


def test_only_the_clock_asks_for_the_time() -> None:
    found = [
        str(Place(path, node.lineno, ast.unparse(node.func)))
        for path in python_files(*ROOMS)
        if path != THE_CLOCK
        for node, name in calls(path)
        if name in QUESTIONS and asks_the_machine(node)
    ]

    assert found == []


def test_no_test_sleeps() -> None:
    found = [
        str(Place(path, node.lineno, name))
        for path in python_files("tests")
        for node, name in calls(path)
        if name == "sleep"
    ]

    assert found == []


def asks_the_machine(node: ast.Call) -> bool:
    """Whether this is `datetime.now`, `date.today`, `time.time` and the like."""
    if not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value
    return (owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")) in ASKED
