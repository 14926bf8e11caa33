"""Cameras of bright kitchens, and the mark of a business that has one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, insert, select, true, type_coerce, update

from storage.database.paging import by_name, page_by_id
from storage.database.session import Session
from storage.errors import Conflict, NotFound
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.scope import under_areas
from storage.registry import evidence
from storage.registry.businesses import get_business, update_business
from storage.registry.evidence import BusinessChange
from storage.tables import business, camera

BRIGHT: Final = "bright_kitchen"
"""The mark in `business.flags` that lists, rounds and the map read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCamera:
    """A camera about to be registered."""

    business_id: int
    vendor: str
    stream_ref: str
    kind: str
    position_in_kitchen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera with the name and the area of its business."""

    id: int
    business_id: int
    vendor: str
    stream_ref: str
    kind: str
    status: str
    last_seen: datetime | None
    position_in_kitchen: str
    version: int
    business_name: str
    area_code: str

    @property
    def is_active(self) -> bool:
        """Whether it is in use."""
        return self.status == "active"


_COLUMNS: Final[Mapping[str, Any]] = {
    **camera.c,
    "business_name": business.c.name,
    "area_code": business.c.area_code,
}
_FIELDS: Final = tuple(_COLUMNS[field.name].label(field.name) for field in fields(Camera))
_CAMERAS: Final[Select[Any]] = select(*_FIELDS).join(
    business, business.c.id == camera.c.business_id
)


def add_camera(session: Session, new: NewCamera, *, at: datetime) -> int:
    """Register a camera; Conflict when the vendor's name for it is taken."""
    if find_by_ref(session, new.vendor, new.stream_ref) is not None:
        message = "这个厂商的这个摄像头编号已经登记。"
        raise Conflict(message, code="camera_taken")
    values = {**asdict(new), "status": "active", "version": 1, "created_at": at, "updated_at": at}
    made = session.execute(insert(camera).values(values).returning(camera.c.id))
    return int(made.scalar_one())


def get_camera(session: Session, camera_id: int, *, within: Sequence[str] | None = None) -> Camera:
    """Get a camera, of some areas where they are given; NotFound otherwise."""
    question = _CAMERAS.where(camera.c.id == camera_id, _inside(within))
    row = session.execute(question).mappings().first()
    if row is None:
        message = "没有这个摄像头，或者您无权查看。"
        raise NotFound(message, code="camera_not_found")
    return Camera(**row)


def find_by_ref(session: Session, vendor: str, stream_ref: str) -> Camera | None:
    """Find a camera by its vendor's name for it."""
    question = _CAMERAS.where(camera.c.vendor == vendor, camera.c.stream_ref == stream_ref)
    row = session.execute(question).mappings().first()
    return None if row is None else Camera(**row)


def list_cameras(
    session: Session,
    *,
    within: Sequence[str] | None,
    business_id: int | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Camera]:
    """List cameras by number, of some areas or of the whole city."""
    question = _CAMERAS.where(_inside(within))
    if business_id is not None:
        question = question.where(camera.c.business_id == business_id)
    if status is not None:
        question = question.where(camera.c.status == status)
    return page_by_id(
        session,
        question,
        camera.c.id,
        by_name(Camera),
        cursor=cursor,
        limit=limit,
        oldest_first=True,
    )


def update_camera(
    session: Session, camera_id: int, values: dict[str, Any], *, at: datetime
) -> None:
    """Change a camera."""
    session.execute(
        update(camera)
        .where(camera.c.id == camera_id)
        .values(**values, version=camera.c.version + 1, updated_at=at)
    )


def note_seen(session: Session, camera_id: int, *, at: datetime) -> None:
    """Keep when a camera was heard of last; it is no change of the camera."""
    session.execute(update(camera).where(camera.c.id == camera_id).values(last_seen=at))


def follow_cameras(session: Session, business_id: int, *, by: str, at: datetime) -> bool:
    """Bring the mark of a bright kitchen in line with the active cameras; whether it changed."""
    known = get_business(session, business_id)
    active = select(camera.c.id).where(
        camera.c.business_id == business_id, camera.c.status == "active"
    )
    is_bright = session.execute(active.limit(1)).first() is not None
    if is_bright == (BRIGHT in known.flags):
        return False
    flags = [flag for flag in known.flags if flag != BRIGHT] + [BRIGHT] * is_bright
    version = update_business(session, business_id, {"flags": flags}, at=at)
    change = BusinessChange(business_id, at, "flags", known.flags, flags, by, version=version)
    evidence.add_changes(session, [change])
    return True


def list_unmarked(session: Session, *, limit: int = 500) -> list[int]:
    """List businesses with an active camera and without the mark: an import took it away."""
    has_mark = type_coerce(business.c.flags, Text).contains(f'"{BRIGHT}"')
    question = (
        select(camera.c.business_id)
        .join(business, business.c.id == camera.c.business_id)
        .where(camera.c.status == "active", ~has_mark)
        .distinct()
        .order_by(camera.c.business_id)
        .limit(limit)
    )
    return list(session.execute(question).scalars())


def _inside(within: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if within is None else under_areas(business.c.area_code, within)
