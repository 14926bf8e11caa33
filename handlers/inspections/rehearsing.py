"""The plan of inspections that scenarios start from: a case of an inspection has to have one."""

from datetime import datetime, timedelta

from handlers.inspections.plans import MOST_BUSINESSES
from storage.database.session import Session
from storage.inspections.plans import add_plan, list_population, mark_started
from storage.moments import in_china
from storage.people.actors import load_actor
from storage.people.posts import find_staffings, list_posts

PLANNING = "station"


def add_plan_for_scenarios(session: Session, *, at: datetime) -> None:
    """Add a plan of the first station that is held, started, for the businesses of its area."""
    posts = [post.id for post in list_posts(session, role=PLANNING)]
    held = [one for one in find_staffings(session, posts, at=at).values() if one.holders]
    if not held:
        return
    actor = load_actor(session, held[0].holders[0].id, at=at)
    today = in_china(at).date()
    values = {
        "kind": "work_supervision",
        "title": "场景里的检查计划",
        "post": held[0].post.id,
        "businesses": list_population(session, actor.prefixes)[:MOST_BUSINESSES],
        "inspectors": [holder.id for holder in held[0].holders],
        "since": today,
        "until": today + timedelta(days=14),
        "created_by": actor.id,
        "created_at": at,
    }
    mark_started(session, add_plan(session, values).id, at=at)
