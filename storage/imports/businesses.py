"""Businesses from a file: recognised by code, licence or name and area, then brought up to date."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Final

from storage.city.categories import Categories
from storage.city.entries import Bounds
from storage.city.licences import KINDS, LicenceNumbers
from storage.city.rules import installed
from storage.city.trust import FieldTrust
from storage.database.session import Session
from storage.imports.batches import count_unclear
from storage.imports.columns import ColumnNames, folded
from storage.imports.comparing import CREDENTIAL, DEFAULT_SOURCE, Comparing
from storage.imports.outcomes import (
    ImportAct,
    Judged,
    ParsedRow,
    ReadRows,
    Value,
    parse,
    refused_as,
    unrepeated,
)
from storage.imports.registering import RegistryWriting, undo_row
from storage.imports.rows import Row, Table, place_of
from storage.imports.values import AS_TEXT, area_code_of, day_of, number_of
from storage.moments import in_china
from storage.numbers import credit_check_sign, has_credit_code_form, is_credit_code
from storage.places import areas
from storage.places.named import NamedAreas, read_named_areas
from storage.registry import many, missing
from storage.registry.businesses import NewBusiness
from storage.registry.categories import list_rows
from storage.registry.credentials import Credential, find_credentials
from storage.texts import plain

_NAMES: Final = tuple(each.name for each in fields(NewBusiness))
_SCIENTIFIC: Final = re.compile(r"[0-9.]+E\+?[0-9]+")
_CODE: Final = re.compile(r"[0-9.eE+]+")
_MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class BusinessImport:
    """Food businesses of one source."""

    categories: Categories
    bounds: Bounds
    trust: FieldTrust
    suffixes: tuple[str, ...]
    names: ColumnNames
    licences: LicenceNumbers

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Keep the order of the file."""
        return rows

    def read(self, session: Session, table: Table, act: ImportAct) -> ReadRows:
        """Read the rows; two rows about one business are refused."""
        categories = self.categories.with_rows(list_rows(session))
        reader = _BusinessReading(session, categories, self.bounds, self.names, self.licences, act)
        reading = parse(table.rows, reader.value)
        reading.warnings += reader.warnings
        reading = unrepeated(reading, _key, "统一社会信用代码，或名称和区域")
        reading = unrepeated(reading, lambda value: value["licence_number"], "许可证号")
        return _of_one_name(reading)

    def judge(self, session: Session, entries: Sequence[ParsedRow], act: ImportAct) -> list[Judged]:
        """Find the business of each row, and compare by the trust in its source."""
        known = many.list_alike(session, [entry.value for entry in entries])
        said = [entry.value[CREDENTIAL] for entry in entries if entry.value[CREDENTIAL]]
        registered = find_credentials(session, [(one["kind"], one["number"]) for one in said])
        compare = Comparing(self.trust, act.origin or DEFAULT_SOURCE, registered)
        return [_judged(entry, known, compare) for entry in entries]

    def write(self, session: Session, rows: Sequence[Judged], act: ImportAct) -> list[Judged]:
        """Add and update businesses, with their sources, changes and questions."""
        return RegistryWriting(session, act, self.suffixes).write(rows)

    def undo(self, session: Session, row: Judged, act: ImportAct) -> str | None:
        """Remove what was added, and give a changed business its former values."""
        return undo_row(session, row, act)

    def warn(self, session: Session, rows: Iterable[Judged], act: ImportAct) -> list[str]:
        """Ask about the businesses a full list misses; a list with open rows misses nothing."""
        del rows
        source = act.origin or DEFAULT_SOURCE
        missing.restore_named(session, source, act.batch_id)
        if not act.is_full:
            return []
        unclear = count_unclear(session, act.batch_id)
        if unclear:
            problem = (
                f"有 {unclear} 行没有对上主体，没有核对名单以外的主体：请改正后重新导入"
                f" ({unclear} rows met no business: who is missing was not looked at)。"
            )
            return [problem]
        asked = missing.ask_about_missing(session, source, act.batch_id, at=act.now)
        told = (
            f"以前的名单里有 {asked} 个主体不在这份完整名单里，已列为待核对，没有注销"
            f" ({asked} businesses are gone from the list: to be decided, none deregistered)。"
        )
        return [told] if asked else []


def _key(value: Value) -> tuple[str, ...] | None:
    if value["credit_code"] is not None:
        return (value["credit_code"],)
    return None if value["licence_number"] is not None else (value["name"], value["area_code"])


def _of_one_name(reading: ReadRows) -> ReadRows:
    """Compare the rows of one name and area: without two credit codes they are one business."""
    named: dict[tuple[str, str], list[ParsedRow]] = {}
    for entry in reading.entries:
        named.setdefault((entry.value["name"], entry.value["area_code"]), []).append(entry)
    problems, warned = dict[int, str](), set[int]()
    for entries in named.values():
        if len(entries) == 1:
            continue
        if any(entry.value["credit_code"] is None for entry in entries):
            numbers = "与".join(place_of(entry.number) for entry in entries)
            problem = f"{numbers}是同一个主体，请合并为一行 (the same business: make one row)。"
            problems |= {entry.place: problem for entry in entries}
        warned |= {entry.place for entry in entries[1:]}
    reading.settled += refused_as(
        (Judged(entry, "refused") for entry in reading.entries if entry.place in problems), problems
    )
    reading.entries = [
        replace(entry, warning=_another(entry)) if entry.place in warned else entry
        for entry in reading.entries
        if entry.place not in problems
    ]
    return reading


def _another(entry: ParsedRow) -> str:
    return (
        f"{place_of(entry.number)}：本区域已有同名主体“{entry.value['name']}”而代码不同，"
        "已另行登记，请核对 (another business of this name is there: verify)。"
    )


