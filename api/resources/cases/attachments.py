"""Uploading photos and reading them back; `api.uploads.photos` checks them."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import marshmallow as ma
from flask import Response

from api.http.auth import ANYONE, SIGNED_IN
from api.http.request import Sent, composition
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import Moment
from api.identity import rate_limits as limits
from api.uploads import blobs, photos, previews
from api.uploads.photos import Photo
from storage.cases import attachments, cases
from storage.cases.attachments import Attachment
from storage.errors import NotFound, Overloaded
from storage.people.actors import Actor

routes = Resource("attachments", "Photos, freed of place and camera data.")

_ID_BYTES: Final = 16
_QUOTA: Final = 500 << 20
_DAY: Final = timedelta(days=1)
_ENVELOPE: Final = 64 << 10
_SUFFIX: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class Upload(ma.Schema):
    """One file of a multipart body.

    `keep_position=true` beside it keeps where it was taken; `taken_at` says when, for a picture
    without that in its own data.
    """

    class Meta:
        """What else is in the body is looked at by name."""

        unknown = ma.EXCLUDE

    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class AttachmentShown(ma.Schema):
    """One upload."""

    id = ma.fields.String()
    sha256 = ma.fields.String()
    content_type = ma.fields.String(metadata={"example": "image/jpeg"})
    size = ma.fields.Integer(metadata={"description": "Bytes"})
    taken_at = Moment(allow_none=True)


def _ingest(sent: Sent, body: dict[str, Any]) -> Photo:
    """Decode a photo and keep its bytes; limits come first, and a rehearsal keeps nothing."""
    if sent.actor is None:
        address = limits.network_of(sent.remote_addr)
        composition().limits.take(limits.PUBLIC_REPORT, "upload", address)
    else:
        _check_quota(sent.actor)
    keeps_position = sent.form.get("keep_position") == "true"
    with composition().decoding.taken():
        photo = photos.ingest(body["file"].stream, keeps_position=keeps_position)
    if photo.taken_at is None:
        photo = replace(photo, taken_at=_told(sent.form.get("taken_at", "")))
    if not sent.is_dry:
        blobs.put(composition().blobs, photo.sha256, photo.content)
    return photo


def _told(text: str) -> datetime | None:
    """The time a browser reports for a picture; a time in the future is ignored."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_past = at.tzinfo is not None and at <= composition().clock.now()
    return at if is_past else None


@routes.post(
    "/attachments",
    needs=ANYONE,
    takes=Takes(Upload, prepare=_ingest, location="files", limit=photos.BYTES + _ENVELOPE),
    gives=Gives(AttachmentShown, status=201),
)
def upload(ask: Ask) -> Attachment:
    """Upload a JPEG, PNG or WEBP photo; it is decoded and encoded again."""
    photo: Photo = ask.prepared
    new = Attachment(
        id=secrets.token_hex(_ID_BYTES),
        sha256=photo.sha256,
        content_type=photo.content_type,
        size=len(photo.content),
        created_at=ask.now,
        uploaded_by=ask.someone.id if ask.someone else None,
        position=photo.position,
        taken_at=photo.taken_at,
    )
    attachments.add_attachment(ask.session, new)
    previews.ask_for(ask.session, new.sha256, now=ask.now)
    ask.keep_on_file("photo_uploaded", "attachment", new.id, {"sha256": new.sha256})
    return new


class Size(ma.Schema):
    """Which copy of a photo."""

    size = ma.fields.String(
        load_default="full",
        validate=ma.validate.OneOf(["full", "small"]),
        metadata={"description": "small: a JPEG of 480 pixels for lists, once it has been made"},
    )


@routes.get(
    "/attachments/<code:attachment_id>",
    needs=SIGNED_IN,
    gives=Gives(content_type="application/octet-stream"),
    query=Size,
)
def download(ask: Ask, attachment_id: str) -> Response:
    """Read a photo of a case one may see, or one's own before a case has taken it."""
    attachment = attachments.get_attachment(ask.session, attachment_id)
    _check_seen(ask, attachment)
    path, content_type, is_final = _copy(ask, attachment)
    response = Response(path.read_bytes())
    response.content_type = content_type
    name = f"{attachment.id}.{_SUFFIX.get(content_type, 'bin')}"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    kept = "max-age=86400, immutable" if is_final else "no-cache"
    response.headers["Cache-Control"] = f"private, {kept}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _copy(ask: Ask, found: Attachment) -> tuple[Path, str, bool]:
    """The bytes that were asked for, their type, and whether they stay as they are.

    The whole photo stands in for a small copy nobody has made yet.
    """
    folder, is_small = ask.composition.blobs, ask.query["size"] == "small"
    small = blobs.find_small(folder, found.sha256) if is_small else None
    if small is not None:
        return small, previews.CONTENT_TYPE, True
    return blobs.get(folder, found.sha256), found.content_type, not is_small


def _check_quota(actor: Actor) -> None:
    since = composition().clock.now() - _DAY
    with composition().database.reading() as session:
        used = attachments.bytes_uploaded(session, actor.id, since=since)
    if used > _QUOTA:
        message = "今天上传的照片太多，请明天再试。"
        raise Overloaded(message, code="too_many_requests", retry_after=3600)


def _check_seen(ask: Ask, found: Attachment) -> None:
    if found.case_id is not None:
        case = cases.get_case(ask.session, found.case_id)
        about = case.business_id
        if not attachments.is_sent_by_own_business(ask.session, found, about, actor=ask.actor):
            cases.get_visible_case(ask.session, case.number, actor=ask.actor)
    elif found.uploaded_by != ask.actor.id:
        message = "没有这个附件，或者您无权查看。"
        raise NotFound(message, code="attachment_not_found")
