"""The code a reporter looks a case up with: derived from its number and salt, never kept.

A number may come again, after a rehearsal or a restored backup; the salt, random and kept with the
case, does not. Cases opened before there were salts have the codes they were given.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that are not taken for each other: no 0 and O, no 1, I and L."""
LENGTH: Final = 12
"""59 bits; looking up is limited per address besides."""

_FORMER_BYTES: Final = 10
_FORMER_LOOKALIKES: Final = str.maketrans("018", "OIB")


def query_code(secret: str, number: str, salt: str | None) -> str:
    """Return the code of a case under the secret of this server."""
    if salt is None:
        mac = _mac("hangji query code 2:", secret, number)
    else:
        mac = _mac("hangji query code 3:", secret, f"{number}:{salt}")
    rest = int.from_bytes(mac)
    letters = []
    for _ in range(LENGTH):
        rest, place = divmod(rest, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def fits(secret: str, number: str, salt: str | None, code: str) -> bool:
    """Compare a code in constant time, as people type it: small, in groups, full width.

    Without a salt, codes of the first release, 16 letters of base32, are still right; in those, 0
    and O, 1 and I are the same, because only the letters occur.
    """
    given = _normal(code)
    former = given.translate(_FORMER_LOOKALIKES)
    is_right = hmac.compare_digest(query_code(secret, number, salt).encode(), _bytes(given))
    was_right = hmac.compare_digest(_former_code(secret, number).encode(), _bytes(former))
    return is_right or (was_right and salt is None)


def fits_any(secrets: Iterable[str], number: str, salt: str | None, code: str) -> bool:
    """Compare a code with those of several keys; the time taken does not reveal which matches."""
    fitting = [fits(secret, number, salt, code) for secret in secrets]
    return any(fitting)


def _former_code(secret: str, number: str) -> str:
    mac = _mac("hangji query code:", secret, number)[:_FORMER_BYTES]
    return base64.b32encode(mac).decode()


def _mac(purpose: str, secret: str, number: str) -> bytes:
    key = hashlib.sha256(f"{purpose}{secret}".encode()).digest()
    return hmac.new(key, number.encode(), hashlib.sha256).digest()


def _normal(code: str) -> str:
    letters = unicodedata.normalize("NFKC", code).upper()
    return "".join(letter for letter in letters if letter.isalnum())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
