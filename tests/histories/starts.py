"""How cases of the other kinds begin in a history: planned, asked for, marked; holds no test."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from engine.background.recurring import columns_for
from engine.run.runner import Runner
from handlers.inspections import plans, recording
from handlers.inspections.plans import PROCESS, Planning
from storage.cases.cases import get_case
from storage.city.video import load_quotas
from storage.database.session import Session
from storage.inspections.plans import InspectionPlan
from storage.kitchens.cameras import NewCamera, add_camera, follow_cameras, note_seen
from storage.moments import NEVER, in_china
from storage.people import staffing
from storage.people.actors import Actor, load_actor
from storage.people.posts import list_holders
from storage.registry.businesses import update_business
from storage.video.periods import days_of
from storage.video.quota_periods import find_period
from tests.build import MORNING, a_business, an_officer
from tests.checklists import in_order

HIDDEN = "保密检查"
"""Part of the title of every hidden plan; it stands nowhere before the start."""

PAIRED = ("station", "county")
"""Offices with two officers, so that they inspect; the city has one, and those above check."""

UNIT_OF_QUOTA = "emergency_center"
"""It owes three different kitchens a week, as many as there are shops."""

Form = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """What the other kinds need beside the chain of posts."""

    people: dict[str, Actor]
    businesses: list[int]
    school: int


def settle_ground(session: Session, chain: dict[str, Actor], *, shops: int = 3) -> Ground:
    """Businesses, one of them a school with an account, and a second officer in two offices."""
    businesses = [a_business(session, name=f"示例店{number}") for number in range(shops)]
    school = a_business(session, name="示例学校食堂")
    update_business(session, school, {"category": "canteen.school"}, at=MORNING)
    account = an_officer(session, f"business:{school}", business_id=school)
    colleagues = {}
    for role in PAIRED:
        made = an_officer(session)
        post, since = chain[role].posts[0].id, MORNING - timedelta(days=365)
        staffing.hold(session, post, made.id, since=since)
        colleagues[f"{role}_colleague"] = load_actor(session, made.id, at=MORNING)
    unit = {UNIT_OF_QUOTA: _watchable(session, businesses)}
    return Ground({**chain, "school": account, **colleagues, **unit}, businesses, school)


def mark_ceased(
    runner: Runner, session: Session, dice: Random, *, actor: Actor, business: int
) -> int:
    """Somebody sees a closed shop."""
    seen = in_china(runner.clock.now()).date().isoformat()
    form: Form = {"business": business, "seen_on": seen, "reason": "卷帘门关闭"}
    if dice.random() < 0.4:
        form["suspected"] = True
    return runner.start(session, "business_ceased", form, actor=actor).case_id


def ask_to_inspect_itself(runner: Runner, session: Session, *, actor: Actor, business: int) -> int:
    """A station asks a business for a self-inspection."""
    form = {"business": business, "period": "week"}
    return runner.start(session, "self_inspection", form, actor=actor).case_id


def begin_quota(runner: Runner, session: Session) -> int | None:
    """The calendar starts a week of video patrols, once a week."""
    key = days_of("week", in_china(runner.clock.now()).date()).key
    if find_period(session, UNIT_OF_QUOTA, key) is not None:
        return None
    columns = columns_for(runner, session, "video_patrol", "post", f"{UNIT_OF_QUOTA}:3503")
    return runner.start(session, "video_patrol", {}, actor=None, columns=columns).case_id


def _watchable(session: Session, businesses: list[int]) -> Actor:
    """A unit with a quota, and a camera in each kitchen."""
    for shop in businesses:
        new = NewCamera(
            business_id=shop,
            vendor="example",
            stream_ref=f"kitchen-{shop}",
            kind="live",
            position_in_kitchen="烹饪区",
        )
        note_seen(session, add_camera(session, new, at=MORNING), at=NEVER)
        follow_cameras(session, shop, by="test", at=MORNING)
    load_quotas(session, at=MORNING)
    officer = an_officer(session)
    post = staffing.add_post(session, UNIT_OF_QUOTA, "3503")
    staffing.hold(session, post.id, officer.id, since=MORNING - timedelta(days=365))
    return load_actor(session, officer.id, at=MORNING)


def plan_inspection(
    runner: Runner, session: Session, dice: Random, *, actor: Actor, business: int
) -> InspectionPlan:
    """An office plans, half of the time hidden from those below."""
    today = in_china(runner.clock.now()).date()
    holders = list_holders(session, plans.planner(actor).id, at=runner.clock.now())
    is_hidden = dice.random() < 0.5
    form: Form = {
        "kind": "unannounced" if is_hidden else "work_supervision",
        "title": f"{HIDDEN if is_hidden else '例行检查'}{dice.randrange(10**9)}",
        "since": today,
        "until": today + timedelta(days=dice.choice((0, 3, 10))),
        "inspectors": [holder.id for holder in holders],
        "businesses": [business],
    }
    return _planning(runner, session, actor).plan(form)[0]


def start_inspection(
    runner: Runner, session: Session, *, actor: Actor, plan: InspectionPlan
) -> int:
    """The plan is started: only now there is a case, and a number; the checklist is filled in."""

    def file(business: int) -> int:
        form = {"plan": plan.id, "business": business}
        return runner.start(session, PROCESS, form, actor=actor).case_id

    now = runner.clock.now()
    (case_id,) = _planning(runner, session, actor).start(plan.id, file)
    number = get_case(session, case_id).number
    lines = in_order(line.item for line in recording.look(session, number, actor=actor).lines)
    recording.keep(session, number, lines, actor=actor, now=now)
    return case_id


def _planning(runner: Runner, session: Session, actor: Actor) -> Planning:
    now = runner.clock.now()
    due = runner.calendar(session).due
    return Planning(session, actor, now, partial(plans.next_working_day, due))
