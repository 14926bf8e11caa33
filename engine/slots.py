"""Extensions of the first page: a capability has a module `home` in its package of handlers.

Its function `lines` is called when the page is opened and returns the lines of the capability for
its reader, none when it does not concern them. The pages discover these modules by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from storage.database.session import Session
from storage.people.actors import Actor

__all__ = ["HomeLine", "HomeLines", "HomeQuestion", "Part"]

Part = Literal["waits", "late", "changed", "start"]
"""The section of a line on the page: waiting for me, late, changed, to start."""


class HomeQuestion(NamedTuple):
    """The reader of a first page, and the time; reads use the session passed in.

    `area` is set on the first page of a smaller area: only lines that name it are shown then.
    """

    session: Session
    actor: Actor
    now: datetime
    area: str | None = None


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One line of a first page: a link, with the length of the list it opens where it is one."""

    part: Part
    zh: str
    en: str
    page: str
    """The name of the page it opens, such as `closed_list`."""
    icon: str
    at: Mapping[str, str] = field(default_factory=dict)
    """The query in the address of that page."""
    count: int | None = None


HomeLines = Callable[[HomeQuestion], Iterable[HomeLine]]
"""The function `lines` of a module `home`."""
