"""The rows of a workbook's first sheet, as JSON lines: a program of its own.

It runs in a process with bounded memory, because one cell at the far end of a sheet makes a reader
allocate every cell before it. It imports nothing of hangji.
"""

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any, Final

from python_calamine import CalamineWorkbook

MEMORY: Final = 3 << 30
_EXACT: Final = 1e15
"""A spreadsheet keeps 15 digits of a number; longer codes are damaged already."""


def text_of(value: Any) -> str:
    """Return a cell as a person would have typed it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            return f"{value:.5E}"
        return str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def main() -> None:
    """Write the name of the sheet, the number of sheets, then every row."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    most = int(sys.argv[1])
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    sheet = book.get_sheet_by_index(0)
    json.dump([sheet.name, len(book.sheet_names)], sys.stdout)
    for number, row in enumerate(sheet.iter_rows()):
        if number >= most:
            break
        sys.stdout.write("\n")
        json.dump([text_of(cell) for cell in row], sys.stdout, ensure_ascii=True)


if __name__ == "__main__":
    main()