@dataclass(slots=True)
class _BusinessReading:
    """Turns rows into businesses, cell by cell."""

    session: Session
    categories: Categories
    bounds: Bounds
    names: ColumnNames
    licences: LicenceNumbers
    act: ImportAct
    warnings: list[str] = field(default_factory=list)
    known_areas: dict[str, str] = field(default_factory=dict)
    named: NamedAreas | None = None
    """Read when the first row names an area instead of its code."""

    def value(self, row: Row) -> Value:
        name, category = row.required("name"), self._category(row)
        lat, lon = self._position(row)
        on = in_china(self.act.now).date()
        new = NewBusiness(
            name=name,
            category=category,
            area_code=self._area(row, on),
            credit_code=self._credit_code(row),
            licence_number=self._licence_number(row),
            address=row.text("address") or None,
            scope=row.text("scope") or None,
            person_in_charge=row.text("person_in_charge") or None,
            phone=plain(row.text("phone")) or None,
            lat=lat,
            lon=lon,
            status=self._status(row),
            flags=[flag for flag in plain(row.text("flags")).replace(" ", "").split(";") if flag],
        )
        said = {name: getattr(new, name) for name in _NAMES}
        return {**said, CREDENTIAL: self._credential(row, new)}

    def _area(self, row: Row, on: date) -> str:
        """The area by its code, its name, or the address; a list names few areas in many rows."""
        text = plain(row.text("area_code"))
        if text and _CODE.fullmatch(text):
            code = area_code_of(row, "area_code")
            if code not in self.known_areas:
                self.known_areas[code] = areas.get_area(self.session, code, on=on).code
            return self.known_areas[code]
        column = "area_code" if text else "address"
        written = text or row.text("address")
        if written not in self.known_areas:
            self.known_areas[written] = self._named_area(row, column, written, on)
        return self.known_areas[written]

    def _named_area(self, row: Row, column: str, written: str, on: date) -> str:
        if self.named is None:
            suffixes = installed().area_suffixes
            self.named = read_named_areas(self.session, on=on, suffixes=suffixes)
        named = self.named
        found = named.find(written) if column == "area_code" else named.within(written)
        if len(found) > 1:
            told = named.told(found[:_MOST_TOLD])
            row.refuse(column, f"“{written}”不止一处，请写编码或加上乡镇：{told} (several areas)")
        if not found and column == "address":
            row.refuse(
                column,
                f"没有区域编码，从地址“{written}”也认不出乡镇或村（社区），请补上其中之一"
                " (no area code, and the address names no town or village)",
            )
        if not found:
            row.refuse(
                column, f"没有叫“{written}”的区域，请写全称、编码，或乡镇加村名 (no such area)"
            )
        return found[0]

    def _licence_number(self, row: Row) -> str | None:
        number = plain(row.text("licence_number")).upper()
        form = self.licences.form_of(number)
        if form is not None and not self.licences.has_form(number):
            row.refuse(
                "licence_number",
                f"“{number}”不是{form.name_zh}编号：{form.prefix} 后应为 {form.length} 位数字"
                f" ({form.length} digits behind {form.prefix})",
            )
        digit = self.licences.check_digit(number)
        if digit is not None and number[-1] != digit:
            self.warnings.append(
                f"{place_of(row.number)}：许可证号 {number} 的校验位应为 {digit}，已导入，请核对"
                " (wrong check digit, imported: verify it)。"
            )
        return number or None

    def _credential(self, row: Row, new: NewBusiness) -> Value | None:
        """What the row says of its licence or filing; rows without a number say nothing."""
        if new.licence_number is None:
            return None
        form = self.licences.form_of(new.licence_number)
        by_source = self.act.origin if self.act.origin in KINDS else KINDS[0]
        days = {
            name: day_of(row, name) if row.text(name) else None
            for name in ("valid_from", "valid_to")
        }
        if None not in days.values() and days["valid_to"] < days["valid_from"]:  # type: ignore[operator]  # neither is None
            row.refuse("valid_to", "早于发证日期 (before it begins)")
        said = Credential(
            business_id=0,
            kind=str(by_source) if form is None else form.kind,
            number=new.licence_number,
            issued_by=row.text("issued_by") or None,
            state="cancelled" if new.status == "deregistered" else "valid",
            **days,
        )
        return said.said()

    def _category(self, row: Row) -> str:
        text = row.required("category")
        code = self.categories.find(text)
        if self.categories.find_retired(text) is not None:
            row.refuse("category", f"类别“{text}”已停用，请改用其他类别 (retired category)")
        if code is None:
            near = "、".join(self.categories.nearest(text)) or "见 business_categories.csv"
            row.refuse("category", f"没有类别“{text}”，最接近的是 (nearest)：{near}")
        return code

    def _status(self, row: Row) -> str:
        """What a list says of the registration; that a business trades only an officer can see."""
        text = row.text("status")
        status = self.names.values.get(("status", folded(text)))
        if text and status is None:
            known = "、".join(word for column, word in self.names.values if column == "status")
            row.refuse("status", f"没有状态“{text}”，可以写 (one of)：{known}")
        return status or "operating"

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


def _judged(entry: ParsedRow, known: many.Alike, compare: Comparing) -> Judged:
    found = known.find(entry.value)
    if len(found) > 1:
        ids = "、".join(str(business.id) for business in found)
        message = (
            f"{place_of(entry.number)}：信用代码和许可证号分属不同主体（{ids}），没有写入，请核对"
            " (matches two businesses: verify)。"
        )
        return Judged(entry, "review", message=message, warning=message)
    if not found:
        warning = _another(entry) if known.named(entry.value) else entry.warning
        return Judged(entry, "added", after=entry.value, warning=warning)
    return compare.judged(entry, found[0])
