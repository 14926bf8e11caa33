"""Checks of `hangji doctor`: whether what hangji leans on beside its files can be reached."""

from collections.abc import Iterator

from api.cli.background import broker_of
from api.cli.operating.looks import Found
from api.composition import Composition
from api.identity.rate_limits import can_count_at

__all__ = ["look_at_broker", "look_at_rates"]


def look_at_broker(composition: Composition) -> Iterator[Found]:
    """Whether the broker answers; nothing where work is done in line."""
    broker = broker_of(composition)
    if broker is None:
        return
    if broker.is_up():
        yield Found("ok", "broker", "answers")
    else:
        says = "HANGJI_BROKER_URL does not answer; schedulers do what is due themselves meanwhile"
        yield Found("warning", "broker", says)


def look_at_rates(address: str, *, is_shared: bool) -> Iterator[Found]:
    """Whether limits per caller are counted at one place.

    Args:
        address: `HANGJI_RATE_STORAGE`.
        is_shared: whether several processes may serve on this database.
    """
    if address == "memory://":
        if is_shared:
            says = "limits per caller are counted per process; set HANGJI_RATE_STORAGE"
            yield Found("warning", "rate limits", says)
        return
    if can_count_at(address):
        yield Found("ok", "rate limits", "counted at one place for all processes")
    else:
        says = "HANGJI_RATE_STORAGE does not answer; each process counts for itself meanwhile"
        yield Found("warning", "rate limits", says)
