"""Businesses of the sample that act for themselves: the running period, and an order to answer."""

from datetime import datetime, timedelta
from typing import Final

from api.composition import Composition
from api.resources.patrols.planning import SELF_INSPECTION
from engine.background.recurring import columns_for
from engine.time.periods import period_of
from storage.cases.tasks import list_open_tasks
from storage.city.rules import installed
from storage.database.session import Session
from storage.moments import in_china
from storage.people.actors import find_officer, load_actor
from storage.processes.recurring import (
    Recurring,
    has_started,
    keep_start_key,
    list_of_subject,
    list_recurring,
    move_on,
)
from storage.registry.businesses import get_business

REPRESENTATIVE: Final = "school"
INSPECTOR: Final = "station_officer"
DAYS: Final = 7
_MATTER: Final = "H02"
_FOUND: Final = "（演示）备餐间纱窗破损，窗台有积尘"
_ORDER: Final = "（演示）更换备餐间破损的纱窗，清洁窗台"
_BASIS: Final = "食品安全法第三十三条"


def add_self_inspections(session: Session, composition: Composition) -> int:
    """Begin the running period of every self-inspection that is owed, and order one thing; once."""
    begun = 0
    for row in list_recurring(session):
        if row.process_id == SELF_INSPECTION and row.last_key is None:
            begun += _begin(session, composition, row)
    if begun:
        _order(session, composition)
    return begun


def _begin(session: Session, composition: Composition, row: Recurring) -> bool:
    runner, today = composition.runner, in_china(composition.clock.now()).date()
    period = period_of(row.period, today, installed().terms)
    if has_started(session, row.start_key(period.key)):
        return False
    form = {**row.form, "period_key": period.key, "period_after": period.after.isoformat()}
    columns = columns_for(runner, session, SELF_INSPECTION, row.subject_kind, row.subject)
    made = runner.start(session, SELF_INSPECTION, form, actor=None, columns=columns)
    keep_start_key(session, made.case_id, row.start_key(period.key))
    move_on(session, row.id, next_at=row.next_at, last_key=period.key)
    return True


def _order(session: Session, composition: Composition) -> None:
    """Let the station find one thing at the school and order that it is put right."""
    now = composition.clock.now()
    school, inspector = find_officer(session, REPRESENTATIVE), find_officer(session, INSPECTOR)
    if school is None or school.business_id is None or inspector is None:
        return
    if not list_of_subject(session, SELF_INSPECTION, "business", str(school.business_id)):
        return
    actor = load_actor(session, inspector.id, at=now)
    shop = get_business(session, school.business_id)
    report = {
        "matter": _MATTER,
        "area": shop.area_code,
        "business": shop.id,
        "description": _FOUND,
        "no_photo_reason": "演示数据，没有照片",
    }
    made = composition.runner.start(session, "grid_report", report, actor=actor)
    steps = (
        ("resolve_or_pass_up", {"outcome": "resolved", "measures": _FOUND + "，责令整改"}),
        ("order_rectification", _ordered(now)),
    )
    for name, form in steps:
        task = next(one for one in list_open_tasks(session, made.case_id) if one.task_id == name)
        composition.runner.complete(session, task.running_id, int(task.token), form, actor=actor)


def _ordered(now: datetime) -> dict[str, str]:
    until = in_china(now + timedelta(days=DAYS)).date().isoformat()
    return {"order": "ordered", "what": _ORDER, "until": until, "legal_basis": _BASIS}
