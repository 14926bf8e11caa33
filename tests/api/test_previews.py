"""Photos are looked at after their upload: small copies, and the same photo in another case."""

import io
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import delete, select, update

from api.cli.background import put_away
from api.operating import ways
from api.uploads import blobs
from api.uploads.previews import likeness_of
from storage import tables
from storage.database.session import Session
from storage.delivery import outbox
from tests.api.conftest import Api
from tests.api.test_attachments import send
from tests.delivering import deliver_due


def scene(seed: int, *, size: tuple[int, int] = (1200, 900), quality: int = 90) -> bytes:
    """A photo in which something is seen: light and shade in large patches."""
    shades = bytes((seed * 73 + place * place * 31) % 256 for place in range(48))
    picture = Image.frombytes("L", (8, 6), shades).resize(size, Image.Resampling.BICUBIC)
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=quality)
    return written.getvalue()


def upload(api: Api, content: bytes, who: str = "grid_member") -> dict[str, Any]:
    """Send a photo; what the API says of it."""
    return dict(send(api, content, who).get_json())


def look(api: Api) -> None:
    """Do what the workers of deliveries do."""
    while deliver_due(api.database, ways(api.composition), api.clock).sent:
        pass


def filed(api: Api, content: bytes, who: str = "grid_member") -> str:
    """A case with one photo."""
    photo = upload(api, content, who)["id"]
    return api.report(who, photos=[photo])


def elsewhere(api: Api, number: str, who: str = "grid_leader") -> list[tuple[str, bool]]:
    """In which other cases the photos of a case are, as somebody sees it."""
    shown = api.get(f"/cases/{number}", who).get_json()
    return [(one["case"], one["is_same"]) for one in shown["photos_elsewhere"]]


def test_a_small_copy_is_made_after_the_upload_and_the_photo_stands_in_until_then(
    api: Api,
) -> None:
    photo = upload(api, scene(1))
    place = f"/attachments/{photo['id']}?size=small"

    before = api.get(place, "grid_member")
    look(api)
    after = api.get(place, "grid_member")

    assert len(before.data) == photo["size"]
    assert before.headers["Cache-Control"] == "private, no-cache"
    with Image.open(io.BytesIO(after.data)) as small:
        assert (small.format, small.size) == ("JPEG", (480, 360))
    assert len(after.data) < photo["size"] / 2
    assert len(api.get(f"/attachments/{photo['id']}", "grid_member").data) == photo["size"]


def test_a_transparent_picture_gets_a_small_copy_on_white(api: Api) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (600, 600), (0, 0, 0, 0)).save(written, "PNG")
    photo = upload(api, written.getvalue())

    look(api)

    answer = api.get(f"/attachments/{photo['id']}?size=small", "grid_member")
    with Image.open(io.BytesIO(answer.data)) as small:
        assert small.getpixel((100, 100)) == (255, 255, 255)


def test_a_photo_that_is_also_in_another_case_is_named_to_whoever_sees_both(api: Api) -> None:
    first, again = filed(api, scene(1)), filed(api, scene(1))
    copied = filed(api, scene(1, size=(800, 600), quality=40))
    other = filed(api, scene(2))
    look(api)

    assert elsewhere(api, first) == [(copied, False), (again, True)]
    assert elsewhere(api, other) == []
    assert elsewhere(api, copied) == [(again, False), (first, False)]


def test_a_case_one_may_not_see_is_not_named(api: Api) -> None:
    mine = filed(api, scene(1))
    filed(api, scene(1), "unit_leader")
    with api.database.transaction() as session:
        theirs = _hide_last(session)
    look(api)

    assert elsewhere(api, mine, "supervisor") == [(theirs, True)]
    assert elsewhere(api, mine, "grid_member") == []


def _hide_last(session: Session) -> str:
    case_ = tables.case_
    last = session.execute(
        select(case_.c.id, case_.c.number).order_by(case_.c.id.desc()).limit(1)
    ).one()
    session.execute(update(case_).where(case_.c.id == last.id).values(visible_from_rank=5))
    return str(last.number)


def test_pictures_that_show_next_to_nothing_are_like_no_other() -> None:
    assert likeness_of(Image.new("RGB", (800, 600), "black")) == ""
    assert likeness_of(Image.new("RGB", (800, 600), (250, 252, 255))) == ""
    with Image.open(io.BytesIO(scene(3))) as seen:
        assert len(likeness_of(seen)) == 16


def test_photos_from_before_are_looked_at_when_things_are_put_away(api: Api) -> None:
    photo = upload(api, scene(1))
    with api.database.transaction() as session:
        _forget_deliveries(session)
    look(api)
    assert small(api, photo) is None

    put_away(api.composition)
    look(api)

    assert small(api, photo) is not None


def test_a_photo_that_cannot_be_read_becomes_an_incident_and_holds_up_no_other(api: Api) -> None:
    lost, kept = upload(api, scene(1)), upload(api, scene(2))
    blobs.path_of(api.composition.blobs, lost["sha256"]).unlink()

    look(api)

    assert small(api, kept) is not None
    with api.database.reading() as session:
        assert outbox.count_pending(session) == (1, 0)


def test_a_small_copy_goes_with_its_photo(api: Api) -> None:
    photo = upload(api, scene(1))
    look(api)

    blobs.remove(api.composition.blobs, photo["sha256"])

    assert small(api, photo) is None
    assert not blobs.path_of(api.composition.blobs, photo["sha256"]).exists()


def small(api: Api, photo: dict[str, Any]) -> Path | None:
    """Where the small copy of a photo is."""
    return blobs.find_small(api.composition.blobs, photo["sha256"])


def _forget_deliveries(session: Session) -> None:
    session.execute(delete(tables.outbox))
