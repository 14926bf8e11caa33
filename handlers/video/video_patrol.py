"""视频巡查。Drawn in bpmn/video_patrol.bpmn: what a unit owes each week or month (R32-R35).

The calendar starts it for the post of a unit with a quota. One completion is one business; what
goes wrong in a kitchen is a case of its own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from engine.contract import (
    NEVER,
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
from handlers.video import counting, watching
from handlers.video.watching import Watched
from storage.city.rules import installed
from storage.moments import in_china, start_of
from storage.people.ladder import find_filled_post
from storage.people.posts import find_staffing, find_staffing_of, role_of
from storage.people.roles import ROLES
from storage.video.kitchens import names_of
from storage.video.patrols import count_distinct, key_of
from storage.video.quota_periods import QuotaPeriod
from storage.video.rules import ANSWERS, REQUIRED, VIDEO_PATROL, snapshot_of

KIND: Final = VIDEO_PATROL
REACHED: Final = "quota_reached"
"""The message by which a quota ends that was met by entries made elsewhere."""
KEEPERS: Final = "admin_system"

Answer = dict[str, Any]


@start_event(
    # The calendar fills it, and it stays on file: which period the case is about.
    asks={"period_key": (str, None)},
    gives={
        "quota_due_at": datetime,
        "ends_at": datetime,
        "remind_at": datetime,
        "risk_at": datetime,
        "can_watch": False,
        "is_met": False,
        "is_missed": False,
    },
)
def quota_began(case: Case, form: Form, *, officer: Actor | None) -> Answer:  # noqa: ARG001 - as every rule
    """一期开始：由日历为有任务的单位发起，到期日是这一期的最后一天。"""
    day = in_china(case.now).date()
    period = counting.open_period(case.session, _unit(case), day, now=case.now)
    if period is None:
        message = "这个单位没有视频巡查任务；任务写在 video_quotas.csv。"
        raise Refused(message, code="unit_without_quota", clause="R33")
    name = installed().video_quotas[period.unit].name_zh
    case.change(title=f"视频巡查 {name} {period.period_key}", deadline_profile="standard")
    ends = start_of(period.after_on)
    return {
        "quota_due_at": (ends - timedelta(seconds=1)).isoformat(),
        "ends_at": ends.isoformat(),
        **_reminders(case, period),
        "can_watch": False,
        "is_met": False,
        "is_missed": False,
    }


@service_task(gives={"can_watch": bool})
def propose_businesses(case: Case) -> Answer:
    """抽取巡查名单：加权随机，种子入档；离线的换下一家并报告，一家都看不了的告知上级。"""
    period = _period(case)
    if period.closed_at is not None:
        # Only a reopened case comes here with a closed period, and that stays as it is.
        message = "这一期已经结束，不再变动。"
        raise Refused(message, code="period_over", clause="R33")
    proposed = [int(entry["business"]) for entry in period.proposed]
    template, told = _told_at_the_draw(case, period)
    case.note(
        "video_proposed",
        period=period.period_key,
        n=period.n,
        population=period.population,
        owed=period.owed,
        seed=period.seed,
        proposed=proposed,
        offline=period.offline,
        template=template,
        told=told,
    )
    case.change(description=in_words(period, names_of(case.session, proposed)))
    names = names_of(case.session, period.offline)
    offline = "、".join(names[known] for known in period.offline if known in names)
    for receiver in told:
        case.tell(
            receiver, template, case=case.number, period=period.period_key, businesses=offline
        )
    return {"can_watch": period.owed > 0}


@lane()
def quota_unit(case: Case) -> Post:
    """巡查单位：任务表里的单位，由其岗位承办。"""
    staffing = find_staffing_of(case.session, str(case.owner), at=case.now)
    if staffing is None:
        raise AssertionError(case.owner)  # a post that a case names is never deleted
    return staffing.post


@user_task(
    asks={
        "business": int,
        "watched_from": datetime,
        "watched_until": (datetime, None),
        "camera": (int, None),
        **dict.fromkeys(REQUIRED, ANSWERS),
        **dict.fromkeys(map(snapshot_of, REQUIRED), (list, None)),
        "problem": (str, None),
        "matter": (str, None),
        "snapshots": (list, None),
        "remark": (str, None),
    },
    gives={},
)
def inspect(case: Case, form: Form, *, officer: Actor) -> Answer:
    """视频巡查一家：三项必填；发现问题的另行立案，层级不低于市级（R26）。"""
    watched = _watched(case, form, officer)
    matter = watching.matter_of(watched, form.get("matter")) if watched.problem else None
    made = watching.record_patrol(case.session, watched, limits=case.limits, now=case.now)
    case.note(
        "video_watched",
        patrol=made.patrol_id,
        business=watched.business_id,
        relation=made.relation,
        items=dict(watched.items),
    )
    if matter is not None and not made.has_case:
        # The pictures go with the problem: whoever handles it has to see them.
        pictures, case.photos = watched.pictures, []
        report = watching.report_of(case.session, watched, matter=matter, photos=pictures)
        case.start(
            "grid_report",
            report,
            link=VIDEO_PATROL,
            key=key_of(made.patrol_id),
            source=VIDEO_PATROL,
            collector_officer=officer.id,
            collector_post=case.owner,
        )
    return {}


@service_task(gives={"is_met": bool, "remind_at": datetime, "risk_at": datetime})
def count_progress(case: Case) -> Answer:
    """计数：按不同的主体计，同一家看几次只算一家。"""
    period = _period(case)
    count = count_distinct(case.session, period.unit, period.period_key)
    case.note("video_counted", period=period.period_key, distinct=count, owed=period.owed)
    return {"is_met": count >= period.owed, **_reminders(case, period)}


@service_task(gives={})
def remind(case: Case) -> None:
    """提醒：还差几家，告知巡查单位。"""
    _remind(case, "video_quota_left", [str(case.owner)])


@service_task(gives={})
def warn(case: Case) -> None:
    """快到期：还差几家，告知巡查单位和上级。"""
    _remind(case, "video_quota_at_risk", [str(case.owner), *_superiors(case)])


@service_task(gives={"is_missed": bool})
def record_miss(case: Case) -> Answer:
    """记录结果：到期没有完成的如实记为漏查，告知上级；没有后厨可看的写明原因。"""
    closed = counting.close(case.session, _period(case), now=case.now)
    template = "video_quota_missed" if closed.missed else "video_no_camera"
    told = [str(case.owner), *_superiors(case)]
    case.note(
        "video_period_closed",
        period=closed.period_key,
        distinct=closed.distinct_count,
        owed=closed.owed,
        missed=closed.missed,
        excuse=closed.excuse,
        template=template,
        told=told,
    )
    for receiver in told:
        case.tell(receiver, template, case=case.number, period=closed.period_key)
    return {"is_missed": bool(closed.missed)}


def in_words(period: QuotaPeriod, names: Mapping[int, str]) -> str:
    """The proposal in one line, for the page of the case and its task."""
    listed = "、".join(names.get(int(entry["business"]), "") for entry in period.proposed)
    fewer = "" if period.owed == period.n else f"（应查 {period.n} 家，能看的只有这些）"
    if not period.owed:
        return "没有能看的后厨，这一期无法抽取名单。"
    owed = f"{period.period_key} 应查 {period.owed} 家{fewer}"
    return f"{owed}，从 {period.population} 家抽取：{listed}。"


def _unit(case: Case) -> str:
    return role_of(str(case.owner)) if case.owner else ""


def _period(case: Case) -> QuotaPeriod:
    """The period the case was started for; it may have ended a moment ago."""
    ends = datetime.fromisoformat(str(case.data["ends_at"]))
    last = in_china(ends - timedelta(seconds=1)).date()
    period = counting.open_period(case.session, _unit(case), last, now=case.now, case_id=case.id)
    if period is None:
        raise AssertionError  # the case began with it
    return period


def _reminders(case: Case, period: QuotaPeriod) -> Answer:
    """The moments of both reminders; one that has passed comes no more."""
    shares = installed().thresholds
    parts = {"remind_at": shares.video_remind_percent, "risk_at": shares.video_risk_percent}
    moments = {name: counting.moment_at(period, part / 100) for name, part in parts.items()}
    return {name: NEVER if at <= case.now else at.isoformat() for name, at in moments.items()}


def _watched(case: Case, form: Form, officer: Actor) -> Watched:
    until = form.get("watched_until")
    return Watched(
        business_id=int(form["business"]),
        unit=_unit(case),
        watched_at=datetime.fromisoformat(str(form["watched_from"])),
        watched_until=None if until is None else datetime.fromisoformat(str(until)),
        items={item: str(form[item]) for item in REQUIRED},
        camera_id=form.get("camera"),
        problem=form.get("problem"),
        remark=form.get("remark"),
        photos=tuple(form.get("snapshots") or ()),
        item_snapshots={
            item: form[snapshot_of(item)][0] for item in REQUIRED if form.get(snapshot_of(item))
        },
        entered_by=officer.id,
    )


def _remind(case: Case, template: str, receivers: list[str]) -> None:
    period = _period(case)
    count = count_distinct(case.session, period.unit, period.period_key)
    left = max(0, period.owed - count)
    for receiver in receivers:
        case.tell(receiver, template, case=case.number, period=period.period_key, left=left)
    case.note("video_reminded", template=template, left=left, told=receivers)


def _superiors(case: Case) -> list[str]:
    above = ROLES[_unit(case)].above
    found = find_filled_post(case.session, above, case.area, at=case.now) if above else None
    return [] if found is None or found.staffing is None else [found.staffing.post.id]


def _told_at_the_draw(case: Case, period: QuotaPeriod) -> tuple[str, list[str]]:
    """Whom to tell of cameras that are offline, or that not one kitchen can be watched."""
    found = find_staffing(case.session, KEEPERS, case.area, at=case.now)
    near = [str(case.owner), *([] if found is None else [found.post.id])]
    if not period.owed:
        return "video_no_camera", list(dict.fromkeys([*near, *_superiors(case)]))
    return "video_camera_offline", near if period.offline else []
