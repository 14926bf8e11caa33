"""Import areas from a file; each needs its parent, and a new name is valid from the import on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from storage.database.session import Session
from storage.errors import NotFound
from storage.imports.outcomes import (
    ImportAct,
    Judged,
    ParsedRow,
    ReadRows,
    Value,
    parse,
    unrepeated,
)
from storage.imports.rows import Row, Table, place_of
from storage.imports.values import area_code_of
from storage.moments import in_china
from storage.places import areas, usage
from storage.places.areas import Area, padded_code, significant_code
from storage.places.levels import AreaLevel, level_of_code
from storage.places.proposals import propose_changes

_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class AreaImport:
    """Areas of all levels; a file in any order can be read, parents are written first."""

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Put parents before their children."""
        return sorted(rows, key=lambda row: (len(_short(row.text("code"))), row.number))

    def read(self, session: Session, table: Table, act: ImportAct) -> ReadRows:
        """Read the rows; an area without a parent, or of another city, is refused."""
        on = _day(act)
        reading = parse(self.ordered(table.rows), _value)
        reading = unrepeated(reading, lambda value: value["code"], "区域代码")
        known = {area.code: area for area in areas.list_areas(session, on=on, limit=_ALL)}
        _refuse_orphans(reading, known)
        listed = {entry.value["code"]: entry.value["name"] for entry in reading.entries}
        reading.warnings += propose_changes(known, listed)
        return reading

    def judge(self, session: Session, entries: Sequence[ParsedRow], act: ImportAct) -> list[Judged]:
        """Compare codes and names with those of today."""
        codes = [entry.value["code"] for entry in entries]
        known = usage.names_of(session, codes, on=_day(act))
        return [_judged(entry, known.get(entry.value["code"])) for entry in entries]

    def write(self, session: Session, rows: Sequence[Judged], act: ImportAct) -> list[Judged]:
        """Add and rename areas."""
        on = _day(act)
        areas.put_areas(session, [_area(row.entry.value, on) for row in rows], on=on)
        return list(rows)

    def undo(self, session: Session, row: Judged, act: ImportAct) -> str | None:
        """End what was added, and give a renamed area its former name."""
        code, on = row.entry.value["code"], _day(act)
        now = areas.find_area(session, code, on=on)
        if now is None or now.name != row.entry.value["name"]:
            return f"{code} 已被改名或撤销 (renamed or ended since)"
        if row.before is not None:
            areas.put_areas(session, [_area({**row.entry.value, **row.before}, on)], on=on)
            return None
        if usage.is_used(session, code):
            return f"{code} 已在使用 (in use since)"
        usage.remove_area(session, code)
        return None

    def warn(self, session: Session, rows: Iterable[Judged], act: ImportAct) -> list[str]:
        """Nothing is left to look at."""
        del session, rows, act
        return []


def _value(row: Row) -> Value:
    code = area_code_of(row, "code")
    level_of_code(code)
    return {"code": code, "name": row.required("name")}


def _short(text: str) -> str:
    try:
        return significant_code(text)
    except NotFound:
        return text


def _judged(entry: ParsedRow, name: str | None) -> Judged:
    code, new = entry.value["code"], entry.value["name"]
    if name is None:
        return Judged(entry, "added", code, after=entry.value)
    if name == new:
        return Judged(entry, "same", code)
    message = f"{code}：{name} → {new}"
    return Judged(entry, "changed", code, {"name": name}, {"name": new}, message)


def _area(value: Value, on: date) -> Area:
    code = value["code"]
    return Area(code, value["name"], level_of_code(code), areas.parent_code(code), None, on, None)


def _day(act: ImportAct) -> date:
    return in_china(act.now).date()


def _refuse_orphans(reading: ReadRows, known: dict[str, Area]) -> None:
    cities = [code for code, area in known.items() if area.level is AreaLevel.CITY]
    codes = set(known)
    for entry in list(reading.entries):
        code = entry.value["code"]
        parent = areas.parent_code(code)
        if parent is not None and parent not in codes:
            problem = (
                f"{place_of(entry.number)}：{code} 没有上级区域 {padded_code(parent)}，"
                "请先导入上级或改正代码 (no such parent: import it first, or correct the code)。"
            )
            reading.refuse(entry, problem)
        elif parent is None and cities and code not in cities:
            problem = (
                f"{place_of(entry.number)}：{code} 不是本市 {cities[0]}，请改正代码"
                " (another city: correct the code)。"
            )
            reading.refuse(entry, problem)
        else:
            # Parents come first: a child of a refused area is refused as well.
            codes.add(code)
