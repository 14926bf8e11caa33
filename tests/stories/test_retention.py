"""What reporters told is deleted when its period is over, everywhere, and the file still proves."""

import base64
import io
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from engine.casefile.export import gather, to_json, write_zip
from engine.casefile.proof import verify
from engine.casefile.replay import differences, replay
from engine.delivery.channels import LogChannel
from engine.time.clock import SystemClock
from storage.cases import cases, events, steps, tasks
from storage.delivery import idempotency, notifications
from storage.people.actors import load_actor
from storage.people.personal import is_erased
from storage.tables import metadata
from tests.api.terminal import Ended, Terminal, environment
from tests.build import a_case
from tests.delivering import deliver_due
from tests.stories.pictures import upload
from tests.stories.test_public_report import answered
from tests.stories.world import SECRET, VAULT_KEY, World

NAME, PHONE = "鸫鸟演示举报人", "13900000000"
WORDS = f"斑鸠饭馆后厨有老鼠，请打{PHONE}找{NAME}"
DISPUTED = f"白鹭一样没有整改，{PHONE}"
CANARIES = (NAME, PHONE, "斑鸠", "白鹭", "25.4371828")
PLACE = {"lat": 25.4371828, "lon": 119.0076543}
REPORT = {
    "kind": ["complaint", "tip"],
    "description": WORDS,
    "location": PLACE,
    "business_name": "斑鸠饭馆",
    "reporter": {"name": NAME, "phone": PHONE},
}


