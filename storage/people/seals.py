"""Sealing of small documents with a vault key; each seal is bound to the row it stands in."""

import hashlib
import os
from collections.abc import Sequence
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import Refused
from storage.moments import Json

_NONCE_BYTES: Final = 12


def key_id(key: bytes) -> str:
    """Name a key without giving it away, so that a changed key is noticed."""
    return hashlib.sha256(b"hangji vault key:" + key).hexdigest()[:16]


def seal(document: dict[str, Json], key: bytes, *, bound_to: str) -> bytes:
    """Seal a document; it opens only with the same key and where it is bound to."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, orjson.dumps(document), bound_to.encode())


def open_sealed(
    sealed: bytes, sealed_with: str, keys: Sequence[bytes], *, bound_to: str
) -> dict[str, Json]:
    """Open a document with the key it names.

    Raises:
        Refused: none of the keys is that one, or the document was sealed for another row.
    """
    message = "身份信息无法解密：密钥与保存时不同。"
    key = next((key for key in keys if key_id(key) == sealed_with), None)
    if key is None:
        raise Refused(message, code="vault_key_differs")
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        opened = AESGCM(key).decrypt(nonce, rest, bound_to.encode())
    except InvalidTag as error:
        raise Refused(message, code="vault_key_differs") from error
    document: dict[str, Json] = orjson.loads(opened)
    return document
