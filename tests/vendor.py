"""A vendor of kitchen cameras: signs its snapshots as the convention has it; holds no test."""

import base64
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from PIL import Image
from standardwebhooks import Webhook

VENDOR = "example"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
FORMER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()


def configure(var_folder: Path, *secrets: str, gateway: str | None = None) -> None:
    """Write the file of vendors."""
    vendor = {"secrets": list(secrets or (SECRET,)), "gateway": gateway}
    (var_folder / "kitchens.json").write_bytes(orjson.dumps({"vendors": {VENDOR: vendor}}))


def a_kitchen(colour: str = "white") -> bytes:
    """A picture with the make of its camera in it."""
    picture = Image.new("RGB", (320, 240), colour)
    exif = picture.getexif()
    exif[0x010F] = "示例厂商"
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=exif)
    return written.getvalue()


def a_snapshot(ident: str, camera: str, taken_at: datetime, **more: Any) -> dict[str, Any]:
    """The body of a snapshot."""
    usual = {
        "vendor": VENDOR,
        "id": ident,
        "camera": camera,
        "taken_at": taken_at.isoformat(),
        "kind": "no_mask",
        "confidence": 0.91,
        "image": base64.b64encode(a_kitchen()).decode(),
    }
    return {**usual, **more}


def signed(body: dict[str, Any], at: datetime, *, secret: str = SECRET) -> dict[str, Any]:
    """Body and headers of a signed request."""
    data = orjson.dumps(body)
    ident = f"msg_{body['id']}"
    stamp = at.astimezone(UTC)
    headers = {
        "webhook-id": ident,
        "webhook-timestamp": str(int(stamp.timestamp())),
        "webhook-signature": Webhook(secret).sign(ident, stamp, data.decode()),
        "Content-Type": "application/json",
    }
    return {"data": data, "headers": headers}
