"""Registering cameras; a business is a bright kitchen as long as it has one in use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed
from storage.kitchens import cameras
from storage.kitchens.cameras import Camera, NewCamera
from storage.kitchens.scope import kitchens_of, sees_kitchens
from storage.people.actors import Actor
from storage.registry.businesses import find_business

KEEPERS: Final = ("catering_section", "admin_system")
LOOKERS: Final = (*KEEPERS, "station", "emergency_center")


def areas_for(session: Session, actor: Actor) -> list[str] | None:
    """Return the areas whose cameras an actor may know of; None for the whole city."""
    return None if actor.roles & set(KEEPERS) else kitchens_of(session, actor)


def keeps_cameras(actor: Actor) -> bool:
    """Whether an actor registers cameras."""
    return bool(actor.roles & set(KEEPERS))


def require_watching(actor: Actor, camera: Camera) -> None:
    """Refuse a look into a kitchen of the actor's own, or by a role that has no business there.

    Raises:
        NotAllowed: the system administrator registers cameras, and sees no pictures.
        FormInvalid: the camera is out of use, or takes single pictures only.
    """
    if not sees_kitchens(actor) or actor.business_id == camera.business_id:
        message = "您的岗位不能查看后厨画面。"
        raise NotAllowed(message, code="kitchen_not_yours", clause="R12")
    if not camera.is_active or camera.kind != "live":
        message = "这个摄像头已停用，或只抓拍、没有实时画面。"
        english = "This camera is out of use, or takes single pictures only."
        raise FormInvalid.at("camera", message, code="camera_not_live", english=english)


def register(session: Session, new: NewCamera, *, actor: Actor, now: datetime) -> Camera:
    """Register a camera and mark its business as a bright kitchen.

    Raises:
        FormInvalid: there is no such business.
        Conflict: the vendor's name for the camera is taken.
    """
    business = find_business(session, new.business_id)
    if business is None or business.merged_into is not None:
        message = "主体库里没有这个食品主体。"
        raise FormInvalid.at("business", message, code="unknown_business")
    camera_id = cameras.add_camera(session, new, at=now)
    cameras.follow_cameras(session, new.business_id, by=actor.reference, at=now)
    return cameras.get_camera(session, camera_id)


def change(
    session: Session, known: Camera, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Camera:
    """Change a camera; the mark of its business follows."""
    cameras.update_camera(session, known.id, dict(values), at=now)
    cameras.follow_cameras(session, known.business_id, by=actor.reference, at=now)
    return cameras.get_camera(session, known.id)
