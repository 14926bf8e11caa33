"""Looking at a photo after its upload: a small copy for lists, and what it shows for comparison.

It is work behind the request: a delivery to `pictures`, with the tries and the incident of one.
What a photo shows is a difference hash: of a grey picture of nine by eight points, for each point
whether the next one is brighter. A copy that was scaled or compressed again differs in a few of 64
bits.
"""

import io
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from PIL import Image

from api.uploads import blobs
from engine.delivery.channels import Letter
from storage.cases import attachments
from storage.cases.steps import NewDelivery
from storage.database.session import Database, Session
from storage.delivery import outbox

PICTURES: Final = outbox.PICTURES
CONTENT_TYPE: Final = "image/jpeg"
_SMALL: Final = (480, 480)
_QUALITY: Final = 80
_WIDTH, _HEIGHT = 9, 8
_LEAST_CONTRAST: Final = 16
"""Of 255 shades: a wall, the sky or a black picture is like any other."""


def ask_for(session: Session, sha256: str, *, now: datetime) -> None:
    """Have a photo looked at once the transaction is over; again changes nothing."""
    looked_at = NewDelivery(
        key=attachments.PICTURES_KEY + sha256,
        channel=PICTURES,
        receiver=PICTURES,
        template="photo_kept",
        payload={"sha256": sha256},
        at=now,
    )
    outbox.add_delivery(session, looked_at)


@dataclass(frozen=True, slots=True)
class Pictures:
    """The channel of photos that are to be looked at; the same photo twice does no harm."""

    database: Database
    folder: Path

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Make the small copy, then write what the photo shows."""
        del now
        sha256 = letter.payload["sha256"]
        with self.database.reading() as session:
            is_wanted = bool(attachments.find_digests(session, [sha256]))
        if not is_wanted:
            return
        with Image.open(blobs.get(self.folder, sha256)) as image:
            # A JPEG is decoded no finer than the small copy needs.
            image.draft("RGB", (2 * _SMALL[0], 2 * _SMALL[1]))
            picture = _on_white(image)
        blobs.put_small(self.folder, sha256, small_of(picture))
        with self.database.transaction() as session:
            attachments.set_likeness(session, sha256, likeness_of(picture))


def small_of(picture: Image.Image) -> bytes:
    """Make the small copy of a picture, as JPEG."""
    small, written = picture.copy(), io.BytesIO()
    small.thumbnail(_SMALL)
    small.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def likeness_of(picture: Image.Image) -> str:
    """Tell what a picture shows in 16 hexadecimal digits; empty when that is next to nothing."""
    grey = picture.convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS).tobytes()
    if max(grey) - min(grey) < _LEAST_CONTRAST:
        return ""
    rows = (grey[at : at + _WIDTH] for at in range(0, len(grey), _WIDTH))
    bits = [right > left for row in rows for left, right in pairwise(row)]
    return f"{int(''.join('01'[bit] for bit in bits), 2):016x}"


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white
