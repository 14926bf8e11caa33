"""Changing a plan of inspections before it starts: edited, drawn again, cancelled (R21).

Each change needs a reason and keeps what was before. A draw cannot be shopped for: another draw
stands beside the first one, and a plan that is given up stays on the list with its reason.
"""

from collections.abc import Mapping
from typing import Any, Final

from handlers.inspections.drawing import BUSINESSES
from handlers.inspections.plans import Planning, kind_of
from storage.errors import FormInvalid, Refused
from storage.inspections import plans
from storage.inspections.plans import Draw, InspectionPlan, PlanChange

_KEPT: Final = (
    "title",
    "businesses",
    "inspectors",
    "since",
    "until",
    "visible_from_rank",
    "embargo_until",
    "state",
)
"""What a change keeps of the plan as it was."""

_DRAWN: Final = ("businesses", "inspectors")


def change(
    planning: Planning, plan: InspectionPlan, form: Mapping[str, Any]
) -> tuple[InspectionPlan, Draw | None]:
    """Write what the form says; return the plan, and the new draw where it was drawn again.

    Raises:
        Refused: the plan has started or was cancelled.
        FormInvalid: a value is wrong as in a new plan, or picks by hand what was drawn.
    """
    _require_planned(plan)
    values: dict[str, Any] = {
        name: form[name] for name in ("title", "embargo_until") if name in form
    }
    if "since" in form or "until" in form:
        days = {"since": plan.since, "until": plan.until, **form}
        values["since"], values["until"] = planning.days(days)
    if "hidden" in form:
        values["visible_from_rank"] = _rank(planning, plan, is_hidden=form["hidden"])
    made = _choose(planning, plan, form, values)
    if not values:
        message = "没有要修改的内容，请至少修改一项。"
        raise FormInvalid.at("title", message, clause="R21")
    changed = _write(planning, plan, "changed" if made is None else "drawn", form, values)
    return changed, made


def cancel(planning: Planning, plan: InspectionPlan, form: Mapping[str, Any]) -> InspectionPlan:
    """Cancel a plan; it stays on the list with the reason.

    Raises:
        Refused: the plan has started or was cancelled.
    """
    _require_planned(plan)
    return _write(planning, plan, "cancelled", form, {"state": "cancelled"})


def _choose(
    planning: Planning, plan: InspectionPlan, form: Mapping[str, Any], values: dict[str, Any]
) -> Draw | None:
    """Put who inspects what into `values`, where that changes; return a new draw."""
    before = plans.find_draw(planning.session, plan.id)
    is_drawn = before is not None
    if "draw" in form:
        if before is None:
            message = "这个计划的主体是选定的，不能抽取；要抽取的请另行制定计划。"
            raise FormInvalid.at("draw", message, clause="R21")
        wanted = {"kind": plan.kind, "draw": _of_same_pool(before, form["draw"])}
        values["businesses"], values["inspectors"], made = planning.chosen(wanted, plan.post)
        if made is not None:
            plans.add_draw(planning.session, plan.id, made)
        return made
    picked = [name for name in _DRAWN if name in form]
    if picked and is_drawn:
        message = "主体和检查人员是抽取的，不能手工更换；确需更换的，写明原因重新抽取。"
        raise FormInvalid.at(picked[0], message, clause="R21")
    if picked:
        current = {name: getattr(plan, name) for name in _DRAWN}
        wanted = {"kind": plan.kind, **current, **{name: form[name] for name in picked}}
        values["businesses"], values["inspectors"], _ = planning.chosen(wanted, plan.post)
    return None


def _of_same_pool(before: Draw, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Draw of whom was drawn before, as far as they still operate, unless another pool is named."""
    is_named = "area" in wanted or "category" in wanted
    return dict(wanted) if is_named else {**wanted, "among": before.population[BUSINESSES]}


def _rank(planning: Planning, plan: InspectionPlan, *, is_hidden: bool) -> int | None:
    """From which rank on a plan is seen; an unannounced one is always hidden."""
    if not (is_hidden or kind_of(plan.kind).is_hidden):
        return None
    rank = max(post.rank for post in planning.actor.posts if post.id == plan.post)
    return plan.visible_from_rank or rank


def _require_planned(plan: InspectionPlan) -> None:
    if plan.state == "started":
        message = "计划已经启动，不能再修改或作废；案件请在案件里办理。"
        raise Refused(message, code="plan_started", clause="R21")
    if plan.state == "cancelled":
        message = "计划已经作废，不能再改；要检查的请另行制定计划。"
        raise Refused(message, code="plan_cancelled", clause="R21")


def _write(
    planning: Planning,
    plan: InspectionPlan,
    kind: str,
    form: Mapping[str, Any],
    values: Mapping[str, Any],
) -> InspectionPlan:
    before = {name: _kept(getattr(plan, name)) for name in _KEPT if name in values}
    kept = PlanChange(
        plan_id=plan.id,
        version=plan.version + 1,
        kind=kind,
        reason=form["reason"],
        before=before,
        changed_by=planning.actor.id,
        changed_at=planning.now,
    )
    return plans.change_plan(planning.session, kept, values)


def _kept(value: object) -> object:
    """A value as JSON keeps it: days and moments as text."""
    return value.isoformat() if hasattr(value, "isoformat") else value
