"""A case file leaves the house whole, and whatever is done to it afterwards is found."""

import hashlib
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from engine.casefile.proof import Proof, verify
from storage.database.session import Database
from tests.engine.exporting import (
    PICTURE,
    Blobs,
    a_case,
    a_picture_in,
    export,
    export_json,
    packed,
    relink,
    rows,
    unpacked,
)
from tests.engine.vigil import Vigil, vigil


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return a_picture_in(tmp_path)


def proof_of(tmp_path: Path, content: bytes, *, head: str | None = None) -> Proof:
    path = tmp_path / "case.file"
    path.write_bytes(content)
    return verify(path, head=head)


def test_a_whole_file_verifies(sqlite: Database, blobs: Blobs, tmp_path: Path) -> None:
    world = vigil(sqlite)
    number = a_case(world)

    proof = proof_of(tmp_path, export(world, number, blobs))

    assert proof.is_whole
    assert (proof.number, proof.entries) == (number, world.case(number).last_seq)
    assert proof.head_hash == world.case(number).head_hash


def test_the_json_form_verifies_too(world: Vigil, tmp_path: Path) -> None:
    number = a_case(world)

    proof = proof_of(tmp_path, export_json(world, number))

    assert proof.is_whole
    assert proof.entries == world.case(number).last_seq


def test_the_file_holds_entries_attachments_and_diagrams(world: Vigil, blobs: Blobs) -> None:
    files = unpacked(export(world, a_case(world), blobs))

    assert files["attachments/p-1.jpg"] == PICTURE
    assert any(name.endswith("/vigil.bpmn") for name in files)
    assert any(name.endswith("/chase.dmn") for name in files)
    kinds = [orjson.loads(row)["kind"] for row in rows(files)]
    assert kinds[0] == "case_opened"
    assert "chased" in kinds
    manifest = orjson.loads(files["manifest.json"])
    assert manifest["people"] == {world.watcher.reference: "grid_leader"}


def test_what_is_secret_stays_inside(world: Vigil, blobs: Blobs) -> None:
    files = unpacked(export(world, a_case(world), blobs))

    assert "public_code_hash" not in orjson.loads(files["case.json"])["case"]


def test_two_exports_of_the_same_state_are_the_same_bytes(world: Vigil, blobs: Blobs) -> None:
    number = a_case(world)

    assert export(world, number, blobs) == export(world, number, blobs)


@pytest.mark.parametrize("row", [1, 3, 5])
def test_an_altered_entry_is_named(world: Vigil, blobs: Blobs, tmp_path: Path, row: int) -> None:
    files = unpacked(export(world, a_case(world), blobs))
    lines = rows(files)
    lines[row - 1] = lines[row - 1].replace(b'"at":"2026', b'"at":"2025')
    files["events.jsonl"] = b"".join(lines)

    proof = proof_of(tmp_path, packed(files))

    assert proof.place == f"events.jsonl row {row}"


def test_a_deleted_a_swapped_and_a_doubled_entry_are_named(
    world: Vigil, blobs: Blobs, tmp_path: Path
) -> None:
    files = unpacked(export(world, a_case(world), blobs))
    lines = rows(files)
    changed = {
        3: [*lines[:2], *lines[3:]],
        2: [lines[0], lines[2], lines[1], *lines[3:]],
        4: [*lines[:3], lines[2], *lines[3:]],
        len(lines): lines[:-1],
    }

    for row, kept in changed.items():
        proof = proof_of(tmp_path, packed({**files, "events.jsonl": b"".join(kept)}))
        assert proof.place == f"events.jsonl row {row}"


def test_a_row_that_is_no_entry_is_named(world: Vigil, blobs: Blobs, tmp_path: Path) -> None:
    files = unpacked(export(world, a_case(world), blobs))
    lines = rows(files)

    for broken in (b"{\n", b"[]\n", b'{"seq":2}\n'):
        content = b"".join([lines[0], broken, *lines[2:]])
        proof = proof_of(tmp_path, packed({**files, "events.jsonl": content}))
        assert proof.place == "events.jsonl row 2"


@pytest.mark.parametrize("name", ["case.json", "attachments/p-1.jpg", "README.txt"])
def test_a_file_that_was_changed_removed_or_added_is_named(
    world: Vigil, blobs: Blobs, tmp_path: Path, name: str
) -> None:
    files = unpacked(export(world, a_case(world), blobs))
    without = {one: content for one, content in files.items() if one != name}

    assert proof_of(tmp_path, packed({**without, name: files[name] + b" "})).place == name
    assert proof_of(tmp_path, packed(without)).place == name
    assert proof_of(tmp_path, packed({**files, "more.txt": b"x"})).place == "more.txt"


