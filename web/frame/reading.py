"""Reads of a page: one transaction, as the signed-in officer; a refusal becomes a problem page."""

from collections.abc import Callable
from typing import TypeVar

from flask import abort, request
from werkzeug.exceptions import HTTPException

from engine.contract import Actor
from engine.reads.reading import Reading
from storage.errors import FormInvalid
from web.frame import sessions
from web.frame.answers import page_of_problem
from web.frame.contract import hangji
from web.frame.language import chosen

Result = TypeVar("Result")

MOST_TEXT = 100


def seen(look: Callable[[Reading], Result]) -> Result:
    """Read the data of a page as the signed-in officer."""
    return _seen(sessions.actor(), look)


def seen_by_anyone(look: Callable[[Reading], Result]) -> Result:
    """Read the data of a page as the public, whoever is signed in."""
    return _seen(None, look)


def search_text() -> str | None:
    """The search text, None without one.

    Raises:
        FormInvalid: it is longer than anything searched, or no text.
    """
    text = request.values.get("q") or None
    if text is not None:
        hangji().refuse_hostile({"q": text})
        if len(text) > MOST_TEXT:
            message = f"搜索的文字最多 {MOST_TEXT} 个字，请缩短后再搜。"
            english = f"Search text has at most {MOST_TEXT} characters; shorten it."
            raise FormInvalid.at("q", message, english=english)
    return text


def cursor() -> str | None:
    """Where the page before this one ended."""
    return hangji().unseal(request.args.get("cursor") or None)


def _seen(actor: Actor | None, look: Callable[[Reading], Result]) -> Result:
    try:
        return hangji().read(actor, look)
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - any error is shown as a problem page
        abort(page_of_problem(hangji().problem(error, language=chosen())))
