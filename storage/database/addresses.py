"""The address of a database: which ones hangji can use, and how one is shown without secrets."""

import re
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import Refused

_SECRET_PARAMETER: Final = re.compile(r"((?:password|passfile|sslpassword)=)[^&\s]*", re.IGNORECASE)
_EXAMPLES: Final = "sqlite:////srv/hangji/hangji.sqlite3, postgresql://user:password@host/name"


def read_address(text: str, *, setting: str = "HANGJI_DATABASE_URL") -> URL:
    """Read the address of a SQLite or PostgreSQL database.

    Raises:
        Refused: it is no such address (code `database_url`); its password is not in the message.
    """
    try:
        url = make_url(_with_driver(text))
    except (ArgumentError, ValueError):
        raise _refusal(setting, text, "无法识别这个地址", "this is no address") from None
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise _refusal(setting, text, "只能用 SQLite 或 PostgreSQL", "use SQLite or PostgreSQL")
    if url.drivername.startswith("sqlite") and (url.host or url.username):
        raise _refusal(
            setting, text, "SQLite 的路径前要写三个斜杠", "write three slashes before the path"
        )
    return url


def masked(text: str) -> str:
    """Return an address with everything between the user name and the last @ hidden."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        # It is unclear which part of this is the password.
        return "***"
    before, at, place = rest.rpartition("@")
    user = before.partition(":")[0] if ":" in before else "***"
    return _SECRET_PARAMETER.sub(r"\1***", f"{scheme}://{user}:***@{place}" if at else text)


def _with_driver(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _refusal(setting: str, text: str, problem: str, in_english: str) -> Refused:
    message = f"{setting} {masked(text)}：{problem} ({in_english})，例如 {_EXAMPLES}。"
    return Refused(message, code="database_url")
