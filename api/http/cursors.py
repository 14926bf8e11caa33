"""Cursors as callers see them: signed, so that only those of this server are accepted.

`storage.pages` writes and reads their content.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from api.http.routes import Ask
from storage.errors import FormInvalid
from storage.pages import Page


def of_query(ask: Ask) -> str | None:
    """Return the cursor of a query as storage wrote it.

    Raises:
        FormInvalid: this server did not sign it.
    """
    return unsealed(ask.query.get("cursor"), secrets=ask.composition.settings.secret_keys)


def next_of(ask: Ask, page: Page[Any]) -> str | None:
    """Return the cursor to the page after this one."""
    return sealed(page.next, secret=ask.composition.settings.secret_key)


def sealed(cursor: str | None, *, secret: str) -> str | None:
    """Sign a cursor; None, for there is no further page, stays None."""
    return None if cursor is None else f"{cursor}.{_mark(cursor, secret)}"


def unsealed(given: str | None, *, secrets: Iterable[str]) -> str | None:
    """Read a signed cursor.

    Raises:
        FormInvalid: this server did not sign it.
    """
    if given is None:
        return None
    cursor, _, mark = given.rpartition(".")
    given_mark = mark.encode("utf-8", "replace")
    if not any(hmac.compare_digest(_mark(cursor, one).encode(), given_mark) for one in secrets):
        message = "翻页标记无效，请从第一页开始。"
        raise FormInvalid.at("cursor", message, code="bad_cursor")
    return cursor


def _mark(cursor: str, secret: str) -> str:
    key = b"hangji cursor:" + secret.encode()
    return hmac.new(key, cursor.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]
