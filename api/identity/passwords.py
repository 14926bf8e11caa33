"""Passwords: hashed with argon2, compared in equal time whether or not the account exists."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher: Final = PasswordHasher()


@cache
def _nobody() -> str:
    """Compared for an unknown account, so that it takes as long as a wrong password."""
    return _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """Hash a password for the officer table."""
    return _hasher.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Compare in the same time whether the account exists or not."""
    try:
        _hasher.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
