"""Assignment of a task that opened: lane -> post -> holder, with the reason kept on file.

A role lane goes to the post of that role for the case's area, through the jurisdiction; a vacant
post is stepped over upwards (A13). Run-time lanes are answered by the case (`owner`), by a
variable (`named_post`) or by the function of the lane's name in the diagram's module.
"""

from typing import Any, NamedTuple

from engine.binding import Functions
from engine.contract import Case, Post
from engine.definitions import Definition
from engine.errors import EngineFault
from engine.execution import plan
from storage.people.ladder import FilledPost, find_filled_post
from storage.people.posts import find_staffing_of, officer_of, role_of
from storage.people.roles import ROLES, role_standing_in

OWNER = "owner"
NAMED_POST = "named_post"


class Assignment(NamedTuple):
    """The post a task waits for; `officer_id` when it must be that person.

    `level` is the role the table of limits is asked for: the drawn role of the lane, or the role
    of the post that owns the case.
    """

    post_id: str
    officer_id: int | None
    lane: str | None
    role: str
    level: str | None
    why: dict[str, Any]


def assign(
    case: Case, opened: plan.Opened, definition: Definition, functions: Functions
) -> Assignment:
    """Find the post for an opened task.

    Raises:
        EngineFault: the lane names nobody, not even by stepping upwards.
    """
    node = definition.diagrams[opened.process_id].nodes[opened.task_id]
    lane = node.role
    if lane == OWNER or lane is None:
        return _of_owner(case, lane, opened.element)
    if lane == NAMED_POST:
        return _asked(case, _of_named(case, lane, opened))
    function = functions.find(opened.process_id, lane, "lane")
    if function is not None:
        answer = function(case)
        post, officer = (answer, None) if isinstance(answer, Post) else answer
        return _given(lane, post, lane)._replace(officer_id=officer)
    if lane in ROLES:
        return _of_role(case, lane, opened)
    message = f"泳道 {lane} 没有对应的岗位。"
    raise EngineFault(message, code="lane_without_post", element=opened.element)


def _asked(case: Case, given: Assignment) -> Assignment:
    """Keep with the task which kind of request it answers: two requests must not look alike."""
    kind = (case.asked_by or {}).get("kind")
    return given if kind is None else given._replace(why={**given.why, "asked": kind})


def _of_owner(case: Case, lane: str | None, element: str) -> Assignment:
    if case.owner is None:
        message = "案件还没有承办岗，承办岗泳道里的环节不能开始。"
        raise EngineFault(message, code="case_without_owner", element=element)
    # Its id contains its role: most steps need no query.
    role = role_of(case.owner)
    level = str(case.data.get("level") or role)
    return Assignment(case.owner, case.row["owner_officer"], lane, role, level, {"rule": "owner"})


def _of_named(case: Case, lane: str, opened: plan.Opened) -> Assignment:
    """The post that is named; a colleague of the asker is named in the asker's own post (R69)."""
    named = _named(opened)
    officer_id = officer_of(named)
    post_id = named if officer_id is None else str((case.asked_by or {}).get("post"))
    staffing = find_staffing_of(case.session, post_id, at=case.now)
    if staffing is None:
        message = f"变量 {NAMED_POST} 指定的岗位不存在。"
        raise EngineFault(message, code="named_post_unknown", element=opened.element)
    return _given(lane, staffing.post, "named")._replace(officer_id=officer_id)


def _named(opened: plan.Opened) -> str:
    named = opened.data.get(NAMED_POST)
    if not isinstance(named, str) or not named:
        message = (
            f"泳道 {NAMED_POST}（指定岗）要用的变量 {NAMED_POST} 还没有值，不知道交给哪个岗位。"
        )
        raise EngineFault(message, code="post_not_named", element=opened.element)
    return named


def _given(lane: str, post: Post, rule: str) -> Assignment:
    return Assignment(post.id, None, lane, post.role, post.role, {"rule": rule})


def _of_role(case: Case, role: str, opened: plan.Opened) -> Assignment:
    found = _first_filled(case, role)
    if found.staffing is None:
        message = f"从 {ROLES[role].name_zh} 往上没有一个在岗的人。请先任命。"
        raise EngineFault(message, code="nobody_in_post", element=opened.element)
    post = found.staffing.post
    why: dict[str, Any] = {"rule": "role", "role": role, "area": case.area}
    if found.stepped_over:
        passed = _on_file(found)
        why["stepped_over"] = passed
        case.note("post_stepped_over", task=opened.task_id, given_to=post.id, posts=passed)
    return Assignment(post.id, None, role, post.role, role, why)


def _first_filled(case: Case, role: str) -> FilledPost:
    """The post of the role or the next one up; where nobody is left, the supervisor stands in."""
    filled_post = find_filled_post(case.session, role, case.area, at=case.now)
    if filled_post.staffing is not None:
        return filled_post
    last = find_filled_post(case.session, role_standing_in(), case.area, at=case.now)
    return FilledPost(last.staffing, filled_post.stepped_over + last.stepped_over)


def _on_file(found: FilledPost) -> list[dict[str, Any]]:
    return [
        {"role": step.role, "post": step.post_id, "reason": step.reason}
        for step in found.stepped_over
    ]
