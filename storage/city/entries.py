"""The entries of `pack.json`, each with its type and its refusal."""

import re
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple, get_args

from storage.cases.outcomes import DrawnOutcome
from storage.cases.phases import Phase, When
from storage.city.files import PackFile, PackRow, listed_rows
from storage.delivery.notices import NoticeHours


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


class Hotline(NamedTuple):
    """A number to call instead of, or before, filing a report; words in both languages."""

    number: str
    zh: str
    en: str
    about_zh: str
    about_en: str
    is_rescue: bool
    is_danger: bool
    """Whom to call where somebody is threatened."""


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


def read_areas_as_of(pack: PackFile) -> date:
    """The day the codes of the areas describe."""
    try:
        return date.fromisoformat(pack.entries["areas_as_of"])
    except (ValueError, KeyError, TypeError):
        pack.refuse("areas_as_of", "请写日期，如 2023-06-30 (write a day)")


def read_bounds(pack: PackFile) -> Bounds:
    """The rectangle of the city."""
    try:
        sides = (pack.entries["bounds"][side] for side in ("south", "north", "west", "east"))
        return Bounds(*map(float, sides))
    except (ValueError, KeyError, TypeError):
        problem = "请写 south、north、west、east 四个度数 (write the four sides in degrees)"
        pack.refuse("bounds", problem)


def read_city_app(pack: PackFile) -> tuple[str, ...]:
    """The origins that may show pages in a frame; none by default."""
    given = pack.entries.get("city_app", [])
    if not (isinstance(given, list) and all(_is_origin(one) for one in given)):
        pack.refuse("city_app", "请写 https://app.example 这样的来源 (write origins such as this)")
    return tuple(given)


def read_called(pack: PackFile, key: str) -> Called:
    """A name in both languages."""
    given = pack.entries.get(key)
    names = (
        [str(given.get(language) or "").strip() for language in ("zh", "en")]
        if isinstance(given, dict)
        else [""]
    )
    if not all(names):
        pack.refuse(key, '请写 {"zh": …, "en": …} (write a name in both languages)')
    return Called(*names)


def read_hotlines(pack: PackFile) -> tuple[Hotline, ...]:
    """Where people call; one of them rescues who is unwell."""
    rows = listed_rows(pack, "hotlines", "number")
    hotlines = tuple(map(_hotline, rows))
    if len([hotline for hotline in hotlines if hotline.is_rescue]) != 1:
        rows[-1].refuse("when", "急救电话有且只有一个写 rescue (exactly one says rescue)")
    return hotlines


def read_first_help(pack: PackFile) -> tuple[Called, ...]:
    """What whoever reports an emergency should do besides calling; nothing by default."""
    rows = listed_rows(pack, "first_help", "zh") if "first_help" in pack.entries else []
    return tuple(Called(row.required("zh"), row.required("en")) for row in rows)


def read_urgency(pack: PackFile) -> Shares:
    """The shares of a limit at which a task looks half used and nearly over."""
    try:
        given = pack.entries["urgency"]
        shares = Shares(float(given["half"]), float(given["near"]))
    except (ValueError, KeyError, TypeError):
        shares = Shares(0.0, 0.0)
    if not 0 < shares.half < shares.near < 1:
        pack.refuse("urgency", "请写 half 和 near，0 < half < near < 1 (write both shares)")
    return shares


def read_area_suffixes(pack: PackFile) -> tuple[str, ...]:
    """What people leave out at the end of the name of an area; nothing by default."""
    given = pack.entries.get("area_suffixes", [])
    if not (isinstance(given, list) and all(isinstance(one, str) and one for one in given)):
        pack.refuse("area_suffixes", "请写词语的列表 (list the words)")
    return tuple(sorted(given, key=len, reverse=True))


def read_phases(pack: PackFile) -> tuple[Phase, ...]:
    """The steps of a case, in order."""
    rows = listed_rows(pack, "phases", "phase")
    phases = tuple(_phase(row) for row in rows)
    if len([phase for phase in phases if phase.when == "opening"]) != 1:
        rows[-1].refuse("when", "立案在且只在一个步骤 (exactly one phase says opening)")
    return phases


def read_outcomes(pack: PackFile) -> tuple[DrawnOutcome, ...]:
    """The words for how a case ended."""
    return tuple(
        DrawnOutcome(row.required("outcome"), row.required("zh"), row.required("en"))
        for row in listed_rows(pack, "outcomes", "outcome")
    )


def read_policies_off(pack: PackFile) -> frozenset[str]:
    """The check rules that this city switches off; none by default."""
    given = pack.entries.get("policies_off", [])
    if not (isinstance(given, list) and all(isinstance(name, str) for name in given)):
        pack.refuse("policies_off", "请写规则名称的列表 (list the names of rules)")
    return frozenset(given)


def read_terms(pack: PackFile) -> tuple[TermStart, ...]:
    """When school terms begin."""
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


def read_notice_hours(pack: PackFile) -> NoticeHours:
    """The quiet hours, and when digests go out."""
    try:
        given = pack.entries["notices"]
        times = [time.fromisoformat(one) for one in given["digest_at"]]
        first, last = (time.fromisoformat(given[name]) for name in ("quiet_from", "quiet_to"))
        return NoticeHours(first, last, (times[0], *times[1:]))
    except (ValueError, KeyError, TypeError, IndexError):
        problem = "请写 quiet_from、quiet_to、digest_at，如 21:30 (write times of the day)"
        pack.refuse("notices", problem)


def _hotline(row: PackRow) -> Hotline:
    number, when = row.required("number"), row.choice("when", ("rescue", "danger", "other"))
    if not number.isdigit():
        row.refuse("number", "只写数字 (digits only)")
    return Hotline(
        number=number,
        zh=row.required("zh"),
        en=row.required("en"),
        about_zh=row.text("about_zh"),
        about_en=row.text("about_en"),
        is_rescue=when == "rescue",
        is_danger=when == "danger",
    )


def _phase(row: PackRow) -> Phase:
    times: dict[str, When] = {name: name for name in get_args(When)}
    return Phase(
        id=row.required("phase"),
        name_zh=row.required("zh"),
        name_en=row.required("en"),
        when=times[row.choice("when", tuple(times))],
    )


def _is_origin(given: object) -> bool:
    return isinstance(given, str) and re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", given) is not None
