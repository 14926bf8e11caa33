"""A full disk: clear answers, nothing half written, and work goes on once there is room again."""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from api.cli.background import put_away
from storage.database.session import Database
from storage.tables import attachment
from tests.fault.fuses import fused
from tests.fault.invariants import Audit
from tests.fault.scenes import REPORT, Request
from tests.stories.world import World

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_photo_that_does_not_fit_leaves_neither_row_nor_half_a_file(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """notes/reliability.md row 13: blob first, row second."""

    def full(_: int) -> None:
        raise OSError(number, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        refused = upload(world)
    taken = upload(world)

    assert (refused.status_code, refused.get_json()["code"]) == (503, "overloaded")
    assert int(refused.headers["Retry-After"]) > 0
    assert taken.status_code == 201
    assert (len(files(world)), rows(world)) == (1, 1)


def test_a_row_that_is_not_written_leaves_bytes_nobody_sees_and_sending_again_takes_them(
    world: World,
) -> None:
    with fused(world.database) as fuse:
        for point in range(1, 40):
            fuse.set(point)
            answer = upload(world)
            if not fuse.mend():
                break
            assert answer.status_code == 500
            assert rows(world) == 0

    assert answer.status_code == 201
    assert answer.get_json()["sha256"] == files(world)[0].name
    assert (len(files(world)), rows(world)) == (1, 1)


def test_a_full_database_refuses_in_words_keeps_what_it_has_and_goes_on(world: World) -> None:
    """notes/reliability.md row 13, on SQLite."""
    filed = 0
    with no_room_left(world.database):
        for place in range(200):
            answer = Request("/reports", "grid_member", REPORT, key=f"k{place}").send(world)
            if answer.status_code != 201:
                break
            filed += 1
        again = Request("/reports", "grid_member", REPORT, key=f"k{place}").send(world)
        kept = Audit(world.database).check_all()
        with world.database.reading() as session:
            whole = session.exec_driver_sql("pragma integrity_check").scalar()
    after = Request("/reports", "grid_member", REPORT, key=f"k{place}").send(world)

    assert {answer.status_code, again.status_code} == {503}
    assert (answer.get_json()["code"], answer.headers["Retry-After"]) == ("overloaded", "2")
    assert (kept, whole) == (filed, "ok")
    assert after.status_code == 201
    assert Audit(world.database).check_all() == filed + 1


def test_bytes_whose_row_never_came_are_put_away_after_a_day(world: World) -> None:
    """notes/reliability.md row 13: the orphan sweep."""
    upload(world)
    (kept,) = files(world)
    orphan, half = kept.with_name("0" * 64), kept.with_name("tmp-half-written")
    fresh = kept.with_name("f" * 64)
    for one in (orphan, half, fresh):
        one.write_bytes(b"nobody knows me")
    now = world.clock.now().timestamp()
    for one in (kept, orphan, half):
        os.utime(one, (now - 90_000, now - 90_000))
    os.utime(fresh, (now, now))

    removed = put_away(world.composition)

    assert removed == 2
    assert set(files(world)) == {kept, fresh}


def test_bytes_that_are_sent_again_are_young_again(world: World) -> None:
    upload(world)
    (kept,) = files(world)
    os.utime(kept, (0, 0))

    upload(world)

    assert kept.stat().st_mtime > 0
    assert rows(world) == 2


@contextmanager
def no_room_left(database: Database) -> Iterator[None]:
    """Let the file of a database grow by no page more."""

    def keep(connection: Any, _record: object) -> None:
        connection.execute("pragma max_page_count = 1").close()

    engine = database._connections.opener  # noqa: SLF001 - a full disk is not asked for
    event.listen(engine, "connect", keep)
    database.close()
    try:
        yield
    finally:
        event.remove(engine, "connect", keep)
        database.close()


def upload(world: World) -> TestResponse:
    """Send a small picture."""
    written = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(written, "JPEG")
    written.seek(0)
    return world.ask("POST", "/attachments", "grid_member", data={"file": (written, "photo.jpg")})


def files(world: World) -> list[Path]:
    """Everything in the folder of uploads, half-written files too."""
    return [one for one in world.composition.blobs.rglob("*") if one.is_file()]


def rows(world: World) -> int:
    """How many uploads the database knows."""
    with world.database.reading() as session:
        return int(session.execute(select(func.count()).select_from(attachment)).scalar_one())
