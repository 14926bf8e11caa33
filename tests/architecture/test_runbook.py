"""Every alert and every line of the doctor has its entry in the runbook, and nothing else has."""

import ast
import re

from tests.architecture.tree import calls, parsed, python_files, source

ENTRY = re.compile(r"^### (.+)$", re.MULTILINE)
ALERT = re.compile(r"^ +- alert: (\w+)$", re.MULTILINE)
COUNTING = (
    "api/http/metrics.py",
    "api/telemetry/exposition.py",
    "api/telemetry/meters.py",
)
METRIC = re.compile(r"\bhangji_[a-z_]+")


def looked_at() -> set[str]:
    """What the doctor looks at: the second argument of each thing it finds."""
    return {
        str(node.args[1].value)
        for path in python_files("api")
        for node, name in calls(path)
        if name == "Found" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }


def test_every_alert_and_every_line_of_the_doctor_has_an_entry_and_nothing_else() -> None:
    alerts = set(ALERT.findall(source("deploy/alerts.yml")))
    entries = ENTRY.findall(source("docs/runbook.md"))

    assert len(alerts) > 5
    assert len(looked_at()) > 20
    assert sorted(entries) == sorted(alerts | looked_at())


def test_alerts_ask_for_metrics_that_are_there() -> None:
    named = {
        text
        for path in COUNTING
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for text in [node.value]
    }
    known = {name if name.startswith("hangji_") else f"hangji_{name}" for name in named}
    rules = METRIC.findall(source("deploy/alerts.yml"))
    asked = {re.sub("_(total|bucket)$", "", name) for name in rules}

    assert asked - known == set()
