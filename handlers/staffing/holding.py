"""Holdings: no overlap, no date in the past, an end is shown before it happens (R16, R17)."""

from dataclasses import dataclass
from datetime import date, datetime

from handlers.staffing.appointing import (
    is_administrator,
    keeps_accounts,
    may_choose,
    require_filling,
)
from handlers.staffing.gaps import check_person, check_posts
from storage.database.session import Session
from storage.errors import Conflict, FormInvalid, NotAllowed, Refused
from storage.moments import in_china, last_day, start_of
from storage.people.actors import Actor
from storage.people.ladder import find_filled_post
from storage.people.posts import Post, get_staffing_of, post_id
from storage.people.roles import ROLES, UNIT_KINDS, Place, are_apart, stands_in_area
from storage.people.staffing import add_post
from storage.places.areas import find_area
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.units import find_unit, towns_of
from storage.registry.businesses import get_business
from storage.staffing.absences import end_stand_ins
from storage.staffing.holdings import (
    Claim,
    Holding,
    Kind,
    NewHolding,
    add_holding,
    count_open_of,
    end_holding,
    get_holding,
    list_claims,
    list_holdings,
    lock_post,
)
from storage.staffing.people import Employee, employ


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Who holds which post from when, and until when."""

    post: Post
    person: Employee
    since: date
    until: date | None = None
    kind: Kind = "main"
    document: str | None = None


@dataclass(frozen=True, slots=True)
class HoldingEnd:
    """What the end of a holding changes."""

    holding: Holding
    claims: list[Claim]
    """Tasks the leaver has taken: they go back to the post."""
    open_tasks: int
    is_last: bool
    next_post: Post | None
    """Who is given new work of the post while nobody holds it."""

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """What to mind: who is given the work of a post nobody holds, and the claims given back."""
        told, title, count = [], self.holding.title, len(self.claims)
        if self.is_last:
            above = f"新的事项将交给{self.next_post.title}" if self.next_post else "没有人接手"
            takes = f"goes to {self.next_post.title}" if self.next_post else "has nobody"
            message = f"{title}将无人担任：{above}，请尽快安排。"
            told.append((message, f"Nobody holds {title} then: new work {takes}. Fill it soon."))
        if self.claims:
            message = f"其已认领的 {count} 个环节退回岗位，请安排人接手。"
            told.append((message, f"{count} tasks taken go back to the post: find somebody."))
        return told


def first_moment(day: date, *, now: datetime) -> datetime:
    """The moment a day begins to count: now for today, midnight for others."""
    return now if day == in_china(now).date() else start_of(day)


def set_up(session: Session, role: str, place: str, *, actor: Actor, now: datetime) -> Post:
    """Set up a post: a role there is, a place of its kind, within the area of the actor.

    Raises:
        FormInvalid: there is no such role, or the place is not of its kind.
        NotAllowed: the post would not be for the actor to fill.
    """
    known = ROLES.get(role)
    if known is None or known.place == "business":
        raise FormInvalid.at("role", "没有这个角色，或者它不设岗位。")
    if not _is_place_of(session, known.place, place, on=in_china(now).date()):
        message = f"{known.name_zh}不能设在 {place}：没有这个地点或级别不对。"
        english = f"{place} does not exist, or is not a place of a post of this kind."
        raise FormInvalid.at("place", message, english=english)
    require_filling(session, actor, Post(post_id(role, place), role, place, known.rank, place))
    return add_post(session, role, place)


def _is_place_of(session: Session, kind: Place, place: str, *, on: date) -> bool:
    if kind in UNIT_KINDS:
        unit = find_unit(session, place)
        return unit is not None and unit.kind in UNIT_KINDS[kind]
    area = find_area(session, place, on=on)
    return area is not None and area.code == place and area.level.word == kind


def appoint(session: Session, new: Appointment, *, actor: Actor, now: datetime) -> Holding:
    """Appoint.

    Raises:
        FormInvalid: it ends before it begins, or begins before the account existed.
        Conflict: the person holds the post then already, or a single post has a holder then.
        Refused: the account is suspended, a business would hold more than a grid post (R54), or
            the person holds a post that does not go together with this one.
    """
    if not new.person.active:
        raise Refused(f"{new.person.name}的账号已停用，不能任职。", code="account_suspended")
    _refuse_business(new)
    refuse_apart(session, new.person, new.post, now=now)
    since = first_moment(new.since, now=now)
    until = None if new.until is None else first_moment(new.until, now=now)
    _judge_days(new, since, until)
    lock_post(session, new.post.id)
    _refuse_overlap(session, new, since, until)
    made = add_holding(
        session,
        NewHolding(
            post_id=new.post.id,
            officer_id=new.person.id,
            since=since,
            until=until,
            kind=new.kind,
            appointed_by=actor.id,
            document=new.document,
        ),
    )
    check_person(session, new.person.id, at=now)
    return get_holding(session, made)


def refuse_apart(session: Session, person: Employee, post: Post, *, now: datetime) -> None:
    """Refuse a post beside one it does not go together with: who watches, and who is watched.

    Raises:
        Refused: the person holds such a post, now or from a later day on.
    """
    for held in list_holdings(session, officer_ids=[person.id], overlapping=(now, None)):
        if held.kind != "substitute" and are_apart(held.role, post.role):
            message = (
                f"{person.name}现任{held.title}，与{post.title}不相容："
                "督办、管理岗位与被其监督的办案岗位不能由一人兼任。请先免去现任岗位，或换一个人。"
            )
            raise Refused(message, code="posts_apart", holding=held.id)


def require_ending(session: Session, actor: Actor, held: Holding, post: Post) -> None:
    """Refuse who may not end this holding.

    Raises:
        NotAllowed: it is one's own, or the post is not for the actor to fill.
    """
    if held.officer_id == actor.id:
        message = "不能免去自己的职务；请由上级或系统管理员办理。"
        raise NotAllowed(message, code="not_oneself")
    require_filling(session, actor, post)


def require_appointing(session: Session, actor: Actor, new: Appointment) -> None:
    """Refuse who may not appoint to this post.

    Raises:
        FormInvalid: it is a post of one's own, and no document says so.
        NotAllowed: it is oneself, the post is not for the actor to fill, the person is an
            administrator, who holds no other post (三员分立), or is not of the actor's areas.
    """
    if new.person.id == actor.id:
        message = "不能任命自己；请由上级或系统管理员办理。"
        raise NotAllowed(message, code="not_oneself")
    require_filling(session, actor, new.post)
    if keeps_accounts(actor):
        return
    if is_administrator(new.person):
        message = f"{new.person.name}是系统、安全或审计管理员，不兼任办案岗位。"
        raise NotAllowed(message, code="administrator_stays_apart")
    if not may_choose(session, actor, new.person):
        message = (
            f"{new.person.name}不在您负责的辖区和单位里：只能任命本辖区、本单位的人；"
            "要调入，请由上级或系统管理员办理。"
        )
        raise NotAllowed(message, code="person_not_to_choose", clause="R16")
    if actor.holds(new.post.id) and not new.document:
        message = "任命到您自己担任的岗位，请填写文号，写明依据。"
        english = "This is a post you hold yourself: give the number of the document."
        raise FormInvalid.at("document", message, english=english)


def end(session: Session, held: Holding, *, on: date, reason: str, now: datetime) -> HoldingEnd:
    """End a holding from that day on.

    Raises:
        Conflict: it has ended already.
        FormInvalid: it would end before it began.
    """
    lock_post(session, held.post_id)
    held = get_holding(session, held.id)
    until = first_moment(on, now=now)
    if held.until is not None and held.until <= min(until, now):
        raise Conflict("这项任职已经结束，请刷新。", code="holding_ended")
    if until < held.since:
        day = in_china(held.since).date().isoformat()
        message = f"结束日期不能早于任职开始的日期（{day}）。"
        english = f"The end may not be before the holding began ({day})."
        raise FormInvalid.at("on", message, english=english)
    end_holding(session, held.id, until=until, reason=reason)
    end_stand_ins(session, held.officer_id, at=until, post_id=held.post_id)
    # Without a post they stay with their last department, which can still find them.
    employ(session, held.officer_id, held.place)
    check_posts(session, [held.post_id], at=now)
    check_person(session, held.officer_id, at=now)
    return _effect(session, get_holding(session, held.id), at=until)


def foresee(session: Session, held: Holding, *, now: datetime) -> HoldingEnd:
    """What the end of a holding would change; nothing is written."""
    return _effect(session, held, at=now)


def _effect(session: Session, held: Holding, *, at: datetime) -> HoldingEnd:
    staffing = get_staffing_of(session, held.post_id, at=at)
    is_last = all(holder.id == held.officer_id for holder in staffing.holders)
    above, area = ROLES[held.role].above, _area_of(session, staffing.post)
    filled = None
    if is_last and above is not None and area is not None:
        filled = find_filled_post(session, above, area, at=at).staffing
    return HoldingEnd(
        holding=held,
        claims=list_claims(session, held.officer_id, held.post_id),
        open_tasks=count_open_of(session, held.post_id),
        is_last=is_last,
        next_post=None if filled is None else filled.post,
    )


def warnings_of(session: Session, new: Appointment) -> list[tuple[str, str]]:
    """What to mind: a business of another village may hold a grid post, and it is said."""
    if new.person.business_id is None:
        return []
    business = get_business(session, new.person.business_id)
    village = CODE_LENGTHS[AreaLevel.VILLAGE]
    if business.area_code[:village] == new.post.place[:village]:
        return []
    message = f"{business.name}不在{new.post.title}所在的村（社区），请确认。"
    return [(message, f"{business.name} is not of the village of {new.post.title}: make sure.")]


def _area_of(session: Session, post: Post) -> str | None:
    """The area a post lies in: of a unit its first town."""
    if stands_in_area(post.role):
        return post.place
    return min(towns_of(session, post.place), default=None)


def _refuse_business(new: Appointment) -> None:
    role = ROLES[new.post.role]
    if new.person.business_id is not None and role.tier != "grid":
        message = f"食品主体只能担任网格长、网格员或单元长，不能担任{role.name_zh}。"
        raise Refused(message, code="business_in_department", clause="R54")


def _judge_days(new: Appointment, since: datetime, until: datetime | None) -> None:
    if until is not None and until <= since:
        raise FormInvalid.at("until", "结束日期应晚于开始日期。")
    created = in_china(new.person.created_at).date()
    if in_china(since).date() < created:
        message = f"任职不能早于账号建立的日期（{created.isoformat()}）。"
        english = f"A post is held from the day of the account on ({created.isoformat()})."
        raise FormInvalid.at("since", message, english=english)


def _refuse_overlap(
    session: Session, new: Appointment, since: datetime, until: datetime | None
) -> None:
    others = list_holdings(session, post_ids=[new.post.id], overlapping=(since, until))
    for other in others:
        if other.officer_id == new.person.id and other.kind != "substitute":
            raise Conflict(
                f"{other.name}在这段时间已经担任{other.title}。", code="holding_overlaps"
            )
        is_second = ROLES[new.post.role].is_single and new.kind == other.kind == "main"
        if is_second:
            # A day later than today, a day in the past: either way two would lead at once.
            last = "" if other.until is None else f"至 {last_day(other.until).isoformat()}"
            message = f"{other.title}同一时间只能有一人担任：{other.name}任职{last or '未结束'}。"
            raise Conflict(message, code="post_is_single", holding=other.id)