@pytest.fixture(params=["world", pytest.param("postgres_world", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> World:
    """The city on either database."""
    found: World = request.getfixturevalue(request.param)
    return found


def all_closed(world: World) -> list[str]:
    """A complaint and tip with a photo, disputed once, both parts closed; gives their numbers."""
    photo = upload(world, None)
    number = world.report(**REPORT, photos=[photo])
    other = next(one["number"] for one in world.case(number)["links"])
    for part in (number, other):
        world.resolve(part, "village_assistant")
        answered(world, part)
    assert world.dispute(number, DISPUTED).status_code == 200
    for part in (number, other):
        world.resolve(part, "station")
        answered(world, part)
    world.wait(days=8)
    deliver_due(world.database, {"notice": LogChannel()}, world.clock)
    with world.database.transaction() as session:
        idempotency.forget_before(session, world.clock.now())
    assert {world.case(one)["status"] for one in (number, other)} == {"closed"}
    return [number, other]


def retained(world: World, terminal: Terminal, *command: str, days: int = 1) -> Ended:
    """Run a command on a machine whose city keeps everything for so many days."""
    folder = terminal.var / "pack"
    settings = world.composition.settings
    shutil.copytree(settings.city_folder, folder, dirs_exist_ok=True)
    heads, *rows = (folder / "retention.csv").read_text(encoding="utf-8").splitlines()
    # Pictures of kitchens have bounds of their own, and none is in these tests.
    rows = [row for row in rows if not row.startswith("kitchen_pictures")]
    kept = [",".join([row.split(",")[0], str(days), *row.split(",")[2:]]) for row in rows]
    (folder / "retention.csv").write_text("\n".join([heads, *kept]), encoding="utf-8")
    told = {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": SECRET,
        "VAULT_KEY": base64.b64encode(VAULT_KEY).decode(),
        "CITY_FOLDER": str(folder),
        "BLOB_FOLDER": str(settings.blob_folder),
    }
    with environment(terminal.var) as patch:
        for name, value in told.items():
            patch.setenv(f"HANGJI_{name}", value)
        return terminal.run(*command)


def rows_of(world: World) -> bytes:
    """Everything that stands in any table."""
    with world.database.reading() as session:
        values = [
            value
            for table in metadata.sorted_tables
            for row in session.execute(select(table))
            for value in row
        ]
    return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in values)


def dumped(world: World) -> bytes:
    """The database as its own tools see it: SQLite's file with what lies beside it, or a dump."""
    url = world.database.url
    if world.database.is_sqlite:
        path = Path(str(url.database))
        return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    told = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(["pg_dump", told], check=True, capture_output=True).stdout


def exported(world: World, number: str, folder: Path) -> bytes:
    """A case file as zip and JSON, both proved; returns everything in them."""
    with world.database.reading() as session:
        case = cases.find_case_by_number(session, number)
        assert case is not None
        file = gather(session, case, now=world.clock.now(), exported_by="officer:1")
        found = replay(events.list_events(session, case.id))
        assert differences(found, case, tasks.list_open_tasks(session, case.id)) == []
    whole, out = to_json(file, key=None), io.BytesIO()
    write_zip(
        file, out, blob=lambda digest: world.composition.blobs / digest[:2] / digest, key=None
    )
    for name, content in (("file.json", whole), ("file.zip", out.getvalue())):
        (folder / name).write_bytes(content)
        assert verify(folder / name).is_whole
    with zipfile.ZipFile(out) as archive:
        return b"\n".join([whole, *map(archive.read, archive.namelist())])


def told(content: bytes) -> set[str]:
    """The canaries that stand in bytes, as text or escaped."""
    return {
        one
        for one in CANARIES
        if one.encode() in content or one.encode("unicode_escape") in content
    }


def test_what_reporters_told_goes_from_every_place_and_the_files_still_verify(
    place: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PIPL: no dump, blob, log, export, page or file of the database knows it any more."""
    terminal, numbers = Terminal(capsys, tmp_path), all_closed(place)
    blobs = {one for one in place.composition.blobs.glob("*/*") if one.is_file()}
    before = [exported(place, number, tmp_path) for number in numbers]
    early = retained(place, terminal, "retain", "--json", days=3000)
    counted = retained(place, terminal, "retain", "--dry-run", "--json")
    held = told(rows_of(place)), told(dumped(place))

    done = retained(place, terminal, "retain", "--json")
    again = retained(place, terminal, "retain", "--json")
    place.composition.database.close()

    assert told(before[0]) >= {"斑鸠", "白鹭", "25.4371828"}
    assert (len(blobs), *held) == (1, set(CANARIES), set(CANARIES))
    assert set(early.json["due"].values()) == {0}
    assert counted.json["due"] == done.json["due"], done.err
    assert done.json["due"]["reporter_identity"] == done.json["due"]["public_text"] == 2
    assert set(again.json["due"].values()) == {0}
    assert told(rows_of(place)) == set()
    assert told(dumped(place)) == set()
    assert not [one for one in place.composition.blobs.glob("*/*") if one.is_file()]
    for number in numbers:
        assert told(exported(place, number, tmp_path)) == set()
        (erased,) = place.notes(number, "personal_data_erased")
        assert "public_text" in erased["kinds"]
        assert "已到保存期限" in place.entries(number)[0]["data"]["form"]["description"]
    written = done.out + done.err + again.out + again.err
    assert told(written.encode()) == set()


def test_a_message_box_keeps_what_is_in_it_for_the_citys_period_read_or_not(
    place: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal, now = Terminal(capsys, tmp_path), SystemClock().now()
    ages = {"read": 4, "unread": 4, "new": 2}
    before = retained(place, terminal, "retain", "--dry-run", "--json", days=3)
    with place.database.transaction() as session:
        for key, days in ages.items():
            at = now - timedelta(days=days)
            notifications.add_notification(
                session, 1, key=key, case_id=None, template="chase", payload={"a": WORDS}, at=at
            )
        actor = load_actor(session, 1, at=now)
        read = notifications.list_notifications(session, actor).items[-1]
        notifications.mark_read(session, 1, at=now, ident=read.id)

    counted = retained(place, terminal, "retain", "--dry-run", "--json", days=3)
    retained(place, terminal, "retain", "--json", days=3)
    with place.database.reading() as session:
        left = notifications.list_notifications(session, actor).items
    last = retained(place, terminal, "retain", "--json", days=1)
    place.composition.database.close()

    due, others = (one.json["due"]["sent_notifications"] for one in (counted, before))
    assert (read.key, due - others, [one.key for one in left]) == ("read", 2, ["new"])
    assert last.json["due"]["sent_notifications"] == 1
    assert told(rows_of(place)) == told(dumped(place)) == set()


def test_an_open_case_and_one_reopened_meanwhile_keep_what_they_need(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = world.report(description=WORDS)
    world.wait(days=1)

    done = retained(world, Terminal(capsys, tmp_path), "retain", "--json")

    assert done.json["due"]["public_text"] == 0
    assert world.case(number)["description"] == WORDS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update case_personal set value = '\"另一句话\"'", events.ALTERED),
        ("update case_personal set salt = 'ff'", events.ALTERED),
        ("delete from case_personal", None),
    ],
)
def test_a_deleted_value_leaves_the_chain_whole_and_a_changed_one_breaks_it(
    world: World, change: str, reason: str | None
) -> None:
    number = world.report(description=WORDS)
    with sqlite3.connect(str(world.database.url.database)) as connection:
        connection.execute(change)
    connection.close()

    with world.database.reading() as session:
        entries = events.list_events(session, int(number[4:-1]))

    fault = events.verify(number, entries)
    assert (None if fault is None else fault.reason) == reason
    assert is_erased(entries[0].data["form"]["description"]) == (reason is None)


@pytest.mark.parametrize(
    ("forge", "is_whole"),
    [
        (lambda entry: entry["data"]["form"].update(description="另一句话"), False),
        (lambda entry: entry.pop("personal"), False),
        (lambda entry: entry.copy(), True),
    ],
)
def test_an_exported_value_is_checked_against_its_digest(
    world: World, tmp_path: Path, forge: Callable[[dict[str, object]], object], *, is_whole: bool
) -> None:
    exported(world, world.report(description=WORDS), tmp_path)
    document = orjson.loads((tmp_path / "file.json").read_bytes())
    forge(document["events"][0])
    (tmp_path / "file.json").write_bytes(orjson.dumps(document))

    assert verify(tmp_path / "file.json").is_whole == is_whole


def test_reports_of_an_earlier_release_are_counted_by_the_doctor(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Entries were stored as plain text then, first with the words in them and later without."""
    terminal = Terminal(capsys, tmp_path)
    world.report(description=WORDS)
    monkeypatch.setattr(steps, "pack_text", str.encode)
    world.report(description=WORDS)
    none = retained(world, terminal, "doctor").out
    with world.database.transaction() as session:
        a_case(session, channel="web", description=WORDS)

    one = retained(world, terminal, "doctor").out

    assert "keep their words in the case file" not in none
    assert "1 reports of an earlier release keep their words in the case file" in one
