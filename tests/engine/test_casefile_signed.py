"""Only what a known key has signed is authentic: every forgery of a case file is noticed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import pytest

from engine.casefile import heads
from engine.casefile.proof import Proof, verify
from engine.casefile.signing import SIGNATURE, Key, add_key, known_key, newest, read_keys
from storage.cases.events import list_heads
from storage.database.session import Database
from storage.errors import HangjiError
from tests.engine.exporting import (
    Blobs,
    a_case,
    a_picture_in,
    export,
    export_json,
    packed,
    relink,
    unpacked,
)
from tests.engine.vigil import START, Vigil, vigil

Parts: TypeAlias = dict[str, Any]
Way: TypeAlias = Callable[[Parts], None]

BLAMED = "officer:999"


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return a_picture_in(tmp_path)


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return add_key(tmp_path / "keys.json", at=START)


@dataclass(frozen=True)
class Office:
    """Where a signed case file comes from, in both forms."""

    world: Vigil
    blobs: Blobs
    key: Key
    folder: Path

    def exported(self, number: str, form: str, *, key: Key | None = None) -> bytes:
        """One case, signed with the key of the office or another one."""
        by = key or self.key
        if form == "zip":
            return export(self.world, number, self.blobs, key=by)
        return export_json(self.world, number, key=by)

    def heads(self, *, key: Key | None = None) -> Path:
        """The list of today, kept elsewhere."""
        with self.world.database.reading() as session:
            listed = list_heads(session)
        path = self.folder / "heads.json"
        path.write_bytes(heads.write(listed, key=key or self.key, at=START))
        return path

    def proof(self, content: bytes, *keys: Key, kept: Path | None = None) -> Proof:
        """What somebody finds who knows these keys; nobody gave any: the one of the office."""
        path = self.folder / "case.file"
        path.write_bytes(content)
        known = [known_key(one.public) for one in keys or (self.key,)]
        return verify(path, keys=known, heads=kept)


@pytest.fixture
def office(world: Vigil, blobs: Blobs, key: Key, tmp_path: Path) -> Office:
    return Office(world, blobs, key, tmp_path)


# ── what forgers do: everything that can be computed again without the key, they compute ───────


def other_words(file: Parts) -> None:
    file["events"][1]["data"]["forged"] = True
    relink(file)


def another_officer_blamed(file: Parts) -> None:
    for entry in file["events"]:
        if entry["actor"].startswith("officer:"):
            entry["actor"] = BLAMED
    relink(file)


def tail_dropped(file: Parts) -> None:
    file["events"].pop()
    state: dict[str, Any] = {}
    for entry in file["events"]:
        state |= entry["data"].get("case", {})
    file["case"] |= state
    file["case"] |= {"last_seq": len(file["events"])}
    file["last_seq"] = len(file["events"])
    relink(file)


def names_swapped(file: Parts) -> None:
    file["people"] = dict.fromkeys(file["people"], "somebody else")


def exporter_changed(file: Parts) -> None:
    file["exported_by"] = BLAMED


def date_changed(file: Parts) -> None:
    file["exported_at"] = "2020-01-01T00:00:00.000000+00:00"


WAYS = [
    other_words,
    another_officer_blamed,
    tail_dropped,
    names_swapped,
    exporter_changed,
    date_changed,
]
FORMS = ["zip", "json"]


def forged(content: bytes, form: str, way: Way) -> bytes:
    """The file after a forger was at it; inside a zip all hashes are computed again as well."""
    if form == "json":
        whole = orjson.loads(content)
        way(whole)
        return orjson.dumps(whole)
    files = unpacked(content)
    manifest, document = (orjson.loads(files[name]) for name in ("manifest.json", "case.json"))
    entries = [orjson.loads(row) for row in files["events.jsonl"].splitlines()]
    whole = {**manifest, **document, "events": entries}
    way(whole)
    files["case.json"] = orjson.dumps({name: whole[name] for name in document})
    files["events.jsonl"] = b"".join(orjson.dumps(event) + b"\n" for event in whole["events"])
    return listed_anew(files, {name: whole[name] for name in manifest if name in whole})


def listed_anew(files: dict[str, bytes], manifest: Parts) -> bytes:
    """A zip whose manifest fits its files."""
    kept = {name: content for name, content in files.items() if name != "manifest.json"}
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in kept.items()
    }
    return packed({**kept, "manifest.json": orjson.dumps(manifest)})


def signed_by(key: Key, content: bytes, form: str) -> bytes:
    """A forgery that its forger has signed with a key of his own."""
    if form == "json":
        return orjson.dumps(key.signed(orjson.loads(content)))
    files = unpacked(content)
    manifest = key.signed(orjson.loads(files["manifest.json"]))
    return packed({**files, "manifest.json": orjson.dumps(manifest)})


def unsigned(file: Parts) -> None:
    del file[SIGNATURE]


# ── the tests ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FORMS)
def test_what_a_known_key_signed_is_authenticated(office: Office, form: str) -> None:
    proof = office.proof(office.exported(a_case(office.world), form))

    assert (proof.is_authenticated, proof.key, proof.doubt) == (True, office.key.id, None)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", WAYS)
def test_a_forgery_consistent_in_itself_is_not_authenticated(
    office: Office, tmp_path: Path, form: str, way: Way
) -> None:
    number = a_case(office.world)
    stranger = add_key(tmp_path / "stranger.json", at=START)

    ours = forged(office.exported(number, form), form, way)
    touched = office.proof(ours)
    stripped = office.proof(forged(ours, form, unsigned))
    foreign = office.proof(signed_by(stranger, ours, form))

    assert touched.reason is not None
    assert "not what was signed" in touched.reason
    assert not touched.is_authenticated
    assert (stripped.is_whole, stripped.is_authenticated) == (True, False)
    assert stripped.doubt == "it is not signed"
    assert (foreign.is_whole, foreign.is_authenticated) == (True, False)
    assert stranger.id in str(foreign.doubt)


def test_an_attachment_declared_lost_is_noticed(office: Office) -> None:
    files = unpacked(office.exported(a_case(office.world), "zip"))
    manifest = {**orjson.loads(files["manifest.json"]), "lost": ["p-1"]}
    del files["attachments/p-1.jpg"]

    proof = office.proof(listed_anew(files, manifest))

    assert (proof.place, proof.is_whole) == ("manifest.json", False)


def test_a_signature_of_another_document_does_not_fit(office: Office) -> None:
    first, second = office.world.start(), office.world.start()
    donor = orjson.loads(office.exported(first, "json"))
    taken = orjson.loads(office.exported(second, "json"))

    proof = office.proof(orjson.dumps({**taken, SIGNATURE: donor[SIGNATURE]}))

    assert not proof.is_whole


@pytest.mark.parametrize("value", [7, {}, {"key": "x"}, {"key": "x", "value": "é"}, "signed"])
def test_a_signature_that_cannot_be_read_breaks_the_file(office: Office, value: object) -> None:
    whole = orjson.loads(office.exported(a_case(office.world), "json"))

    proof = office.proof(orjson.dumps({**whole, SIGNATURE: value}))

    assert "cannot be read" in str(proof.reason)


def test_who_exported_is_among_the_people_by_name(office: Office) -> None:
    whole = orjson.loads(office.exported(a_case(office.world), "json"))

    assert whole["exported_by"] in whole["people"]


def test_after_a_new_key_what_the_old_one_signed_stays_authentic_and_it_signs_no_more(
    office: Office, tmp_path: Path
) -> None:
    number = a_case(office.world)
    before = office.exported(number, "zip")
    newer = add_key(tmp_path / "keys.json", at=START)

    known = read_keys(tmp_path / "keys.json")
    after = office.exported(number, "zip", key=newest(known))

    assert [one.id for one in known] == [office.key.id, newer.id]
    assert [one.secret is None for one in known] == [True, False]
    assert office.proof(before, *known).key == office.key.id
    assert office.proof(after, *known).key == newer.id
    assert not office.proof(after).is_authenticated
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_a_file_from_before_there_were_signatures_is_consistent_but_not_authenticated(
    office: Office,
) -> None:
    whole = orjson.loads(export_json(office.world, a_case(office.world)))

    proof = office.proof(orjson.dumps({**whole, "version": 1}))

    assert (proof.is_whole, proof.is_authenticated) == (True, False)


def test_a_tail_cut_off_by_who_can_sign_is_noticed_by_the_list_kept_elsewhere(
    office: Office,
) -> None:
    number = a_case(office.world)
    kept = office.heads()
    whole = office.exported(number, "json")
    cut = signed_by(office.key, forged(whole, "json", tail_dropped), "json")
    reworded = signed_by(office.key, forged(whole, "json", other_words), "json")
    last = office.world.case(number).last_seq

    assert office.proof(cut).is_authenticated
    assert office.proof(whole, kept=kept).is_authenticated
    assert office.proof(cut, kept=kept).place == f"events.jsonl row {last}"
    assert office.proof(reworded, kept=kept).place == f"events.jsonl row {last}"


def test_a_list_made_earlier_fits_a_case_that_went_on(office: Office) -> None:
    number = office.world.start()
    kept = office.heads()
    office.world.complete(number)

    assert office.proof(office.exported(number, "json"), kept=kept).is_authenticated


def test_a_list_that_was_changed_is_of_a_stranger_or_does_not_name_the_case_proves_nothing(
    office: Office, tmp_path: Path
) -> None:
    number = a_case(office.world)
    content = office.exported(number, "json")
    stranger = add_key(tmp_path / "stranger.json", at=START)
    kept = office.heads()
    lowered = {**orjson.loads(kept.read_bytes()), "heads": []}
    (tmp_path / "changed.json").write_bytes(orjson.dumps(lowered))
    (tmp_path / "without.json").write_bytes(heads.write([], key=office.key, at=START))
    (tmp_path / "nothing.json").write_bytes(b"[]")

    proofs = [
        office.proof(content, kept=tmp_path / "changed.json"),
        office.proof(content, kept=office.heads(key=stranger)),
        office.proof(content, kept=tmp_path / "without.json"),
        office.proof(content, kept=tmp_path / "nothing.json"),
    ]

    reasons = ["not what was signed", "not known here", f"not name case {number}", "no list"]
    assert [want in str(proof.reason) for want, proof in zip(reasons, proofs, strict=True)] == [
        True
    ] * len(reasons)


def test_the_list_holds_every_case_or_those_with_an_entry_since(database: Database) -> None:
    world = vigil(database)
    first = a_case(world)
    moment = world.clock.now()
    second = world.start()

    with database.reading() as session:
        every, since = list_heads(session), list_heads(session, since=moment)

    assert [head.number for head in every] == sorted([first, second])
    assert {head.number for head in since} >= {second}
    assert every[0].head_hash == world.case(first).head_hash


def test_a_key_file_of_another_kind_and_a_public_key_that_is_none_are_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "keys.json").write_bytes(b"[]")

    with pytest.raises(HangjiError, match="holds no signing keys"):
        read_keys(tmp_path / "keys.json")
    with pytest.raises(HangjiError, match="no public key"):
        known_key("AAAA")
    assert newest(read_keys(tmp_path / "nowhere.json")) is None
