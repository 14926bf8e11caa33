"""The code a reporter looks a case up with: derived from its number, never kept."""

import base64
import hashlib
import hmac
from typing import Final

_BYTES: Final = 10
"""80 bits: 16 letters and digits."""


def query_code(secret: str, number: str) -> str:
    """Give the code of a case number under the secret of this server."""
    key = hashlib.sha256(b"hangji query code:" + secret.encode()).digest()
    mac = hmac.new(key, number.encode(), hashlib.sha256).digest()[:_BYTES]
    return base64.b32encode(mac).decode()


def code_hash(code: str) -> str:
    """Give what may be kept of a code."""
    return hashlib.sha256(_normal(code).encode()).hexdigest()


def fits(secret: str, number: str, code: str) -> bool:
    """Compare a code in constant time; people may type it in small letters and with dashes."""
    return hmac.compare_digest(
        query_code(secret, number).encode(), _normal(code).encode("utf-8", "replace")
    )


def _normal(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()
