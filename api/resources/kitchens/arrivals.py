"""The way in of vendors: a signed snapshot is checked, decoded again and put on file."""

import base64
import binascii
import io
import secrets
from dataclasses import dataclass
from typing import Any, Final

import marshmallow as ma

from api.http.auth import Needs
from api.http.request import Sent, composition, present_request
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.fields import Moment
from api.identity import rate_limits as limits
from api.kitchens.vendors import read_vendors
from api.uploads import blobs, photos, previews
from api.uploads.photos import Photo
from engine.delivery.webhooks import require_signed
from handlers.kitchens.receiving import NewArrival, take_in
from storage.cases.attachments import Attachment, add_attachment
from storage.errors import FormInvalid, NotSignedIn, UploadRefused
from storage.kitchens import cameras, refused, snapshots
from storage.kitchens.cameras import Camera
from storage.kitchens.refused import RefusedSnapshot
from storage.kitchens.snapshots import KINDS, Snapshot

PROCESS: Final = "snapshot_review"
IMAGE_BYTES: Final = 5 << 20
_TEXT: Final = IMAGE_BYTES * 4 // 3 + 4
_ENVELOPE: Final = 64 << 10
_ID_BYTES: Final = 16
_NAMED: Final = ma.validate.Regexp(r"^[A-Za-z0-9_.:-]{1,100}$")

routes = Resource("arrivals", "Snapshots as vendors send them.")

SIGNED_BODY: Final = Needs(signed_in=False, reads_token=False)


class SnapshotArrived(ma.Schema):
    """A snapshot, signed by the Standard Webhooks convention; the same `id` is taken once."""

    vendor = ma.fields.String(required=True, validate=_NAMED)
    id = ma.fields.String(required=True, validate=_NAMED)
    camera = ma.fields.String(required=True, validate=_NAMED)
    taken_at = Moment(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))
    confidence = ma.fields.Float(validate=ma.validate.Range(0, 1))
    image = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=1, max=_TEXT),
        metadata={"description": "JPEG, PNG or WEBP in base64, at most 5 MiB", "format": "byte"},
    )


class SnapshotTaken(ma.Schema):
    """What became of it."""

    id = ma.fields.Integer()
    appended_to = ma.fields.Integer(
        allow_none=True, metadata={"description": "The waiting one it repeats"}
    )
    clock_is_wrong = ma.fields.Boolean(
        metadata={"description": "The camera's clock is more than a day off; mend it"}
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """A snapshot whose signature and camera are right: known already, or with its picture."""

    camera: Camera
    known: Snapshot | None
    photo: Photo | None


def _check(sent: Sent, body: dict[str, Any]) -> Checked:
    """Check signature and camera before a picture is decoded; a rehearsal keeps nothing."""
    _require_signature(sent, body["vendor"])
    with composition().database.reading() as session:
        camera = cameras.find_by_ref(session, body["vendor"], body["camera"])
        known = snapshots.find_known(session, body["vendor"], body["id"])
    if camera is None or not camera.is_active:
        raise _refused(sent, body, "camera_unknown" if camera is None else "camera_retired")
    if known is not None:
        return Checked(camera, known, None)
    with composition().decoding.taken():
        photo = photos.ingest(io.BytesIO(_picture(body["image"])))
    if not sent.is_dry:
        blobs.put(composition().blobs, photo.sha256, photo.content)
    return Checked(camera, None, photo)


@routes.post(
    "/snapshots",
    needs=SIGNED_BODY,
    takes=Takes(SnapshotArrived, prepare=_check, limit=_TEXT + _ENVELOPE),
    gives=Gives(SnapshotTaken, status=201),
)
def receive(ask: Ask) -> Reply:
    """Take in a snapshot and start its review; one that repeats a waiting one is added to it."""
    checked: Checked = ask.prepared
    if checked.known is not None:
        return Reply(checked.known, status=200)
    image = _keep_picture(ask, checked)
    arrived = NewArrival(
        external_id=ask.body["id"],
        taken_at=ask.body["taken_at"],
        kind=ask.body["kind"],
        confidence=ask.body.get("confidence"),
        image=image,
    )
    taken = take_in(ask.session, checked.camera, arrived, now=ask.now)
    if taken.appended_to is None:
        _start_review(ask, checked.camera, taken.id)
    return Reply(taken, {"Location": f"/api/v1/snapshots/{taken.id}"})


def _start_review(ask: Ask, camera: Camera, snapshot_id: int) -> None:
    form = {
        "business": camera.business_id,
        "kind": ask.body["kind"],
        "camera": camera.position_in_kitchen,
    }
    made = ask.runner.start(ask.session, PROCESS, form, actor=None)
    snapshots.keep_review(ask.session, snapshot_id, made.case_id)


def _keep_picture(ask: Ask, checked: Checked) -> str:
    photo = checked.photo
    if photo is None:
        raise AssertionError  # only a known snapshot comes without its picture
    kept = Attachment(
        id=secrets.token_hex(_ID_BYTES),
        sha256=photo.sha256,
        content_type=photo.content_type,
        size=len(photo.content),
        created_at=ask.now,
        taken_at=ask.body["taken_at"],
    )
    add_attachment(ask.session, kept)
    previews.ask_for(ask.session, kept.sha256, now=ask.now)
    return kept.id


def _require_signature(sent: Sent, vendor: str) -> None:
    made, address = composition(), limits.network_of(sent.remote_addr)
    made.limits.check(limits.UNSIGNED_SNAPSHOT, "snapshot", address)
    known = read_vendors(made.settings.var_folder).get(vendor)
    headers = {name.lower(): value for name, value in present_request().headers.items()}
    try:
        require_signed(
            () if known is None else known.secrets,
            headers,
            sent.whole_body(),
            now=made.clock.now(),
        )
    except NotSignedIn:
        made.limits.count(limits.UNSIGNED_SNAPSHOT, "snapshot", address)
        raise


def _picture(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        message = "图片应为 base64 编码。"
        english = "Send the picture in base64."
        raise FormInvalid.at("image", message, code="image_unreadable", english=english) from None
    if len(content) > IMAGE_BYTES:
        message = f"抓拍图片不能超过 {IMAGE_BYTES >> 20} MB。"
        raise UploadRefused(message, code="upload_too_large")
    return content


def _refused(sent: Sent, body: dict[str, Any], code: str) -> FormInvalid:
    """Keep what was refused for the administrator, in a transaction of its own."""
    if not sent.is_dry:
        dead = RefusedSnapshot(
            vendor=body["vendor"],
            external_id=body["id"],
            stream_ref=body["camera"],
            kind=body["kind"],
            code=code,
            received_at=composition().clock.now(),
        )
        with composition().database.transaction() as session:
            refused.add_refused(session, dead)
    words = {
        "camera_unknown": "没有登记这个摄像头；已记入退回清单，请先登记。",
        "camera_retired": "这个摄像头已停用；已记入退回清单。",
    }
    return FormInvalid.at("camera", words[code], code=code)
