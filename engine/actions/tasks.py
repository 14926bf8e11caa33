"""What people do with a task besides completing it: claim, hand on, take back, ask for time.

Each function is the inside of one transaction and is one entry of the case file. Who may act is
decided in `engine.run.access`; clocks are moved in `engine.run.pausing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.actions.colleagues import require_asked
from engine.actions.handing import may_take_back
from engine.actions.locked import capacity_of, lock_task
from engine.contract import Actor
from engine.forms.merging import merged
from engine.run import pausing as clocks
from engine.run.access import (
    awaits_answers,
    is_about,
    is_seen,
    require_another,
    require_holding,
    require_open,
    require_theirs,
)
from engine.run.record import Act, Done, Entry, write_entry
from engine.run.runner import Runner
from engine.time.limits import extended
from storage.cases import cases, tasks
from storage.cases.cases import LockedCase, RunningProcess
from storage.cases.inboxes import lists
from storage.cases.messages import WaitingProcess, list_waiting_of
from storage.cases.tasks import Task
from storage.cases.timers import list_due_of
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotAllowed, NotYourTask, Refused
from storage.people.ladder import find_filled_post
from storage.people.roles import ROLES, role_standing_in
from storage.people.second_person import is_barred

WITHDRAWN = "withdrawn"
EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """Who would decide on more time, and until when it would be given."""

    approver: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """Requests of an owner to other posts: `assist`, `consult`, `countersign` or `extension`."""

    kind: str
    posts: Sequence[str]
    """Ids of posts, or references of officers of the asker's own office."""
    text: str
    due_at: datetime | None
    is_awaited: bool = False
    """Whether the owner does not go on before it is answered (R69)."""


def allowed_actions(
    session: Session, task: Task, actor: Actor, case: cases.Case, *, at: datetime
) -> list[str]:
    """What the actor may do with a task as it is held now, in the order a page shows it."""
    if task.state != "open":
        return ["withdraw"] if _would_be_withdrawn(session, task, actor, case, at=at) else []
    if not is_seen(actor, case, task):
        return []
    if not actor.holds(task.post_id) or task.officer_id not in {None, actor.id}:
        return ["take_back"] if may_take_back(session, task, actor) else []
    if is_about(actor, case):
        return ["complete", "draft"]
    is_free = task.officer_id is None
    if is_barred(task.not_by, actor):
        return [] if is_free else ["release"]
    return _of_holder(session, task, case, is_free=is_free, at=at)


def _of_holder(
    session: Session, task: Task, case: cases.Case, *, is_free: bool, at: datetime
) -> list[str]:
    """What whoever may complete a task may do with it."""
    is_waiting = awaits_answers(session, task)
    actions = ["go_on"] if is_waiting else ["complete"]
    actions += ["draft", "delegate"]
    actions.append("claim" if is_free else "release")
    actions += _clock_actions(task, case, at=at)
    if _allows(task, "returnable"):
        actions.append("return")
    if _allows(task, "beside"):
        actions += ["consult", "countersign", "assist", "minutes"]
    return actions


def _clock_actions(task: Task, case: cases.Case, *, at: datetime) -> list[str]:
    """What may be done with the clock of a task one holds."""
    stops = ["pause"] if clocks.may_pause(task, case) else []
    lengthened = ["extend"] if clocks.may_extend(task, at=at) else []
    return [*(stops if task.paused_at is None else ["resume"]), *lengthened]


def claim(runner: Runner, session: Session, key: str, *, actor: Actor) -> Done:
    """Take a task of one's post for oneself (认领)."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    require_another(actor, task)
    if task.officer_id == actor.id:
        case = locked.case
        return Done(case.id, case.number, case.status, case.version, locked.process.id, ())
    return _reassign(runner, session, locked, task, "task_claimed", actor, officer_id=actor.id)


def release(runner: Runner, session: Session, key: str, *, actor: Actor) -> Done:
    """Return a task to its post (释放)."""
    locked, task = lock_task(session, key, actor)
    if task.officer_id != actor.id:
        message = "只有认领了这个环节的人可以释放。"
        raise NotYourTask(message, holder=task.officer_id)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    return _reassign(runner, session, locked, task, "task_released", actor, officer_id=None)


def return_(runner: Runner, session: Session, key: str, *, reason: str, actor: Actor) -> Done:
    """Send an open task back to the previous holder, where its drawing allows it (退回, A3)."""
    running_id, token = tasks.read_task_key(key)
    task = lists.get_visible_task(session, key, actor=actor).task
    digest = cases.get_process(session, running_id).digest
    form = runner.definition(session, digest).form(task.form or task.task_id)
    answer = form.answer_of("returnable", reason) if _allows(task, "returnable") else None
    if answer is None:
        message = "这个环节不能退回：流程图没有设退回，或者案件已经退回过；请办理，办不了的上报。"
        raise Refused(message, code="not_returnable", clause="A3")
    return runner.complete(session, running_id, int(token), answer, actor=actor)


def withdraw(runner: Runner, session: Session, key: str, *, reason: str, actor: Actor) -> Done:
    """Take back what one has passed up, before anyone accepted it (撤回)."""
    task = lists.get_visible_task(session, key, actor=actor).task
    if not _is_own_passing_up(task, actor):
        message = "只能撤回自己已经流转出去的环节。"
        raise NotAllowed(message, code="not_yours_to_withdraw")
    waiting = _way_back(session, task)
    if waiting is None:
        message = "下一级已经签收，或案件已往前走，不能再撤回。"
        raise Refused(message, code="too_late_to_withdraw")
    words = {"reason": reason, "token": task.token}
    return runner.say(session, waiting, words, actor=actor)


def extend(
    runner: Runner,
    session: Session,
    key: str,
    *,
    reason: str,
    until: datetime | None,
    actor: Actor,
) -> Done:
    """Ask one level up for the one extension; the clock runs on until it says yes (延期)."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    asking = would_extend(runner, session, task, locked.case, until=until, actor=actor)
    asked = {"until": None if until is None else until.isoformat(), "label": task.label}
    question = Question(EXTENSION, [asking.approver], reason, None)
    return _ask(runner, session, task, question, actor=actor, more=asked)


