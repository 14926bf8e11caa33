"""The one way in for pictures: decoded, bounded, encoded again; `storage` records where.

A picture is accepted because it decodes, not because of its name or header, and what is kept is
what was decoded: place, camera, comments and anything appended are gone (notes/reliability.md 5).
"""

import hashlib
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from storage.errors import UploadRefused

BYTES: Final = 20 << 20
# What is decoded whole, and what a JPEG may hold: it is decoded at a half, a quarter or an eighth.
PIXELS: Final = 50_000_000
JPEG_PIXELS: Final = 200_000_000
# Reading and writing WEBP takes more than twice the memory a pixel takes elsewhere.
WEBP_PIXELS: Final = 20_000_000
_DECODED: Final = 40_000_000

_TYPES: Final[Mapping[str, str]] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
_SAVED: Final[Mapping[str, Mapping[str, Any]]] = {
    "JPEG": {"quality": 88, "optimize": True},
    "PNG": {"optimize": False},
    "WEBP": {"quality": 88, "method": 2},
}
# A phone's JPEG with a second picture behind the first; the first is kept.
_KEPT_AS: Final[Mapping[str, str]] = {"MPO": "JPEG"}
# Signs of a second format inside a picture; long enough not to occur by chance.
_SECOND_MEANINGS: Final = (b"<script", b"<?php", b"%pdf-", b"<!doctype", b"<html", b"<svg xmlns")
_HEIC: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_HEIC_WAY_OUT: Final = (
    "这是 HEIC 照片，系统不能打开。请在手机“设置-相机-格式”中选“兼容性最佳”后重拍，"
    "或在网页上直接从相册选取，由浏览器转成 JPEG 发送。"
)
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_TAIL: Final = (1 << 16) + 22
_GPS: Final = 0x8825
_EXIF: Final = 0x8769
_TAKEN, _TAKEN_ZONE = 0x9003, 0x9011
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4

Image.MAX_IMAGE_PIXELS = JPEG_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it is kept; `position` only when the sender agreed to it.

    `taken_at` is what the camera wrote, in the city's time where it named no zone.
    """

    content: bytes
    content_type: str
    width: int
    height: int
    position: dict[str, float] | None
    taken_at: datetime | None

    @property
    def sha256(self) -> str:
        """Its name."""
        return hashlib.sha256(self.content).hexdigest()


def ingest(stream: IO[bytes], *, keeps_position: bool = False) -> Photo:
    """Read an uploaded picture and encode it again.

    Raises:
        UploadRefused: too many bytes or pixels, no picture, or more than a picture.
    """
    content = stream.read(BYTES + 1)
    if len(content) > BYTES:
        message = f"照片不能超过 {BYTES >> 20} MB。"
        raise UploadRefused(message, code="upload_too_large")
    _refuse_second_meaning(content)
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise UploadRefused(_HEIC_WAY_OUT, code="upload_type_refused")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_TYPES)) as image:
            return _rewritten(image, keeps_position=keeps_position)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(JPEG_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise _unreadable() from error


def _rewritten(image: Image.Image, *, keeps_position: bool) -> Photo:
    name = image.format or ""
    kind = _KEPT_AS.get(name, name)
    if kind not in _SAVED:
        raise _unreadable()
    _bound(image, kind)
    position = _position(image) if keeps_position else None
    taken_at = _taken_at(image)
    image.load()
    upright = ImageOps.exif_transpose(_eight_bits(image))
    plain = upright.convert("RGBA" if _has_alpha(upright) and kind != "JPEG" else "RGB")
    # Comments, colour profiles and text chunks would be written again from here.
    plain.info = {}
    written = io.BytesIO()
    plain.save(written, kind, **_SAVED[kind])
    return Photo(written.getvalue(), _TYPES[kind], plain.width, plain.height, position, taken_at)


def _bound(image: Image.Image, kind: str) -> None:
    """Refuse a picture memory cannot hold; a large JPEG is decoded at a smaller scale."""
    pixels = image.width * image.height
    # A progressive JPEG is held whole by the decoder, whatever the scale.
    is_scaled = kind == "JPEG" and "progressive" not in image.info
    most = JPEG_PIXELS if is_scaled else WEBP_PIXELS if kind == "WEBP" else PIXELS
    if pixels > most:
        raise _too_many_pixels(most)
    if kind == "JPEG" and pixels > _DECODED:
        scale = next(part for part in (2, 4, 8) if pixels <= _DECODED * part * part)
        image.draft(image.mode, (image.width // scale, image.height // scale))


def _eight_bits(image: Image.Image) -> Image.Image:
    """Bring 16 bits of grey to 8 by value; converting alone would cut everything bright off."""
    if not image.mode.startswith("I"):
        return image
    grey = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    grey.info = {key: value for key, value in image.info.items() if key == "exif"}
    return grey


def _refuse_second_meaning(content: bytes) -> None:
    lowered = content.lower()
    if any(sign in lowered for sign in _SECOND_MEANINGS) or _ZIP_END in content[-_ZIP_TAIL:]:
        raise _unreadable()


def _too_many_pixels(most: int) -> UploadRefused:
    message = f"照片不能超过 {most // 1_000_000} 百万像素，请用较小的尺寸重新拍摄。"
    return UploadRefused(message, code="upload_too_large")


def _unreadable() -> UploadRefused:
    message = "只接受能够打开的 JPEG、PNG、WEBP 照片。"
    return UploadRefused(message, code="upload_type_refused")


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info


def _taken_at(image: Image.Image) -> datetime | None:
    written = image.getexif().get_ifd(_EXIF)
    text, zone = str(written.get(_TAKEN, "")), str(written.get(_TAKEN_ZONE, "") or "+08:00")
    try:
        return datetime.strptime(f"{text.strip()} {zone.strip()}", "%Y:%m:%d %H:%M:%S %z")
    except ValueError:
        return None


def _position(image: Image.Image) -> dict[str, float] | None:
    gps = image.getexif().get_ifd(_GPS)
    try:
        lat = _degrees(gps[_LAT], is_negative=gps.get(_LAT_REF) == "S")
        lon = _degrees(gps[_LON], is_negative=gps.get(_LON_REF) == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return {"lat": lat, "lon": lon} if abs(lat) <= 90 and abs(lon) <= 180 else None  # noqa: PLR2004 - degrees


def _degrees(parts: Any, *, is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = round(degrees + minutes / 60 + seconds / 3600, 6)
    return -value if is_negative else value
