"""Days of the working calendar from a file: a set of changes, never a whole year."""

from datetime import date
from typing import Final

from storage.database.session import Session
from storage.imports.columns import ColumnNames, folded
from storage.imports.rows import Imported, Row, Table, parse, unrepeated
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


def import_calendar(session: Session, table: Table, names: ColumnNames, *, source: str) -> Imported:
    """Change the days a file names; every other day stays as it is.

    Raises:
        ImportRefusedError: rows are wrong, all of them named.
    """
    done = Imported(len(table.rows))
    parsed = parse(table.rows, lambda row: _day(row, names))
    parsed = unrepeated(parsed, lambda day: day.on_date, "日期", done.warnings)
    named = {day.on_date: day for _, day in parsed}
    changed = calendar.put_days(session, named.values(), source=source)
    for on, (before, after) in sorted(changed.items()):
        done.changes.append(
            f"{on.isoformat()} 星期{_WEEKDAYS[on.weekday()]}："
            f"{_NAMES_OF_KINDS[before]} → {_NAMES_OF_KINDS[after]} ({before} → {after})"
            f" {named[on].name or ''}".rstrip()
        )
    done.changed = len(changed)
    announced = calendar.announced_years(session)
    done.warnings += [
        f"{year} 年的放假安排还不完整，期限仍为暂定 (the year is not announced in full)。"
        for year in sorted({on.year for on in named} - announced)
    ]
    return done


def _day(row: Row, names: ColumnNames) -> CalendarDay:
    on = day_of(row, "date")
    kind = _kind(row, names)
    problem = _implausible(on, kind)
    if problem is not None:
        row.refuse("kind", f"{on.isoformat()} 是星期{_WEEKDAYS[on.weekday()]}，{problem}")
    return CalendarDay(on, kind, row.text("name") or None)


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
