"""Snapshots of cameras: what came in, what a person made of it, and what was refused."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select, update

from storage.cases.tasks import task_key
from storage.database.paging import by_name, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.kitchens.scope import visible_snapshot
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.actors import Actor
from storage.tables import (
    attachment,
    business,
    camera,
    case_,
    case_link,
    snapshot,
    task,
)

LEAD: Final = "snapshot_lead"
"""How the case that was filed is linked to the review it came from."""

STATES: Final = ("pending", "confirmed", "dismissed", "lapsed")
KINDS: Final = ("no_mask", "no_cap", "no_workwear", "rodent", "open_bin", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSnapshot:
    """A snapshot that has just come in, its picture kept already."""

    camera_id: int
    vendor: str
    external_id: str
    area_code: str
    taken_at: datetime
    received_at: datetime
    clock_is_wrong: bool
    kind: str
    confidence: float | None
    image: str
    appended_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot with its camera and its business; `image` is None once it was deleted."""

    id: int
    camera_id: int
    vendor: str
    external_id: str
    area_code: str
    taken_at: datetime
    received_at: datetime
    clock_is_wrong: bool
    kind: str
    confidence: float | None
    image: str | None
    appended_to: int | None
    review: str
    reviewer: int | None
    reviewed_at: datetime | None
    reason: str | None
    evidence: str | None
    review_case: int | None
    business_id: int
    business_name: str
    position_in_kitchen: str


@dataclass(frozen=True, slots=True)
class WaitingSnapshot:
    """A snapshot that waits for a person, with the task in which they answer."""

    snapshot: Snapshot
    task: str
    task_id: str
    due_at: datetime
    appended: int
    """How many further snapshots of the same camera and kind belong to it."""


@dataclass(frozen=True, slots=True)
class SnapshotFilter:
    """Which snapshots; what is None does not narrow."""

    review: str | None = None
    business: int | None = None
    camera: int | None = None


_COLUMNS: Final[Mapping[str, Any]] = {
    **snapshot.c,
    "business_id": camera.c.business_id,
    "business_name": business.c.name,
    "position_in_kitchen": camera.c.position_in_kitchen,
}
_FIELDS: Final = tuple(_COLUMNS[field.name].label(field.name) for field in fields(Snapshot))
_SNAPSHOTS: Final[Select[Any]] = (
    select(*_FIELDS)
    .join(camera, camera.c.id == snapshot.c.camera_id)
    .join(business, business.c.id == camera.c.business_id)
)


def add_snapshot(session: Session, new: NewSnapshot) -> int:
    """Add a snapshot; return its id."""
    values = {**asdict(new), "review": "pending"}
    made = session.execute(insert(snapshot).values(values).returning(snapshot.c.id))
    return int(made.scalar_one())


def find_known(session: Session, vendor: str, external_id: str) -> Snapshot | None:
    """Find a snapshot by its vendor's number."""
    known = snapshot.c.vendor == vendor, snapshot.c.external_id == external_id
    row = session.execute(_SNAPSHOTS.where(*known)).mappings().first()
    return None if row is None else Snapshot(**row)


