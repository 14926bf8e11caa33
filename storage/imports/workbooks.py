"""Workbooks as offices save them: XLSX, XLS, ODS; checked for size before they are unpacked."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from storage.imports.rows import ImportRefusedError

PACKED_AT_MOST: Final = 50 << 20
UNPACKED_AT_MOST: Final = 1 << 30
RATIO_AT_MOST: Final = 100
_SMALL: Final = 1 << 20
"""A sheet of a few rows may well shrink more than a hundredfold."""
_SECONDS: Final = 300
SAVE_AS: Final = "请在表格软件里另存为“CSV UTF-8（逗号分隔）” (save it as CSV UTF-8)"
_ZIP: Final = b"PK\x03\x04"
_SIGNATURES: Final = (_ZIP, b"\xd0\xcf\x11\xe0")
_PROGRAM: Final = Path(__file__).with_name("sheets.py")


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook by its first bytes."""
    return content.startswith(_SIGNATURES)


def sheet_rows(content: bytes, *, most: int) -> tuple[list[list[str]], list[str]]:
    """Read the rows of the first sheet, at most so many, and warnings.

    Raises:
        ImportRefusedError: it is too large, or no workbook.
    """
    if content.startswith(_ZIP):
        _require_modest(content)
    try:
        ended = subprocess.run(  # noqa: S603 - our own program, the file comes by its input
            [sys.executable, "-I", str(_PROGRAM), str(most)],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise _unreadable() from None
    first, *lines = ended.stdout.splitlines()
    name, sheets = json.loads(first)
    rows = [json.loads(line) for line in lines]
    if sheets == 1:
        return rows, []
    return rows, [f"有 {sheets} 个工作表，只读取了“{name}” (only the first sheet was read)。"]


def _require_modest(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            too_large = unpacked > UNPACKED_AT_MOST or (
                unpacked > _SMALL and unpacked > RATIO_AT_MOST * len(content)
            )
            # What is announced is also what is unpacked: this reads every member to its check sum.
            if not too_large and archive.testzip() is None:
                return
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError):
        raise _unreadable() from None
    if too_large:
        message = (
            f"解压后有 {unpacked >> 20} MiB，超过限制"
            f" (unpacks to more than allowed)；请分成几个文件，{SAVE_AS}。"
        )
        raise ImportRefusedError([message])
    raise _unreadable()


def _unreadable() -> ImportRefusedError:
    message = f"这个 Excel 工作簿无法读取 (the workbook cannot be read)；{SAVE_AS}。"
    return ImportRefusedError([message])
