"""Scenario tables: reading, judging and writing the CSV files beside the diagrams.

A row is one act, or time that passes; its last three columns say how the case has to stand after
it. `bpmn/scenarios/README.md` explains the columns to analysts.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from engine.errors import ScenarioError
from storage.moments import CHINA

HEADS: Final = ("scenario", "after", "who", "does", "values", "tasks", "owner", "outcome")
NOTHING: Final = "-"
"""Expected tasks of a case in which nobody has anything to do."""
DUE: Final = "due"
"""`after` of a row that waits until the earliest limit of an open task is over."""
BY_CALENDAR: Final = "calendar:"
"""Begins the `who` of a first row whose case the calendar starts for the post of a role."""
LINE_LIMIT: Final = 2_000
BEGIN: Final = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
"""When a scenario begins that does not say when: a Monday without any holiday near."""

_PAIR: Final = re.compile(r"[;；]\s*(?=[a-z][a-z0-9_.]*=)")
_LENGTH: Final = re.compile(
    r"(?:(?P<days>\d{1,4})d)?\s*(?:(?P<hours>\d{1,4})h)?\s*"
    r"(?:(?P<minutes>\d{1,4})m)?\s*(?:(?P<seconds>\d{1,6})s)?"
)
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One row: what happens, and how the case stands then; empty expectations are not compared."""

    number: int
    after: str = ""
    who: str = ""
    does: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    tasks: str = ""
    owner: str = ""
    outcome: str = ""

    @property
    def role(self) -> str:
        """The role of who acts, or of the post the calendar starts the case for."""
        return self.who.removeprefix(BY_CALENDAR).partition(":")[0]

    @property
    def person(self) -> int:
        """Which of the people in the post acts: `station:2` is the second one."""
        number = self.who.removeprefix(BY_CALENDAR).partition(":")[2]
        return int(number) if number.isdecimal() else 1


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story of one case; the first line starts it."""

    file: str
    name: str
    lines: tuple[ScenarioRow, ...]

    @property
    def process(self) -> str:
        """The process its first line starts."""
        return self.lines[0].does

    @property
    def begins(self) -> datetime:
        """When its first line happens."""
        said = self.lines[0].after
        return datetime.fromisoformat(said).replace(tzinfo=CHINA) if said else BEGIN


def read_table(text: str, *, file: str) -> list[Scenario]:
    """Read the scenarios of one file.

    Raises:
        ScenarioError: the head or a row cannot be used; it names the line.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    if not rows or tuple(cell.strip() for cell in rows[0]) != HEADS:
        raise ScenarioError(file, 1, f"表头须为 {','.join(HEADS)}。", f"heads: {', '.join(HEADS)}")
    if len(rows) > LINE_LIMIT:
        raise ScenarioError(file, LINE_LIMIT, "行数过多，请分成几个文件。", "too many rows")
    named: dict[str, list[ScenarioRow]] = {}
    name = ""
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        line, said = _line(file, number, cells)
        if said and said != name and said in named:
            message = f"场景“{said}”的各行要连在一起。"
            raise ScenarioError(file, number, message, f"rows of {said} are apart")
        name = said or name
        if not name:
            raise ScenarioError(file, number, "第一行要写场景名称。", "the scenario has no name")
        named.setdefault(name, []).append(line)
    return [_judged(Scenario(file, name, tuple(lines))) for name, lines in named.items()]


def write_table(scenarios: Iterable[Scenario]) -> str:
    """Write scenarios as `read_table` reads them."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(HEADS)
    for scenario in scenarios:
        for place, line in enumerate(scenario.lines):
            values = "; ".join(f"{name}={value}" for name, value in line.values.items())
            name = "" if place else scenario.name
            expected = (line.tasks, line.owner, line.outcome)
            rows.writerow([name, line.after, line.who, line.does, values, *expected])
    return written.getvalue()


def length_of(text: str) -> timedelta | None:
    """A length such as `2d 3h`, None when it is none."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return None
    parts = {name: int(value) for name, value in found.groupdict().items() if value}
    return timedelta(**parts)


def shown_length(length: timedelta) -> str:
    """A length as a table holds it."""
    left, parts = max(int(length.total_seconds()), 0), []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        parts += [f"{count}{unit}"] if count else []
    return " ".join(parts)


def expected_tasks(line: ScenarioRow) -> Sequence[str]:
    """The tasks that have to be open after a line, sorted."""
    return [] if line.tasks == NOTHING else sorted(line.tasks.split())


def _line(file: str, number: int, cells: Sequence[str]) -> tuple[ScenarioRow, str]:
    if len(cells) != len(HEADS):
        message = f"这一行有 {len(cells)} 格，应为 {len(HEADS)} 格。"
        raise ScenarioError(file, number, message, f"{len(cells)} cells, not {len(HEADS)}")
    name, after, who, does, values, tasks, owner, outcome = (cell.strip() for cell in cells)
    pairs = dict(_pairs(file, number, values))
    return ScenarioRow(number, after, who, does, pairs, tasks, owner, outcome), name


def _pairs(file: str, number: int, text: str) -> Iterator[tuple[str, str]]:
    for part in _PAIR.split(text) if text else ():
        name, sign, value = part.partition("=")
        if not sign:
            message = f"“{part:.60}”应写成 名称=值，几个之间用分号隔开。"
            raise ScenarioError(file, number, message, f"write name=value, not {part:.60}")
        yield name.strip(), value.strip()


def _judged(scenario: Scenario) -> Scenario:
    first, *others = scenario.lines
    if not first.does:
        message = f"场景“{scenario.name}”的第一行要写发起哪个流程。"
        raise ScenarioError(scenario.file, first.number, message, "the first row starts a process")
    try:
        datetime.fromisoformat(first.after or "2026-03-02")
    except ValueError as error:
        message = "第一行的 after 是开始的时间，如 2026-03-02 09:00，或留空。"
        raise ScenarioError(scenario.file, first.number, message, "not a time") from error
    for line in others:
        if line.after != DUE and length_of(line.after) is None:
            message = f"after 写多久之后，如 2h、3d、1d 4h，或 due；不能是“{line.after:.40}”。"
            raise ScenarioError(scenario.file, line.number, message, "write 2h, 3d, 1d 4h or due")
    return scenario
