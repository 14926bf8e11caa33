"""Plugin of `make test`: fails a run in which a whole family of tests never ran; holds no test.

A family is what needs something from the machine: PostgreSQL, a browser, processes to kill, Node.
Where that is missing, a skipped test looks like a passed one; here it fails the run and says so.
"""

import os
from collections import Counter

import pytest

from tests.architecture.tree import python_files, source

LONG = 400
FAMILIES = ("postgres", "browser", "fault", "npm")
CITY_FOLDERS = {("api",), ("stories",), ("web",)}
FAMILY = "family"  # name of the report property that carries it from a worker to the controller


class Census:
    """How many tests of each family ran and how many were skipped."""

    def __init__(self) -> None:
        self.ran: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one report; with xdist this sees the reports of all workers."""
        for key, family in report.user_properties:
            if key != FAMILY:
                continue
            if report.skipped:
                self.skipped[str(family)] += 1
            elif report.when == "call":
                self.ran[str(family)] += 1

    def faults(self) -> list[str]:
        """One sentence for each family that did not run whole."""
        silent = [f"no test of the family `{name}` ran" for name in FAMILIES if not self.ran[name]]
        skipped = [
            f"{self.skipped[name]} tests of the family `{name}` were skipped"
            for name in FAMILIES
            if self.skipped[name]
        ]
        return silent + skipped

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a green run red when a family is missing."""
        if is_controller(session.config) and self.faults() and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which family and how many; pytest's own closing line follows."""
        terminalreporter.section("families")
        for name in FAMILIES:
            terminalreporter.line(f"{name}: {self.ran[name]} ran")
        for fault in self.faults():
            terminalreporter.line(f"FAILED: {fault}", red=True)
        for path, lines in long_files():
            terminalreporter.line(f"over {LONG} lines: {path} ({lines})", yellow=True)


def long_files() -> list[tuple[str, int]]:
    """Files that are about to outgrow their budget (`tests/architecture/test_budgets.py`)."""
    sizes = [(path, len(source(path).splitlines())) for path in python_files()]
    return [(path, lines) for path, lines in sizes if lines > LONG]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write each test's families where its report carries them; mark each with its part."""
    for item in items:
        item.user_properties += [
            (FAMILY, name) for name in FAMILIES if item.get_closest_marker(name)
        ]
        item.add_marker(part_of(item))


def part_of(item: pytest.Item) -> str:
    """Part of the suite a test belongs to: `machines`, `database`, `city` or `fast`.

    `machines` start browsers, kill processes or walk for minutes; `database` needs PostgreSQL;
    `city` needs a SQLite file; `fast` needs neither.
    """
    if any(item.get_closest_marker(name) for name in ("browser", "fault", "npm", "slow")):
        return "machines"
    if item.get_closest_marker("postgres"):
        return "database"
    folder = item.path.parent.relative_to(item.config.rootpath / "tests").parts[:1]
    has_database = "sqlite_ground" in getattr(item, "fixturenames", ())
    return "city" if has_database or folder in CITY_FOLDERS else "fast"


def pytest_configure(config: pytest.Config) -> None:
    """Count in the process that sees every report, and only there."""
    is_whole = not os.environ.get("HANGJI_PART")
    if is_controller(config) and is_whole:
        config.pluginmanager.register(Census())


def is_controller(config: pytest.Config) -> bool:
    """Whether this process collects the reports of all workers."""
    return not hasattr(config, "workerinput")
