"""Who supervises which village (R18): in their order, from a moment on, with their past."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, select, update

from storage.database.session import Session
from storage.moments import in_force
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.tables import holding, officer, post, supervision, town_jurisdiction


@dataclass(frozen=True, slots=True)
class Supervisor:
    """An officer who supervises a village."""

    village: str
    officer_id: int
    name: str
    phone: str | None
    position: int
    since: datetime
    is_in_office: bool
    """False when the account is suspended or the officer has left the station: a gap, then."""


def counts(at: datetime) -> ColumnElement[bool]:
    """Filter supervisions by officers who are active and hold the post of the village's station."""
    length = CODE_LENGTHS[AreaLevel.TOWN]
    held = exists().where(
        holding.c.officer_id == supervision.c.officer_id,
        holding.c.post_id == post.c.id,
        post.c.role == "station",
        in_force(holding, at),
        town_jurisdiction.c.station_code == post.c.place,
        town_jurisdiction.c.town_code == func.substr(supervision.c.village, 1, length),
    )
    return and_(officer.c.active, held)


def list_supervisors(
    session: Session, villages: Iterable[str], *, at: datetime
) -> list[Supervisor]:
    """List the supervising officers of villages in their order."""
    question: Select[Any] = (
        select(
            supervision.c.village,
            officer.c.id,
            officer.c.display_name,
            officer.c.phone,
            supervision.c.position,
            supervision.c.since,
            counts(at).label("is_in_office"),
        )
        .select_from(supervision)
        .join(officer, officer.c.id == supervision.c.officer_id)
        .where(supervision.c.village.in_(sorted(set(villages))), in_force(supervision, at))
        .order_by(supervision.c.village, supervision.c.position)
    )
    return [Supervisor(*row) for row in session.execute(question)]


def list_villages_of(session: Session, officer_id: int, *, at: datetime) -> list[str]:
    """List the villages an officer supervises, in order of code."""
    question = select(supervision.c.village).where(
        supervision.c.officer_id == officer_id, in_force(supervision, at)
    )
    return list(session.execute(question.order_by(supervision.c.village)).scalars())


def put_supervisors(
    session: Session,
    village: str,
    officer_ids: Sequence[int],
    *,
    by: int,
    reason: str | None,
    at: datetime,
) -> None:
    """Let these officers supervise a village from now on, in this order, and nobody else."""
    current = (supervision.c.village == village, supervision.c.until.is_(None))
    left = update(supervision).where(*current, supervision.c.officer_id.not_in(officer_ids))
    session.execute(left.values(until=at, reason=reason))
    known = set(session.execute(select(supervision.c.officer_id).where(*current)).scalars())
    for position, officer_id in enumerate(officer_ids, start=1):
        if officer_id in known:
            kept = update(supervision).where(*current, supervision.c.officer_id == officer_id)
            session.execute(kept.values(position=position))
            continue
        session.execute(
            insert(supervision).values(
                village=village,
                officer_id=officer_id,
                position=position,
                since=at,
                until=None,
                appointed_by=by,
                reason=reason,
            )
        )
