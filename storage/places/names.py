"""What the codes of a case are called: titles of posts, names of areas; asked for many at once."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select

from storage.database.session import Session
from storage.tables import area, post


def post_titles(session: Session, post_ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of posts by id; what is no post is left out."""
    ids = sorted(set(post_ids))
    if not ids:
        return {}
    rows = session.execute(select(post.c.id, post.c.title).where(post.c.id.in_(ids)))
    return {row.id: row.title for row in rows}


def area_names(session: Session, codes: Iterable[str], *, on: date) -> dict[str, str]:
    """Return the names of areas by code, as of a day; what is no area is left out."""
    known = sorted(set(codes))
    if not known:
        return {}
    rows = session.execute(
        select(area.c.code, area.c.name).where(
            area.c.code.in_(known),
            area.c.valid_from <= on,
            or_(area.c.valid_to.is_(None), area.c.valid_to > on),
        )
    )
    return {row.code: row.name for row in rows}
