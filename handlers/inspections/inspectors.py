"""Who went to inspect: two or more of the office that planned, or who assist it (R21, R27).

Those a plan names, drawn or chosen, are the ones who go; another pair needs a reason on file.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from storage.cases.events import list_events
from storage.database.session import Session
from storage.errors import FormInvalid
from storage.inspections.records import find_inspection
from storage.people.actors import list_names
from storage.people.posts import list_holders

AT_LEAST: Final = 2
"""No fewer inspect (2021 inspection rules, art. 23)."""

SEPARATOR: Final = "、"
_BETWEEN_NAMES = re.compile(r"[、,，;；]+")


def planned_for(session: Session, case_id: int) -> list[int]:
    """Return whom the plan of a case names; nobody for a case without a record."""
    inspection = find_inspection(session, case_id)
    return [] if inspection is None else list(inspection.inspectors)


def planned_names(session: Session, case_id: int) -> str:
    """Return the names of the planned inspectors, as the form takes them."""
    planned = planned_for(session, case_id)
    names = list_names(session, planned)
    return SEPARATOR.join(names[key] for key in planned if key in names)


def went(
    session: Session, case_id: int, owner: str, named: str, reason: str, *, at: datetime
) -> list[int]:
    """Return the ids of the inspectors named, the planned ones where nobody is.

    Raises:
        FormInvalid: fewer than two; a name that is no officer of the office and none who
            assists it; another pair than planned, without a reason.
    """
    planned = planned_for(session, case_id)
    if not _split(named):
        found = planned
    else:
        colleagues = _colleagues(session, case_id, owner, at=at)
        found = _known(_split(named), list_names(session, [*planned, *colleagues]))
    if len(set(found)) < AT_LEAST:
        message = "监督检查不得少于两名检查人员（检查办法第二十三条）；一个人去的请记为巡查。"
        raise FormInvalid.at("officers", message, clause="R21")
    if not reason and not set(planned) <= set(found):
        names = SEPARATOR.join(list_names(session, planned).values())
        message = f"计划的检查人员是{names}；换了人的请写原因。"
        raise FormInvalid.at("officers_reason", message, clause="R21")
    return found


def _split(named: str) -> list[str]:
    return [name.strip() for name in _BETWEEN_NAMES.split(named) if name.strip()]


def _known(asked: Sequence[str], names: dict[int, str]) -> list[int]:
    """The officers of these names; two of one name are two, one named twice is one."""
    left = dict(sorted(names.items()))
    found: list[int] = []
    for name in asked:
        key = next((key for key, listed in left.items() if listed == name), None)
        if key is not None:
            found.append(key)
            del left[key]
        elif name not in names.values():
            message = (
                f"{name} 不是本单位的人员，也没有在协办；可以写：{SEPARATOR.join(names.values())}。"
            )
            raise FormInvalid.at("officers", message, clause="R21")
    return found


def _colleagues(session: Session, case_id: int, owner: str, *, at: datetime) -> Iterable[int]:
    """The holders of the owner's post and of the posts asked to assist."""
    events = list_events(session, case_id)
    posts = {
        str(post)
        for event in events
        if event.kind == "side_task_asked" and event.data.get("asked") == "assist"
        for post in event.data["posts"]
    }
    return [
        one.id for post in (owner, *sorted(posts)) for one in list_holders(session, post, at=at)
    ]
