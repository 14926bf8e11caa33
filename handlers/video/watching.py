"""Putting a video patrol on file: one function for the form, the API and the other platform.

`record_patrol` is the only way in. It counts for the unit that watched, whoever typed it (R35); the
same business, unit and day is one entry, however often and from wherever it arrives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, NamedTuple, Protocol

from handlers.video.counting import open_period
from storage.cases.attachments import find_free
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid
from storage.kitchens.cameras import get_camera, note_seen
from storage.moments import in_china, start_of
from storage.registry.businesses import BRIGHT, Business, find_business
from storage.video import patrols
from storage.video.patrols import NewVideoPatrol
from storage.video.quota_periods import QuotaPeriod
from storage.video.rules import ANSWERS, REQUIRED

NATIVE: Final = "native"
SYNC: Final = "sync"
MOST_PICTURES: Final = 9
"""As many as the report of a problem takes."""


class WorkingDays(Protocol):
    """The city's calendar."""

    def due(self, start: datetime, limit: float, unit: str) -> datetime:
        """Return the moment at which `limit` `unit` from `start` ends."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What somebody watched, as it arrives.

    `unit` is who watched, never who typed. `items` are answers by point of the checklist;
    `item_snapshots` are uploads by the point they show. `external_id` is the number of the record
    on the supervision platform.
    """

    business_id: int
    unit: str
    watched_at: datetime
    items: Mapping[str, str]
    watched_until: datetime | None = None
    camera_id: int | None = None
    problem: str | None = None
    remark: str | None = None
    photos: Sequence[str] = ()
    item_snapshots: Mapping[str, str] = field(default_factory=dict)
    source: Literal["native", "sync"] = "native"
    external_id: str | None = None
    entered_by: int | None = None

    @property
    def pictures(self) -> list[str]:
        """Every upload, each once."""
        return list(dict.fromkeys([*self.item_snapshots.values(), *self.photos]))


@dataclass(frozen=True, slots=True)
class OnFile:
    """The entry, whether it was there before, and the period it belongs to."""

    patrol_id: int
    relation: Literal["created", "linked"]
    is_late: bool
    period: QuotaPeriod
    has_case: bool


def record_patrol(
    session: Session, watched: Watched, *, limits: WorkingDays, now: datetime
) -> OnFile:
    """Put a video patrol on file, or link it with the entry that is there (R29, R35).

    The sync import calls it with `source="sync"` and the `external_id` of the record, in its own
    transaction; what is refused belongs with the records it could not take. A record that comes
    long after its period is kept and does not count. The scheduler ends the case of a quota
    that is met by it.

    Raises:
        FormInvalid: the unit has no quota, the business is unknown, the time is still to come, an
            answer is missing, or a native entry comes after its period is locked.
    """
    business = _business(session, watched)
    _check_times(watched, now)
    _check_items(watched)
    day = in_china(watched.watched_at).date()
    period = open_period(session, watched.unit, day, now=now)
    if period is None:
        message = "这个单位没有视频巡查任务，请选择任务表里的单位。"
        raise FormInvalid.at("unit", message, code="unit_without_quota", clause="R33")
    known = patrols.find_same(session, business.id, watched.unit, day, watched.external_id)
    if known is not None:
        if watched.external_id is not None and known.external_id is None:
            patrols.keep_external_id(session, known.id, watched.external_id)
        has_case = known.case_number is not None
        return OnFile(known.id, "linked", known.is_late, period, has_case)
    is_late = now >= start_of(period.after_on)
    counts = not is_late or now <= locked_at(period, limits)
    if not counts and watched.source == NATIVE:
        message = "这一期已经锁定，补录的期限已过。"
        raise FormInvalid.at("watched_from", message, code="period_locked", clause="R33")
    if watched.camera_id is not None:
        _note_camera(session, watched.camera_id, business.id, now)
    moment = Counting(period.period_key, day, is_late=is_late, counts=counts)
    row = _row(watched, moment, now)
    patrol_id = patrols.add_patrol(session, row, watched.items, watched.item_snapshots)
    return OnFile(patrol_id, "created", is_late, period, has_case=False)


def locked_at(period: QuotaPeriod, limits: WorkingDays) -> datetime:
    """Return until when an entry of a period that is over still counts."""
    return limits.due(
        start_of(period.after_on), installed().thresholds.video_late_days, "working_day"
    )


def matter_of(watched: Watched, given: str | None) -> str:
    """Return what a problem is filed as: what was chosen, else what the first "no" stands for.

    Raises:
        FormInvalid: nothing was chosen, and no point is answered with no.
    """
    if given:
        return given
    for item in installed().video_items:
        if watched.items.get(item.item) == "no":
            return item.matter
    message = "请选择问题属于哪个事项，或者在清单里标出不符合的一项。"
    raise FormInvalid.at("matter", message, code="matter_missing", clause="R34")