def test_another_picture_is_found_even_when_the_manifest_was_rewritten(
    world: Vigil, blobs: Blobs, tmp_path: Path
) -> None:
    files = unpacked(export(world, a_case(world), blobs))
    name = "attachments/p-1.jpg"
    manifest = orjson.loads(files["manifest.json"])
    manifest["files"][name] = {"sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}

    proof = proof_of(
        tmp_path, packed({**files, name: b"x", "manifest.json": orjson.dumps(manifest)})
    )

    assert proof.place == name


def test_a_state_that_does_not_follow_from_the_entries_is_found(
    world: Vigil, tmp_path: Path
) -> None:
    whole = orjson.loads(export_json(world, a_case(world)))
    whole["case"]["status"] = "open"

    proof = proof_of(tmp_path, orjson.dumps(whole))

    assert proof.place == "case.json"
    assert proof.reason is not None
    assert "status" in proof.reason


def test_a_forgery_consistent_in_itself_is_found_by_a_head_known_from_elsewhere(
    world: Vigil, tmp_path: Path
) -> None:
    number = a_case(world)
    whole = orjson.loads(export_json(world, number))
    whole["events"][1]["data"]["forged"] = True
    relink(whole)

    assert proof_of(tmp_path, orjson.dumps(whole)).is_whole
    assert not proof_of(tmp_path, orjson.dumps(whole), head=world.case(number).head_hash).is_whole


def test_an_attachment_that_was_lost_is_said_and_no_fault_of_the_file(
    world: Vigil, tmp_path: Path
) -> None:
    content = export(world, a_case(world), lambda digest: tmp_path / "gone" / digest)

    proof = proof_of(tmp_path, content)

    assert proof.is_whole
    assert proof.lost == ("p-1",)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"PK\x05\x06" + b"\0" * 18, b"\xff"])
def test_what_is_no_case_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    assert not proof_of(tmp_path, content).is_whole


def test_a_file_that_is_not_there_is_said_to_be_none(tmp_path: Path) -> None:
    assert not verify(tmp_path / "nowhere.zip").is_whole


def test_a_zip_damaged_anywhere_is_said_not_to_be_what_was_exported(
    world: Vigil, blobs: Blobs, tmp_path: Path
) -> None:
    whole, path = export(world, a_case(world), blobs), tmp_path / "case.zip"
    dice, reasons = random.Random(7), set[str | None]()  # noqa: S311 - the same damage each time
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[dice.randrange(len(whole) // 2)] ^= 1 + dice.randrange(255)
        path.write_bytes(damaged)
        proof = verify(path)
        reasons.add(proof.reason)
        # A byte nobody reads, like a time of day, changes no file.
        assert not proof.is_whole or unpacked(bytes(damaged)) == unpacked(whole)

    assert "the zip cannot be read" in reasons


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_compressed_in_another_way_is_none_of_ours(
    world: Vigil, blobs: Blobs, tmp_path: Path, method: int
) -> None:
    path = tmp_path / "case.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in unpacked(export(world, a_case(world), blobs)).items():
            archive.writestr(name, content)

    proof = verify(path)

    assert (proof.place, proof.reason) == (
        "manifest.json",
        "the file is not compressed as ours are",
    )


def test_a_name_that_stands_twice_is_refused(world: Vigil, blobs: Blobs, tmp_path: Path) -> None:
    content = export(world, a_case(world), blobs)
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("case.json", b"{}")

    assert proof_of(tmp_path, out.getvalue()).reason == "a name stands in it twice"


def test_a_file_without_entries_proves_nothing(world: Vigil, tmp_path: Path) -> None:
    whole = orjson.loads(export_json(world, a_case(world)))
    whole |= {"events": [], "last_seq": 0, "head_hash": None}

    assert not proof_of(tmp_path, orjson.dumps(whole)).is_whole


@pytest.mark.parametrize(
    "forged", [{"data": [1]}, {"data": None}, {"at": "2026-03-02T01:00:00"}, {"seq": "1"}]
)
def test_an_entry_of_another_build_is_found_and_breaks_nothing(
    world: Vigil, tmp_path: Path, forged: dict[str, Any]
) -> None:
    whole = orjson.loads(export_json(world, a_case(world)))
    whole["events"][0] |= forged
    relink(whole)

    assert not proof_of(tmp_path, orjson.dumps({**whole, "lost": 5})).is_whole
