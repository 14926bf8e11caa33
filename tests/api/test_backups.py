"""Backups: made while work goes on, restored elsewhere, refused when they are not what was made."""

import hashlib
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.backups import Installation, make, newest_in, restore
from api.uploads import blobs
from engine.casefile.signing import Key, add_key, read_keys
from storage.cases import attachments, cases, events
from storage.cases.attachments import Attachment
from storage.cases.events import NewEvent
from storage.database.dumps import name_of_dump
from storage.database.schema import current_revision
from storage.database.session import Database
from storage.errors import HangjiError
from tests.build import MORNING, a_case, an_area, locked_again, stepped

VAULT_KEY = b"\x07" * 32
PHOTO = b"a picture"
PHOTO_NAME = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Place:
    """A machine to back up, an empty one to restore on, and the folder between them."""

    installation: Installation
    empty: Installation
    folder: Path
    key: Key
    keys: tuple[Key, ...]

    def back_up(self, *, seconds: int = 0) -> Path:
        """Make a backup."""
        now = MORNING + timedelta(seconds=seconds)
        made = make(self.installation, self.folder, key=self.key, now=now, progress=quietly)
        return Path(made.folder)

    def restore(self, backup: Path, *, keys: Sequence[Key] | None = None, skip: int = 0) -> Any:
        """Restore it on the empty machine."""
        known = self.keys if keys is None else keys
        return restore(backup, self.empty, keys=known, skip=skip, progress=quietly)

    def heads(self, database: Database) -> list[events.Head]:
        """Where every case file ends."""
        with database.reading() as session:
            return events.list_heads(session)


def quietly(items: Sequence[Any], _what: str) -> Iterable[Any]:
    """Show nothing."""
    return items


def a_filled(database: Database) -> None:
    """Two cases, one of them with a photo."""
    with database.transaction() as session:
        an_area(session)
        a_case(session)
        case = a_case(session).case
        attachments.add_attachment(
            session,
            Attachment(
                id="photo-1",
                sha256=PHOTO_NAME,
                content_type="image/jpeg",
                size=len(PHOTO),
                original_name=None,
                position=None,
                case_id=case.id,
                uploaded_by=None,
                created_at=MORNING,
            ),
        )


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Two machines with the same kind of database."""
    is_sqlite = request.param == "sqlite"
    full = Database(request.getfixturevalue(f"{request.param}_url"))
    empty = Database(
        f"sqlite:///{tmp_path}/elsewhere.db"
        if is_sqlite
        else request.getfixturevalue("bare_postgres_url")
    )
    a_filled(full)
    blobs.put(tmp_path / "blobs", PHOTO_NAME, PHOTO)
    keys = tmp_path / "keys.json"
    key = add_key(keys, at=MORNING)
    yield Place(
        Installation(full, tmp_path / "blobs", (VAULT_KEY,)),
        Installation(empty, tmp_path / "other_blobs", (VAULT_KEY,)),
        tmp_path / "backups",
        key,
        read_keys(keys),
    )
    full.close()
    empty.close()


def test_a_restored_machine_has_every_case_and_photo(place: Place) -> None:
    done = place.restore(place.back_up())

    assert (done.cases, done.photos, done.doubt, done.is_other_vault_key) == (2, 1, None, False)
    assert place.heads(place.empty.database) == place.heads(place.installation.database)
    assert blobs.get(place.empty.blobs, PHOTO_NAME).read_bytes() == PHOTO


def test_no_number_comes_twice_after_a_restore(place: Place) -> None:
    backup = place.back_up()
    with place.installation.database.transaction() as session:
        given_since = a_case(session).case.id
    place.restore(backup, skip=10_000)

    with place.empty.database.transaction() as session:
        next_id, _ = cases.next_ids(session)

    assert next_id == given_since + 10_000


def test_a_backup_made_under_load_is_of_one_moment(place: Place) -> None:
    database, stop = place.installation.database, threading.Event()
    with database.transaction() as session:
        locked = a_case(session)

    def work() -> None:
        for number in range(10_000):
            if stop.is_set():
                return
            with database.transaction() as session:
                entry = NewEvent("note_added", MORNING, "system", {"text": str(number)})
                stepped(session, locked_again(session, locked), events=[entry])
                if number % 5 == 0:
                    a_case(session)

    thread = threading.Thread(target=work)
    thread.start()
    backups = [place.back_up(seconds=second) for second in range(3)]
    stop.set()
    thread.join()
    done = place.restore(backups[1])

    restored = {head.number: head.last_seq for head in place.heads(place.empty.database)}
    assert done.cases == len(restored)
    assert 1 < restored[locked.case.number] <= place_of(place, locked.case.number)


def place_of(place: Place, number: str) -> int:
    """How many entries a file has on the machine that went on working."""
    return {head.number: head.last_seq for head in place.heads(place.installation.database)}[number]


def test_photos_are_stored_once_for_all_backups(place: Place) -> None:
    place.back_up()
    place.back_up(seconds=1)

    assert len(list((place.folder / "photos").glob("*/*"))) == 1
    assert newest_in(place.folder).name == "20260302T010001Z"


def test_a_backup_without_a_known_key_is_restored_and_said_to_prove_nothing(place: Place) -> None:
    done = place.restore(place.back_up(), keys=())

    assert "not known here" in str(done.doubt)


def test_a_wrong_vault_key_is_said(place: Place) -> None:
    backup = place.back_up()
    place.empty = Installation(place.empty.database, place.empty.blobs, (b"\x08" * 32,))

    assert place.restore(backup).is_other_vault_key


def damage_dump(backup: Path) -> None:
    """Change the database after it was written."""
    (dumped,) = backup.glob("database.*")
    dumped.write_bytes(dumped.read_bytes() + b"!")


def damage_photo(backup: Path) -> None:
    """Change a photo after it was written."""
    (photo,) = (backup.parent / "photos").glob("*/*")
    photo.write_bytes(b"another picture")


def lose_photo(backup: Path) -> None:
    """Remove a photo."""
    (photo,) = (backup.parent / "photos").glob("*/*")
    photo.unlink()


def change_manifest(backup: Path) -> None:
    """Say that the backup was made on another day."""
    manifest = backup / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace("2026-03-02", "2026-03-03"), "utf-8")


def empty_manifest(backup: Path) -> None:
    """Leave a manifest that says nothing."""
    (backup / "manifest.json").write_text("{}", "utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_dump, "not the file that was written"),
        (damage_photo, "missing or damaged"),
        (lose_photo, "missing or damaged"),
        (change_manifest, "was changed"),
        (empty_manifest, "no backup that"),
    ],
)
def test_a_damaged_backup_is_refused_and_nothing_is_written(
    place: Place, damage: Any, said: str
) -> None:
    backup = place.back_up()
    damage(backup)

    with pytest.raises(HangjiError, match=said):
        place.restore(backup)

    assert not place.empty.blobs.exists()
    place.folder = place.folder.with_name("another")
    assert place.restore(place.back_up()).cases == 2


def forge(backup: Path, *, at: Sequence[str], value: object) -> None:
    """Put something else into the manifest, and leave the signature out."""
    path = backup / "manifest.json"
    manifest = orjson.loads(path.read_bytes())
    manifest.pop("signature", None)
    *way, last = at
    reduce(getitem, way, manifest)[last] = value
    path.write_bytes(orjson.dumps(manifest))


def restored_forged(place: Place, at: str, value: object) -> str:
    """What a restore says to a manifest with a value of the forger's."""
    backup = place.back_up()
    forge(backup, at=at.split("."), value=value)
    with pytest.raises(HangjiError) as refused:
        place.restore(backup)
    return refused.value.message


