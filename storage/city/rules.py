"""Read roles, levels and phases of a city pack; a wrong cell is refused by file, row and column."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, get_args

from storage.cases.outcomes import DrawnOutcome, install_outcomes
from storage.cases.phases import Phase, When, install_phases
from storage.cases.search import install_common_words
from storage.delivery.notices import NoticeHours, NoticeKind, Weight, install_notices
from storage.errors import Refused
from storage.people.roles import Capacity, Place, Role, Tier, install_roles
from storage.places.levels import AreaLevel, Level, install_levels

_ROLE_COLUMNS = (
    "role", "name_zh", "name_en", "also", "capacity", "place", "above", "rank", "tier", "sees_area",
    "collects", "is_asked", "supervises", "merges", "stands_in", "per_city", "on_duty",
)  # fmt: skip
_NOTICE_COLUMNS = ("template", "name_zh", "name_en", "weight", "acknowledge", "channels")
_WORD_COLUMNS = ("code", "words")
_LEVEL_COLUMNS = ("level", "code_length", "name_zh", "name_en", "above")


@dataclass(frozen=True, slots=True)
class CityRules:
    """Settings of a city that are needed at start-up."""

    roles: tuple[Role, ...]
    levels: tuple[Level, ...]
    areas_as_of: date
    bounds: "Bounds"
    city_app: tuple[str, ...]
    """Origins that may show pages of officers in a frame; none where no app embeds them."""
    city: "Called"
    portal: "Called"
    urgency: "Shares"
    phases: tuple[Phase, ...]
    outcomes: tuple[DrawnOutcome, ...]
    lanes: dict[str, "DrawnLane"]
    policies_off: frozenset[str]
    terms: "tuple[TermStart, ...]"
    common_words: dict[str, frozenset[str]]
    """By which words people search for a matter, by its code."""
    notices: tuple[NoticeKind, ...]
    notice_hours: NoticeHours


class TermStart(NamedTuple):
    """When a school term begins each year, and the word for it in keys."""

    word: str
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Called:
    """The name of the city, or of its portal for citizens, in both languages."""

    zh: str
    en: str


class DrawnLane(NamedTuple):
    """Who fills in a form: the role or run-time lane its task is drawn in, and the clause."""

    role: str
    clause: str | None


class Shares(NamedTuple):
    """From which part of a limit on a task is half used, and from which it is nearly over."""

    half: float
    near: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """The rectangle of degrees (WGS-84) a city lies in, its islands included."""

    south: float
    north: float
    west: float
    east: float

    def hold(self, lat: float, lon: float) -> bool:
        """Whether a position lies in the city's rectangle."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@dataclass(frozen=True, slots=True)
