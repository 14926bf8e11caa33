"""Days of the working calendar from a file: a set of changes, never a whole year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from storage.database.session import Session
from storage.imports.columns import ColumnNames, folded
from storage.imports.outcomes import (
    ImportAct,
    Judged,
    ParsedRow,
    ReadRows,
    Value,
    parse,
    unrepeated,
)
from storage.imports.rows import Row, Table
from storage.imports.values import day_of
from storage.places import calendar
from storage.places.calendar import CalendarDay, DayKind

_NAMES_OF_KINDS: Final[dict[DayKind, str]] = {
    "holiday": "放假",
    "makeup_workday": "补班",
    "workday": "工作日",
    "weekend": "周末",
}
_WEEKDAYS: Final = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class CalendarImport:
    """Days of the working calendar; every other day stays as it is."""

    names: ColumnNames

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Keep the order of the file."""
        return rows

    def read(self, session: Session, table: Table, act: ImportAct) -> ReadRows:
        """Read the rows."""
        del session, act
        reading = parse(table.rows, lambda row: _value(row, self.names))
        return unrepeated(reading, lambda value: value["date"], "日期")

    def judge(self, session: Session, entries: Sequence[ParsedRow], act: ImportAct) -> list[Judged]:
        """Compare with the days kept."""
        del act
        kept = {day.on_date: day for day in calendar.list_days(session)}
        return [_judged(entry, kept) for entry in entries]

    def write(self, session: Session, rows: Sequence[Judged], act: ImportAct) -> list[Judged]:
        """Change the days."""
        days = [_day(row.entry.value) for row in rows]
        calendar.put_days(session, days, source=act.source)
        return list(rows)

    def undo(self, session: Session, row: Judged, act: ImportAct) -> str | None:
        """Make a day again what it was."""
        on = date.fromisoformat(row.entry.value["date"])
        kept = {day.on_date: day for day in calendar.list_days(session, since=on, until=_next(on))}
        if row.before is None or kept.get(on) != _day(row.entry.value):
            return f"{on.isoformat()} 已被再次更改 (changed since)"
        calendar.put_days(session, [_day(row.before)], source=act.source)
        calendar.withdraw_year(session, on.year)
        return None

    def warn(self, session: Session, rows: Iterable[Judged], act: ImportAct) -> list[str]:
        """Name the years that are not announced in full."""
        del act
        years = {int(row.entry.value["date"][:4]) for row in rows}
        return [
            f"{year} 年的放假安排还不完整，期限仍为暂定 (the year is not announced in full)。"
            for year in sorted(years - calendar.announced_years(session))
        ]


def _judged(entry: ParsedRow, kept: Mapping[date, CalendarDay]) -> Judged:
    new = _day(entry.value)
    on, known = new.on_date, kept.get(new.on_date)
    before = calendar.kind_of(kept, on)
    if before == new.kind and (known is None or known.name == new.name):
        return Judged(entry, "same", on.isoformat())
    message = (
        f"{on.isoformat()} 星期{_WEEKDAYS[on.weekday()]}："
        f"{_NAMES_OF_KINDS[before]} → {_NAMES_OF_KINDS[new.kind]} ({before} → {new.kind})"
        f" {new.name or ''}".rstrip()
    )
    was = {**entry.value, "kind": before, "name": known.name if known else None}
    return Judged(entry, "changed", on.isoformat(), was, entry.value, message)


def _value(row: Row, names: ColumnNames) -> Value:
    on = day_of(row, "date")
    kind = _kind(row, names)
    problem = _implausible(on, kind)
    if problem is not None:
        row.refuse("kind", f"{on.isoformat()} 是星期{_WEEKDAYS[on.weekday()]}，{problem}")
    return {"date": on.isoformat(), "kind": kind, "name": row.text("name") or None}


def _day(value: Value) -> CalendarDay:
    return CalendarDay(date.fromisoformat(value["date"]), value["kind"], value["name"])


def _next(on: date) -> date:
    return on + timedelta(days=1)


def _kind(row: Row, names: ColumnNames) -> DayKind:
    text = folded(row.required("kind"))
    word = names.values.get(("kind", text), text)
    kind = next((kind for kind in _NAMES_OF_KINDS if kind == word), None)
    if kind is None:
        known = "、".join(f"{name} {key}" for key, name in _NAMES_OF_KINDS.items())
        row.refuse("kind", f"“{text}”不是类型，请写 (write one of)：{known}")
    return kind


def _implausible(on: date, kind: DayKind) -> str | None:
    by_weekday = calendar.kind_by_weekday(on)
    if calendar.is_fixed_festival(on) and kind != "holiday":
        return "法定节日不能改为其他类型 (a festival by law stays a holiday)"
    if kind == "makeup_workday" and by_weekday == "workday":
        return (
            "本来就上班，补班只能在周末；请核对日期"
            " (a make-up day falls on a weekend: check the date)"
        )
    if kind == "weekend" and by_weekday == "workday":
        return "不是周末；放假请写 holiday (no weekend: write holiday for a day off)"
    if kind == "workday" and by_weekday == "weekend":
        return "是周末；上班请写 makeup_workday (a weekend: write makeup_workday)"
    return None
