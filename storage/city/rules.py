"""Read roles, levels and phases of a city pack; a wrong cell is refused by file, row and column."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, get_args

from storage.cases.outcomes import DrawnOutcome, install_outcomes
from storage.cases.phases import Phase, install_phases
from storage.cases.search import install_common_words
from storage.city import entries
from storage.city.cadence import INSPECTIONS, ROUNDS, read_cadences
from storage.city.categories import Categories, read_categories
from storage.city.entries import Bounds, Called, Hotline, Shares, TermStart
from storage.city.exchange import read_feed, read_match_scores, read_partners, read_visits
from storage.city.files import PackRow, pack_rows, read_pack
from storage.city.inspections.checklists import read_checklists
from storage.city.inspections.kinds import read_inspection_kinds
from storage.city.inspections.papers import read_papers
from storage.city.maps import MapRules, read_map
from storage.city.staffing import read_staffing_rules
from storage.city.thresholds import Thresholds, read_thresholds
from storage.city.trust import FieldTrust, read_suffixes, read_trust
from storage.city.video import read_video_items, read_video_quotas
from storage.delivery.notices import NoticeHours, NoticeKind, Weight, install_notices
from storage.feed.published import FeedRule, install_feed
from storage.inspections.checklists import ChecklistLine
from storage.inspections.kinds import InspectionKind
from storage.inspections.papers import PaperWords
from storage.patrols.cadence import Cadence
from storage.people.roles import Capacity, ImportedList, Place, Role, Tier, install_roles
from storage.places.levels import AreaLevel, Level, install_levels
from storage.staffing.rules import StaffingRule
from storage.sync.partners import Partner
from storage.sync.scores import MatchScores, VisitRule
from storage.video.rules import QuotaRule, VideoItem, install_quotas

_ROLE_COLUMNS = (
    "role", "name_zh", "name_en", "also", "capacity", "place", "above", "rank", "tier", "sees_area",
    "collects", "is_asked", "supervises", "merges", "stands_in", "per_city", "on_duty",
    "appoints", "single", "imports",
)  # fmt: skip
_OR_NOTHING = ("", "no", "yes")
_ON_DUTY = ("no", "told", "yes")
_NOTICE_COLUMNS = ("template", "name_zh", "name_en", "weight", "acknowledge", "channels")
_WORD_COLUMNS = ("code", "words")
_LEVEL_COLUMNS = ("level", "code_length", "name_zh", "name_en", "above")


@dataclass(frozen=True, slots=True)
class CityRules:
    """Settings of a city that are needed at start-up."""

    roles: tuple[Role, ...]
    levels: tuple[Level, ...]
    areas_as_of: date
    bounds: Bounds
    city_app: tuple[str, ...]
    """Origins that may show pages of officers in a frame; none where no app embeds them."""
    city: Called
    portal: Called
    hotlines: tuple[Hotline, ...]
    first_help: tuple[Called, ...]
    """What to do in an emergency besides calling."""
    urgency: Shares
    phases: tuple[Phase, ...]
    outcomes: tuple[DrawnOutcome, ...]
    lanes: dict[str, "DrawnLane"]
    timers: tuple["SettledTimer", ...]
    policies_off: frozenset[str]
    terms: tuple[TermStart, ...]
    common_words: dict[str, frozenset[str]]
    """By which words people search for a matter, by its code."""
    notices: tuple[NoticeKind, ...]
    notice_hours: NoticeHours
    staffing: dict[str, StaffingRule]
    """How many people a place needs at least, by kind."""
    categories: Categories
    trust: FieldTrust
    """Which source of the registry is believed about which field."""
    suffixes: tuple[str, ...]
    """Company suffixes that names of businesses are compared without."""
    area_suffixes: tuple[str, ...]
    """What lists leave out at the end of the name of an area, the longest first."""
    thresholds: Thresholds
    cadences: dict[str, Cadence]
    """How often a round comes by, by category."""
    frequencies: dict[str, Cadence]
    """How often departments inspect, by category; it proposes and assigns nothing."""
    inspection_kinds: dict[str, InspectionKind]
    """Which kinds of inspections are planned, in the order they are offered."""
    checklists: dict[str, tuple[ChecklistLine, ...]]
    """What an inspection looks at, by category; `other` where a category has no list."""
    papers: dict[str, PaperWords]
    """The words of printed papers, by kind; none where a city prints none."""
    map: MapRules
    """Zoom bands, shades and base map of the city's map."""
    match_scores: MatchScores
    visits: VisitRule
    """When a record of another platform and a case here are one visit (R30)."""
    video_quotas: dict[str, QuotaRule]
    """What units watch by video each period, by unit (R32, R33)."""
    video_items: tuple[VideoItem, ...]
    """Points of the checklist of video patrols."""
    feed: tuple[FeedRule, ...]
    """What partners may know of cases (R31)."""
    partners: tuple[Partner, ...]
    """Which platforms are told of what happens to which cases (R31)."""


class DrawnLane(NamedTuple):
    """Who fills in a form: the role or run-time lane its task is drawn in, and the clause."""

    role: str
    clause: str | None


class SettledTimer(NamedTuple):
    """A timer the city has settled: where it stands, what it reads, and whether it interrupts."""

    process: str
    event: str
    on: str | None
    """The task on whose border it stands; None between tasks."""
    reads: str
    """A variable, or a duration such as P7D."""
    is_interrupting: bool
    clause: str | None