def report_of(
    session: Session, watched: Watched, *, matter: str, photos: Sequence[str]
) -> dict[str, object]:
    """Return the form of the case a problem becomes."""
    business = _business(session, watched)
    form: dict[str, object] = {
        "matter": matter,
        "area": business.area_code,
        "business": business.id,
        "description": f"视频巡查发现：{watched.problem}",
        "photos": list(photos),
    }
    if not photos:
        form["no_photo_reason"] = "视频巡查时没有截图。"
    return form


class Counting(NamedTuple):
    """In which period and how an entry counts."""

    period_key: str
    day: date
    is_late: bool
    counts: bool


def _row(watched: Watched, counting: Counting, now: datetime) -> NewVideoPatrol:
    return NewVideoPatrol(
        business_id=watched.business_id,
        unit=watched.unit,
        period_key=counting.period_key,
        day=counting.day,
        watched_at=watched.watched_at,
        watched_until=watched.watched_until,
        recorded_at=now,
        is_late=counting.is_late,
        counts=counting.counts,
        entered_by=watched.entered_by,
        source=watched.source,
        external_id=watched.external_id,
        camera_id=watched.camera_id,
        problem=watched.problem or None,
        remark=watched.remark or None,
        photos=watched.pictures,
    )


def _business(session: Session, watched: Watched) -> Business:
    business = find_business(session, watched.business_id)
    if business is None or business.merged_into is not None:
        message = "主体库里没有这个食品主体。"
        raise FormInvalid.at("business", message, code="unknown_business")
    if watched.source == NATIVE and BRIGHT not in business.flags:
        message = "这个主体不是明厨亮灶，没有可看的摄像头。"
        raise FormInvalid.at("business", message, code="not_bright_kitchen", clause="R33")
    return business


def _check_times(watched: Watched, now: datetime) -> None:
    until = watched.watched_until
    if watched.watched_at > now or (until is not None and until > now):
        message = "观看时间不能晚于现在，请检查。"
        raise FormInvalid.at("watched_from", message, code="watched_in_the_future")
    if until is not None and until < watched.watched_at:
        message = "结束时间早于开始时间，请检查。"
        raise FormInvalid.at("watched_until", message, code="watched_backwards")


def _check_items(watched: Watched) -> None:
    known = {item.item for item in installed().video_items}
    for item, answer in watched.items.items():
        if item not in known or answer not in ANSWERS:
            message = "检查项或者答案不在清单里，请重新选择。"
            raise FormInvalid.at(item, message, code="video_item_unknown", clause="R34")
    for item in REQUIRED:
        if item not in watched.items:
            message = "口罩、工作服、工作帽三项都要填。"
            raise FormInvalid.at(item, message, code="video_item_missing", clause="R34")
    unanswered = sorted(watched.item_snapshots.keys() - watched.items.keys())
    if unanswered:
        message = "有截图的检查项没有填答案，请先填写这一项。"
        raise FormInvalid.at(unanswered[0], message, code="video_item_missing", clause="R34")
    if len(watched.pictures) > MOST_PICTURES:
        message = "截图太多：各项和其他截图一共最多九张，请去掉几张。"
        raise FormInvalid.at("snapshots", message, code="too_many_snapshots", clause="R34")
    saw_nothing = all(watched.items[item] == "not_visible" for item in REQUIRED)
    if saw_nothing and not watched.remark:
        message = "三项都看不清的，请在备注里写明原因。"
        raise FormInvalid.at("remark", message, code="nothing_visible", clause="R34")


def _note_camera(session: Session, camera_id: int, business_id: int, now: datetime) -> None:
    """Keep that the camera was seen at work; it has to be one of the business."""
    camera = get_camera(session, camera_id)
    if camera.business_id != business_id:
        message = "这个摄像头不是这个主体的。"
        raise FormInvalid.at("camera", message, code="camera_of_another")
    note_seen(session, camera_id, at=now)


def unused_pictures(session: Session, photos: Sequence[str], *, officer: int) -> None:
    """Refuse snapshots that are not there, are used already, or were uploaded by somebody else.

    Raises:
        FormInvalid: one of them is not free.
    """
    if set(photos) - find_free(session, photos, uploaded_by=officer):
        message = "截图不存在、已用于其他案件，或不是您上传的。请重新上传。"
        raise FormInvalid.at("snapshots", message, code="snapshot_used")
