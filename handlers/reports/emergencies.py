"""Emergencies of both routes: the posts alerted besides the handler of the case."""

from collections.abc import Collection, Iterator

from engine.contract import Case
from storage.people.ladder import find_filled_post
from storage.people.posts import list_county_towns
from storage.people.roles import role_standing_in, roles_on_duty, roles_told
from storage.places.levels import CODE_LENGTHS, AreaLevel


def alert(case: Case, *, but: Collection[str] = ()) -> None:
    """Alert the posts responsible for the place, each with a task to acknowledge it (A11).

    Posts in `but` know already, and so does who is notified without a task. Nothing is written
    when there is nobody else to tell.
    """
    posts = [post for post in posts_to_alert(case) if post not in but]
    if not posts:
        return
    for post in posts:
        case.tell(post, "emergency", case=case.number, matter=case.matter)
        case.start_beside("emergency_alert", {"post": post})
    copied = [] if but else [post for post in _posts_told(case) if post not in posts]
    for post in copied:
        case.tell(post, "emergency", case=case.number, matter=case.matter)
    case.note("alerted", posts=posts, **({"copied": copied} if copied else {}))


def posts_to_alert(case: Case) -> list[str]:
    """List the station of the town, the county bureaus the place may be of, and who is on duty.

    Of an area above the county that is every bureau of the city. For a vacant post the next one
    above is alerted instead, and at last the substitute.
    """
    posts = list(dict.fromkeys(_filled(case)))
    return posts or list(_post(case, role_standing_in(), case.area))


def _filled(case: Case) -> Iterator[str]:
    if len(case.area) >= CODE_LENGTHS[AreaLevel.TOWN]:
        yield from _post(case, "station", case.area)
    for town in list_county_towns(case.session, case.area):
        yield from _post(case, "county", town)
    for role in roles_on_duty():
        yield from _post(case, role, case.area)


def _posts_told(case: Case) -> list[str]:
    """Who is notified at once and signs nothing: supervisors, by `on_duty` of roles.csv."""
    return list(
        dict.fromkeys(post for role in roles_told() for post in _post(case, role, case.area))
    )


def _post(case: Case, role: str, area: str) -> Iterator[str]:
    business = case.row["business_id"]
    staffing = find_filled_post(
        case.session, role, area, at=case.now, without_business=business
    ).staffing
    if staffing is not None:
        yield staffing.post.id
