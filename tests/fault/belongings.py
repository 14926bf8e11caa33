"""What belongs to a case beside its file: who reported it, and its photos; holds no test."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from api.uploads import blobs
from storage.cases.cases import Case, find_case_by_number
from storage.cases.events import CaseEvent
from storage.database.session import Database, Session
from storage.tables import attachment, case_link, reporter_identity

NONCE_BYTES = 12

Identity = Mapping[str, str]


def check_identities(database: Database, reported: Mapping[str, Identity], *, key: bytes) -> None:
    """Who reported is sealed for each of these cases, and for every case split off it."""
    with database.reading() as session:
        for number, identity in reported.items():
            case = find_case_by_number(session, number)
            assert case is not None, f"lost: {number}"
            for case_id in (case.id, *_parts(session, case.id)):
                assert sealed(session, case_id, key=key) == identity, (
                    f"{number}: who reported it is not kept for case {case_id}"
                )


def sealed(session: Session, case_id: int, *, key: bytes) -> Identity | None:
    """Open what the vault holds of a case by the key alone, None when it holds nothing."""
    kept = session.execute(
        select(reporter_identity.c.sealed).where(reporter_identity.c.case_id == case_id)
    ).scalar()
    if kept is None:
        return None
    nonce, text = bytes(kept[:NONCE_BYTES]), bytes(kept[NONCE_BYTES:])
    opened: Identity = orjson.loads(
        AESGCM(key).decrypt(nonce, text, f"hangji:case:{case_id}".encode())
    )
    return opened


def check_photos(
    session: Session, case: Case, file: Collection[CaseEvent], *, folder: Path | None
) -> None:
    """Every photo of a form in the file belongs to the case, and its bytes are there."""
    rows = session.execute(
        select(attachment.c.id, attachment.c.sha256).where(attachment.c.case_id == case.id)
    )
    digests = {row.id: row.sha256 for row in rows}
    wanted = {photo for event in file for photo in _photos(event.data.get("form", {}))}
    assert wanted == digests.keys(), f"{case.number}: photos of the forms and of the case differ"
    for digest in digests.values():
        if folder is not None:
            content = blobs.path_of(folder, digest).read_bytes()
            assert sha256(content).hexdigest() == digest, f"{case.number}: a photo is damaged"


def _photos(form: Mapping[str, Any]) -> Iterator[str]:
    for name, value in form.items():
        if name.startswith("photos") and isinstance(value, list):
            yield from value


def _parts(session: Session, case_id: int) -> list[int]:
    split = select(case_link.c.case_id).where(
        case_link.c.other_id == case_id, case_link.c.kind == "split_from"
    )
    return list(session.execute(split).scalars())
