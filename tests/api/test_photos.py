"""What phones write as pictures is taken in or refused in words, never a fault."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from PIL import Image

from api.uploads.photos import ingest
from api.uploads.turns import Turns
from storage.errors import UploadRefused
from tests.api.conftest import Api


def _file(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return io.BytesIO(written.getvalue())


def test_a_jpeg_with_a_second_picture_is_kept_as_its_first() -> None:
    red, gray = Image.new("RGB", (400, 300), "red"), Image.new("RGB", (100, 75), "gray")
    photo = ingest(_file(red, "MPO", save_all=True, append_images=[gray]))
    assert (photo.content_type, photo.width, photo.height) == ("image/jpeg", 400, 300)
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert kept.format == "JPEG"
        assert kept.getpixel((200, 150))[0] > 240


def test_a_full_resolution_phone_photo_is_kept_at_half_its_size() -> None:
    photo = ingest(_file(Image.new("L", (8160, 6144), 255), "JPEG"))
    assert (photo.width, photo.height) == (4080, 3072)


@pytest.mark.parametrize(
    ("kind", "size", "options", "most"),
    [
        ("PNG", (8200, 6200), {}, "50"),
        ("JPEG", (8200, 6200), {"progressive": True}, "50"),
        ("JPEG", (20_000, 10_100), {}, "200"),
        ("WEBP", (5200, 3900), {}, "20"),
    ],
)
def test_more_pixels_than_memory_holds_are_refused_in_words(
    kind: str, size: tuple[int, int], options: dict[str, bool], most: str
) -> None:
    with pytest.raises(UploadRefused, match=f"{most} 百万像素") as refused:
        ingest(_file(Image.new("L", size), kind, **options))
    assert refused.value.code == "upload_too_large"


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    photo = ingest(_file(Image.new("I;16", (8, 8), 0x8000), "PNG"))
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert kept.convert("RGB").getpixel((4, 4)) == (128, 128, 128)


def test_print_colours_are_kept_as_screen_colours() -> None:
    photo = ingest(_file(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG"))
    with Image.open(io.BytesIO(photo.content)) as kept:
        assert kept.mode == "RGB"
        assert kept.getpixel((8, 8))[0] > 240


def test_an_iphone_heic_is_refused_with_the_way_out() -> None:
    with pytest.raises(UploadRefused, match="兼容性最佳") as refused:
        ingest(io.BytesIO(b"\x00\x00\x00\x18ftypheic" + bytes(64)))
    assert refused.value.code == "upload_type_refused"


def test_photos_are_decoded_few_at_once_and_the_rest_waits_or_is_told(api: Api) -> None:
    turns, at_once, most = Turns(2, patience_seconds=30), [0], [0]
    lock = Lock()

    def decode(_: int) -> None:
        with turns.taken():
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            ingest(_file(Image.new("RGB", (1200, 900), "red"), "JPEG"))
            with lock:
                at_once[0] -= 1

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(decode, range(24)))

    assert most == [2]

    object.__setattr__(api.composition, "decoding", Turns(1, patience_seconds=0.0))
    with api.composition.decoding.taken():
        photo = {"file": (_file(Image.new("RGB", (8, 8)), "JPEG"), "a.jpg")}
        busy = api.send("POST", "/attachments", "grid_member", data=photo)
    photo = {"file": (_file(Image.new("RGB", (8, 8)), "JPEG"), "a.jpg")}
    free = api.send("POST", "/attachments", "grid_member", data=photo)
    assert (busy.status_code, busy.get_json()["code"]) == (503, "overloaded")
    assert (busy.headers["Retry-After"], free.status_code) == ("5", 201)


def test_many_photos_sent_at_once_are_all_taken(api: Api) -> None:
    content = _file(Image.new("RGB", (3000, 2000), "red"), "JPEG").getvalue()
    header = api.authorization("grid_member")

    def send(_: int) -> int:
        with api.app.test_client() as client:
            file = {"file": (io.BytesIO(content), "a.jpg")}
            return client.post("/api/v1/attachments", data=file, headers=header).status_code

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(send, range(32)))

    assert statuses == [201] * 32
