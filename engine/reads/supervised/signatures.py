"""Who has signed the alerts of some cases, as their reader may see them."""

from collections.abc import Collection

from engine.reads.reading import Reading
from storage.cases.supervised.signatures import Signature, list_signatures

__all__ = ["Signature", "signatures_of"]


def signatures_of(
    reading: Reading, numbers: Collection[str], *, form: str
) -> dict[str, list[Signature]]:
    """List the posts asked to sign a form, by case number, in one statement."""
    return list_signatures(reading.session, numbers, form=form, actor=reading.actor)
