"""Reports from the public: filing, looking up, disputing; who reported goes to the vault alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import marshmallow as ma

from api.http.auth import ANYONE
from api.http.request import composition
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.additions import Addition
from api.http.shapes.fields import Moment, Written
from api.identity import rate_limits as limits
from api.resources.reports import query_codes
from engine.actions import additions
from handlers.map.locating import village_of
from storage.cases import cases, messages, related, tasks, timers
from storage.cases.cases import Case
from storage.cases.duplicates import DUPLICATE
from storage.cases.events import ADDED_BY_REPORTER, list_additions, list_events
from storage.database.session import Session
from storage.errors import NotFound, Refused

PROCESS: Final = "public_report"
DISPUTES: Final = "reporter_disputes"

routes = Resource("public_reports", "Reports from the public.")

_ONE_SUBMISSION: Final = frozenset({"split", "split_from", "same_submission"})
_ENDED_IN: Final = frozenset({"merged_into", "duplicate_of"})
_CODE: Final = ma.validate.Length(1, 64)


class Reporter(ma.Schema):
    """Who reports; kept sealed, apart from the case. Anonymous when left out."""

    name = ma.fields.String(validate=ma.validate.Length(max=100))
    phone = ma.fields.String(validate=ma.validate.Length(max=40))
    anonymous = ma.fields.Boolean(load_default=False)


class PublicReport(ma.Schema):
    """The start form of `public_report`, and who reports beside it."""

    class Meta:
        """The form itself refuses unknown fields."""

        unknown = ma.INCLUDE

    kind = ma.fields.Raw(
        required=True,
        metadata={"description": "complaint, tip, inquiry, or a list of them", "example": "tip"},
    )
    description = ma.fields.Raw(required=True, metadata={"example": "餐馆后厨有老鼠"})
    channel = ma.fields.Raw(required=True, metadata={"example": "web"})
    area = ma.fields.Raw(metadata={"example": "350322100001"})
    location = ma.fields.Raw()
    business_name = ma.fields.Raw()
    matter = ma.fields.Raw()
    photos = ma.fields.Raw()
    reporter = ma.fields.Nested(Reporter, load_default=None, allow_none=True)


class Receipt(ma.Schema):
    """What a reporter keeps."""

    number = ma.fields.String()
    query_code = ma.fields.String(metadata={"description": "12 letters and digits; never kept"})


class Part(ma.Schema):
    """One track of a submission: complaint and tip each have their own."""

    title = ma.fields.String()
    status = ma.fields.String()
    phase = ma.fields.String()
    outcome = ma.fields.String(allow_none=True)
    opened_at = Moment()
    closed_at = Moment(allow_none=True)
    result = ma.fields.String(allow_none=True, attribute="public_result")
    earlier = ma.fields.List(
        ma.fields.String(), metadata={"description": "Results that were disputed, oldest first"}
    )
    take_by = Moment(
        allow_none=True,
        metadata={"description": "Until when somebody takes it up; empty once somebody has"},
    )


class AdditionSeen(ma.Schema):
    """What the reporter added, as they read it again."""

    at = Moment()
    added = ma.fields.String()
    photos = ma.fields.Function(
        lambda one: len(one["photos"]),
        metadata={"type": "integer", "description": "How many photos came with it"},
    )


class PublicView(Part):
    """Progress and result as the reporter sees them: no names, no internal notes."""

    number = ma.fields.String()
    may_add = ma.fields.Boolean(
        metadata={"description": "Whether words and photos may be added: it is open"}
    )
    additions = ma.fields.List(
        ma.fields.Nested(AdditionSeen), metadata={"description": "What its reporter added"}
    )
    may_dispute = ma.fields.Boolean()
    dispute_until = Moment(
        allow_none=True, metadata={"description": "Until when the result may be disputed"}
    )
    parts = ma.fields.List(ma.fields.Nested(Part))


class Look(ma.Schema):
    """The code that came with the number."""

    code = ma.fields.String(load_default="", validate=ma.validate.Length(max=64))


class PublicAddition(Addition):
    """More words and photos for one's own report."""

    code = ma.fields.String(required=True, validate=_CODE)


class Dispute(ma.Schema):
    """Why the result is not accepted."""

    code = ma.fields.String(required=True, validate=_CODE)
    reason = ma.fields.String(required=True, validate=Written(1, 2000))


def _with_code(body: dict[str, Any]) -> dict[str, Any]:
    with composition().database.reading() as session:
        return {**body, "query_code": _code_of(session, body["number"])}


