"""What was watched: by business, by unit, by day."""

from datetime import date, timedelta
from typing import Any

from flask import request

from engine.reads.reading import Reading
from storage.errors import NotAllowed
from storage.moments import in_china, start_of
from storage.people.actors import Actor
from storage.registry.businesses import find_business
from storage.video.patrols import VideoPatrol, VideoPatrolFilter, list_patrols
from storage.video.scope import sees_patrols, sees_quotas
from web.frame import sessions
from web.frame.answers import rendered
from web.frame.fields import id_of
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.pages.video import words


@site.get("/video/patrols")
@sessions.signed_in
def video_patrol_list() -> Any:
    """The list, the newest first."""
    return rendered("video/patrols.html", **seen(_patrols))


def row_of(patrol: VideoPatrol, actor: Actor) -> dict[str, Any]:
    """Return one patrol as a row; its snapshots for those who see the case that has them."""
    is_seen = sees_quotas(actor) or patrol.case_number is not None
    answers = words.answers()
    return {
        "patrol": patrol,
        "at": f"{in_china(patrol.watched_at):%m-%d %H:%M}",
        "unit": words.units().get(patrol.unit, patrol.unit),
        "answers": {
            item: (
                patrol.items[item],
                answers[patrol.items[item]],
                patrol.item_snapshots.get(item) if is_seen else None,
            )
            for item in words.items()
            if item in patrol.items
        },
    }


def _patrols(reading: Reading) -> dict[str, Any]:
    if not sees_patrols(reading.actor):
        message = "您的岗位不查看视频巡查记录。"
        english = "Your posts do not include what was watched by video."
        raise NotAllowed(message, code="video_patrols_not_yours", clause="R34", english=english)
    business, day = id_of(request.args.get("business", "")), _day()
    unit = request.args.get("unit") or None
    wanted = VideoPatrolFilter(
        business=business,
        unit=unit if unit in words.units() else None,
        first=None if day is None else start_of(day),
        until=None if day is None else start_of(day + timedelta(days=1)),
    )
    page = list_patrols(reading.session, wanted, actor=reading.actor, cursor=cursor())
    return {
        "rows": [row_of(patrol, reading.actor) for patrol in page.items],
        "items": words.items(),
        "units": words.units(),
        "chosen": wanted.unit,
        "day": day,
        "business": None if business is None else find_business(reading.session, business),
        "next": page.next,
    }


def _day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
