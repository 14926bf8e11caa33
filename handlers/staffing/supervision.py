"""Two supervising officers per village; fewer need a reason and open a gap (R18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.staffing.appointing import is_near, keeps_accounts, may_fill
from handlers.staffing.flags import HARD_TWO
from handlers.staffing.gaps import check_villages, rule_of_villages
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, NotFound, Refused
from storage.moments import in_china
from storage.people.actors import Actor
from storage.people.posts import Staffing, find_staffing
from storage.places.areas import get_area
from storage.places.levels import AreaLevel
from storage.staffing.flags import is_on
from storage.staffing.gaps import Gap, find_gap
from storage.staffing.rules import SUPERVISORS
from storage.staffing.supervisions import Supervisor, list_supervisors, put_supervisors


@dataclass(frozen=True, slots=True)
class VillageStaff:
    """The supervising officers of a village, and its gap."""

    village: str
    name: str
    minimum: int
    supervisors: list[Supervisor]
    gap: Gap | None
    may_assign: bool


def look(session: Session, village: str, *, actor: Actor, now: datetime) -> VillageStaff:
    """Read the supervising officers of a village.

    Raises:
        FormInvalid: the code is not that of a village.
        NotFound: the village is neither in nor around an area of the actor.
    """
    area = get_area(session, village, on=in_china(now).date())
    if area.level is not AreaLevel.VILLAGE:
        raise FormInvalid.at("code", "这不是村（社区）的代码。")
    if not keeps_accounts(actor) and not is_near(actor, area.code):
        message = "没有这个村（社区），或者您无权查看。"
        raise NotFound(message, code="village_not_found")
    staffing = find_staffing(session, "station", area.code, at=now)
    rule = rule_of_villages()
    return VillageStaff(
        village=area.code,
        name=area.name,
        minimum=0 if rule is None else rule.minimum,
        supervisors=list_supervisors(session, [area.code], at=now),
        gap=find_gap(session, SUPERVISORS, area.code),
        may_assign=staffing is not None and may_fill(session, actor, staffing.post),
    )


def assign(
    session: Session,
    village: str,
    officer_ids: Sequence[int],
    *,
    actor: Actor,
    reason: str | None,
    now: datetime,
) -> VillageStaff:
    """Set the supervising officers of a village, the first and the second in this order.

    Raises:
        NotAllowed: the village belongs to another station.
        FormInvalid: somebody is not of the station, twice, or fewer than needed without a reason.
        Refused: the area is switched to never leave a village below two.
    """
    before = look(session, village, actor=actor, now=now)
    if not before.may_assign:
        message = "只能由负责这个村（社区）的市场监管所或其上级指定监管人员。"
        raise NotAllowed(message, code="village_not_yours", clause="R18")
    station = find_staffing(session, "station", before.village, at=now)
    _judge_people(station, officer_ids)
    _judge_number(session, before, len(officer_ids), reason)
    put_supervisors(session, before.village, officer_ids, by=actor.id, reason=reason, at=now)
    check_villages(session, [before.village], at=now, reason=reason)
    return look(session, before.village, actor=actor, now=now)


def _judge_people(station: Staffing | None, officer_ids: Sequence[int]) -> None:
    if len(set(officer_ids)) != len(officer_ids):
        raise FormInvalid.at("officers", "同一个人只能占一个位置。")
    present = () if station is None else station.holders
    strangers = set(officer_ids) - {holder.id for holder in present if not holder.stands_in_for}
    if strangers:
        title = "" if station is None else station.post.title
        message = f"监管人员须在{title}任职：{len(strangers)} 人不在其中。"
        english = f"{len(strangers)} of these people hold no post at the station in charge."
        raise FormInvalid.at("officers", message, clause="R18", english=english)


def _judge_number(session: Session, before: VillageStaff, people: int, reason: str | None) -> None:
    if people >= before.minimum:
        return
    if is_on(session, HARD_TWO, before.village):
        message = f"{before.name}至少要有 {before.minimum} 名监管人员，本区域不允许少于此数。"
        raise Refused(message, code="two_required", clause="R18")
    if not reason:
        message = f"少于 {before.minimum} 名监管人员，请说明原因；将记为空缺。"
        english = f"Fewer than {before.minimum} officers: say why; it becomes a gap."
        raise FormInvalid.at("reason", message, clause="R18", english=english)