@routes.post(
    "/public/reports",
    needs=ANYONE,
    takes=Takes(
        PublicReport,
        example={
            "kind": "tip",
            "description": "餐馆后厨有老鼠",
            "channel": "web",
            "area": "350322100001",
            "reporter": {"anonymous": True},
        },
    ),
    gives=Gives(Receipt, status=201, finish=_with_code),
)
def file_public_report(ask: Ask) -> Reply:
    """File a report as a member of the public; anonymous is fine."""
    _count(ask, limits.PUBLIC_REPORT, "report")
    form = {name: value for name, value in ask.body.items() if name != "reporter"}
    if not form.get("area"):
        form |= _place(ask, form.get("location"))
    if isinstance(form["kind"], str):
        form["kind"] = [form["kind"]]
    identity = _identity(ask.body["reporter"])
    done = ask.runner.start(ask.session, PROCESS, form, actor=ask.someone, identity=identity)
    location = f"/api/v1/public/reports/{done.number}"
    unkept = {"query_code": _code_of(ask.session, done.number)}
    return Reply({"number": done.number}, {"Location": location}, unkept=unkept)


@routes.get("/public/reports/<number:number>", needs=ANYONE, gives=Gives(PublicView), query=Look)
def look_up(ask: Ask, number: str) -> dict[str, Any]:
    """Show progress and result; a wrong code and an unknown number answer alike."""
    case = _case_of(ask, number, ask.query["code"])
    parts = _parts(ask, case)
    waiting = _disputable(ask, [case, *parts])
    return {
        **_part(ask, case),
        "number": case.number,
        "may_add": bool(_open_tracks(ask, case)),
        "additions": _additions(ask, case),
        "may_dispute": bool(waiting),
        "dispute_until": _last_day(ask, waiting),
        "parts": [_part(ask, part) for part in parts],
    }


@routes.post(
    "/public/reports/<number:number>/dispute",
    needs=ANYONE,
    takes=Takes(Dispute, example={"code": "ABCDEFGHIJKLMNOP", "reason": "现场没有整改"}),
    gives=Gives(Receipt),
)
def dispute(ask: Ask, number: str) -> dict[str, Any]:
    """Dispute the result while it may be disputed: the case goes back to work."""
    case = _case_of(ask, number, ask.body["code"])
    waiting = _disputable(ask, [case, *_parts(ask, case)])
    if not waiting:
        message = "现在不能提出异议：结果还没有公布，或异议期已过。"
        raise Refused(message, code="not_disputable", clause="R51")
    for waiting_ in waiting:
        ask.runner.say(ask.session, waiting_, {"reason": ask.body["reason"]})
    return {"number": case.number}


@routes.post(
    "/public/reports/<number:number>/add",
    needs=ANYONE,
    takes=Takes(PublicAddition, example={"code": "ABCDEFGHIJKLMNOP", "added": "今天又看到了"}),
    gives=Gives(Receipt),
)
def add(ask: Ask, number: str) -> dict[str, Any]:
    """Add words and photos to one's own report while it is open; whoever holds it is told."""
    _count(ask, limits.PUBLIC_REPORT, "report")
    case = _case_of(ask, number, ask.body["code"])
    open_tracks = _open_tracks(ask, case)
    if not open_tracks:
        message = "这件事已经办结，不能再补充；有新情况请另行反映。"
        raise Refused(message, code="case_closed")
    photos: list[str] = ask.body["photos"]
    for own, handled in open_tracks:
        _add_to(ask, own, handled, photos)
        # A photo belongs to one case; the other track of the submission is linked to it.
        photos = []
    return {"number": case.number}


def _add_to(ask: Ask, own: Case, handled: Case, photos: list[str]) -> None:
    """Put what the reporter of `own` adds into the case in which that is handled."""
    additions.add_to(
        ask.runner,
        ask.session,
        handled,
        text=ask.body["added"],
        photos=photos,
        actor=None,
        report=None if handled.id == own.id else own.number,
    )


def _open_tracks(ask: Ask, case: Case) -> list[tuple[Case, Case]]:
    """The tracks of a submission that are open, each once: as filed, and as it is handled."""
    tracks = {
        handled.id: (own, handled)
        for own in [case, *_parts(ask, case)]
        if (handled := _handled_as(ask, own)).status == "open"
    }
    return list(tracks.values())


