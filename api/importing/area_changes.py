"""A change of the area tree as long work: planned again and made in one transaction."""

from datetime import date
from typing import Any, Final

from engine.background.operations import Doing, NewOperation, OperationKind
from handlers.staffing.area_changes import apply, plan
from handlers.staffing.area_rules import AreaTarget, NewAreaChange
from storage.audit.log import add_audit
from storage.moments import Json
from storage.people.posts import reference_of

CHANGE: Final = "area_change"
_TITLE: Final = {"zh": "变更区划", "en": "Changing areas"}


def area_change_kind() -> OperationKind:
    """The work of changing areas, for the list of long work."""
    return OperationKind(CHANGE, _TITLE, change_areas)


def area_change_order(new: NewAreaChange, *, by: int, open_to: frozenset[str]) -> NewOperation:
    """The order to make a change, as it is kept until somebody does it."""
    arguments: dict[str, Json] = {
        "kind": new.kind,
        "from": list(new.from_codes),
        "to": [{"code": one.code, "name": one.name, "share": one.share} for one in new.targets],
        "on": new.on.isoformat(),
        "document": new.document,
    }
    return NewOperation(CHANGE, _TITLE, arguments, open_to, by)


def change_areas(doing: Doing) -> Json:
    """Make the change: all of it, once, or nothing."""
    if doing.checkpoint is not None:
        return _result(doing.checkpoint)
    effects: dict[str, int] = {}
    new, now, by = _read(doing.arguments), doing.clock.now(), doing.taken.started_by
    with doing.part(checkpoint=effects, done=1) as session:
        effects |= apply(session, plan(session, new, now=now), by=by, at=now)
        add_audit(
            session,
            at=now,
            actor="system" if by is None else reference_of(by),
            action="areas_changed",
            subject_kind="area",
            subject=",".join(new.from_codes),
            data={**doing.arguments, "effects": effects},
        )
    return _result(effects)


def _read(arguments: Any) -> NewAreaChange:
    return NewAreaChange(
        kind=arguments["kind"],
        from_codes=tuple(arguments["from"]),
        targets=tuple(AreaTarget(**target) for target in arguments["to"]),
        on=date.fromisoformat(arguments["on"]),
        document=arguments["document"],
    )


def _result(effects: dict[str, int]) -> Json:
    changed = sum(effects.values())
    summary = {
        "zh": f"区划已变更，随之更新 {changed} 处。",
        "en": f"The areas are changed; {changed} rows followed.",
    }
    return {"effects": effects, "summary": summary}
