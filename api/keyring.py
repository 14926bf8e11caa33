"""The secrets of a machine: read from variables or files, and refused when they are weak.

A variable may list several keys, the newest first: that one signs and seals, the others still open
what they signed and sealed.
"""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from storage.errors import HangjiError

__all__ = [
    "SECRET_KEY",
    "VAULT_KEY",
    "VAULT_KEY_BYTES",
    "SettingsError",
    "query_code_keys",
    "secret_keys",
    "vault_keys",
    "with_files",
]

SECRET_KEY: Final = "HANGJI_SECRET_KEY"  # noqa: S105 - the name of a variable
VAULT_KEY: Final = "HANGJI_VAULT_KEY"
QUERY_CODE_KEY: Final = "HANGJI_QUERY_CODE_KEY"
CITY_APP_SECRET: Final = "HANGJI_CITY_APP_SECRET"  # noqa: S105 - the name of a variable
SECRET_LENGTH: Final = 32
VAULT_KEY_BYTES: Final = 32

_FROM_FILES: Final = (
    SECRET_KEY,
    VAULT_KEY,
    QUERY_CODE_KEY,
    "HANGJI_DATABASE_URL",
    "HANGJI_OWNER_DATABASE_URL",
    "HANGJI_BROKER_URL",
    "HANGJI_METRICS_TOKEN",
    CITY_APP_SECRET,
    "HANGJI_RATE_STORAGE",
)
_DISTINCT: Final = 10
_KNOWN: Final = (
    "hangji",
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "password",
    "default",
    "example",
    "test",
    "0123456789",
    "abcdef",
)


class SettingsError(HangjiError):
    """A setting with which hangji must not start."""

    code = "settings"


def with_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the secrets read from the files that `…_FILE` names.

    Raises:
        SettingsError: a file cannot be read, or a secret is set in both ways.
    """
    read = dict(environment)
    for name in _FROM_FILES:
        path = read.get(f"{name}_FILE")
        if not path:
            continue
        if name in read:
            message = f"{name} and {name}_FILE are both set: keep one of them."
            raise SettingsError(message, code="secret_twice")
        try:
            read[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            message = f"{name}_FILE: {path} cannot be read ({type(error).__name__})."
            raise SettingsError(message, code="secret_file") from None
    return read


def secret_keys(text: str) -> tuple[str, ...]:
    """Read the keys that sign sessions, tokens and pages.

    Raises:
        SettingsError: none is there, or one is short or guessable.
    """
    keys = _listed(text)
    if not keys:
        message = (
            f"{SECRET_KEY} is missing. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
        raise SettingsError(message, code="secret_missing")
    return tuple(_strong(key, SECRET_KEY) for key in keys)


def query_code_keys(text: str) -> tuple[str, ...]:
    """Read the keys query codes are made with; none: they are made with the secret keys.

    Raises:
        SettingsError: one is short or guessable.
    """
    return tuple(_strong(key, QUERY_CODE_KEY) for key in _listed(text))


def vault_keys(text: str) -> tuple[bytes, ...]:
    """Read the keys that seal reporters' identities.

    Raises:
        SettingsError: none is there, or one is no random key.
    """
    keys = _listed(text)
    if not keys:
        message = (
            f"{VAULT_KEY} is missing: 32 random bytes in base64. Make one with: "
            "python3 -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'"
        )
        raise SettingsError(message, code="vault_key_missing")
    return tuple(_vault_key(key) for key in keys)


def _listed(text: str) -> list[str]:
    """Keys are separated by commas or line ends; none of them contains a space."""
    return text.replace(",", " ").split()


def _strong(key: str, name: str) -> str:
    if len(key) < SECRET_LENGTH:
        message = (
            f"{name} is too short: at least {SECRET_LENGTH} characters for each key; "
            "a comma or a space stands between two keys."
        )
        raise SettingsError(message, code="secret_short")
    if len(set(key)) < _DISTINCT or any(key.lower().startswith(known) for known in _KNOWN):
        message = f"{name} is a known or guessable value; make a random one."
        raise SettingsError(message, code="secret_known")
    return key


def _vault_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != VAULT_KEY_BYTES or len(set(key)) < _DISTINCT:
        message = f"{VAULT_KEY} must be 32 random bytes in base64."
        raise SettingsError(message, code="vault_key_weak")
    return key
