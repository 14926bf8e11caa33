"""Cursors as callers see them: signed, so that only what a page gave out comes back.

Where a page ended is written and read by `storage.pages`.
"""

import hashlib
import hmac
from typing import Any

from api.http.routes import Ask
from storage.errors import FormInvalid
from storage.pages import Page


def of_query(ask: Ask) -> str | None:
    """Give the cursor of a query as storage wrote it.

    Raises:
        FormInvalid: no page of this server gave it out.
    """
    sealed: str | None = ask.query.get("cursor")
    if sealed is None:
        return None
    cursor, _, mark = sealed.rpartition(".")
    if not hmac.compare_digest(_mark(ask, cursor).encode(), mark.encode("utf-8", "replace")):
        message = "翻页标记无效，请从第一页开始。"
        raise FormInvalid.at("cursor", message, code="bad_cursor")
    return cursor


def next_of(ask: Ask, page: Page[Any]) -> str | None:
    """Give the cursor to the page after this one."""
    return None if page.next is None else f"{page.next}.{_mark(ask, page.next)}"


def _mark(ask: Ask, cursor: str) -> str:
    key = b"hangji cursor:" + ask.composition.settings.secret_key.encode()
    return hmac.new(key, cursor.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]