def read_rules(folder: Path) -> CityRules:
    """Read roles.csv, levels.csv, matter_words.csv and pack.json of a city pack.

    Raises:
        Refused: a file is missing or a cell is wrong; the message names file, row and column.
    """
    roles = _roles(list(pack_rows(folder / "roles.csv", _ROLE_COLUMNS)))
    levels = _levels(list(pack_rows(folder / "levels.csv", _LEVEL_COLUMNS)))
    pack = read_pack(folder / "pack.json")
    return CityRules(
        roles=roles,
        levels=levels,
        areas_as_of=entries.read_areas_as_of(pack),
        bounds=entries.read_bounds(pack),
        city_app=entries.read_city_app(pack),
        city=entries.read_called(pack, "city"),
        portal=entries.read_called(pack, "portal"),
        hotlines=entries.read_hotlines(pack),
        first_help=entries.read_first_help(pack),
        urgency=entries.read_urgency(pack),
        phases=entries.read_phases(pack),
        outcomes=entries.read_outcomes(pack),
        lanes=_lanes(folder / "lanes.csv"),
        timers=tuple(_timers(folder / "drawn_timers.csv")),
        policies_off=entries.read_policies_off(pack),
        terms=entries.read_terms(pack),
        common_words=_common_words(folder / "matter_words.csv"),
        notices=tuple(map(_notice, pack_rows(folder / "notices.csv", _NOTICE_COLUMNS))),
        notice_hours=entries.read_notice_hours(pack),
        staffing=read_staffing_rules(folder, {role.id for role in roles}),
        categories=read_categories(folder),
        trust=read_trust(folder),
        suffixes=read_suffixes(folder),
        area_suffixes=entries.read_area_suffixes(pack),
        thresholds=read_thresholds(folder),
        cadences=read_cadences(folder, ROUNDS),
        frequencies=read_cadences(folder, INSPECTIONS),
        inspection_kinds=read_inspection_kinds(folder),
        checklists=read_checklists(folder),
        papers=read_papers(folder),
        map=read_map(folder),
        match_scores=read_match_scores(folder),
        visits=read_visits(folder),
        video_quotas=read_video_quotas(folder, {role.id for role in roles}),
        video_items=read_video_items(folder),
        feed=read_feed(folder),
        partners=read_partners(folder),
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
    install_quotas(rules.video_quotas)
    install_feed(rules.feed)
    _INSTALLED[:] = [rules]


def installed() -> CityRules:
    """Return the rules of the city of this process."""
    (rules,) = _INSTALLED
    return rules


def find_installed() -> CityRules | None:
    """Return the rules of the city of this process, None before it has any."""
    return _INSTALLED[0] if _INSTALLED else None


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
    roles = {name: _with_others(row, roles) for row, name in zip(rows, names, strict=True)}
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
        on_duty=row.choice("on_duty", _ON_DUTY) == "yes",
        is_told=row.text("on_duty") == "told",
        appoints=row.choice("appoints", _OR_NOTHING) == "yes",
        is_single=row.choice("single", _OR_NOTHING) == "yes",
        imports=_imports(row),
        apart=frozenset(),
        stood_in_by=frozenset(),
    )


def _with_others(row: PackRow, roles: dict[str, Role]) -> Role:
    """A role with those it names: kept apart from it (`*`: every other), or standing in for it."""
    role = roles[row.text("role")]
    return replace(
        role,
        apart=_roles_named(row, "apart", roles) - {role.id},
        stood_in_by=_roles_named(row, "stood_in_by", roles),
    )


def _roles_named(row: PackRow, column: str, roles: Collection[str]) -> frozenset[str]:
    if row.text(column) == "*":
        return frozenset(roles)
    names = [name for name in row.text(column).split(";") if name]
    for name in names:
        if name not in roles:
            row.refuse(column, f"没有岗位角色 (no role) {name}")
    return frozenset(names)


def _imports(row: PackRow) -> frozenset[ImportedList]:
    lists: dict[str, ImportedList] = {name: name for name in get_args(ImportedList)}
    names = [name for name in row.text("imports").split(";") if name]
    for name in names:
        if name not in lists:
            row.refuse("imports", f"“{name}” 不可用，请写 (write some of): {', '.join(lists)}")
    return frozenset(lists[name] for name in names)


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
        is_copied=row.choice("copied", _OR_NOTHING) == "yes",
        is_for_business=row.choice("to_business", _OR_NOTHING) == "yes",
    )


def _common_words(path: Path) -> dict[str, frozenset[str]]:
    words: dict[str, frozenset[str]] = {}
    for row in pack_rows(path, _WORD_COLUMNS):
        code = row.required("code")
        if code in words:
            row.refuse("code", f"{code} 重复 (double)")
        given = (word.strip().lower() for word in row.required("words").split(";"))
        words[code] = frozenset(word for word in given if word)
    return words


def _lanes(path: Path) -> dict[str, DrawnLane]:
    """The lane of each form; a city without the file leaves all of them free."""
    lanes: dict[str, DrawnLane] = {}
    for row in pack_rows(path, ("form", "role", "clause")) if path.is_file() else ():
        form = row.required("form")
        if form in lanes:
            row.refuse("form", f"{form} 重复 (double)")
        lanes[form] = DrawnLane(row.required("role"), row.text("clause") or None)
    return lanes


_TIMER_COLUMNS = ("process", "event", "on", "reads", "interrupts", "clause")


def _timers(path: Path) -> Iterator[SettledTimer]:
    """The timers the city has settled; a city without the file leaves all of them free."""
    for row in pack_rows(path, _TIMER_COLUMNS) if path.is_file() else ():
        interrupts = row.required("interrupts")
        if interrupts not in {"yes", "no"}:
            row.refuse("interrupts", "yes 或 no (yes or no)")
        yield SettledTimer(
            row.required("process"),
            row.required("event"),
            row.text("on") or None,
            row.required("reads"),
            interrupts == "yes",
            row.text("clause") or None,
        )
