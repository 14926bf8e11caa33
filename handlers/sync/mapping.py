"""字段映射：from a record of theirs to ours, as a file of the city's pack says.

Every field is found by a JSONPath; their codes are looked up in tables, times without a zone are
in the zone of the file. A record that cannot be read becomes a dead letter with the reason; a field
that is missing from every record of a page is a change of their schema.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import jsonpath
import orjson

from handlers.sync.protocol import (
    INSPECTION,
    PulledRecord,
    ReportedVisit,
    SchemaChanged,
    UnreadRecord,
)
from storage.moments import CHINA, canonical, in_china
from storage.sync.records import KeptRecord
from storage.video.rules import VIDEO_PATROL

PageStyle: TypeAlias = Literal["cursor", "offset", "since"]
PullResult: TypeAlias = PulledRecord | UnreadRecord

KINDS: Final = (INSPECTION, VIDEO_PATROL)
_NEEDED: Final = ("external_id", "version", "changed_at")
_NEEDED_OF_VISIT: Final = ("visited_at", "unit", "business_name", "found_problem")
_OPTIONAL_TEXTS: Final = (
    "credit_code",
    "licence_number",
    "area_code",
    "address",
    "inspector",
    "entered_by",
)
_TEXTS: Final = ("description", "result", "remark")
_LONGEST: Final = 4000
_ID_LENGTH: Final = 100
_DIGITS: Final = 18
"""As many as a number of the database holds."""


class UnreadableError(ValueError):
    """一个字段读不懂：`code` for lists, the text for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """一个平台的映射文件。"""

    id: str
    name: Mapping[str, str]
    adapter: str
    zone: ZoneInfo
    page_style: PageStyle
    page_size: int
    overlap_minutes: int
    category: str
    paths: Mapping[str, Any]
    routes: Mapping[str, str]
    fields: Mapping[str, Any] = field(repr=False)
    codes: Mapping[str, Any] = field(repr=False)
    push_fields: Mapping[str, str] = field(default_factory=dict, repr=False)

    def records_of(self, raws: Sequence[Any]) -> list[PullResult]:
        """读一页。

        Raises:
            SchemaChanged: a field every record must have is in none of them.
        """
        whole = [raw for raw in raws if isinstance(raw, dict)]
        for name in (*_NEEDED, *_NEEDED_OF_VISIT):
            asked = whole if name in _NEEDED else [raw for raw in whole if not self.is_deleted(raw)]
            if asked and not any(self.fields[name].findall(raw) for raw in asked):
                message = f"no record has the field {name} any more"
                raise SchemaChanged(message)
        return [self.record_of(raw) for raw in raws]

    def record_of(self, raw: Any) -> PullResult:
        """读一条；读不懂的写明原因。"""
        try:
            return self._record(raw)
        except UnreadableError as error:
            return UnreadRecord(self._name_of(raw), error.code, str(error), raw)

    def value(self, name: str, raw: Any) -> Any:
        """One field of a record, None when it is missing."""
        return next(iter(self.fields[name].findall(raw)), None) if name in self.fields else None

    def is_deleted(self, raw: Mapping[str, Any]) -> bool:
        """Whether they have deleted it."""
        return self._yes("deleted", raw)

    def find(self, path: str, body: Any) -> list[Any]:
        """Everything an answer holds at a path of the file."""
        found: list[Any] = self.paths[path].findall(body) if path in self.paths else []
        return found

    def moment(self, given: Any, name: str) -> datetime:
        """A time of theirs; one without a zone is in the zone of the file."""
        try:
            at = datetime.fromisoformat(str(given).strip().replace("/", "-"))
            at = at if at.tzinfo is not None else at.replace(tzinfo=self.zone)
            return at.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise UnreadableError("bad_time", f"{name}：{given!r} 不是时间") from error

    def _record(self, raw: Any) -> PulledRecord:
        if not isinstance(raw, dict):
            raise UnreadableError("no_record", "不是一条记录")
        external_id, version = self._id(raw), self._version(raw)
        changed_at = self.moment(self.value("changed_at", raw), "changed_at")
        kind = self._coded("kind", raw, INSPECTION)
        if kind not in KINDS:
            raise UnreadableError("unknown_kind", f"未知的记录类型 {kind!r}")
        deleted = self.is_deleted(raw)
        visit = None if deleted else self._visit(raw)
        on = changed_at if visit is None else visit.visited_at
        return PulledRecord(
            external_id=external_id,
            version=version,
            changed_at=changed_at,
            kind=kind,
            day=in_china(on).date(),
            visit=visit,
            raw=raw,
            deleted=deleted,
        )

    def _visit(self, raw: Mapping[str, Any]) -> ReportedVisit:
        missing = [name for name in _NEEDED_OF_VISIT if self.value(name, raw) in (None, "")]
        if missing:
            raise UnreadableError("field_missing", f"缺少 {'、'.join(missing)}")
        unit = self._coded("unit", raw, "")
        if unit not in self.codes["unit"].values():
            raise UnreadableError("unknown_unit", f"未知的检查单位 {unit!r}")
        theirs = str(self.value("matter", raw) or "")
        matter = self.codes["matter"].get(theirs)
        texts: dict[str, Any] = {name: self._text(name, raw) for name in _TEXTS}
        texts |= {name: self._text(name, raw) or None for name in _OPTIONAL_TEXTS}
        return ReportedVisit(
            visited_at=self.moment(self.value("visited_at", raw), "visited_at"),
            unit=unit,
            business_name=self._text("business_name", raw),
            found_problem=self._yes("found_problem", raw),
            handled=self._yes("handled", raw),
            matter=matter,
            matter_note=theirs if matter is None and theirs else None,
            items=self._items(raw),
            **texts,
        )

    def _items(self, raw: Mapping[str, Any]) -> dict[str, str] | None:
        """Answers of a checklist in our words; what no table names stays theirs."""
        given = self.value("items", raw)
        if not isinstance(given, dict):
            return None
        items, answers = self.codes.get("item", {}), self.codes.get("answer", {})
        return {
            str(items.get(str(item), item)): str(answers.get(str(answer), answer))
            for item, answer in given.items()
        }

    def _id(self, raw: Mapping[str, Any]) -> str:
        given = self.value("external_id", raw)
        text = "" if given is None or isinstance(given, (dict, list, bool)) else str(given).strip()
        if not 0 < len(text) <= _ID_LENGTH:
            raise UnreadableError("no_id", "没有编号")
        return text

    def _version(self, raw: Mapping[str, Any]) -> int:
        given = self.value("version", raw)
        text = str(given).strip()
        if isinstance(given, bool) or not (
            text.isascii() and text.isdigit() and len(text) <= _DIGITS
        ):
            raise UnreadableError("bad_version", f"版本 {given!r} 不是整数")
        return int(text)

    def _coded(self, name: str, raw: Mapping[str, Any], default: str) -> str:
        given = self.value(name, raw)
        if given is None:
            return default
        return str(self.codes[name].get(str(given), given))

    def _yes(self, name: str, raw: Mapping[str, Any]) -> bool:
        given = self.value(name, raw)
        return str(given) in self.codes["yes"] or given is True

    def _text(self, name: str, raw: Mapping[str, Any]) -> str:
        given = self.value(name, raw)
        return "" if given is None else str(given).strip().replace("\x00", "")[:_LONGEST]

    def _name_of(self, raw: Any) -> str:
        """An id for a dead letter: theirs where it can be read, else one made of the content."""
        try:
            return self._id(raw if isinstance(raw, dict) else {})
        except UnreadableError:
            return "?" + hashlib.sha256(canonical_of(raw)).hexdigest()[:16]


