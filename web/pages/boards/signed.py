"""Who has signed the alert of an emergency, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from engine.reads.supervised.signatures import Signature
from web.frame.language import day_of, listed, t
from web.frame.naming import Names

SIGNED_BY: Final = "acknowledge"
"""The form by which a post signs an alert."""


def signed_words(signatures: Iterable[Signature], names: Names, *, now: datetime) -> str:
    """Who has signed, and when; empty while nobody has."""
    done = [f"{names.post(one.post)} {day_of(one.at, now=now)}" for one in signatures if one.at]
    return t(f"已签收：{listed(done)}", f"Signed: {listed(done)}") if done else ""


def unsigned_words(signatures: Iterable[Signature], names: Names) -> str:
    """Who has not signed; empty once everybody has."""
    silent = [names.post(one.post) for one in signatures if one.at is None]
    return t(f"未签收：{listed(silent)}", f"Not signed: {listed(silent)}") if silent else ""
