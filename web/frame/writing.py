"""Writes of a page, by the API's own routes; a refusal is returned as a problem document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort
from werkzeug.exceptions import HTTPException

from web.frame import sessions, unsent
from web.frame.contract import hangji
from web.frame.language import chosen

OK = 200
REFUSED = 400
UPLOAD = "attachments.upload"
"""The one write that does nothing to a case: a picture goes with the form that is shown again."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """The result: `data` is the answer, or a problem document when `is_problem`."""

    status: int
    data: Any

    @property
    def is_problem(self) -> bool:
        """Whether the request was refused."""
        return self.status >= REFUSED


def write(
    action: str, at: Mapping[str, str], body: Mapping[str, Any], *, key: str | None = None
) -> PageAnswer:
    """Write as the signed-in officer.

    `action` is the name of a route of the API and `at` the values of its address; a repeated
    submit with the same `key` changes nothing.

    What was typed before signing in again is shown first: a page that does not show it itself
    ends here, with everything it brought on a page to be sent by a press.
    """
    if unsent.is_for_review() and action != UPLOAD:
        abort(unsent.OUT_OF_DATE)
    actor = sessions.actor()
    return _outcome(lambda: hangji().write(actor, key, body, action, at))


def rehearse(action: str, at: Mapping[str, str], body: Mapping[str, Any]) -> PageAnswer:
    """Find out what a write would answer; nothing of it is kept."""
    actor = sessions.actor()
    return _outcome(lambda: hangji().rehearse(actor, body, action, at))


def write_as_anyone(
    action: str, at: Mapping[str, str], body: Mapping[str, Any], *, key: str | None = None
) -> PageAnswer:
    """Write as the public, even when an officer is signed in."""
    return _outcome(lambda: hangji().write(None, key, body, action, at))


def ask(action: str, at: Mapping[str, str], query: Mapping[str, str]) -> PageAnswer:
    """Read through a route with checks of its own, as the signed-in officer."""
    actor = sessions.actor()
    return _outcome(lambda: hangji().ask(actor, query, action, at, language=chosen()))


def ask_as_anyone(action: str, at: Mapping[str, str], query: Mapping[str, str]) -> PageAnswer:
    """Read through a route with checks of its own, as the public."""
    return _outcome(lambda: hangji().ask(None, query, action, at, language=chosen()))


def _outcome(act: Callable[[], Any]) -> PageAnswer:
    try:
        return PageAnswer(OK, act())
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - any error is shown as a problem page
        problem = hangji().problem(error, language=chosen())
        return PageAnswer(problem["status"], problem)
