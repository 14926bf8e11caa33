"""Ed25519 signatures in exported documents, and the file that keeps the keys of an installation.

A signature covers the whole document but itself, in canonical JSON, and names its key. The newest
key signs. Of the older ones only the public half is kept: their signatures stay valid, but no
new ones can be made.
"""

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage.errors import HangjiError
from storage.moments import canonical, to_text

__all__ = ["SIGNATURE", "Key", "Signed", "add_key", "check", "known_key", "newest", "read_keys"]

SIGNATURE = "signature"
ALGORITHM = "Ed25519"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """One key; only the newest of an installation has its secret half."""

    id: str
    public: str
    made_at: str = ""
    secret: str | None = field(default=None, repr=False)

    def signed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the document with its signature in it."""
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.secret or ""))
        value = base64.b64encode(private.sign(_message(document))).decode()
        signature = {"algorithm": ALGORITHM, "key": self.id, "value": value}
        return {**document, SIGNATURE: signature}


@dataclass(frozen=True, slots=True)
class Signed:
    """The result of checking a signature: the key, or why it is not valid."""

    key: str = ""
    doubt: str | None = None
    is_broken: bool = False


def check(document: Mapping[str, Any], keys: Iterable[Key]) -> Signed:
    """Compare the signature in a document with the keys that are known."""
    signature = document.get(SIGNATURE)
    if signature is None:
        return Signed(doubt="it is not signed")
    try:
        name, value = str(signature["key"]), base64.b64decode(signature["value"], validate=True)
        is_ours = signature["algorithm"] == ALGORITHM
    except (KeyError, TypeError, ValueError):
        return Signed(doubt="its signature cannot be read", is_broken=True)
    key = next((known for known in keys if known.id == name), None)
    if key is None or not is_ours:
        return Signed(name, f"it is signed with the key {name}, which is not known here")
    try:
        Ed25519PublicKey.from_public_bytes(_raw(key.public)).verify(value, _message(document))
    except InvalidSignature:
        return Signed(name, f"it is not what was signed with the key {name}", is_broken=True)
    return Signed(name)


def known_key(public: str) -> Key:
    """Return the key of a public half, as `hangji doctor` and `hangji keys list` print it.

    Raises:
        HangjiError: this is no public key.
    """
    try:
        raw = _raw(public)
        Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        message = f"{public!r} is no public key: `hangji keys list` prints them, 32 bytes in base64"
        raise HangjiError(message, code="public_key") from None
    return Key(hashlib.sha256(raw).hexdigest()[:16], base64.b64encode(raw).decode())


def read_keys(path: Path) -> tuple[Key, ...]:
    """Read the keys of an installation, oldest first; none when there is no file.

    Raises:
        HangjiError: the file is not one that `hangji keys new` wrote.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    try:
        return tuple(Key(**entry) for entry in orjson.loads(content)["keys"])
    except (ValueError, KeyError, TypeError):
        message = f"{path} holds no signing keys: put the file back, or remove it and make a key"
        raise HangjiError(message, code="signing_keys") from None


def newest(keys: Sequence[Key]) -> Key | None:
    """Return the key that signs; None as long as none was made."""
    return keys[-1] if keys and keys[-1].secret else None


def add_key(path: Path, *, at: datetime) -> Key:
    """Make a key that signs from now on; of the one before, the public half stays."""
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    secret = base64.b64encode(private.private_bytes_raw()).decode()
    key = replace(known_key(public), made_at=to_text(at), secret=secret)
    kept = [replace(old, secret=None) for old in read_keys(path)]
    _write(path, [*kept, key])
    return key


def _write(path: Path, keys: Iterable[Key]) -> None:
    """Put the file in its place at once: a reader sees the old keys or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made readable for its owner alone, by the library.
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps({"keys": [asdict(key) for key in keys]}))
        file.flush()
        os.fsync(file.fileno())
    Path(fresh).replace(path)


def _message(document: Mapping[str, Any]) -> bytes:
    covered = {name: value for name, value in document.items() if name != SIGNATURE}
    return canonical(covered).encode()


def _raw(public: str) -> bytes:
    raw = base64.b64decode(public.translate(str.maketrans("-_", "+/")), validate=True)
    if len(raw) != _BYTES:
        raise ValueError(public)
    return raw
