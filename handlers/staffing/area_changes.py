"""Changes of the area tree (R01): what a rename, move, split or merge does, and doing it.

A code is a prefix, so an area that moves gets a new code, and everything below it too. Registers
get the new codes, cases keep theirs; links lead from the old code to the new one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from handlers.staffing.area_rules import NewAreaChange, judge
from handlers.staffing.gaps import check_areas
from storage.database.session import Session
from storage.errors import FormInvalid
from storage.moments import Json, in_china
from storage.places import areas, usage
from storage.places.area_changes import add_area_change, end_subtrees, note_effects
from storage.places.areas import Area, parent_code
from storage.places.levels import AreaLevel, level_of_code
from storage.places.links import WHOLE, AreaLink, add_links
from storage.staffing import recoding
from storage.staffing.recoding import Recoding

_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """What a change will do to the tree."""

    new: NewAreaChange
    moves: dict[str, str] = field(default_factory=dict)
    """Every code that is replaced, with the code in its place."""
    recodings: list[Recoding] = field(default_factory=list)
    """The same without what follows from the area around it."""
    added: list[Area] = field(default_factory=list)
    renamed: list[tuple[str, str, str]] = field(default_factory=list)
    """What the area that takes over is called from now on: code, a former name, the new one."""
    shares: list[tuple[str, int, int]] = field(default_factory=list)
    """Of a split: each part with its first hundredth and the one after its last."""


def plan(session: Session, new: NewAreaChange, *, now: datetime) -> AreaPlan:
    """Plan a change; nothing is written.

    Raises:
        FormInvalid: codes, names, shares or the day do not fit.
    """
    today = in_china(now).date()
    known = judge(session, new, today=today)
    if new.kind == "rename":
        return AreaPlan(new, renamed=_renamed(new, known))
    primary = new.primary
    moves: dict[str, str] = {}
    for code in new.from_codes:
        if code != primary.code:
            taken = set(moves.values())
            moves |= _moves(session, code, primary.code, taken, on=today)
    return AreaPlan(
        new,
        moves,
        _recodings(moves),
        list(_added(session, new, moves, known, today)),
        _renamed(new, known),
        _shares(new),
    )


def apply(session: Session, planned: AreaPlan, *, by: int | None, at: datetime) -> dict[str, int]:
    """Make a change in the caller's transaction; return what it re-coded, by table."""
    new = planned.new
    change: dict[str, Json] = {
        "kind": new.kind,
        "from_codes": list(new.from_codes),
        "to_codes": [target.code for target in new.targets],
        "effective_on": new.on,
        "document": new.document,
        "effects": {},
        "applied_by": by,
        "applied_at": at,
    }
    change_id = add_area_change(session, change)
    for area in planned.added:
        # One that was imported just before, and that nothing refers to.
        usage.remove_area(session, area.code)
    effects = {
        "areas_ended": end_subtrees(session, _ended(planned), on=new.on),
        "areas_added": areas.add_areas(session, planned.added),
        "facts_shared": recoding.share_facts(session, new.from_codes[0], planned.shares[1:]),
        **recoding.recode(session, planned.recodings, at=at),
        "areas_renamed": _rename(session, planned),
        "jurisdictions_copied": _copy_jurisdictions(session, planned),
    }
    add_links(session, _links(planned, change_id, at))
    check_areas(session, [target.code for target in new.targets], at=at)
    effects = {name: count for name, count in effects.items() if count}
    note_effects(session, change_id, effects)
    return effects


def _moves(session: Session, old: str, new: str, taken: set[str], *, on: date) -> dict[str, str]:
    """Find codes in a new place for an area and all below it; what is taken there is left."""
    children = defaultdict(list)
    for area in areas.list_areas(session, on=on, under=old, limit=_ALL):
        children[area.parent].append(area.code)
    taken |= {area.code for area in areas.list_areas(session, on=on, under=new, limit=_ALL)}
    moves, waiting = {}, [(old, new)]
    while waiting:
        code, becomes = waiting.pop()
        moves[code] = becomes
        for child in sorted(children[code]):
            free = _free(becomes, child[len(code) :], taken)
            taken.add(free)
            waiting.append((child, free))
    return moves