class PackFile:
    """`pack.json` as it was read; a file that cannot be read has no entries."""

    file: Path
    entries: dict[str, Any]

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise the refusal of an entry."""
        raise _refusal(self.file, 1, key, problem)


@dataclass(frozen=True, slots=True)
class PackRow:
    """One row of a file of the pack; the header is row 1."""

    file: Path
    number: int
    cells: dict[str, str | None]

    def refuse(self, column: str, problem: str) -> NoReturn:
        """Raise the refusal of a cell."""
        raise _refusal(self.file, self.number, column, problem)

    def text(self, column: str) -> str:
        """Return a cell, empty when it is missing."""
        return self.cells[column] or ""

    def required(self, column: str) -> str:
        """Return a cell that must be filled in."""
        return self.text(column) or self.refuse(column, "不能为空，请填写 (empty, fill it in)")

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        """Return a cell that holds one of a few words."""
        value = self.text(column)
        if value not in allowed:
            known = ", ".join(name or "(empty)" for name in allowed)
            self.refuse(column, f"“{value}” 不可用，请写 (write one of): {known}")
        return value

    def number_of(self, column: str) -> int:
        """Return the whole number of a cell."""
        value = self.required(column)
        if not (value.isascii() and value.isdigit()):
            self.refuse(column, f"“{value}” 不是数，请写整数 (write a whole number)")
        return int(value)

    def flag(self, column: str) -> bool:
        """Return whether a cell means yes."""
        return self.choice(column, ("yes", "no")) == "yes"


def read_rules(folder: Path) -> CityRules:
    """Read roles.csv, levels.csv, matter_words.csv and pack.json of a city pack.

    Raises:
        Refused: a file is missing or a cell is wrong; the message names file, row and column.
    """
    roles = _roles(list(pack_rows(folder / "roles.csv", _ROLE_COLUMNS)))
    levels = _levels(list(pack_rows(folder / "levels.csv", _LEVEL_COLUMNS)))
    pack = _read_pack(folder / "pack.json")
    return CityRules(
        roles=roles,
        levels=levels,
        areas_as_of=_areas_as_of(pack),
        bounds=_bounds(pack),
        city_app=_city_app(pack),
        city=_called(pack, "city"),
        portal=_called(pack, "portal"),
        urgency=_urgency(pack),
        phases=_phases(pack),
        outcomes=_outcomes(pack),
        lanes=_lanes(folder / "lanes.csv"),
        policies_off=_policies_off(pack),
        terms=_terms(pack),
        common_words=_common_words(folder / "matter_words.csv"),
        notices=tuple(map(_notice, pack_rows(folder / "notices.csv", _NOTICE_COLUMNS))),
        notice_hours=_notice_hours(pack),
    )


_INSTALLED: list[CityRules] = []


def install(rules: CityRules) -> None:
    """Make these the roles, levels and phases of this process, at start."""
    install_roles(rules.roles)
    install_levels(rules.levels)
    install_phases(rules.phases)
    install_outcomes(rules.outcomes)
    install_common_words(rules.common_words)
    install_notices(rules.notices, rules.notice_hours)
    _INSTALLED[:] = [rules]


def installed() -> CityRules:
    """Return the rules of the city of this process."""
    (rules,) = _INSTALLED
    return rules


def find_installed() -> CityRules | None:
    """Return the rules of the city of this process, None before it has any."""
    return _INSTALLED[0] if _INSTALLED else None


def _refusal(file: Path, number: int, column: str, problem: str) -> Refused:
    message = f"{file}: 第 {number} 行 (row) {column}: {problem}。"
    return Refused(message, code="city_pack_invalid", file=file.name, row=number, column=column)


def pack_rows(path: Path, columns: tuple[str, ...]) -> Iterator[PackRow]:
    """Read the rows of a file of a pack.

    Raises:
        Refused: the file or a column is missing.
    """
    if not path.is_file():
        raise _refusal(path, 1, columns[0], "没有这个文件 (no such file)")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for column in columns:
            if column not in (reader.fieldnames or ()):
                raise _refusal(path, 1, column, "缺少这一列 (the column is missing)")
        for number, cells in enumerate(reader, start=2):
            yield PackRow(path, number, cells)


def _roles(rows: list[PackRow]) -> tuple[Role, ...]:
    names = [row.required("role") for row in rows]
    for place, row in enumerate(rows):
        if names[place] in names[:place]:
            row.refuse("role", f"{names[place]} 重复 (double)")
        if row.text("above") not in {"", *names}:
            row.refuse("above", f"没有岗位角色 (no role) {row.text('above')}")
    roles = {row.text("role"): _role(row) for row in rows}
    for row in rows:
        _refuse_circle(row, roles)
    _refuse_stand_ins(rows, roles)
    _refuse_nobody_on_duty(rows, roles)
    return tuple(roles.values())


def _role(row: PackRow) -> Role:
    capacity: dict[str, Capacity] = {name: name for name in get_args(Capacity)}
    places: dict[str, Place] = {name: name for name in get_args(Place)}
    tiers: dict[str, Tier] = {name: name for name in get_args(Tier)}
    return Role(
        id=row.required("role"),
        name_zh=row.required("name_zh"),
        name_en=row.required("name_en"),
        also=tuple(name for name in row.text("also").split(";") if name),
        capacity=capacity[row.choice("capacity", tuple(capacity))],
        place=places[row.choice("place", tuple(places))],
        above=row.text("above") or None,
        rank=row.number_of("rank"),
        tier=tiers.get(row.choice("tier", ("", *tiers))),
        sees_area=row.flag("sees_area"),
        collects=row.flag("collects"),
        is_asked=row.flag("is_asked"),
        supervises=row.flag("supervises"),
        merges=row.flag("merges"),
        stands_in=row.flag("stands_in"),
        per_city=row.flag("per_city"),
        on_duty=row.flag("on_duty"),
    )


def _refuse_circle(row: PackRow, roles: dict[str, Role]) -> None:
    passed: set[str] = set()
    name: str | None = row.text("role")
    while name is not None:
        if name in passed:
            row.refuse("above", "上级成环 (the roles above form a circle)")
        passed.add(name)
        name = roles[name].above


def _refuse_stand_ins(rows: list[PackRow], roles: dict[str, Role]) -> None:
    standing_in = [row for row in rows if roles[row.text("role")].stands_in]
    if len(standing_in) != 1:
        row = (standing_in or rows)[-1]
        row.refuse("stands_in", "只能有一个角色写 yes (exactly one role says yes)")


def _refuse_nobody_on_duty(rows: list[PackRow], roles: dict[str, Role]) -> None:
    """An emergency at an unknown place must have a receiver."""
    if not any(role.on_duty and role.per_city for role in roles.values()):
        problem = "至少一个每市都有的角色写 yes (a role with a post in every city says yes)"
        rows[-1].refuse("on_duty", problem)


def _levels(rows: list[PackRow]) -> tuple[Level, ...]:
    known = tuple(level.word for level in AreaLevel)
    levels: list[Level] = []
    for row, expected in zip(rows, known, strict=False):
        row.choice("level", (expected,))
        row.choice("above", (levels[-1].level.word if levels else "",))
        length = row.number_of("code_length")
        if levels and length <= levels[-1].code_length:
            row.refuse("code_length", "应比上一级长 (longer than the level above)")
        names = (row.required("name_zh"), row.required("name_en"))
        levels.append(Level(AreaLevel[expected.upper()], length, *names))
    if len(rows) != len(known):
        rows[-1].refuse("level", f"应有六级 (six levels): {', '.join(known)}")
    return tuple(levels)


def _notice(row: PackRow) -> NoticeKind:
    weights: dict[str, Weight] = {name: name for name in get_args(Weight)}
    return NoticeKind(
        template=row.required("template"),
        name_zh=row.required("name_zh"),
        name_en=row.required("name_en"),
        weight=weights[row.choice("weight", tuple(weights))],
        is_acknowledged=row.flag("acknowledge"),
        channels=tuple(name for name in row.text("channels").split(";") if name),
    )


def _notice_hours(pack: PackFile) -> NoticeHours:
    try:
        given = pack.entries["notices"]
        times = [time.fromisoformat(one) for one in given["digest_at"]]
        first, last = (time.fromisoformat(given[name]) for name in ("quiet_from", "quiet_to"))
        return NoticeHours(first, last, (times[0], *times[1:]))
    except (ValueError, KeyError, TypeError, IndexError):
        problem = "请写 quiet_from、quiet_to、digest_at，如 21:30 (write times of the day)"
        pack.refuse("notices", problem)


def _common_words(path: Path) -> dict[str, frozenset[str]]:
    words: dict[str, frozenset[str]] = {}
    for row in pack_rows(path, _WORD_COLUMNS):
        code = row.required("code")
        if code in words:
            row.refuse("code", f"{code} 重复 (double)")
        given = (word.strip().lower() for word in row.required("words").split(";"))
        words[code] = frozenset(word for word in given if word)
    return words


def _read_pack(path: Path) -> PackFile:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        entries = None
    return PackFile(path, entries if isinstance(entries, dict) else {})


def _areas_as_of(pack: PackFile) -> date:
    try:
        return date.fromisoformat(pack.entries["areas_as_of"])
    except (ValueError, KeyError, TypeError):
        pack.refuse("areas_as_of", "请写日期，如 2023-06-30 (write a day)")


def _bounds(pack: PackFile) -> Bounds:
    try:
        sides = (pack.entries["bounds"][side] for side in ("south", "north", "west", "east"))
        return Bounds(*map(float, sides))
    except (ValueError, KeyError, TypeError):
        problem = "请写 south、north、west、east 四个度数 (write the four sides in degrees)"
        pack.refuse("bounds", problem)


def _city_app(pack: PackFile) -> tuple[str, ...]:
    given = pack.entries.get("city_app", [])
    if not (isinstance(given, list) and all(_is_origin(one) for one in given)):
        pack.refuse("city_app", "请写 https://app.example 这样的来源 (write origins such as this)")
    return tuple(given)


def _is_origin(given: object) -> bool:
    return isinstance(given, str) and re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", given) is not None


def _called(pack: PackFile, key: str) -> Called:
    given = pack.entries.get(key)
    names = (
        [str(given.get(language) or "").strip() for language in ("zh", "en")]
        if isinstance(given, dict)
        else [""]
    )
    if not all(names):
        pack.refuse(key, '请写 {"zh": …, "en": …} (write a name in both languages)')
    return Called(*names)


def _urgency(pack: PackFile) -> Shares:
    try:
        given = pack.entries["urgency"]
        shares = Shares(float(given["half"]), float(given["near"]))
    except (ValueError, KeyError, TypeError):
        shares = Shares(0.0, 0.0)
    if not 0 < shares.half < shares.near < 1:
        pack.refuse("urgency", "请写 half 和 near，0 < half < near < 1 (write both shares)")
    return shares


def _phases(pack: PackFile) -> tuple[Phase, ...]:
    rows = _listed(pack, "phases", "phase")
    phases = tuple(_phase(row) for row in rows)
    if len([phase for phase in phases if phase.when == "opening"]) != 1:
        rows[-1].refuse("when", "立案在且只在一个步骤 (exactly one phase says opening)")
    return phases


def _phase(row: PackRow) -> Phase:
    times: dict[str, When] = {name: name for name in get_args(When)}
    return Phase(
        id=row.required("phase"),
        name_zh=row.required("zh"),
        name_en=row.required("en"),
        when=times[row.choice("when", tuple(times))],
    )


def _outcomes(pack: PackFile) -> tuple[DrawnOutcome, ...]:
    return tuple(
        DrawnOutcome(row.required("outcome"), row.required("zh"), row.required("en"))
        for row in _listed(pack, "outcomes", "outcome")
    )


def _lanes(path: Path) -> dict[str, DrawnLane]:
    """The lane of each form; a city without the file leaves all of them free."""
    lanes: dict[str, DrawnLane] = {}
    for row in pack_rows(path, ("form", "role", "clause")) if path.is_file() else ():
        form = row.required("form")
        if form in lanes:
            row.refuse("form", f"{form} 重复 (double)")
        lanes[form] = DrawnLane(row.required("role"), row.text("clause") or None)
    return lanes


def _policies_off(pack: PackFile) -> frozenset[str]:
    """The check rules that this city switches off; none by default."""
    given = pack.entries.get("policies_off", [])
    if not (isinstance(given, list) and all(isinstance(name, str) for name in given)):
        pack.refuse("policies_off", "请写规则名称的列表 (list the names of rules)")
    return frozenset(given)


def _terms(pack: PackFile) -> tuple[TermStart, ...]:
    try:
        begins = [
            (str(term["term"]), date.fromisoformat(f"2000-{term['begins']}"))
            for term in pack.entries["terms"]
        ]
    except (ValueError, KeyError, TypeError):
        begins = []
    if not begins:
        pack.refuse("terms", '请写学期，如 {"term": "autumn", "begins": "09-01"} (write the terms)')
    return tuple(TermStart(word, first.month, first.day) for word, first in begins)


def _listed(pack: PackFile, name: str, key: str) -> list[PackRow]:
    """The entries of a list of pack.json as rows, the first is row 1; none is there twice."""
    listed = pack.entries.get(name)
    if not (
        isinstance(listed, list) and listed and all(isinstance(entry, dict) for entry in listed)
    ):
        pack.refuse(name, f"请列出 {{{key}, zh, en, …}} (list the {name})")
    rows = []
    known: set[str] = set()
    for number, given in enumerate(listed, start=1):
        cells = {column: str(given.get(column, "")) for column in (key, "zh", "en", "when")}
        row = PackRow(pack.file, number, dict(cells))
        if row.required(key) in known:
            row.refuse(key, f"{row.text(key)} 重复 (double)")
        known.add(row.text(key))
        rows.append(row)
    return rows