def body_of(record: PulledRecord) -> dict[str, Any]:
    """The record in our words, as it is kept."""
    if record.visit is None:
        return {}
    visit = {name: getattr(record.visit, name) for name in ReportedVisit.__slots__}
    visit["visited_at"] = record.visit.visited_at.astimezone(CHINA).isoformat()
    return visit


def restored(kept: KeptRecord) -> PulledRecord:
    """The record that is kept, as it was read."""
    visit = None
    if kept.body:
        at = datetime.fromisoformat(kept.body["visited_at"]).astimezone(UTC)
        visit = ReportedVisit(**{**kept.body, "visited_at": at})
    return PulledRecord(
        external_id=kept.external_id,
        version=kept.version,
        changed_at=kept.changed_at,
        kind=kept.kind,
        day=kept.day,
        visit=visit,
        raw=kept.body,
        deleted=kept.retired,
    )


def hash_of(record: PulledRecord) -> str:
    """By which a repetition of the same content is known."""
    return hashlib.sha256(canonical(body_of(record)).encode()).hexdigest()


def canonical_of(raw: Any) -> bytes:
    """Their content as bytes, whatever it holds."""
    return orjson.dumps(raw, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def read_mapping(path: Path) -> SourceMapping:
    """读映射文件。"""
    told = orjson.loads(path.read_bytes())
    return SourceMapping(
        id=told["id"],
        name=told["name"],
        adapter=told["adapter"],
        zone=ZoneInfo(told.get("time_zone", "Asia/Shanghai")),
        page_style=told.get("page_style", "since"),
        page_size=int(told.get("page_size", 100)),
        overlap_minutes=int(told.get("overlap_minutes", 10)),
        category=told["category"],
        paths={name: jsonpath.compile(text) for name, text in told["paths"].items()},
        routes=told["routes"],
        fields={name: jsonpath.compile(text) for name, text in told["fields"].items()},
        codes=told["codes"],
        push_fields=told.get("push_fields", {}),
    )


def read_mappings(city_folder: Path) -> dict[str, SourceMapping]:
    """读城市包里的全部对接平台。"""
    found = [read_mapping(path) for path in sorted((city_folder / "sync").glob("*.json"))]
    return {mapping.id: mapping for mapping in found}