def _free(parent: str, suffix: str, taken: set[str]) -> str:
    """Return the code of a child: with its number, or else with the first one that is free."""
    if parent + suffix not in taken:
        return parent + suffix
    width = len(suffix)
    numbers = (f"{parent}{number:0{width}d}" for number in range(1, 10**width))
    free = next((code for code in numbers if code not in taken), None)
    if free is None:
        message, english = f"{parent} 下没有空余的编码。", f"No code below {parent} is free."
        raise FormInvalid.at("to", message, clause="R01", english=english)
    return free


def _recodings(moves: Mapping[str, str]) -> list[Recoding]:
    found = []
    for old, new in moves.items():
        parent = parent_code(old)
        becomes = None if parent is None else moves.get(parent)
        if parent is None or becomes is None or becomes + old[len(parent) :] != new:
            found.append(Recoding(old, new))
    return found


def _added(
    session: Session,
    new: NewAreaChange,
    moves: Mapping[str, str],
    known: Mapping[str, Area],
    today: date,
) -> Iterator[Area]:
    """The areas that begin: what moves under its new code, and the parts of a split."""
    tops = {target.code: target for target in new.targets}
    for old, code in sorted(moves.items()):
        if code in tops:
            continue
        before = areas.get_area(session, old, on=today)
        yield _area(before, code, before.name, new.on)
    example = known[new.from_codes[0]]
    for code, target in tops.items():
        if code not in known:
            is_primary = target is new.primary
            before = example if is_primary else replace(example, lat=None, lon=None)
            yield _area(before, code, target.name or example.name, new.on)


def _area(before: Area, code: str, name: str, on: date) -> Area:
    level = level_of_code(code)
    return replace(
        before,
        code=code,
        name=name,
        level=level,
        parent=parent_code(code),
        valid_from=on,
        valid_to=None,
    )


def _ended(planned: AreaPlan) -> list[str]:
    return [old for old in planned.new.from_codes if old in planned.moves]


def _renamed(new: NewAreaChange, known: Mapping[str, Area]) -> list[tuple[str, str, str]]:
    """The area that takes over, by each name its posts may be called after."""
    primary = new.primary
    example = known.get(primary.code, known[new.from_codes[0]])
    name = primary.name or example.name
    names = dict.fromkeys(known[code].name for code in new.from_codes)
    return [(primary.code, before, name) for before in names if before != name]


def _rename(session: Session, planned: AreaPlan) -> int:
    """Rename the area that keeps its code, and the titles of the posts with it."""
    on, renamed = planned.new.on, 0
    for code, before, after in planned.renamed:
        if code in planned.new.from_codes:
            known = areas.get_area(session, code, on=on)
            renamed += areas.put_areas(session, [replace(known, name=after)], on=on)
        recoding.rename_posts(session, code, before, after)
    return renamed


def _shares(new: NewAreaChange) -> list[tuple[str, int, int]]:
    """Which hundredths each part of a split takes, the primary part first; all without shares."""
    if new.kind != "split":
        return []
    ordered = [new.primary, *(one for one in new.targets if one is not new.primary)]
    if all(target.share is None for target in ordered):
        return [(ordered[0].code, 0, WHOLE), *((one.code, WHOLE, WHOLE) for one in ordered[1:])]
    found, first = [], 0
    for target in ordered:
        before = first + (target.share or 0)
        found.append((target.code, first, before))
        first = before
    return found


def _links(planned: AreaPlan, change_id: int, at: datetime) -> list[AreaLink]:
    on = planned.new.on
    if planned.shares:
        (old,) = planned.new.from_codes
        return [AreaLink(change_id, old, new, on, a, b, at) for new, a, b in planned.shares]
    return [AreaLink(change_id, old, new, on, 0, WHOLE, at) for old, new in planned.recodings]


def _copy_jurisdictions(session: Session, planned: AreaPlan) -> int:
    """Every part of a divided town keeps the units of the whole."""
    new = planned.new
    if new.kind != "split" or level_of_code(new.from_codes[0]) is not AreaLevel.TOWN:
        return 0
    parts = [target.code for target in new.targets if target.code not in new.from_codes]
    return sum(recoding.copy_jurisdiction(session, new.from_codes[0], code) for code in parts)