def find_open(session: Session, camera_id: int, kind: str, *, since: datetime) -> Snapshot | None:
    """Find the snapshot of a camera and kind, begun since a moment, that still waits."""
    question = _SNAPSHOTS.where(
        snapshot.c.camera_id == camera_id,
        snapshot.c.kind == kind,
        snapshot.c.received_at >= since,
        snapshot.c.appended_to.is_(None),
        snapshot.c.review == "pending",
    )
    row = session.execute(question.order_by(snapshot.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else Snapshot(**row)


def keep_review(session: Session, snapshot_id: int, review_case: int) -> None:
    """Keep in which case a snapshot is reviewed, for it and for those appended to it."""
    session.execute(
        update(snapshot).where(snapshot.c.id == snapshot_id).values(review_case=review_case)
    )


def get_snapshot(session: Session, snapshot_id: int, *, actor: Actor) -> Snapshot:
    """Get a snapshot the actor may see; NotFound otherwise."""
    seen = visible_snapshot(session, actor)
    row = session.execute(_SNAPSHOTS.where(snapshot.c.id == snapshot_id, seen)).mappings().first()
    if row is None:
        message = "没有这张抓拍，或者您无权查看。"
        raise NotFound(message, code="snapshot_not_found")
    return Snapshot(**row)


def list_snapshots(
    session: Session,
    wanted: SnapshotFilter,
    *,
    actor: Actor,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Snapshot]:
    """List the snapshots an actor may see, the newest first."""
    return page_by_id(
        session,
        _SNAPSHOTS.where(visible_snapshot(session, actor), *_narrowed(wanted)),
        snapshot.c.id,
        by_name(Snapshot),
        cursor=cursor,
        limit=limit,
    )


def count_states(session: Session, *, actor: Actor) -> dict[str, int]:
    """Count the snapshots an actor may see by their state; each number is the length of a list."""
    question = (
        select(snapshot.c.review, func.count())
        .where(visible_snapshot(session, actor))
        .group_by(snapshot.c.review)
    )
    counts = dict.fromkeys(STATES, 0)
    counts.update({state: int(number) for state, number in session.execute(question)})
    return counts


def list_of_review(session: Session, review_case: int) -> list[Snapshot]:
    """List the snapshots a review is about, the first one first."""
    first = select(snapshot.c.id).where(snapshot.c.review_case == review_case)
    about = or_(snapshot.c.review_case == review_case, snapshot.c.appended_to.in_(first))
    rows = session.execute(_SNAPSHOTS.where(about).order_by(snapshot.c.id)).mappings()
    return [Snapshot(**row) for row in rows]


def list_waiting(
    session: Session, *, actor: Actor, snapshot_id: int | None = None, limit: int = 100
) -> list[WaitingSnapshot]:
    """List the snapshots that wait for a post of the actor, the first due first."""
    others = snapshot.alias("others")
    appended = select(func.count()).where(others.c.appended_to == snapshot.c.id)
    question = (
        _SNAPSHOTS.add_columns(
            task.c.running_id, task.c.token, task.c.task_id.label("asked"), task.c.due_at
        )
        .add_columns(appended.scalar_subquery().label("appended"))
        .join(task, and_(task.c.case_id == snapshot.c.review_case, task.c.state == "open"))
        .where(task.c.post_id.in_(actor.post_ids), visible_snapshot(session, actor))
        .order_by(task.c.due_at, snapshot.c.id)
        .limit(limit)
    )
    if snapshot_id is not None:
        question = question.where(snapshot.c.id == snapshot_id)
    names = [field.name for field in fields(Snapshot)]
    return [
        WaitingSnapshot(
            Snapshot(**{name: row[name] for name in names}),
            task_key(row["running_id"], row["token"]),
            row["asked"],
            row["due_at"],
            row["appended"],
        )
        for row in session.execute(question).mappings()
    ]


def count_waiting(session: Session, *, actor: Actor) -> int:
    """Count the snapshots that wait for a post of the actor."""
    return len(list_waiting(session, actor=actor))


def find_lead(session: Session, of: Snapshot) -> str | None:
    """Find the number of the case that was filed when a snapshot was confirmed."""
    review = select(snapshot.c.review_case).where(snapshot.c.id == (of.appended_to or of.id))
    question = (
        select(case_.c.number)
        .join(case_link, case_link.c.case_id == case_.c.id)
        .where(case_link.c.other_id == review.scalar_subquery(), case_link.c.kind == LEAD)
    )
    number: str | None = session.execute(question).scalar()
    return number


def decide(session: Session, review_case: int, values: Mapping[str, Any]) -> None:
    """Write what a person decided on every snapshot of a review."""
    ids = [found.id for found in list_of_review(session, review_case)]
    session.execute(update(snapshot).where(snapshot.c.id.in_(ids)).values(**values))


def hand_pictures_to(session: Session, review_case: int, officer_id: int) -> list[str]:
    """Let an officer file the pictures of a review as their own uploads; return their ids."""
    images = [found.image for found in list_of_review(session, review_case) if found.image]
    free = attachment.c.id.in_(images), attachment.c.case_id.is_(None)
    session.execute(update(attachment).where(*free).values(uploaded_by=officer_id))
    return images


def delete_pictures(session: Session, ids: list[int]) -> list[str]:
    """Delete the pictures of snapshots that no case holds; the rows stay; return their digests."""
    held = select(snapshot.c.image).where(snapshot.c.id.in_(ids))
    loose = attachment.c.id.in_(held), attachment.c.case_id.is_(None)
    found = session.execute(select(attachment.c.id, attachment.c.sha256).where(*loose)).all()
    images = [image for image, _ in found]
    session.execute(update(snapshot).where(snapshot.c.image.in_(images)).values(image=None))
    session.execute(delete(attachment).where(attachment.c.id.in_(images)))
    return [sha256 for _, sha256 in found]


def list_past(session: Session, *, before: datetime, limit: int = 500) -> list[int]:
    """List decided snapshots received before a moment whose picture no case holds."""
    question = (
        select(snapshot.c.id)
        .join(attachment, attachment.c.id == snapshot.c.image)
        .where(
            snapshot.c.received_at < before,
            snapshot.c.review != "pending",
            attachment.c.case_id.is_(None),
            or_(snapshot.c.evidence.is_(None), snapshot.c.evidence != "wanted"),
        )
        .order_by(snapshot.c.id)
        .limit(limit)
    )
    return list(session.execute(question).scalars())


def _narrowed(wanted: SnapshotFilter) -> list[ColumnElement[bool]]:
    columns = {
        "review": snapshot.c.review,
        "business": camera.c.business_id,
        "camera": snapshot.c.camera_id,
    }
    return [
        column == getattr(wanted, name)
        for name, column in columns.items()
        if getattr(wanted, name) is not None
    ]
