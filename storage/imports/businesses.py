"""Businesses from a file: recognised by code, licence or name and area, then brought up to date."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from storage.city.categories import Categories
from storage.city.entries import Bounds
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
from storage.imports.values import AS_TEXT, area_code_of, number_of
from storage.moments import in_china
from storage.numbers import credit_check_sign, has_credit_code_form, is_credit_code
from storage.places import areas
from storage.registry import businesses
from storage.registry.businesses import Business, BusinessKeys, NewBusiness
from storage.texts import plain

Progress = Callable[[Sequence[Any]], Iterable[Any]]

UPDATED: Final = (
    "category", "area_code", "credit_code", "licence_number", "address", "scope",
    "person_in_charge", "phone", "lat", "lon", "flags",
)  # fmt: skip
"""What a file changes on a known business; an empty cell changes nothing, a name never does."""

_PERSONAL: Final = frozenset({"person_in_charge", "phone"})
_SCIENTIFIC: Final = re.compile(r"[0-9.]+E\+?[0-9]+")


def import_businesses(
    session: Session,
    table: Table,
    categories: Categories,
    bounds: Bounds,
    *,
    now: datetime,
    progress: Progress = list,
) -> Imported:
    """Add the businesses of a file, and bring those already known up to date.

    Raises:
        ImportRefusedError: rows are wrong, all of them named.
    """
    reading = _BusinessReading(session, categories, bounds, now)
    done = Imported(len(table.rows))
    parsed = parse(table.rows, reading.business)
    parsed = unrepeated(parsed, _key, "统一社会信用代码，或名称和区域", done.warnings)
    parsed = unrepeated(parsed, lambda new: new.licence_number, "许可证号", done.warnings)
    done.warnings += reading.warnings
    registry = _Registry(businesses.list_keys(session))
    problems: list[str] = []
    for row, new in progress(parsed):
        known = registry.find(new)
        before = None if known is None else registry.claim(known.id, row.number)
        if before is not None:
            problems.append(
                f"{place_of(before)}与{place_of(row.number)}是同一个主体，请合并为一行"
                " (the same business: make one row of both)。"
            )
        elif known is None:
            _add(session, row, new, registry, done, now=now)
        else:
            _bring_up_to_date(session, row, new, known.id, done, now=now)
    if problems:
        raise ImportRefusedError(problems)
    return done


def _key(new: NewBusiness) -> tuple[str, ...] | None:
    if new.credit_code is not None:
        return (new.credit_code,)
    return None if new.licence_number is not None else (new.name, new.area_code)


@dataclass(slots=True)
class _BusinessReading:
    """Turns rows into businesses, cell by cell."""

    session: Session
    categories: Categories
    bounds: Bounds
    now: datetime
    warnings: list[str] = field(default_factory=list)

    def business(self, row: Row) -> NewBusiness:
        name, category = row.required("name"), self._category(row)
        area_code = area_code_of(row, "area_code")
        lat, lon = self._position(row)
        return NewBusiness(
            name=name,
            category=category,
            area_code=areas.get_area(self.session, area_code, on=in_china(self.now).date()).code,
            credit_code=self._credit_code(row),
            licence_number=plain(row.text("licence_number")).upper() or None,
            address=row.text("address") or None,
            scope=row.text("scope") or None,
            person_in_charge=row.text("person_in_charge") or None,
            phone=plain(row.text("phone")) or None,
            lat=lat,
            lon=lon,
            flags=[flag for flag in plain(row.text("flags")).replace(" ", "").split(";") if flag],
        )

    def _category(self, row: Row) -> str:
        text = row.required("category")
        code = self.categories.find(text)
        if code is None:
            near = "、".join(self.categories.nearest(text)) or "见 business_categories.csv"
            row.refuse("category", f"没有类别“{text}”，最接近的是 (nearest)：{near}")
        return code

    def _credit_code(self, row: Row) -> str | None:
        code = plain(row.text("credit_code")).upper()
        if not code:
            return None
        if _SCIENTIFIC.fullmatch(code):
            row.refuse("credit_code", f"“{code}”是科学计数，{AS_TEXT}")
        if not has_credit_code_form(code):
            row.refuse(
                "credit_code",
                f"“{code}”不是统一社会信用代码：应为 18 位数字和大写字母，不含 I、O、S、V、Z"
                " (18 digits and letters without I, O, S, V, Z)",
            )
        if not is_credit_code(code):
            self.warnings.append(
                f"{place_of(row.number)}：统一社会信用代码 {code} 的校验位应为"
                f" {credit_check_sign(code[:-1])}，已导入，请核对"
                " (wrong check digit, imported: verify it)。"
            )
        return code

    def _position(self, row: Row) -> tuple[float | None, float | None]:
        lat, lon = number_of(row, "lat"), number_of(row, "lon")
        if lat is None and lon is None:
            return None, None
        if lat is None or lon is None:
            row.refuse("lat" if lat is None else "lon", "纬度和经度要一起填写 (fill in both)")
        if not self.bounds.hold(lat, lon):
            hint = (
                "，纬度和经度是否填反 (lat and lon swapped?)" if self.bounds.hold(lon, lat) else ""
            )
            row.refuse(
                "lat",
                f"({lat}, {lon}) 不在本市范围内：纬度 {self.bounds.south} 至 {self.bounds.north}，"
                f"经度 {self.bounds.west} 至 {self.bounds.east} (outside the city){hint}",
            )
        return lat, lon


class _Registry:
    """The businesses known, by what a row may recognise them by, those of this file included."""

    def __init__(self, keys: Iterable[BusinessKeys]) -> None:
        self._by_code: dict[str, BusinessKeys] = {}
        self._by_licence: dict[str, BusinessKeys] = {}
        self._by_name: dict[tuple[str, str], list[BusinessKeys]] = {}
        self._rows: dict[int, int] = {}
        for key in keys:
            self._keep(key)

    def _keep(self, key: BusinessKeys) -> None:
        if key.credit_code is not None:
            self._by_code.setdefault(key.credit_code, key)
        if key.licence_number is not None:
            self._by_licence.setdefault(key.licence_number, key)
        self._by_name.setdefault((key.name, key.area_code), []).append(key)

    def add(self, key: BusinessKeys, row: int) -> None:
        """Remember a business this file added."""
        self._keep(key)
        self._rows[key.id] = row

    def find(self, new: NewBusiness) -> BusinessKeys | None:
        """Find the business a row is about."""
        if new.credit_code is not None and new.credit_code in self._by_code:
            return self._by_code[new.credit_code]
        if new.licence_number is not None and new.licence_number in self._by_licence:
            return self._by_licence[new.licence_number]
        alike = self.alike(new)
        # Two credit codes are two businesses, whatever they are called.
        fits = [key for key in alike if None in {key.credit_code, new.credit_code}]
        return fits[0] if fits else None

    def alike(self, new: NewBusiness) -> list[BusinessKeys]:
        """List the businesses of the same name in the same area."""
        return self._by_name.get((new.name, new.area_code), [])

    def claim(self, business_id: int, row: int) -> int | None:
        """Record the row that updates a business; return the earlier row for it."""
        before = self._rows.setdefault(business_id, row)
        return None if before == row else before


def _add(
    session: Session,
    row: Row,
    new: NewBusiness,
    registry: _Registry,
    done: Imported,
    *,
    now: datetime,
) -> None:
    if registry.alike(new):
        done.warnings.append(
            f"{place_of(row.number)}：本区域已有同名主体“{new.name}”而代码不同，已另行登记，请核对"
            " (another business of this name is there: verify)。"
        )
    made = businesses.add_business(session, new, at=now)
    key = BusinessKeys(made, new.name, new.area_code, new.credit_code, new.licence_number)
    registry.add(key, row.number)
    done.added += 1


def _bring_up_to_date(
    session: Session, row: Row, new: NewBusiness, business_id: int, done: Imported, *, now: datetime
) -> None:
    known = businesses.get_business(session, business_id)
    done.warnings += [f"{place_of(row.number)}：{text}" for text in _conflicts(known, new)]
    values = {
        name: value
        for name in UPDATED
        if (value := getattr(new, name)) not in (None, []) and value != getattr(known, name)
    }
    if known.credit_code is not None:
        values.pop("credit_code", None)
    if not values:
        return
    businesses.update_business(session, known.id, values, at=now)
    done.changed += 1
    changes = "；".join(
        _change(name, getattr(known, name), value) for name, value in values.items()
    )
    done.changes.append(f"{place_of(row.number)} {known.name}：{changes}")


def _conflicts(known: Business, new: NewBusiness) -> list[str]:
    conflicts = []
    if new.name != known.name:
        conflicts.append(
            f"与登记名称冲突：文件为“{new.name}”，登记为“{known.name}”，保留登记名称，请核对"
            " (conflict of names, the registered one is kept)。"
        )
    if None not in {new.credit_code, known.credit_code} and new.credit_code != known.credit_code:
        conflicts.append(
            f"许可证号相同而信用代码冲突：文件为 {new.credit_code}，登记为 {known.credit_code}，"
            "保留登记代码，请核对 (conflict of credit codes, the registered one is kept)。"
        )
    return conflicts


def _change(name: str, before: object, after: object) -> str:
    # Who is in charge and their phone are for staff at work, not for a terminal's log (R10).
    if name in _PERSONAL:
        return f"{name} 已更新 (updated)"
    return f"{name} {before or '—'} → {after}"
