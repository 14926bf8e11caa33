"""Import areas from a file; each needs its parent, and a new name is valid from the import on."""

from collections.abc import Sequence
from datetime import date

from storage.database.session import Session
from storage.imports.rows import (
    Imported,
    ImportRefusedError,
    Row,
    Table,
    parse,
    place_of,
    unrepeated,
)
from storage.imports.values import area_code_of
from storage.places import areas
from storage.places.areas import Area, padded_code
from storage.places.levels import AreaLevel, level_of_code

_ALL = 1_000_000


def import_areas(session: Session, table: Table, *, on: date) -> Imported:
    """Add the areas of a file and rename those listed under another name.

    Raises:
        ImportRefusedError: rows are invalid; the error lists all of them.
    """
    done = Imported(len(table.rows))
    parsed = parse(table.rows, lambda row: _area(row, on))
    parsed = unrepeated(parsed, lambda area: area.code, "区域代码", done.warnings)
    known = {area.code: area for area in areas.list_areas(session, on=on, limit=_ALL)}
    _refuse_orphans(parsed, known)
    for _, area in parsed:
        before = known.get(area.code)
        if before is not None and before.name != area.name:
            done.changes.append(f"{area.code}：{before.name} → {area.name}")
    # Parents first, so that a file in any order can be read.
    ordered = sorted((area for _, area in parsed), key=lambda area: (area.level, area.code))
    changed = areas.put_areas(session, ordered, on=on)
    done.changed = len(done.changes)
    done.added = changed - done.changed
    return done


def _area(row: Row, on: date) -> Area:
    code = area_code_of(row, "code")
    name = row.required("name")
    return Area(code, name, level_of_code(code), areas.parent_code(code), None, on, None)


def _refuse_orphans(parsed: Sequence[tuple[Row, Area]], known: dict[str, Area]) -> None:
    codes = known.keys() | {area.code for _, area in parsed}
    cities = [code for code, area in known.items() if area.level is AreaLevel.CITY]
    problems = []
    for row, area in parsed:
        if area.parent is not None and area.parent not in codes:
            problems.append(
                f"{place_of(row.number)}：{area.code} 没有上级区域 {padded_code(area.parent)}，"
                "请先导入上级或改正代码 (no such parent: import it first, or correct the code)。"
            )
        elif area.parent is None and cities and area.code not in cities:
            problems.append(
                f"{place_of(row.number)}：{area.code} 不是本市 {cities[0]}，请改正代码"
                " (another city: correct the code)。"
            )
    if problems:
        raise ImportRefusedError(problems)
