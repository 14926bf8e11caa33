"""Planning inspections, who may know of a plan, and its start (R21).

A plan that is hidden answers like one that is not there, for everybody below the rank it names.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from handlers.inspections.drawing import BUSINESSES, INSPECTORS, drawn, new_seed
from handlers.inspections.inspectors import alone, at_least
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FieldMessage, FormInvalid, NotAllowed, Refused
from storage.inspections import plans
from storage.inspections.kinds import InspectionKind
from storage.inspections.plans import Draw, InspectionPlan
from storage.inspections.records import add_inspection
from storage.moments import in_china, start_of
from storage.people.actors import Actor
from storage.people.posts import Post, list_holders
from storage.people.roles import DEPARTMENT, ROLES
from storage.processes.recurring import has_started, keep_start_key
from storage.registry.businesses import Business, find_business, get_business, list_businesses

PROCESS: Final = "department_inspection"
MOST_BUSINESSES: Final = 100
MOST_PROPOSED: Final = 100
SECTION: Final = "catering_section"
"""Plans inspections beside the departments."""

Starts = Callable[[int], int]
"""Files the case of one business and returns its key."""


@dataclass(frozen=True, slots=True)
class Planning:
    """Somebody who plans, with the day a plan has to end by moved to a working day."""

    session: Session
    actor: Actor
    now: datetime
    working_day: Callable[[date], date]

    def plan(self, form: Mapping[str, Any]) -> tuple[InspectionPlan, Draw | None]:
        """Add a plan; nothing of it is seen by anybody it is hidden from.

        Raises:
            NotAllowed: the caller plans no inspections.
            FormInvalid: a kind the city does not have, fewer than two inspectors, somebody of
                another unit, a business that is not there, has ceased or lies elsewhere, a draw of
                nothing, a day that is over.
        """
        post, kind = planner(self.actor), kind_of(form["kind"])
        since, until = self.days(form)
        businesses, inspectors, made = self.chosen(form, post.id)
        is_hidden = kind.is_hidden or form.get("hidden", False)
        values = {
            "kind": form["kind"],
            "title": form["title"],
            "post": post.id,
            "businesses": businesses,
            "inspectors": inspectors,
            "since": since,
            "until": until,
            "visible_from_rank": post.rank if is_hidden else None,
            "embargo_until": form.get("embargo_until", announced(kind, since)),
            "created_by": self.actor.id,
            "created_at": self.now,
        }
        plan = plans.add_plan(self.session, values)
        if made is not None:
            plans.add_draw(self.session, plan.id, made)
        return plan, made

    def chosen(
        self, form: Mapping[str, Any], post: str
    ) -> tuple[list[int], list[int], Draw | None]:
        """Return which businesses who of an office inspects, and the draw where they are drawn.

        Raises:
            FormInvalid: as `plan` says.
        """
        colleagues = [one.id for one in list_holders(self.session, post, at=self.now)]
        made = self._draw(form, colleagues)
        if made is None:
            businesses = [self._business(key) for key in dict.fromkeys(form.get("businesses", ()))]
            inspectors = list(dict.fromkeys(form.get("inspectors", ())))
        else:
            businesses, inspectors = made.drawn[BUSINESSES], made.drawn[INSPECTORS]
        _check(businesses, inspectors, colleagues)
        return businesses, inspectors, made

    def own(self, plan_id: int) -> InspectionPlan:
        """Return a plan of one's own office, locked.

        Raises:
            NotFound: there is no such plan, or it is hidden from the caller.
            NotAllowed: it is the plan of another office.
        """
        look(self.session, plan_id, actor=self.actor, now=self.now)
        plan = plans.get_plan(self.session, plan_id, lock=True)
        if not self.actor.holds(plan.post):
            message = "这是别的单位的计划，只有制定计划的单位可以启动、修改和作废。"
            raise NotAllowed(message, code="not_the_planner", clause="R21")
        return plan

    def start(self, plan_id: int, file: Starts) -> list[int]:
        """Open one case for each business; a second start opens none.

        Raises:
            NotFound: there is no such plan, or it is hidden from the caller.
            NotAllowed: it is the plan of another office.
            Refused: it does not begin yet, or was cancelled.
        """
        plan = self.own(plan_id)
        if plan.state == "started":
            return []
        if plan.state == "cancelled":
            message = "计划已经作废，不能启动；要检查的请另行制定计划。"
            raise Refused(message, code="plan_cancelled", clause="R21")
        if plan.since > in_china(self.now).date():
            message = f"计划从 {plan.since.isoformat()} 开始，还不能启动。"
            raise Refused(message, code="not_yet", clause="R21")
        plans.mark_started(self.session, plan.id, at=self.now)
        return [self._open(plan, business, file) for business in self._still_there(plan)]

    def _open(self, plan: InspectionPlan, business: int, file: Starts) -> int:
        key = f"inspection:{plan.id}:{business}"
        if has_started(self.session, key):
            raise Refused("这个主体的检查已经开始。", code="already_started", clause="R21")
        case_id = file(business)
        keep_start_key(self.session, case_id, key)
        known = get_business(self.session, business)
        add_inspection(self.session, case_id, plan, known, at=self.now)
        return case_id

    def _still_there(self, plan: InspectionPlan) -> Iterable[int]:
        """The businesses that have not closed since the plan was made."""
        for key in plan.businesses:
            business = find_business(self.session, key)
            if business is not None and business.status == "operating":
                yield key

    def days(self, form: Mapping[str, Any]) -> tuple[date, date]:
        """Return the first and the last day, the latter moved to a working day.

        Raises:
            FormInvalid: it is over, or ends before it begins.
        """
        today = in_china(self.now).date()
        since, until = form["since"], form["until"]
        if until < today:
            raise FormInvalid.at("until", "截止日期已经过去，请改到今天或以后。", clause="R21")
        if since > until:
            raise FormInvalid.at("since", "开始日期晚于截止日期，请核对。", clause="R21")
        return since, self.working_day(until)

    def _draw(self, form: Mapping[str, Any], colleagues: Sequence[int]) -> Draw | None:
        wanted = form.get("draw")
        if wanted is None:
            if kind_of(form["kind"]).is_drawn:
                raise FormInvalid.at("draw", "双随机检查要抽取主体，请写抽取范围和数量。")
            return None
        if form.get("businesses"):
            message = "主体由抽签决定：请取消选定的主体，或清空抽取的数量。"
            raise FormInvalid.at("businesses", message, clause="R21")
        areas = [wanted["area"]] if wanted.get("area") else list(self.actor.prefixes)
        if not areas or not all(area.startswith(self.actor.prefixes) for area in areas):
            raise FormInvalid.at("draw", "抽取范围不在您的辖区。", clause="R21")
        found = plans.list_population(self.session, areas, category=wanted.get("category"))
        if "among" in wanted:
            among = set(wanted["among"])
            found = [key for key in found if key in among]
        counts = {BUSINESSES: wanted["count"], INSPECTORS: wanted["inspectors"]}
        population = {BUSINESSES: found, INSPECTORS: sorted(colleagues)}
        for kind, words in ((BUSINESSES, "主体"), (INSPECTORS, "检查人员")):
            if counts[kind] > len(population[kind]):
                message = (
                    f"范围内只有 {len(population[kind])} 个{words}，抽不出 {counts[kind]} 个。"
                )
                raise FormInvalid.at("draw", message, clause="R21")
        return drawn(population, counts, seed=new_seed(), at=self.now)

    def _business(self, key: int) -> int:
        business = find_business(self.session, key)
        if business is None or not business.area_code.startswith(self.actor.prefixes):
            raise FormInvalid.at("businesses", f"您的辖区里没有主体 {key}。", clause="R21")
        if business.status != "operating":
            message = f"{business.name} 不在经营，不能列入检查计划。"
            raise FormInvalid.at("businesses", message, clause="R21")
        return business.id


def kind_of(kind_id: str) -> InspectionKind:
    """Return a kind of the city.

    Raises:
        FormInvalid: the city has no such kind.
    """
    kinds = installed().inspection_kinds
    if kind_id not in kinds:
        zh = "、".join(kind.name_zh for kind in kinds.values())
        message = FieldMessage(
            f"本市没有这种检查：{kind_id}。可以选：{zh}。",
            f"The city has no inspections of this kind: {kind_id}. There are: {', '.join(kinds)}.",
        )
        raise FormInvalid.at("kind", message, clause="R21", english=message.en)
    return kinds[kind_id]


def announced(kind: InspectionKind, since: date) -> datetime | None:
    """Return the moment from which those below may know of a plan of this kind."""
    days = kind.announce_days
    return None if days is None else start_of(since + timedelta(days=days))


def look(session: Session, plan_id: int, *, actor: Actor, now: datetime) -> InspectionPlan:
    """Return a plan the caller may know of.

    Raises:
        NotFound: there is none, or it is hidden from the caller.
    """
    plan = plans.get_plan(session, plan_id)
    if not known_to(session, [plan], actor=actor, now=now):
        raise plans.no_such_plan()
    return plan


def list_seen(
    session: Session, *, actor: Actor, now: datetime, state: str | None = None
) -> list[InspectionPlan]:
    """List the plans the caller may know of, newest first."""
    return known_to(session, plans.list_plans(session, state=state), actor=actor, now=now)


def known_to(
    session: Session, found: Sequence[InspectionPlan], *, actor: Actor, now: datetime
) -> list[InspectionPlan]:
    """The plans of one's office, and those of one's areas that are not hidden from one's rank.

    Those who speak for a business see none: an inspection is announced by its case, if at all.
    """
    keys = {key for plan in found for key in plan.businesses}
    areas = plans.areas_of(session, sorted(keys)) if keys else {}
    return [plan for plan in found if _is_seen(plan, areas, actor, now)]


def _is_seen(plan: InspectionPlan, areas: Mapping[int, str], actor: Actor, now: datetime) -> bool:
    if actor.holds(plan.post):
        return True
    rank = max((post.rank for post in actor.posts if post.role in DEPARTMENT), default=0)
    if rank == 0 or actor.business_id is not None:
        return False
    if plan.is_hidden(now) and rank < (plan.visible_from_rank or 0):
        return False
    return any(areas.get(key, "").startswith(actor.prefixes) for key in plan.businesses)


def plans_inspections(actor: Actor) -> bool:
    """Whether somebody holds a post that plans."""
    return any(_is_planner(post) for post in actor.posts)


def planner(actor: Actor) -> Post:
    """Return the highest of the caller's posts that plans.

    Raises:
        NotAllowed: they hold none.
    """
    posts = [post for post in actor.posts if _is_planner(post)]
    if not posts:
        message = "检查计划由市场监管部门制定；您可以记一次巡查。"
        raise NotAllowed(message, code="not_a_planner", clause="R21")
    return max(posts, key=lambda post: (post.rank, ROLES[post.role].place, post.id))


def propose_for(session: Session, business: int | None, *, actor: Actor) -> list[Business]:
    """Return the business asked for, else operating ones of the caller's areas.

    Raises:
        NotFound: there is no such business.
        NotAllowed: the caller plans no inspections, or not in this area: when a business is due
            would tell it of a visit.
    """
    planner(actor)
    if business is None:
        pages = (
            list_businesses(session, area=area, status="operating", limit=MOST_PROPOSED)
            for area in actor.prefixes
        )
        return [shop for page in pages for shop in page.items][:MOST_PROPOSED]
    known = get_business(session, business)
    if actor.business_id is not None or not known.area_code.startswith(actor.prefixes or ("-",)):
        message = "这个主体不在您的辖区。"
        raise NotAllowed(message, code="business_not_yours", clause="R21")
    return [known]


def _is_planner(post: Post) -> bool:
    return post.role in DEPARTMENT or post.role == SECTION


def _check(businesses: Sequence[int], inspectors: Sequence[int], colleagues: Sequence[int]) -> None:
    if not businesses:
        raise FormInvalid.at("businesses", "请选择要检查的主体。", clause="R21")
    if len(businesses) > MOST_BUSINESSES:
        message = f"一个计划最多 {MOST_BUSINESSES} 个主体，请分成几个计划。"
        raise FormInvalid.at("businesses", message, clause="R21")
    if len(inspectors) < at_least():
        raise alone("inspectors")
    if strangers := sorted(set(inspectors) - set(colleagues)):
        message = f"检查人员 {strangers[0]} 不在制定计划的岗位上；请先向其单位发起协办。"
        raise FormInvalid.at("inspectors", message, clause="R21")


def next_working_day(due: Callable[[datetime, float, str], datetime], day: date) -> date:
    """Return the day, or the next working day when it is a day off."""
    before = start_of(day) - timedelta(days=1)
    return in_china(due(before, 1, "working_day")).date()
