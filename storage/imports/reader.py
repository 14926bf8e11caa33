"""The strict reading of an imported file: bytes to rows of cleaned cells, nothing lost on the way.

What Excel and WPS save is read: workbooks; UTF-8 with or without a mark, GB18030, UTF-16; commas,
tabs or semicolons; Chinese or English heads, below a title too. Whatever would lose a cell is
refused by row and column.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from storage.imports.columns import COLUMNS, ColumnNames, folded
from storage.imports.rows import FileHead, ImportRefusedError, Row, Table, place_of
from storage.imports.workbooks import PACKED_AT_MOST, SAVE_AS, is_workbook, sheet_rows
from storage.texts import cleaned, first_forbidden, shows_nothing

Record = tuple[int, list[str]]
"""The number of a row and its cells."""

ROWS_AT_MOST: Final = 200_000
CELL_AT_MOST: Final = 2_000
_TITLE_ROWS: Final = 10
"""So many rows may stand above the heads: titles, dates, notes."""
_DELIMITERS: Final = ",\t;"
_MERGED_OR_COMMA: Final = (
    "这一行比表头长：含逗号的内容请用双引号括起来，或为这一列补上表头"
    " (longer than the head: quote cells with commas, or name the column)"
)


def read_table(
    content: bytes, kind: str, names: ColumnNames, mapping: Mapping[str, str] | None = None
) -> Table:
    """Read a file of a kind; `mapping` names columns by hand, an empty one is not read.

    Raises:
        ImportRefusedError: it cannot be read without losing something; every place is named.
    """
    known = names.with_mapping(mapping or {})
    records, warnings = _records_of(content, known)
    first = _first(records, known)
    if first > 0:
        warnings.append(f"表头在{place_of(records[first][0])} (the heads stand below a title)。")
    number, heads = records[first] if records else (1, [])
    columns = [known.columns.get(folded(head)) or None for head in heads]
    shown = _heads(heads, columns, records[first + 1 :])
    _require_columns(heads, columns, kind, known, number, shown)
    unread = [head for head, column in zip(heads, columns, strict=True) if head and not column]
    if unread:
        warnings.append(f"没有读取的列 (columns not read)：{'、'.join(unread)}。")
    rows = tuple(_rows(records[first + 1 :], heads, columns, shown))
    return Table(rows, tuple(warnings), shown)


def _records_of(content: bytes, names: ColumnNames) -> tuple[list[Record], list[str]]:
    most = ROWS_AT_MOST + _TITLE_ROWS + 1
    if len(content) > PACKED_AT_MOST:
        message = f"文件超过 {PACKED_AT_MOST >> 20} MiB，请分成几个文件 (the file is too large)。"
        raise ImportRefusedError([message])
    if is_workbook(content):
        rows, warnings = sheet_rows(content, most=most)
        return list(enumerate(rows, start=1)), warnings
    text, warnings = _decoded(content)
    delimiter = max(_DELIMITERS, key=lambda sign: _known_heads(text, sign, names))
    return list(islice(_records(text, delimiter), most)), warnings


def _first(records: Sequence[Record], names: ColumnNames) -> int:
    """Find the row of the heads: the first one unless a row below a title knows more of them."""
    known = [_known_of(cells, names) for _, cells in records[:_TITLE_ROWS]]
    return known.index(max(known)) if known else 0


def _known_of(cells: Sequence[str], names: ColumnNames) -> int:
    return sum(folded(cell) in names.columns for cell in cells if cell)


def _heads(
    heads: Sequence[str], columns: Sequence[str | None], records: Sequence[Record]
) -> tuple[FileHead, ...]:
    cells = records[0][1] if records else []
    return tuple(
        FileHead(cleaned(head), column, _cell(cells[place])[:40] if place < len(cells) else "")
        for place, (head, column) in enumerate(zip(heads, columns, strict=True))
        if cleaned(head)
    )


def _decoded(content: bytes) -> tuple[str, list[str]]:
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not _is_utf8(content):
        encoding = "gb18030"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        message = (
            f"不是 UTF-8、GB18030 或 UTF-16 编码的文字 (no UTF-8, GB18030, UTF-16)；{SAVE_AS}。"
        )
        raise ImportRefusedError([message]) from None
    is_usual = encoding == "utf-8-sig"
    return text, [] if is_usual else [f"文件按 {encoding.upper()} 编码读取 (the encoding read)。"]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # GB18030 reads nearly any bytes; a damaged UTF-8 file must not become other Chinese.
        lenient = content.decode("utf-8", errors="replace")
        if sum(sign >= "\u0800" and sign != "\ufffd" for sign in lenient) > lenient.count("\ufffd"):
            number = content.count(b"\n", 0, error.start) + 1
            message = f"{place_of(number)}：UTF-8 编码损坏 (broken UTF-8)；{SAVE_AS}。"
            raise ImportRefusedError([message]) from None
        return False
    return True


def _known_heads(text: str, delimiter: str, names: ColumnNames) -> int:
    try:
        top = list(islice(_records(text, delimiter), _TITLE_ROWS))
    except ImportRefusedError:
        return 0
    return max((_known_of(cells, names) for _, cells in top), default=0)


def _records(text: str, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            yield number, record
    except csv.Error as error:
        message = (
            f"{place_of(number + 1)}：双引号没有成对，请补上或删去多余的引号"
            f" (quotes are not in pairs: {error})。"
        )
        raise ImportRefusedError([message]) from None


def _require_columns(
    heads: Sequence[str],
    columns: Sequence[str | None],
    kind: str,
    names: ColumnNames,
    number: int,
    shown: tuple[FileHead, ...],
) -> None:
    problems = []
    for column in COLUMNS[kind].every:
        places = [place for place, name in enumerate(columns, start=1) if name == column]
        if len(places) > 1:
            written = "、".join(f"第 {place} 列“{heads[place - 1]}”" for place in places)
            problems.append(
                f"{place_of(number)}：{written}都是 {column}，请只留一列"
                " (repeated column: keep one)。"
            )
        if not places and column in COLUMNS[kind].required:
            problems.append(
                f"{place_of(number)}：表头里没有这一列，请补上：{_called(names, column)}"
                f" (the column {column} is missing)。"
            )
    either = COLUMNS[kind].either
    if either and not set(either) & set(columns):
        written = "、".join(name for one in either for name in names.heads_of(one)[1:])
        problems.append(
            f"{place_of(number)}：表头里至少要有其中一列：{written}"
            " (one of these columns is needed)。"
        )
    if problems:
        raise ImportRefusedError(problems, shown)


def _called(names: ColumnNames, column: str) -> str:
    """What the heads of a column may be called, its own name where the city has no other."""
    own, *others = names.heads_of(column)
    return "、".join(others) or own


def _rows(
    records: Sequence[Record],
    heads: Sequence[str],
    columns: Sequence[str | None],
    shown: tuple[FileHead, ...],
) -> Iterator[Row]:
    written = {column: cleaned(head) for head, column in zip(heads, columns, strict=True) if column}
    problems: list[str] = []
    rows = 0
    for number, record in records:
        cells = [_cell(text) for text in record]
        if not any(cells):
            continue
        rows += 1
        if rows > ROWS_AT_MOST:
            problems.append(f"超过 {ROWS_AT_MOST} 行，请分成几个文件 (too many rows)。")
            break
        problems += _lost(number, cells, heads)
        named = zip(columns, cells, strict=False)
        yield Row(number, {column: cell for column, cell in named if column}, written)
    if problems:
        raise ImportRefusedError(problems, shown)


def _cell(text: str) -> str:
    """Clean a cell, also of the marks by which a spreadsheet stores digits as text."""
    text = cleaned(text)
    if shows_nothing(text) and first_forbidden(text) is None:
        return ""
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1].strip()
    return text.removeprefix("'").strip()


def _lost(number: int, cells: Sequence[str], heads: Sequence[str]) -> Iterator[str]:
    """Name the cells that could not be kept as they are."""
    for place, cell in enumerate(cells):
        head = heads[place] if place < len(heads) else ""
        where = place_of(number, f"第 {place + 1} 列 {cleaned(head)}".strip())
        sign = first_forbidden(cell)
        if cell and not cleaned(head):
            yield f"{where}：“{cell[:40]}”：{_MERGED_OR_COMMA}。"
        elif sign is not None:
            yield (
                f"{where}：含不可见字符或换行 U+{ord(sign):04X}，请删去"
                " (an invisible character or a line end: remove it)。"
            )
        elif len(cell) > CELL_AT_MOST:
            yield f"{where}：超过 {CELL_AT_MOST} 个字 (longer than {CELL_AT_MOST} characters)。"
