"""Who inspects and investigates: so many accounts of the office, or who assist it (R21, R25, R27).

Those a plan names, drawn or chosen, are the ones who go; another pair needs a reason on file. A
lead is investigated by the brigade, alone or with the offices that answer for the place.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from storage.cases.events import list_events
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FieldMessage, FormInvalid
from storage.inspections.records import find_inspection
from storage.people.actors import list_names
from storage.people.posts import list_holders, responsible_posts
from storage.people.roles import DEPARTMENT

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
        known = list_names(session, [*planned, *colleagues])
        found = _known(_split(named), known, clause="R21")
    if len(set(found)) < at_least():
        raise alone("officers")
    if not reason and not set(planned) <= set(found):
        names = SEPARATOR.join(list_names(session, planned).values())
        message = f"计划的检查人员是{names}；换了人的请写原因。"
        raise FormInvalid.at("officers_reason", message, clause="R21")
    return found


def investigating(
    session: Session, case_id: int, unit: str, area: str, named: str, *, at: datetime
) -> list[str]:
    """Return the names of the officers who investigate.

    Raises:
        FormInvalid: fewer than the law wants, none of the brigade, or a name that is no officer of
            the brigade, of the departments that answer for the place, or who assists.
    """
    brigade = set(_colleagues(session, case_id, unit, at=at))
    posts = responsible_posts(session, DEPARTMENT, area).values()
    beside = [one.id for post in posts for one in list_holders(session, post, at=at)]
    names = list_names(session, [*brigade, *beside])
    found = dict.fromkeys(_known(_split(named), names, clause="R25"))
    if len(found) < at_least():
        message = FieldMessage(
            f"查处不得少于{at_least()}名执法人员，请写明各人姓名，用顿号隔开。",
            f"An investigation takes {at_least()} officers or more: give the name of each.",
        )
        raise FormInvalid.at("officers", message, clause="R25", english=message.en)
    if not brigade & found.keys():
        message = FieldMessage(
            "查处人员里要有本单位的执法人员。", "One of the officers has to be of your unit."
        )
        raise FormInvalid.at("officers", message, clause="R25", english=message.en)
    return [names[key] for key in found]


def at_least() -> int:
    """Return how many go together, which no city sets below what the law says."""
    return installed().thresholds.officers_at_least


def alone(field: str) -> FormInvalid:
    """Return the refusal of an inspection by too few."""
    message = FieldMessage(
        f"监督检查不得少于{at_least()}名检查人员（检查办法第二十三条）；一个人去的请记为巡查。",
        f"An inspection takes {at_least()} inspectors or more; somebody alone records a patrol.",
    )
    return FormInvalid.at(field, message, clause="R21", english=message.en)


def _split(named: str) -> list[str]:
    return [name.strip() for name in _BETWEEN_NAMES.split(named) if name.strip()]


def _known(asked: Sequence[str], names: dict[int, str], *, clause: str) -> list[int]:
    """The officers of these names; two of one name are two, one named twice is one."""
    left = dict(sorted(names.items()))
    found: list[int] = []
    for name in asked:
        key = next((key for key, listed in left.items() if listed == name), None)
        if key is not None:
            found.append(key)
            del left[key]
        elif name not in names.values():
            listed = SEPARATOR.join(names.values())
            message = FieldMessage(
                f"{name} 不是本单位的人员，也没有在协办；可以写：{listed}。",
                f"{name} is no officer of your office, and does not assist; there are: {listed}.",
            )
            raise FormInvalid.at("officers", message, clause=clause, english=message.en)
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
