"""Bright kitchens of the demo: cameras of the sample's businesses and generated snapshots."""

import io
import secrets
from datetime import timedelta
from typing import Final

from PIL import Image, ImageDraw

from api.composition import Composition
from api.uploads import blobs, photos
from handlers.kitchens.camera_keeping import register
from handlers.kitchens.receiving import NewArrival, take_in
from storage.cases.attachments import Attachment, add_attachment
from storage.database.session import Session
from storage.kitchens import cameras, snapshots
from storage.kitchens.cameras import BRIGHT, Camera, NewCamera
from storage.people.actors import find_officer, load_actor
from storage.registry.businesses import BusinessFilter, search_businesses

VENDOR: Final = "demo"
KEEPER: Final = "catering_section"
PLACES: Final = ("切配间", "烹饪间", "洗消间")
KINDS: Final = ("no_mask", "open_bin", "no_cap")
_PROCESS: Final = "snapshot_review"


def add_kitchens(session: Session, composition: Composition) -> int:
    """Register a camera for each bright kitchen of the sample, each with one snapshot."""
    found = search_businesses(session, BusinessFilter(flag=BRIGHT), limit=len(PLACES)).items
    keeper = find_officer(session, KEEPER)
    if keeper is None or cameras.find_by_ref(session, VENDOR, "kitchen-1") is not None:
        return 0
    now = composition.clock.now()
    actor = load_actor(session, keeper.id, at=now)
    for number, shop in enumerate(found):
        new = NewCamera(
            business_id=shop.id,
            vendor=VENDOR,
            stream_ref=f"kitchen-{number + 1}",
            kind="live",
            position_in_kitchen=PLACES[number],
        )
        camera = register(session, new, actor=actor, now=now)
        _snap(session, composition, camera, KINDS[number])
    return len(found)


def _snap(session: Session, composition: Composition, camera: Camera, kind: str) -> None:
    now = composition.clock.now()
    photo = photos.ingest(io.BytesIO(_drawn(kind)))
    blobs.put(composition.blobs, photo.sha256, photo.content)
    image = secrets.token_hex(16)
    kept = Attachment(image, photo.sha256, photo.content_type, len(photo.content), now)
    add_attachment(session, kept)
    arrived = NewArrival(
        external_id=f"demo-{camera.id}",
        taken_at=now - timedelta(minutes=5),
        kind=kind,
        confidence=0.87,
        image=image,
    )
    taken = take_in(session, camera, arrived, now=now)
    form = {"business": camera.business_id, "kind": kind, "camera": camera.position_in_kitchen}
    made = composition.runner.start(session, _PROCESS, form, actor=None)
    snapshots.keep_review(session, taken.id, made.case_id)


def _drawn(kind: str) -> bytes:
    """A kitchen of a few strokes: no picture of a real one goes into a demo."""
    picture = Image.new("RGB", (960, 640), "#dfe6e3")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 430, 960, 640), fill="#b9c3bf")
    for x in range(0, 960, 80):
        draw.line((x, 0, x, 430), fill="#cfd8d4", width=2)
    for y in range(0, 430, 60):
        draw.line((0, y, 960, y), fill="#cfd8d4", width=2)
    draw.rectangle((80, 360, 620, 400), fill="#8d9a95")
    draw.rectangle((110, 400, 140, 560), fill="#74807b")
    draw.rectangle((560, 400, 590, 560), fill="#74807b")
    draw.ellipse((330, 110, 430, 210), fill="#e3b692")
    draw.rectangle((300, 210, 460, 400), fill="#f5f5f2")
    if kind != "no_cap":
        draw.rectangle((325, 85, 435, 130), fill="#ffffff")
    if kind != "no_mask":
        draw.rectangle((345, 160, 415, 200), fill="#9fc5d6")
    draw.polygon([(700, 430), (850, 430), (830, 600), (720, 600)], fill="#56625d")
    if kind != "open_bin":
        draw.rectangle((690, 405, 860, 432), fill="#45504b")
    draw.rectangle((0, 0, 960, 44), fill="#24302b")
    draw.text((16, 14), "DEMO - generated picture", fill="#ffffff")
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()
