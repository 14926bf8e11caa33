"""主体库月度更新。Drawn in bpmn/registry_refresh.bpmn: once a month for every jurisdiction (R13).

The calendar starts it for the county bureau of the jurisdiction, which answers for it; the keeper
of the registry does the work. What is measured goes to the case file.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from engine.contract import (
    Actor,
    Case,
    Form,
    Post,
    Refused,
    lane,
    service_task,
    start_event,
    user_task,
)
from storage.moments import in_china, start_of
from storage.people.ladder import find_filled_post
from storage.people.posts import find_staffing_of, post_id
from storage.places.units import towns_of
from storage.registry import completeness
from storage.registry.completeness import Completeness

KEEPER = "registry_keeper"

Answer = dict[str, Any]


@start_event(
    gives={
        "refresh_due_at": datetime,
        "month_ends_at": datetime,
        "is_refreshed": False,
        "none_changed": False,
    }
)
def month_began(case: Case, form: Form, *, officer: Actor | None) -> Answer:  # noqa: ARG001 - as every rule
    """每月发起：当月最后一个工作日到期，附发起时的完整性情况。"""
    month = in_china(case.now).date().replace(day=1)
    figures = _measure(case, month)
    case.change(
        title=f"主体库月度更新 {month:%Y-%m}",
        description=in_words(figures),
        deadline_profile="standard",
    )
    case.note("completeness_measured", **on_file(figures))
    return {
        "refresh_due_at": _last_working_day(case, month).isoformat(),
        "month_ends_at": start_of(completeness.month_after(month)).isoformat(),
        "is_refreshed": False,
        "none_changed": False,
    }


@lane()
def keeper(case: Case) -> Post:
    """辖区主体库管理员：本辖区的主体库管理员，没有的由市级主体库管理员。"""
    own = find_staffing_of(case.session, post_id(KEEPER, str(case.row["owner_area"])), at=case.now)
    if own is not None and own.holders:
        return own.post
    found = find_filled_post(case.session, KEEPER, case.area, at=case.now).staffing
    if found is not None:
        return found.post
    owner = find_staffing_of(case.session, str(case.owner), at=case.now)
    if owner is None:
        message = "辖区没有主体库管理员，也没有县级岗位，请先设置。"
        raise Refused(message, code="nobody_in_post")
    return owner.post


@user_task(asks={"confirmed_none_changed": (bool, None)}, gives={"none_changed": bool})
def refresh(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """更新主体库：导入或更改当月的主体；核对后没有变化的，确认没有变化。"""
    return {"none_changed": bool(form.get("confirmed_none_changed"))}


@service_task(reads={"none_changed": bool, "month_ends_at": datetime}, gives={"is_refreshed": bool})
def measure_completeness(case: Case) -> Answer:
    """核对完整性：当月有导入或更改，或确认没有变化，才算更新；完整性情况入档。"""
    until = datetime.fromisoformat(str(case.data["month_ends_at"]))
    month = (in_china(until).date() - timedelta(days=1)).replace(day=1)
    is_done = bool(case.data["none_changed"]) or completeness.is_refreshed(
        case.session, _towns(case), since=start_of(month), until=until
    )
    figures = _measure(case, month)
    case.change(description=in_words(figures))
    case.note("completeness_measured", is_refreshed=is_done, **on_file(figures))
    return {"is_refreshed": is_done}


@service_task(gives={})
def supervise_refresh(case: Case) -> None:
    """逾期督办：告知县级市场监管部门，一件只督办一次。"""
    if case.row["supervised"]:
        return
    case.change(supervised=True)
    case.tell(str(case.owner), "overdue_supervised", case=case.number, level="county")
    case.note("supervised", level="county", reason="overdue", told=case.owner)


def in_words(figures: Completeness) -> str:
    """The figures in one line, for the page of the case and its task."""
    return (
        f"在册主体 {figures.businesses} 家；本月新增 {figures.added}，变更 {figures.changed}，"
        f"停止经营 {figures.ceased}，注销 {figures.deregistered}；未定位 {figures.unplaced}，"
        f"无电话 {figures.no_phone}，证照过期 {figures.expired}，"
        f"停业未联系 {figures.ceased_without_contact}，待核对 {sum(figures.reviews.values())}。"
    )


def on_file(figures: Completeness) -> Answer:
    """The figures as the case file keeps them."""
    kept = asdict(figures)
    del kept["last_imports"]
    return kept


def _measure(case: Case, month: date) -> Completeness:
    return completeness.measure(case.session, _towns(case), month=month, now=case.now)


def _towns(case: Case) -> Sequence[str]:
    return towns_of(case.session, str(case.row["owner_area"])) or [case.area]


def _last_working_day(case: Case, month: date) -> datetime:
    """The end of the last working day of a month."""
    day = completeness.month_after(month) - timedelta(days=1)
    while day > month:
        due = case.limits.due(start_of(day - timedelta(days=1)), 1, "working_day")
        if in_china(due).date() == day:
            return due
        day -= timedelta(days=1)
    return start_of(completeness.month_after(month)) - timedelta(seconds=1)
