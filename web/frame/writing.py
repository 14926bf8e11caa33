"""How a page writes: as the API does; what is refused comes back as a problem document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException

from web.frame import sessions
from web.frame.contract import hangji
from web.frame.language import chosen

OK = 200
REFUSED = 400


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What became of it: `data` is the answer, a problem document when `is_problem`."""

    status: int
    data: Any

    @property
    def is_problem(self) -> bool:
        """Whether it was refused."""
        return self.status >= REFUSED


def write(
    action: str, at: Mapping[str, str], body: Mapping[str, Any], *, key: str | None = None
) -> PageAnswer:
    """Write as who is signed in.

    `action` is the name of a route of the API and `at` what stands in its address; `key` makes a
    repeated submit harmless.
    """
    actor = sessions.actor()
    return _outcome(lambda: hangji().write(actor, key, body, action, at))


def write_as_anyone(
    action: str, at: Mapping[str, str], body: Mapping[str, Any], *, key: str | None = None
) -> PageAnswer:
    """Write as the public, whoever is signed in: a citizen's report is a citizen's."""
    return _outcome(lambda: hangji().write(None, key, body, action, at))


def ask(action: str, at: Mapping[str, str], query: Mapping[str, str]) -> PageAnswer:
    """Read what the API guards itself, as who is signed in."""
    actor = sessions.actor()
    return _outcome(lambda: hangji().ask(actor, query, action, at))


def ask_as_anyone(action: str, at: Mapping[str, str], query: Mapping[str, str]) -> PageAnswer:
    """Read what the API guards itself, as the public."""
    return _outcome(lambda: hangji().ask(None, query, action, at))


def _outcome(act: Callable[[], Any]) -> PageAnswer:
    try:
        return PageAnswer(OK, act())
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets a page that says so
        problem = hangji().problem(error, language=chosen())
        return PageAnswer(problem["status"], problem)
