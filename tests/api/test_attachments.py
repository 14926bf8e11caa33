"""Photos come in as pictures and nothing else, and are read only by who may see their case."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text

from api.uploads import photos
from tests.api.conftest import UNIT, Api

GPS = 0x8825
NEAR = {1: "N", 2: (25.0, 14.0, 26.52), 3: "E", 4: (118.0, 51.0, 39.24)}


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), **more: Any) -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(written, kind, **more)
    return written.getvalue()


def with_place() -> bytes:
    """A picture that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "canary-camera"
    exif[GPS] = NEAR
    return picture(exif=exif, comment=b"canary-comment")


def declared_png(width: int, height: int) -> bytes:
    """A PNG that claims a size; its pixels are missing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\x00" * 64)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def send(api: Api, content: bytes, who: str | None = "grid_member", **more: Any) -> Any:
    """Upload as a form would."""
    data = {"file": (io.BytesIO(content), more.pop("name", "photo.jpg")), **more.pop("form", {})}
    return api.send("POST", "/attachments", who, data=data, **more)


def send_large(api: Api, content: bytes) -> Any:
    """Upload; written by hand, because the test client leaves its large forms open."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = head + content + b"\r\n--b--\r\n"
    kind = "multipart/form-data; boundary=b"
    return api.send("POST", "/attachments", "grid_member", data=body, content_type=kind)


@pytest.mark.parametrize(
    ("kind", "content_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_a_picture_is_kept_under_its_digest(api: Api, kind: str, content_type: str) -> None:
    answer = send(api, picture(kind), name="../../etc/passwd")

    told = answer.get_json()
    kept = api.composition.blobs / told["sha256"][:2] / told["sha256"]
    assert (answer.status_code, told["content_type"]) == (201, content_type)
    assert kept.stat().st_size == told["size"]
    assert [p.name for p in api.composition.blobs.glob("*/*")] == [told["sha256"]]


def test_a_photo_as_phones_make_them_is_taken(api: Api) -> None:
    written = io.BytesIO()
    Image.effect_noise((2400, 1800), 80).convert("RGB").save(written, "JPEG", quality=92)

    answer = send_large(api, written.getvalue())

    assert len(written.getvalue()) > 3 << 20
    assert answer.status_code == 201, answer.get_json()


def test_place_camera_comment_and_trailer_are_gone(api: Api) -> None:
    """A photo in a report must not say where its reporter lives."""
    told = send(api, with_place() + b"canary-trailer").get_json()

    answer = api.get(f"/attachments/{told['id']}", "grid_member")

    content = answer.get_data()
    with Image.open(io.BytesIO(content)) as image:
        assert dict(image.getexif()) == {}
        assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"canary" not in content


def test_the_place_is_kept_apart_only_with_consent(api: Api) -> None:
    send(api, with_place(), form={"keep_position": "true"})
    send(api, with_place())

    with api.database.reading() as session:
        kept = session.execute(text("select position from attachment order by created_at")).all()

    assert sorted(str(row[0]) for row in kept) == ["None", '{"lat":25.2407,"lon":118.8609}']


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("gif", picture("GIF")),
        ("bmp", picture("BMP")),
        ("tiff", picture("TIFF")),
        ("html", b"<!doctype html><html></html>"),
        ("empty", b""),
        ("noise", bytes(range(256)) * 40),
        ("cut off", picture()[:200]),
        ("a header alone", b"\xff\xd8\xff\xe0"),
        ("gif and script", b"GIF89a/*" + b"\x00" * 64 + b"*/=1;alert(1)"),
        ("jpeg and html", picture() + b"<html><script>alert(1)</script></html>"),
        ("jpeg and php", picture(comment=b"<?php system($_GET[0]); ?>")),
        ("jpeg and zip", picture() + b"PK\x03\x04" + b"\x00" * 40 + b"PK\x05\x06" + b"\x00" * 18),
        ("png and pdf", picture("PNG") + b"%PDF-1.4\n%%EOF"),
        ("broken png", declared_png(64, 64)),
    ],
)
def test_what_is_no_picture_or_more_than_one_is_refused(
    api: Api, name: str, content: bytes
) -> None:
    answer = send(api, content, name=f"{name}.jpg")

    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (415, "upload_type_refused")
    assert not list(api.composition.blobs.glob("*/*"))


