"""The text of a foreign file in UTF-8, whatever it was saved in."""

import re
from typing import Final

from engine.diagrams.xml import SIZE_LIMIT
from engine.errors import EditError

_DECLARED: Final = re.compile(r"^(<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')", re.ASCII)
_MARKS: Final = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)


def in_utf8(content: bytes, *, name: str) -> tuple[bytes, str | None]:
    """The file in UTF-8, and what it was in where that was something else.

    Raises:
        EditError: it is too large, or in no encoding such files are saved in.
    """
    if len(content) > 2 * SIZE_LIMIT:
        raise EditError(f"{name} 超过 2 MB，请拆成几个流程。", english=f"{name} is too large.")
    found = next((kind for mark, kind in _MARKS if content.startswith(mark)), None)
    for kind in (found,) if found else ("utf-8", "gb18030"):
        try:
            text = content.decode(kind)
        except UnicodeDecodeError:
            continue
        plain = _DECLARED.sub(r'\1 encoding="UTF-8"', text.lstrip("\ufeff").lstrip())
        return plain.encode(), None if kind == "utf-8" else kind
    message = f"{name} 的编码认不出来，请在原来的工具里另存为 UTF-8。"
    raise EditError(message, english=f"The encoding of {name} is unknown: save it as UTF-8.")
