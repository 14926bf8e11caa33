"""What became of area codes: links from an old code, and everything below it, to the new one.

A link holds for what was there before it was made. Cases keep their code; who answers for the new
code finds them through its links, and what is counted rolls up to the areas of today.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, func, insert, select

from storage.database.session import Session
from storage.tables import area_link

WHOLE: Final = 100
"""Shares of a split are hundredths."""


class AreaLink(NamedTuple):
    """An old code, the new one, and which hundredths of what lay there went to it."""

    change_id: int
    old: str
    new: str
    since: date
    share_from: int
    share_before: int
    made_at: datetime

    @property
    def is_primary(self) -> bool:
        """Whether the new area took over; another part of a split took its share only."""
        return self.share_from == 0


class Origin(NamedTuple):
    """A former code, the links that led on from it, and the codes inside that went elsewhere."""

    code: str
    links: tuple[AreaLink, ...]
    without: tuple[str, ...]


_LINKS: Select[Any] = select(*(area_link.c[name] for name in AreaLink._fields)).order_by(
    area_link.c.change_id, func.length(area_link.c.old).desc(), area_link.c.share_from
)


def list_links(session: Session) -> list[AreaLink]:
    """List every link in the order of changes, of one change the smallest area first."""
    return [AreaLink(*row) for row in session.execute(_LINKS)]


def add_links(session: Session, links: Iterable[AreaLink]) -> None:
    """Add the links of a change."""
    values = [link._asdict() for link in links]
    if values:
        session.execute(insert(area_link), values)


def current_code(links: Sequence[AreaLink], code: str, *, number: int, opened_at: datetime) -> str:
    """Return where something lies today that was filed under a code; of a split, by its number."""
    for _, of_change in groupby(links, key=lambda link: link.change_id):
        link = next((one for one in of_change if _leads_on(one, code, number, opened_at)), None)
        if link is not None:
            # Which part of a divided area it lay in below its code, nobody knows.
            code = link.new + code[len(link.old) :] if link.is_primary else link.new
    return code


def codes_behind(links: Sequence[AreaLink], code: str) -> list[str]:
    """Return the outermost former codes that led, in the end, to an area or into it."""
    found = {code}
    for link in reversed(links):
        if any(link.new.startswith(one) or one.startswith(link.new) for one in found):
            found.add(link.old)
    return outermost(one for one in found if not one.startswith(code))


def origins(links: Sequence[AreaLink], code: str) -> list[Origin]:
    """List the former codes of an area, each with the links that led from it to the area."""
    found = [Origin(code, (), ())]
    for _, of_change in groupby(reversed(links), key=lambda link: link.change_id):
        changed = list(of_change)
        found += [
            Origin(before, (link, *origin.links), _smaller(link, changed))
            for link in changed
            for origin in found
            if (before := _before(link, origin.code)) is not None
        ]
    return found[1:]


def _before(link: AreaLink, code: str) -> str | None:
    """The code of an area, or of the part of it that came by a link, before that link."""
    if link.new.startswith(code):
        return link.old
    if code.startswith(link.new) and link.is_primary:
        return link.old + code[len(link.new) :]
    return None


def _smaller(link: AreaLink, changed: Iterable[AreaLink]) -> tuple[str, ...]:
    """What lay inside and went its own way in the same change."""
    inside = {one.old for one in changed if one.old.startswith(link.old)}
    return tuple(sorted(inside - {link.old}))


def outermost(codes: Iterable[str]) -> list[str]:
    """Leave out the codes that lie in another of them."""
    kept: Collection[str] = set(codes)
    return sorted(one for one in kept if not any(one[:n] in kept for n in range(1, len(one))))


def _leads_on(link: AreaLink, code: str, number: int, opened_at: datetime) -> bool:
    return (
        code.startswith(link.old)
        and opened_at < link.made_at
        and link.share_from <= number % WHOLE < link.share_before
    )
