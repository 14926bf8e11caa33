"""Small pictures, uploaded over HTTP; holds no test."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.stories.world import World


def upload(world: World, who: str | None, shade: int = 0, **more: Any) -> str:
    """Upload a small picture of one colour and give its id; `more` are further fields."""
    picture = BytesIO()
    Image.new("RGB", (32, 24), (shade, 120, 90)).save(picture, "JPEG")
    picture.seek(0)
    data: dict[str, Any] = {"file": (picture, "photo.jpg"), **more}
    answer = world.ask("POST", "/attachments", who, data=data, content_type="multipart/form-data")
    return str(world.done(answer)["id"])