def would_extend(
    runner: Runner,
    session: Session,
    task: Task,
    case: cases.Case,
    *,
    until: datetime | None = None,
    actor: Actor,
) -> ExtensionRequest:
    """What a request for more time would do; one that nobody could grant is refused at once.

    Raises:
        Refused: the limit has passed, the task takes no extension, or nobody could say yes.
    """
    at = runner.clock.now()
    if not clocks.is_in_time(task, at=at):
        message = "期限已过，不能再申请延期；请尽快办理，办不了的上报或说明情况。"
        raise Refused(message, code="extension_too_late")
    moved = extended(runner.calendar(session), task, until=until)
    _require_not_asked(session, task)
    return ExtensionRequest(_approver(session, case, task, actor, at=at), moved.due_at)


def ask_beside(
    runner: Runner, session: Session, key: str, question: Question, *, actor: Actor
) -> Done:
    """Ask posts beside the owner: consult, countersign or assist; never a change of owner."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    if not _allows(task, "beside"):
        message = "这个环节不设协办、会商和会签。"
        raise Refused(message, code="nobody_beside")
    for named in question.posts:
        require_asked(session, named, task, locked.case, actor, at=runner.clock.now())
    done = _ask(runner, session, task, question, actor=actor, more={})
    return _wait_for(runner, session, key, done, actor=actor) if question.is_awaited else done


def go_on(runner: Runner, session: Session, key: str, *, actor: Actor) -> Done:
    """Wait no longer for the answers of other posts; what they answer still goes on file (R69)."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    if not task.awaits:
        message = "这个环节没有在等答复。"
        raise Refused(message, code="nothing_awaited")
    act = Act("waiting_ended", {"token": task.token}, capacity_of(task))
    entry = Entry(act, task_changes={"awaits": None})
    return write_entry(session, locked, task, entry, actor=actor, now=runner.clock.now())


def write_minutes(
    runner: Runner, session: Session, key: str, *, participants: str, text: str, actor: Actor
) -> Done:
    """Put the minutes of a consultation on file: who took part and what came of it (R69)."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    if not _allows(task, "beside"):
        message = "这个环节不设协办、会商和会签。"
        raise Refused(message, code="nobody_beside")
    data = {"token": task.token, "participants": participants, "text": text}
    entry = Entry(Act("minutes_written", data, capacity_of(task)))
    return write_entry(session, locked, None, entry, actor=actor, now=runner.clock.now())


def pause(
    runner: Runner,
    session: Session,
    key: str,
    *,
    reason: str,
    until: datetime | None = None,
    actor: Actor,
) -> Done:
    """Stop the clock of a task until a day, with the reason on file (缓办)."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    if is_about(actor, locked.case):
        message = "整改期限由承办岗决定，食品主体不能缓办。"
        raise NotAllowed(message, code="not_by_the_business", clause="R24")
    return clocks.pause(runner, session, locked, task, reason=reason, until=until, actor=actor)


def resume(runner: Runner, session: Session, key: str, *, actor: Actor) -> Done:
    """Let the clock of a paused task run on (恢复)."""
    locked, task = lock_task(session, key, actor)
    require_theirs(session, actor, locked.case, task, at=runner.clock.now())
    return clocks.resume(runner, session, locked, task, actor=actor)


def save_draft(
    session: Session,
    key: str,
    draft: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    base: Mapping[str, Any] | None = None,
) -> bool:
    """Keep an unfinished form and return whether it is the first; the case is not touched.

    Where `base` names the draft it was filled in from, a draft saved since is merged in.

    Raises:
        FormInvalid: both drafts touched a field.
    """
    listed = lists.get_visible_task(session, key, actor=actor)
    require_open(listed.task)
    require_holding(session, actor, listed.task, at=at)
    whole = draft if base is None else merged(base, draft, listed.task.draft or {})
    tasks.save_draft(session, listed.task.running_id, listed.task.token, dict(whole))
    return listed.task.draft is None


# -- below: what the acts above have in common ---------------------------------------------------


