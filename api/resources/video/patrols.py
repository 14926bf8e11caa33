"""Video patrols: one entry a business, unit and day, from wherever it comes (R34, R35)."""

from typing import Any, Final

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment, Written
from api.resources.video.shapes import VideoPatrolShown
from handlers.video.entering import unit_for
from handlers.video.watching import (
    OnFile,
    Watched,
    matter_of,
    record_patrol,
    report_of,
    unused_pictures,
)
from storage.cases.attachments import take_attachments
from storage.cases.related import link_cases
from storage.errors import NotAllowed
from storage.people.posts import find_staffing
from storage.processes.recurring import keep_start_key
from storage.video.patrols import VideoPatrolFilter, key_of, list_patrols
from storage.video.rules import ANSWERS, VIDEO_PATROL
from storage.video.scope import sees_patrols

routes = Resource("video_patrols", "Kitchens watched by video, for the unit that watched.")

_ROW: Final = ma.validate.Range(1, 2**53)
_UNIT: Final = ma.validate.Regexp(r"^[a-z_]{1,40}$")
_REPORT: Final = "grid_report"


class VideoPatrolNew(ma.Schema):
    """What was watched; who enters for several units says which one it was."""

    business = ma.fields.Integer(required=True, validate=_ROW)
    unit = ma.fields.String(validate=_UNIT, metadata={"example": "catering_section"})
    watched_from = Moment(required=True)
    watched_until = Moment()
    camera = ma.fields.Integer(validate=_ROW)
    items = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(max=40)),
        values=ma.fields.String(validate=ma.validate.OneOf(ANSWERS)),
        required=True,
        metadata={"description": "Answers by point of the checklist; three are required"},
    )
    problem = ma.fields.String(validate=Written(0, 2000))
    matter = ma.fields.String(validate=ma.validate.Length(max=20))
    snapshots = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(max=64)), validate=ma.validate.Length(max=9)
    )
    item_snapshots = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(max=40)),
        values=ma.fields.String(validate=ma.validate.Length(max=64)),
        metadata={"description": "Uploads by the point of the checklist that they show"},
    )
    remark = ma.fields.String(validate=Written(0, 1000))


class VideoPatrolOnFile(ma.Schema):
    """The entry; `linked` means that it was there already, and is counted once."""

    id = ma.fields.Integer()
    relation = ma.fields.String(validate=ma.validate.OneOf(("created", "linked")))
    late = ma.fields.Boolean()
    unit = ma.fields.String()
    period = ma.fields.String()
    case = ma.fields.String(allow_none=True)


class VideoPatrolSearch(Paged):
    """Which video patrols; times are when a kitchen was watched."""

    business = ma.fields.Integer(validate=_ROW)
    unit = ma.fields.String(validate=_UNIT)
    first = Moment(data_key="from")
    until = Moment()


class VideoPatrols(ma.Schema):
    """Video patrols, the newest first."""

    items = ma.fields.List(ma.fields.Nested(VideoPatrolShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/video-patrols", needs=SIGNED_IN, gives=Gives(VideoPatrols), query=VideoPatrolSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List what was watched, as far as the caller may know of it."""
    if not sees_patrols(ask.actor):
        message = "您的岗位不查看视频巡查记录。"
        raise NotAllowed(message, code="video_patrols_not_yours", clause="R34")
    query = dict(ask.query)
    query.pop("cursor", None)
    limit = query.pop("limit")
    page = list_patrols(
        ask.session,
        VideoPatrolFilter(**query),
        actor=ask.actor,
        cursor=cursors.of_query(ask),
        limit=limit,
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.post(
    "/video-patrols",
    needs=SIGNED_IN,
    takes=Takes(
        VideoPatrolNew,
        example={
            "business": 1,
            "unit": "catering_section",
            "watched_from": "2026-03-02T09:00:00+08:00",
            "items": {"mask": "yes", "work_clothes": "yes", "work_cap": "no"},
        },
    ),
    gives=Gives(VideoPatrolOnFile, status=201),
)
def record(ask: Ask) -> Reply:
    """Put a video patrol on file; a problem becomes a case, an entry that is there is linked."""
    watched = _watched(ask, unit_for(ask.actor, ask.body.get("unit")))
    matter = matter_of(watched, ask.body.get("matter")) if watched.problem else None
    limits = ask.runner.calendar(ask.session)
    unused_pictures(ask.session, watched.pictures, officer=ask.actor.id)
    made = record_patrol(ask.session, watched, limits=limits, now=ask.now)
    number = _follow(ask, watched, made, matter)
    data = {"business": watched.business_id, "unit": watched.unit, "relation": made.relation}
    ask.keep_on_file("video_patrol_recorded", "video_patrol", made.patrol_id, data)
    status = 201 if made.relation == "created" else 200
    return Reply(_shown(watched, made, number), status=status)


def _shown(watched: Watched, made: OnFile, number: str | None) -> dict[str, Any]:
    return {
        "id": made.patrol_id,
        "relation": made.relation,
        "late": made.is_late,
        "unit": watched.unit,
        "period": made.period.period_key,
        "case": number,
    }


def _follow(ask: Ask, watched: Watched, made: OnFile, matter: str | None) -> str | None:
    """File a problem, or keep the snapshots with the case of the quota."""
    if matter is not None and not made.has_case:
        return _file(ask, watched, made, matter)
    if made.period.case_id is not None:
        take_attachments(ask.session, watched.pictures, case_id=made.period.case_id)
    return None


def _watched(ask: Ask, unit: str) -> Watched:
    body = ask.body
    return Watched(
        business_id=body["business"],
        unit=unit,
        watched_at=body["watched_from"],
        watched_until=body.get("watched_until"),
        items=body["items"],
        camera_id=body.get("camera"),
        problem=body.get("problem"),
        remark=body.get("remark"),
        photos=tuple(body.get("snapshots", ())),
        item_snapshots=body.get("item_snapshots", {}),
        entered_by=ask.actor.id,
    )


def _file(ask: Ask, watched: Watched, made: OnFile, matter: str) -> str:
    """File the problem as a case: the unit that watched has collected it (R26)."""
    form = report_of(ask.session, watched, matter=matter, photos=watched.pictures)
    unit = find_staffing(ask.session, watched.unit, str(form["area"]), at=ask.now)
    columns = {
        "source": VIDEO_PATROL,
        "collector_post": None if unit is None else unit.post.id,
        "collector_officer": ask.actor.id,
    }
    case = ask.runner.start(ask.session, _REPORT, form, actor=ask.actor, columns=columns)
    keep_start_key(ask.session, case.case_id, key_of(made.patrol_id))
    if made.period.case_id is not None:
        link_cases(ask.session, case.case_id, made.period.case_id, kind=VIDEO_PATROL, at=ask.now)
    return case.number
