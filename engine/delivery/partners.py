"""What of a step is passed on to other platforms; sent as any delivery, written with the step.

A delivery names the case and what happened to it, never its content: the channel reads that when it
sends, so that a late delivery says what is true then.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from engine.contract import Case
from storage.cases.steps import NewDelivery
from storage.moments import Json
from storage.sync.partners import Partner

CHANNEL: Final = "sync"
RECEIVER: Final = "sync:"
OPENED: Final = "case_opened"
CLOSED: Final = "case_closed"


def key_of(source: str, number: str, event: str) -> str:
    """The key of a delivery; that of the opening is the key under which theirs is created."""
    return f"{RECEIVER}{source}:{number}:{event}"


def passed_on(
    case: Case,
    partners: Iterable[Partner],
    entries: Collection[tuple[str, Mapping[str, Json]]],
    *,
    version: int,
) -> list[NewDelivery]:
    """The deliveries to partners for the entries of one step, in the order of their rows."""
    return [
        _letter(case, partner.source, partner.event.name, version)
        for partner in partners
        if case.row["kind"] in partner.kinds
        and case.row["source"] not in partner.but_from
        and any(partner.event.is_told_by(kind, data) for kind, data in entries)
    ]


def _letter(case: Case, source: str, event: str, version: int) -> NewDelivery:
    key = key_of(source, case.number, event)
    return NewDelivery(
        # What can happen again, such as a second closing, is another delivery.
        key=key if event == OPENED else f"{key}:{version}",
        channel=CHANNEL,
        receiver=f"{RECEIVER}{source}",
        template=event,
        payload={"case": case.number},
        at=case.now,
    )
