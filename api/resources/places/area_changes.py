"""Changes of the area tree: rename, move, split, merge, each rehearsed before it is made."""

from typing import Any, Final

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN, roles_that
from api.http.request import Reply
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import AreaCode, Day, Moment, Written
from api.http.shapes.operations import accepted
from api.importing.area_changes import area_change_order
from handlers.staffing.area_changes import AreaPlan, apply, plan
from handlers.staffing.area_rules import AreaTarget, NewAreaChange
from storage.imports.kinds import require_keeper
from storage.places import area_changes

routes = Resource("area-changes", "Changes of the area tree: rename, move, split, merge (R01).")

_KEEPERS: Final = roles_that("imports")
_KINDS: Final = ("rename", "move", "split", "merge")
_SHOWN_CODES: Final = 100


class AreaTargetBody(ma.Schema):
    """An area there will be; the share, in hundredths, is of a split only."""

    code = AreaCode(required=True)
    name = ma.fields.String(validate=Written(1, 100))
    share = ma.fields.Integer(validate=ma.validate.Range(0, 100))


class NewAreaChangeBody(ma.Schema):
    """What changes into what, from which day on."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(_KINDS))
    from_codes = ma.fields.List(
        AreaCode(), required=True, data_key="from", validate=ma.validate.Length(1, 20)
    )
    targets = ma.fields.List(
        ma.fields.Nested(AreaTargetBody),
        required=True,
        data_key="to",
        validate=ma.validate.Length(1, 20),
    )
    on = Day(required=True)
    document = ma.fields.String(validate=Written(1, 200))


class RecodedArea(ma.Schema):
    """A code and the one in its place."""

    old = ma.fields.String()
    new = ma.fields.String()


class AreaChangeOrdered(ma.Schema):
    """What the change does; `effects` are counted by the rehearsal, else by the operation."""

    codes = ma.fields.List(ma.fields.Nested(RecodedArea))
    codes_in_all = ma.fields.Integer()
    effects = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        allow_none=True,
        metadata={"description": "Rows that change, by register; open cases keep their code"},
    )
    operation = ma.fields.Integer(
        allow_none=True, metadata={"description": "To be read at `/operations/{id}`"}
    )


class AreaChangeShown(ma.Schema):
    """A change that was made."""

    id = ma.fields.Integer()
    kind = ma.fields.String(validate=ma.validate.OneOf(_KINDS))
    from_codes = ma.fields.List(ma.fields.String(), data_key="from")
    to_codes = ma.fields.List(ma.fields.String(), data_key="to")
    effective_on = ma.fields.Date(data_key="on")
    document = ma.fields.String(allow_none=True)
    effects = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    applied_by = ma.fields.Integer(allow_none=True)
    applied_at = Moment()


class AreaChanges(ma.Schema):
    """Changes, the newest first."""

    items = ma.fields.List(ma.fields.Nested(AreaChangeShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/area-changes", needs=SIGNED_IN, gives=Gives(AreaChanges), query=Paged)
def search(ask: Ask) -> dict[str, Any]:
    """List the changes of the area tree."""
    page = area_changes.list_area_changes(
        ask.session, cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.post(
    "/area-changes",
    needs=_KEEPERS,
    takes=Takes(
        NewAreaChangeBody,
        example={
            "kind": "rename",
            "from": ["350322100001"],
            "to": [{"code": "350322100001", "name": "学士村"}],
            "on": "2026-03-01",
        },
    ),
    gives=Gives(AreaChangeOrdered, status=202),
)
def change(ask: Ask) -> Reply:
    """Order a change; `dry_run=true` makes it, counts what followed, and takes it back."""
    open_to = frozenset(require_keeper(ask.actor, "areas"))
    new = _read(ask.body)
    planned = plan(ask.session, new, now=ask.now)
    if ask.sent.is_dry:
        effects = apply(ask.session, planned, by=ask.actor.id, at=ask.now)
        return Reply(_shown(planned, effects=effects), status=202)
    ask.keep_on_file("area_change_ordered", "area", new.from_codes[0], {"kind": new.kind})
    started = accepted(ask, area_change_order(new, by=ask.actor.id, open_to=open_to))
    shown = _shown(planned, operation=started.body.id)
    return Reply(shown, started.headers, status=202)


def _read(body: dict[str, Any]) -> NewAreaChange:
    return NewAreaChange(
        body["kind"],
        tuple(body["from_codes"]),
        tuple(AreaTarget(**target) for target in body["targets"]),
        body["on"],
        body.get("document"),
    )


def _shown(planned: AreaPlan, **more: Any) -> dict[str, Any]:
    moves = sorted(planned.moves.items())
    codes = [{"old": old, "new": new} for old, new in moves[:_SHOWN_CODES]]
    return {"effects": None, "operation": None, "codes": codes, "codes_in_all": len(moves), **more}