@pytest.mark.parametrize("at", ["database", "database.file", "heads", "photos", "lost", "revision"])
def test_a_manifest_of_a_forger_is_refused_whatever_it_holds(place: Place, at: str) -> None:
    backup = place.back_up()
    for value in (None, 5, "x", [5], [None], [{}], {"x": [1]}):
        forge(backup, at=at.split("."), value=value)
        with pytest.raises(HangjiError):
            place.restore(backup)

    assert current_revision(place.empty.database) is None


def test_a_backup_restores_no_file_that_lies_outside_of_it(place: Place) -> None:
    name = name_of_dump(place.empty.database)
    elsewhere = shutil.copy(place.back_up() / name, place.folder.parent / name)
    place.folder = place.folder.with_name("another")

    said = restored_forged(place, "database.file", f"../../{Path(elsewhere).name}")

    assert "of another kind of database" in said
    assert current_revision(place.empty.database) is None


def test_no_photo_is_named_by_a_way_out_of_its_folder(place: Place) -> None:
    assert "photos" in restored_forged(place, "photos", ["../../../keys.json"])
    assert not place.empty.blobs.exists()


def test_a_case_the_manifest_does_not_name_is_not_taken_for_proved(place: Place) -> None:
    first, second = place.heads(place.installation.database)

    said = restored_forged(place, "heads", [first._asdict()])

    assert f"case {second.number} is not in the manifest" in said
    assert f"Remove the database {place.empty.database.shown}" in said


def test_a_case_file_that_ends_elsewhere_is_named(place: Place) -> None:
    first, second = place.heads(place.installation.database)
    longer = [first._asdict(), {**second._asdict(), "last_seq": second.last_seq + 1}]

    said = restored_forged(place, "heads", longer)

    assert f"case {second.number} does not end as the manifest says" in said


def test_what_is_no_dump_is_said_to_be_none(place: Place) -> None:
    backup = place.back_up()
    (dumped,) = backup.glob("database.*")
    dumped.write_bytes(b"anything")
    forge(backup, at=("database", "sha256"), value=hashlib.sha256(b"anything").hexdigest())

    with pytest.raises(HangjiError, match=r"cannot be read|did not succeed"):
        place.restore(backup)


def test_a_full_database_is_never_written_over(place: Place) -> None:
    backup = place.back_up()
    place.restore(backup)

    with pytest.raises(HangjiError, match="not empty"):
        place.restore(backup)


def test_a_folder_without_a_backup_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HangjiError, match="hangji backup FOLDER"):
        newest_in(tmp_path)


def test_a_backup_that_failed_leaves_nothing_behind(place: Place) -> None:
    def failing(items: Sequence[Any], _what: str) -> Iterable[Any]:
        yield from items
        message = "the disk is full"
        raise OSError(message)

    with pytest.raises(OSError, match="disk is full"):
        make(place.installation, place.folder, key=None, now=MORNING, progress=failing)

    assert [path.name for path in place.folder.iterdir()] == ["photos"]
