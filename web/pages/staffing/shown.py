"""How people and posts are shown on every page of staffing."""

from datetime import datetime
from typing import Any

from storage.moments import in_china, last_day
from storage.staffing.holdings import Holding
from web.frame.language import t

KINDS = {
    "main": ("任职", "holds"),
    "acting": ("代理", "acting"),
    "substitute": ("代班", "stands in"),
}


def period(since: datetime, until: datetime | None) -> str:
    """From which day to which, both included."""
    first = in_china(since).date().isoformat()
    if until is None:
        return t(f"{first} 起", f"since {first}")
    last = last_day(until).isoformat()
    return first if first == last else t(f"{first} 至 {last}", f"{first} to {last}")


def holding_row(held: Holding, now: datetime) -> dict[str, Any]:
    """One holding in the words of the templates."""
    return {
        "id": held.id,
        "post": held.post_id,
        "title": held.title,
        "officer": held.officer_id,
        "name": held.name,
        "kind": t(*KINDS[held.kind]),
        "is_main": held.kind == "main",
        "is_current": held.is_current(now),
        "period": period(held.since, held.until),
        "document": held.document,
        "reason": held.ended_reason,
    }
