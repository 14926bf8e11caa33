"""file_drop 适配器：a platform that leaves CSV or XLSX files in a folder (UTF-8 or GBK).

Files are read in the order of their names and stay where they are; the cursor is the file and the
row behind it. The heads are the fields of the mapping file. Nothing can be sent to a folder.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from handlers.sync.mapping import PullResult, SourceMapping
from handlers.sync.protocol import PulledPage, PulledRecord, Push, PushAnswer, SourceFailed
from storage.imports.rows import ImportRefusedError
from storage.imports.workbooks import is_workbook, sheet_rows

_BYTES: Final = 50 << 20
_ROWS: Final = 200_000
_SUFFIXES: Final = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class FileDrop:
    """一个文件夹。"""

    mapping: SourceMapping
    folder: Path

    def overlapped(self, cursor: str | None) -> str | None:
        """从哪里重读：files do not change once they are there."""
        return cursor

    def pull(self, cursor: str | None, limit: int) -> PulledPage:
        """读一页：a part of one file."""
        name, _, number = (cursor or "").rpartition("#")
        start = int(number or 0)
        for path in self._files():
            if path.name < name:
                continue
            rows = _rows_of(path)
            first = start if path.name == name else 0
            part = rows[first : first + limit]
            if part:
                end = first + len(part)
                more = end < len(rows) or any(other.name > path.name for other in self._files())
                return PulledPage(self.mapping.records_of(part), f"{path.name}#{end}", more)
        return PulledPage((), cursor, has_more=False)

    def fetch(self, external_id: str) -> PullResult | None:
        """读一条：the last row with this id."""
        found = [one for one in self._all() if one.external_id == external_id]
        return found[-1] if found else None

    def versions(self, day: date) -> Mapping[str, int]:
        """一天里对方有哪些检查。"""
        newest: dict[str, PulledRecord] = {}
        for record in self._all():
            if isinstance(record, PulledRecord):
                known = newest.get(record.external_id)
                if known is None or record.version >= known.version:
                    newest[record.external_id] = record
        of_day = (one for one in newest.values() if one.day == day and not one.deleted)
        return {record.external_id: record.version for record in of_day}

    def push(self, deliveries: Sequence[Push]) -> Sequence[PushAnswer]:
        """文件夹不能推送。"""
        return [PushAnswer(verdict="refused", message="文件夹只读不写") for _ in deliveries]

    def _all(self) -> list[PullResult]:
        return [one for path in self._files() for one in self.mapping.records_of(_rows_of(path))]

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            message = f"the folder {self.folder.name} is not there"
            raise SourceFailed(message)
        return sorted(path for path in self.folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _rows_of(path: Path) -> list[dict[str, Any]]:
    if path.stat().st_size > _BYTES:
        message = f"{path.name} is larger than 50 MiB"
        raise SourceFailed(message)
    content = path.read_bytes()
    try:
        cells = sheet_rows(content, most=_ROWS)[0] if is_workbook(content) else _csv(content)
    except (ImportRefusedError, ValueError, csv.Error) as error:
        message = f"{path.name} cannot be read: {type(error).__name__}"
        raise SourceFailed(message) from error
    if not cells:
        return []
    heads = [head.strip() for head in cells[0]]
    return [
        dict(zip(heads, (cell.strip() for cell in row), strict=False))
        for row in cells[1:]
        if any(cell.strip() for cell in row)
    ]


def _csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return list(csv.reader(io.StringIO(text)))