def _additions(ask: Ask, case: Case) -> list[dict[str, Any]]:
    """What its own reporter added, also where it is handled as another; never anybody else's."""
    own = [one for one in list_additions(ask.session, case.id) if "report" not in one.data]
    handled = _handled_as(ask, case)
    joined = [
        one
        for one in list_additions(ask.session, handled.id)
        if one.data.get("report") == case.number
    ]
    return [
        {"at": one.at, **one.data["form"]}
        for one in [*own, *joined]
        if one.kind == ADDED_BY_REPORTER
    ]


def _code_of(session: Session, number: str) -> str:
    salt = cases.find_query_salt(session, number)
    return query_codes.query_code(composition().settings.code_keys[0], number, salt)


def _place(ask: Ask, location: Any) -> dict[str, str]:
    """The village a position lies in (R49); one on a border, or of no village, is triaged."""
    area = village_of(composition().villages(ask.session), location)
    return {} if area is None else {"area": area}


def _count(ask: Ask, rate: str, what: str) -> None:
    if ask.someone is None:
        ask.composition.limits.take(rate, what, limits.network_of(ask.sent.remote_addr))


def _identity(reporter: dict[str, Any] | None) -> dict[str, Any] | None:
    told = {name: one for name in ("name", "phone") if (one := (reporter or {}).get(name))}
    return None if reporter is None or reporter["anonymous"] or not told else told


def _case_of(ask: Ask, number: str, code: str) -> Case:
    address = limits.network_of(ask.sent.remote_addr)
    ask.composition.limits.check(limits.LOOK_UP, address)
    # All checks run whatever the first one returns, so that the time taken reveals nothing.
    salt = cases.find_query_salt(ask.session, number)
    is_right = query_codes.fits_any(ask.composition.settings.code_keys, number, salt, code)
    case = cases.find_case_by_number(ask.session, number)
    if case is None or case.kind != PROCESS or not is_right:
        ask.composition.limits.count(limits.LOOK_UP, address)
        message = "没有这个编号，或查询码不对。"
        raise NotFound(message, code="unknown_report")
    return case


def _parts(ask: Ask, case: Case) -> list[Case]:
    links = related.list_links(ask.session, case.id)
    return [case for case, kind, _ in links if kind in _ONE_SUBMISSION and case.kind == PROCESS]


def _disputable(ask: Ask, of: Iterable[Case]) -> list[messages.WaitingProcess]:
    return [
        one
        for case in {case.id: case for own in of for case in (own, _handled_as(ask, own))}.values()
        for one in messages.list_waiting_of(ask.session, case.id)
        if one.name == DISPUTES
    ]


def _last_day(ask: Ask, waiting: Iterable[messages.WaitingProcess]) -> datetime | None:
    """When the first of the processes that wait for a dispute goes on without one."""
    ends = [
        timer.due_at
        for one in waiting
        for timer in timers.list_timers(ask.session, one.case_id)
        if timer.running_id == one.running_id and timer.kind == "drawn"
    ]
    return min(ends, default=None)


def _take_by(ask: Ask, case: Case) -> datetime | None:
    """The promise of the receipt, until somebody has done the first step."""
    every = tasks.list_tasks(ask.session, case.id)
    work = [task for task in every if task.process_id != "emergency_alert"]
    if not work or any(task.state == "done" for task in work):
        return None
    return work[0].due


def _handled_as(ask: Ask, case: Case) -> Case:
    """The case that replaces this one: the original of a duplicate, followed to its end."""
    seen = {case.id}
    while case.outcome == DUPLICATE and case.status == "closed":
        originals = [
            other
            for other, kind, is_outgoing in related.list_links(ask.session, case.id)
            if is_outgoing and kind in _ENDED_IN and other.kind == PROCESS and other.id not in seen
        ]
        if not originals:
            break
        case = originals[-1]
        seen.add(case.id)
    return case


def _part(ask: Ask, case: Case) -> dict[str, Any]:
    """One track as its reporter sees it; for a duplicate, the track of its original."""
    handled = _handled_as(ask, case)
    result = handled.public_result or case.public_result
    is_told = handled.public_result is not None
    return {
        "title": case.title,
        "status": handled.status,
        "phase": handled.phase,
        "outcome": handled.outcome if is_told or handled.status == "closed" else None,
        "opened_at": case.opened_at,
        "closed_at": handled.closed_at,
        "public_result": result,
        "earlier": _earlier(ask, case),
        "take_by": None if handled.status == "closed" else _take_by(ask, handled),
    }


def _earlier(ask: Ask, case: Case) -> list[str]:
    """What was answered before the reporter disputed it."""
    entries = list_events(ask.session, case.id)
    answers = (entry.data.get("earlier") for entry in entries if entry.kind == "reopened")
    return [str(answer) for answer in answers if answer]