@pytest.mark.parametrize("size", [(10_000, 10_000), (8_000, 8_000), (100_000, 100_000), (1, 2**30)])
def test_a_picture_of_too_many_pixels_is_refused_unread(api: Api, size: tuple[int, int]) -> None:
    answer = send(api, declared_png(*size))

    assert (answer.status_code, answer.get_json()["code"]) == (413, "upload_too_large")


def test_too_many_bytes_are_refused(api: Api) -> None:
    answer = send_large(api, bytes(photos.BYTES + 1))
    whole = send_large(api, bytes(photos.BYTES + (1 << 20)))

    assert (answer.status_code, answer.get_json()["code"]) == (413, "upload_too_large")
    assert (whole.status_code, whole.get_json()["code"]) == (413, "upload_too_large")


def test_parts_without_a_name_are_no_fault_under_a_key(api: Api) -> None:
    nameless = b"--b\r\nContent-Disposition: form-data\r\n\r\n{}\r\n"
    named = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = nameless + named + nameless + file + picture() + b"\r\n--b--\r\n"

    answer = api.send(
        "POST",
        "/attachments",
        "grid_member",
        key="nameless",
        data=body,
        content_type="multipart/form-data; boundary=b",
    )

    assert answer.status_code == 201


def test_an_upload_that_is_no_form_or_holds_no_file_is_refused(api: Api) -> None:
    as_json = api.post("/attachments", {"file": "x"}, "grid_member")
    without = api.send(
        "POST",
        "/attachments",
        "grid_member",
        data={"other": "x"},
        content_type="multipart/form-data",
    )

    assert as_json.status_code == 415
    assert (without.status_code, without.get_json()["errors"][0]["pointer"]) == (422, "/file")


def test_a_photo_is_served_so_that_no_browser_runs_it(api: Api) -> None:
    told = send(api, picture()).get_json()

    headers = api.get(f"/attachments/{told['id']}", "grid_member").headers

    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


def test_a_photo_is_seen_with_its_case_and_by_nobody_else(api: Api) -> None:
    photo = send(api, picture()).get_json()["id"]
    before = api.get(f"/attachments/{photo}", "station_officer").status_code

    number = api.report("grid_member", photos=[photo])

    case = api.get(f"/cases/{number}", "station_officer").get_json()
    assert before == 404
    assert case["photos"] == [photo]
    assert api.get(f"/attachments/{photo}", "station_officer").status_code == 200
    assert api.get(f"/attachments/{photo}", "foreign_station").status_code == 404
    assert api.get(f"/attachments/{photo}").status_code == 401


def test_a_photo_of_somebody_else_or_of_another_case_cannot_be_used(api: Api) -> None:
    used = send(api, picture()).get_json()["id"]
    api.report("grid_member", photos=[used])
    theirs = send(api, picture(), "grid_leader").get_json()["id"]
    report = {"matter": "L01", "area": UNIT, "description": "x"}

    for photo in (used, theirs, "0" * 32):
        answer = api.post("/reports", {**report, "photos": [photo]}, "grid_member")
        assert (answer.status_code, answer.get_json()["code"]) == (422, "form_invalid")


def test_an_upload_sent_again_is_one_row(api: Api) -> None:
    content = picture()

    first = send(api, content, key="k-1").get_json()
    again = send(api, content, key="k-1")
    other = send(api, picture("PNG"), key="k-1")

    assert again.get_json() == first
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.status_code == 409


def test_the_public_may_send_photos_with_a_report(api: Api) -> None:
    photo = send(api, picture(), None).get_json()["id"]
    report = {
        "kind": "tip",
        "description": "后厨有老鼠",
        "channel": "web",
        "area": "350322100001",
        "photos": [photo],
    }

    number = api.post("/public/reports", report).get_json()["number"]

    assert api.get(f"/cases/{number}", "village_assistant").get_json()["photos"] == [photo]


def test_a_rehearsed_upload_keeps_no_bytes(api: Api) -> None:
    data = {"file": (io.BytesIO(picture()), "photo.jpg")}

    answer = api.send("POST", "/attachments?dry_run=true", "grid_member", data=data)

    assert answer.status_code == 200
    assert [path for path in api.composition.blobs.rglob("*") if path.is_file()] == []


def test_an_upload_over_the_quota_keeps_no_bytes(api: Api) -> None:
    first = send(api, picture())
    with api.database.transaction() as session:
        session.execute(text("update attachment set size = 600000000"))

    over = send(api, picture(size=(65, 49)))

    assert (first.status_code, over.status_code) == (201, 429)
    kept = [path for path in api.composition.blobs.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [first.get_json()["sha256"]]
