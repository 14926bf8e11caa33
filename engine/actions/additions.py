"""What whoever reported adds while the case is open: words and photos, one entry of the file.

Who may add is decided by the caller: a reporter by number and code, a collector by their own case.
"""

from collections.abc import Sequence
from datetime import datetime

from engine.contract import Actor
from engine.run import uploads
from engine.run.access import waits_for
from engine.run.record import Act, Done, Entry, write_entry
from engine.run.runner import Runner
from storage.cases import cases, tasks
from storage.cases.cases import Case
from storage.cases.events import ADDED_BY_COLLECTOR, ADDED_BY_REPORTER, list_additions
from storage.cases.steps import NewDelivery
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotAllowed, Refused
from storage.people.roles import capacity

_NOTICE = "report_added"


def may_add(case: Case, actor: Actor) -> bool:
    """Whether the actor reported the case, and it is open."""
    return case.status == "open" and case.collector_officer == actor.id


def add(
    runner: Runner,
    session: Session,
    number: str,
    *,
    text: str,
    photos: Sequence[str],
    actor: Actor,
) -> Done:
    """Add to a case one has collected oneself (补充情况)."""
    case = cases.get_visible_case(session, number, actor=actor)
    if case.collector_officer != actor.id:
        message = "只有采集这件事的人可以补充；其他人请写备注。"
        raise NotAllowed(message, code="not_the_collector")
    return add_to(runner, session, case, text=text, photos=photos, actor=actor)


def add_to(
    runner: Runner,
    session: Session,
    case: Case,
    *,
    text: str,
    photos: Sequence[str],
    actor: Actor | None,
    report: str | None = None,
) -> Done:
    """Put an addition on file and tell the holders; without an `actor` it is the reporter's.

    `report` is the number of the report it was sent to, where that was joined to this case.

    Raises:
        Refused: the case is closed, or has been added to often enough.
        FormInvalid: a photo is unknown, taken, or somebody else's.
    """
    main = [one for one in cases.list_processes(session, case.id) if one.asked_by is None][-1]
    locked, now = cases.lock_case_for_step(session, running_id=main.id), runner.clock.now()
    if locked.case.status != "open":
        message = "这件事已经办结，不能再补充；对结果有意见可以提出异议，有新情况请另行反映。"
        raise Refused(message, code="case_closed")
    _require_few(session, case)
    uploader = None if actor is None else actor.id
    uploads.take(session, photos, uploaded_by=uploader, case_id=case.id)
    form = {"added": text, "photos": list(photos)}
    acting_as = capacity(actor.posts[0].role) if actor is not None and actor.posts else None
    entry = Entry(
        Act(
            ADDED_BY_REPORTER if actor is None else ADDED_BY_COLLECTOR,
            {"form": form, **({} if report is None else {"report": report})},
            acting_as,
        ),
        outbox=_told(session, locked.case, now),
        personal={"added": text},
    )
    return write_entry(session, locked, None, entry, actor=actor, now=now)


def _require_few(session: Session, case: Case) -> None:
    most = installed().thresholds.additions_most
    if len(list_additions(session, case.id)) >= most:
        message = f"这件事已经补充了 {most} 次，不能再补充；请等办理结果。"
        raise Refused(message, code="added_often_enough")


def _told(session: Session, case: Case, now: datetime) -> list[NewDelivery]:
    """Whoever holds the case hears that there is more to read; what it says stays on file."""
    waiting = tasks.list_open_tasks(session, case.id)
    return [
        NewDelivery(
            key=f"{case.number}:{case.version}:added:{receiver}",
            channel="notice",
            receiver=receiver,
            template=_NOTICE,
            payload={"case": case.number},
            at=now,
        )
        for receiver in sorted({waits_for(session, task, at=now) for task in waiting})
    ]