def _reassign(
    runner: Runner,
    session: Session,
    locked: LockedCase,
    task: Task,
    kind: str,
    actor: Actor,
    *,
    officer_id: int | None,
) -> Done:
    entry = Entry(
        Act(kind, {"token": task.token}, capacity_of(task)),
        task_changes={"officer_id": officer_id},
    )
    return write_entry(session, locked, task, entry, actor=actor, now=runner.clock.now())


def _wait_for(runner: Runner, session: Session, key: str, asked: Done, *, actor: Actor) -> Done:
    """Note at the task that it waits for the side task that was just opened."""
    locked, task = lock_task(session, key, actor)
    awaits = [*(task.awaits or ()), asked.running_id]
    act = Act("answers_awaited", {"token": task.token, "side": asked.running_id}, capacity_of(task))
    entry = Entry(act, task_changes={"awaits": awaits})
    waiting = write_entry(session, locked, task, entry, actor=actor, now=runner.clock.now())
    return waiting._replace(next_tasks=asked.next_tasks)


def _allows(task: Task, act: str) -> bool:
    """Whether the drawing allowed the act when the task opened."""
    return act in (task.allows or ())


def _is_own_passing_up(task: Task, actor: Actor) -> bool:
    """Whether the actor passed the case up with this task, and still holds its post."""
    is_theirs = task.state == "done" and task.closed_by == actor.id
    return is_theirs and _allows(task, "withdrawable") and actor.holds(task.post_id)


def _way_back(session: Session, task: Task) -> WaitingProcess | None:
    """Who waits to hear that the task is taken back; None once somebody accepted or went on."""
    awaited = [
        message
        for message in list_waiting_of(session, task.case_id)
        if message.running_id == task.running_id and message.name == WITHDRAWN
    ]
    return awaited[0] if awaited and _is_latest(session, task) else None


def _would_be_withdrawn(
    session: Session, task: Task, actor: Actor, case: cases.Case, *, at: datetime
) -> bool:
    """Whether taking the task back would be done now, and is therefore offered."""
    if not _is_own_passing_up(task, actor) or _way_back(session, task) is None:
        return False
    floor = case.floor_rank or 0
    is_above_floor = any(post.id == task.post_id and post.rank >= floor for post in actor.posts)
    # A deadline that has passed takes precedence, even if its timer has not fired yet.
    return is_above_floor and not list_due_of(session, task.running_id, before=at)


def _is_latest(session: Session, task: Task) -> bool:
    """Whether nothing in the process was finished after the task."""
    others = tasks.list_tasks(session, task.case_id)
    ended = [
        (task_.closed_at, int(task_.token))
        for task_ in others
        if task_.running_id == task.running_id
        and task_.state == "done"
        and task_.closed_at is not None
    ]
    return (task.closed_at, int(task.token)) == max(ended)


def _require_not_asked(session: Session, task: Task) -> None:
    """One request for more time at once."""
    if any(asks_for_time(each, task) for each in cases.list_processes(session, task.case_id)):
        message = "延期申请还在审批，不必重复提出。"
        raise Refused(message, code="extension_pending")


def asks_for_time(process: RunningProcess, task: Task) -> bool:
    """Whether a process asks for more time for a task and waits for its answer."""
    asked = process.asked_by or {}
    is_same = (asked.get("running"), asked.get("token")) == (task.running_id, task.token)
    return process.state == "running" and is_same and asked.get("kind") == EXTENSION


def _approver(session: Session, case: cases.Case, task: Task, actor: Actor, *, at: datetime) -> str:
    """The post one level up where somebody else than the asker may say yes, or the next above.

    Raises:
        Refused: there is none; nobody grants their own request, and no post its own.
    """
    stand_in = role_standing_in()
    above = ROLES[task.role or stand_in].above or stand_in
    # Where nobody is left on the ladder, the supervisor stands in, as for work itself.
    for role in (above, stand_in):
        filled_post = find_filled_post(
            session,
            role,
            case.area_code,
            at=at,
            without_business=case.business_id,
            without_officer=actor.id,
        )
        if filled_post.staffing is not None and filled_post.staffing.post.id != task.post_id:
            return filled_post.staffing.post.id
    message = "除申请人外，上级没有在岗的人可以批准延期。"
    raise Refused(message, code="nobody_to_approve")


def _ask(
    runner: Runner,
    session: Session,
    task: Task,
    question: Question,
    *,
    actor: Actor,
    more: Mapping[str, Any],
) -> Done:
    now = runner.clock.now()
    days = installed().thresholds.answer_days
    due_at = question.due_at or runner.calendar(session).due(now, days, "working_day")
    form: dict[str, Any] = {
        "side_kind": question.kind,
        "posts": list(question.posts),
        "question": question.text,
        "side_due_at": due_at.isoformat(),
    }
    asked_by = {
        "running": task.running_id,
        "token": task.token,
        "kind": question.kind,
        "by": actor.id,
        "post": task.post_id,
        **more,
    }
    return runner.start_beside(
        session, task.case_id, runner.beside, form, actor=actor, asked_by=asked_by
    )
