"""Reading cases, and acts of supervisors and clerks on them; tasks are in `tasks.actions`."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Final

import marshmallow as ma

from api.http import auth, cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.additions import Addition
from api.http.shapes.cases import CasePage, CaseShown, EventPage, Moved, Paged, moved
from api.http.shapes.fields import AreaCode, Moment, Written
from engine.actions import additions, supervising
from engine.actions import cases as acts
from engine.reads import cases as reads
from engine.reads import file
from engine.run.record import Act, Done, Entry, write_entry
from storage.cases import cases
from storage.cases.cases import Case, CaseFilter
from storage.cases.phases import PHASES
from storage.people import vault
from storage.people.rights import REPORTER_RIGHT

routes = Resource("cases", "Cases and their files.")

_CLERKS: Final = auth.roles_that("merges")
_TEXT: Final = Written(1, 2000)
_WORD: Final = ma.validate.Length(1, 100)


class CaseSearch(Paged):
    """Which cases of those the caller may see."""

    status = ma.fields.String(validate=ma.validate.OneOf(("open", "closed")))
    phase = ma.fields.String(validate=ma.validate.OneOf(PHASES))
    matter = ma.fields.String(validate=_WORD)
    area = AreaCode(metadata={"description": "With its whole subtree"})
    business = ma.fields.Integer(attribute="business_id", validate=ma.validate.Range(1, 10**15))
    source = ma.fields.String(validate=_WORD)
    kind = ma.fields.String(validate=_WORD)
    owner_post = ma.fields.String(validate=_WORD)
    supervised = ma.fields.Boolean()
    opened_from = Moment()
    opened_before = Moment()
    q = ma.fields.String(validate=_WORD)
    text = ma.fields.String(
        validate=_WORD,
        metadata={
            "description": "Words of the text, business, place, matter, person or last digits"
        },
    )
    count = ma.fields.String(validate=ma.validate.OneOf(("estimate", "exact")))


class EventSearch(ma.Schema):
    """Which entries."""

    cursor = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 10**9))
    limit = ma.fields.Integer(load_default=200, validate=ma.validate.Range(1, 200))


class Text(ma.Schema):
    """The text of an act, such as a note."""

    text = ma.fields.String(required=True, validate=_TEXT)


class Demanded(Text):
    """What a supervisor asks, and by which day an answer is due."""

    answer_by = ma.fields.Date(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "A day off counts as the working day after it; else as the city's rules"
        },
    )


class Reason(ma.Schema):
    """Body of an action that has to be justified."""

    reason = ma.fields.String(required=True, validate=_TEXT)


class Merge(Reason):
    """Into which case, and why."""

    into = ma.fields.String(required=True, validate=ma.validate.Regexp(r"[0-9]{5,24}\Z"))


class Split(Reason):
    """Start forms of the new cases, and why."""

    parts = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String()), required=True, validate=ma.validate.Length(1, 10)
    )


class SplitDone(Moved):
    """The state of the case, and the cases it was split into."""

    into = ma.fields.List(ma.fields.String())


def _split_into(done: list[Done]) -> dict[str, Any]:
    case, *parts = done
    return {**moved(case), "into": [part.number for part in parts]}


class Purpose(ma.Schema):
    """What the identity is needed for; it goes on file."""

    purpose = ma.fields.String(required=True, validate=Written(1, 500))


class Identity(ma.Schema):
    """Who reported."""

    name = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)


@routes.get("/cases", needs=SIGNED_IN, gives=Gives(CasePage), query=CaseSearch)
def search(ask: Ask) -> dict[str, Any]:
    """Search the cases one may see, newest first."""
    having = _filter(ask.query)
    page = reads.list_cases(
        ask.reading, having, cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    shown: dict[str, Any] = {"items": page.items, "next": cursors.next_of(ask, page)}
    if "count" in ask.query:
        shown["count"] = cases.count_cases(ask.session, actor=ask.actor, having=having)
    return shown


@routes.get("/cases/<number:number>", needs=SIGNED_IN, gives=Gives(CaseShown, is_versioned=True))
def read(ask: Ask, number: str) -> reads.CaseShown:
    """Show one case: state, owner, open tasks, linked cases."""
    return reads.read_case(ask.reading, number)


@routes.get(
    "/cases/<number:number>/events", needs=SIGNED_IN, gives=Gives(EventPage), query=EventSearch
)
def list_events(ask: Ask, number: str) -> dict[str, Any]:
    """Read the case file, in order; each entry carries the hash it is chained by."""
    after, limit = ask.query["cursor"], ask.query["limit"]
    entries = file.list_entries(ask.reading, number, after=after, limit=limit + 1)
    is_more = len(entries) > limit
    return {"items": entries[:limit], "next": str(entries[limit - 1].seq) if is_more else None}


@routes.post(
    "/cases/<number:number>/merge",
    needs=_CLERKS,
    takes=Takes(Merge, example={"into": "2026000000015", "reason": "同一件事"}),
    gives=Gives(Moved, is_versioned=True, shape=moved),
)
def merge(ask: Ask, number: str) -> Done:
    """Close a case as a duplicate of another; both files name the other (合并)."""
    _agree(ask, number)
    into, reason = ask.body["into"], ask.body["reason"]
    return acts.merge(ask.runner, ask.session, number, into=into, reason=reason, actor=ask.actor)


@routes.post(
    "/cases/<number:number>/split",
    needs=_CLERKS,
    takes=Takes(Split),
    gives=Gives(SplitDone, is_versioned=True, shape=_split_into),
)
def split(ask: Ask, number: str) -> list[Done]:
    """File each part as a case of its own, tied to this one; this one goes on (拆分)."""
    _agree(ask, number)
    parts, reason = ask.body["parts"], ask.body["reason"]
    return acts.split(ask.runner, ask.session, number, parts=parts, reason=reason, actor=ask.actor)


@routes.post(
    "/cases/<number:number>/reporter",
    needs=auth.right(REPORTER_RIGHT),
    takes=Takes(Purpose, example={"purpose": "核实举报内容"}),
    gives=Gives(Identity, is_secret=True),
)
def read_reporter(ask: Ask, number: str) -> dict[str, Any]:
    """Read who reported, for a stated purpose; every reading is on file."""
    case = cases.get_visible_case(ask.session, number, actor=ask.actor)
    told = vault.open_identity(
        ask.session,
        case.id,
        officer_id=ask.actor.id,
        purpose=ask.body["purpose"],
        keys=ask.composition.vault_keys,
        at=ask.now,
    )
    _put_on_file(ask, case)
    ask.keep_on_file("identity_read", "case", number, {"purpose": ask.body["purpose"].strip()})
    return told


def _declare(
    name: str,
    act: Callable[..., Done],
    needs: auth.Needs,
    schema: type[ma.Schema],
    says: str,
    path: str = "",
) -> None:
    def view(ask: Ask, number: str) -> Done:
        _agree(ask, number)
        return act(ask.runner, ask.session, number, **ask.body, actor=ask.actor)

    view.__name__ = f"{name}_case"
    view.__doc__ = says
    routes.post(
        f"/cases/<number:number>/{path or name}",
        needs=needs,
        takes=Takes(schema, example={next(iter(schema().fields)): "请尽快办理"}),
        gives=Gives(Moved, is_versioned=True, shape=moved),
    )(view)


_declare("chase", acts.chase, SIGNED_IN, Text, "Remind whoever holds the open tasks (催办).")
_declare(
    "supervise",
    supervising.supervise,
    SIGNED_IN,
    Demanded,
    "Put under supervised handling, or ask again; an answer is due by a day (督办).",
)
_declare(
    "answer_supervision",
    supervising.answer_supervision,
    SIGNED_IN,
    Text,
    "Answer what a supervisor asks, as a holder of the case (答复督办).",
    path="supervision/answer",
)
_declare(
    "end_supervision",
    supervising.end_supervision,
    SIGNED_IN,
    Text,
    "End supervised handling, with a word; the case goes on (办结督办).",
    path="supervision/end",
)
_declare("note", acts.note, SIGNED_IN, Text, "Put a note into the case file.")
_declare("reopen", acts.reopen, _CLERKS, Reason, "Handle a closed case once more (重开).")


@routes.post(
    "/cases/<number:number>/add",
    needs=SIGNED_IN,
    takes=Takes(Addition, example={"added": "现场又发现过期食品", "photos": []}),
    gives=Gives(Moved, is_versioned=True, shape=moved),
)
def add(ask: Ask, number: str) -> Done:
    """Add words and photos to an open case one has reported oneself (补充情况)."""
    _agree(ask, number)
    text, photos = ask.body["added"], ask.body["photos"]
    return additions.add(ask.runner, ask.session, number, text=text, photos=photos, actor=ask.actor)


def _put_on_file(ask: Ask, case: Case) -> None:
    """Record in the case file that, why and by whom its reporter was looked up; never who it is."""
    main = [
        process
        for process in cases.list_processes(ask.session, case.id)
        if process.asked_by is None
    ][-1]
    locked = cases.lock_case_for_step(ask.session, running_id=main.id)
    act = Act("reporter_identity_read", {"purpose": ask.body["purpose"].strip()}, None)
    write_entry(ask.session, locked, None, Entry(act), actor=ask.actor, now=ask.now)


def _filter(query: dict[str, Any]) -> CaseFilter:
    return CaseFilter(**{field.name: query.get(field.name) for field in fields(CaseFilter)})


def _agree(ask: Ask, number: str) -> None:
    if ask.seen_version is not None:
        ask.agree_on(cases.get_visible_case(ask.session, number, actor=ask.actor).version)
