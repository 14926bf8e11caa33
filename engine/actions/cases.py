"""What superiors and clerks do with a whole case: chase, note, reopen, merge, split.

Each function is the inside of one transaction and is one entry of the case file. None of them
changes who owns a case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.actions.additions import may_add
from engine.contract import OF_THE_WHOLE, Actor
from engine.run.access import require_case_seen, waits_for
from engine.run.ending import end_beside, ended, ending
from engine.run.record import Act, Done, Entry, raised_floor, write_entry
from engine.run.runner import Runner
from storage.cases import cases, tasks
from storage.cases.cases import Case, LockedCase
from storage.cases.duplicates import DUPLICATE, list_ending_in, why_not_original
from storage.cases.related import link_cases
from storage.cases.steps import NewDelivery, write_step
from storage.database.session import Session
from storage.errors import NotAllowed, Refused
from storage.people.posts import receiver_at
from storage.people.rights import REPORTER_RIGHT
from storage.people.roles import ROLES, capacity, role_standing_in
from storage.people.vault import copy_identity


def chase(runner: Runner, session: Session, number: str, *, text: str, actor: Actor) -> Done:
    """Remind the holders of the open tasks of the case (催办)."""
    locked = lock_seen_case(session, number, actor)
    _require_superior(actor, locked.case)
    require_open_case(locked.case)
    return tell_holders(runner, session, locked, "case_chased", {"text": text}, actor, {})


def may_supervise(actor: Actor, case: Case) -> bool:
    """Whether a post of the actor's supervises, and is above the owner of the case.

    The supervisor is outside the chain and supervises every level.
    """
    owner_rank = case.owner_rank or 0
    return any(
        ROLES[post.role].supervises and (ROLES[post.role].stands_in or post.rank > owner_rank)
        for post in actor.posts
    )


def allowed_actions(case: Case, actor: Actor) -> list[str]:
    """Actions offered to the actor on the whole case; each action below checks again."""
    actions = ["note"]
    is_open = case.status == "open"
    if may_add(case, actor):
        actions.append("add")
    if is_open and _is_superior(actor, case):
        actions.append("chase")
    if is_open and may_supervise(actor, case):
        actions += ["supervise", "end_supervision"] if case.supervised else ["supervise"]
    if _is_clerk(actor):
        actions += ["merge", "split"] if is_open else ["reopen"]
    if REPORTER_RIGHT in actor.rights:
        actions.append("reporter")
    return actions


def note(runner: Runner, session: Session, number: str, *, text: str, actor: Actor) -> Done:
    """Put a note into the case file."""
    locked = lock_seen_case(session, number, actor)
    entry = Entry(Act("note_added", {"text": text}, acting_as(actor)))
    return write_entry(session, locked, None, entry, actor=actor, now=runner.clock.now())


def put_on_file(
    runner: Runner,
    session: Session,
    number: str,
    kind: str,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
) -> Done:
    """Put an act of a capability into the case file, for which the capability lets the actor."""
    locked = lock_seen_case(session, number, actor)
    entry = Entry(Act(kind, dict(facts), acting_as(actor)))
    return write_entry(session, locked, None, entry, actor=actor, now=runner.clock.now())


def reopen(runner: Runner, session: Session, number: str, *, reason: str, actor: Actor) -> Done:
    """Let the diagram handle a closed case once more, in the same case file."""
    locked = lock_seen_case(session, number, actor)
    _require_clerk(actor)
    if locked.case.status != "closed":
        message = "案件尚未办结，不需要重开。"
        raise Refused(message, code="not_closed")
    return runner.start_again(session, locked, actor=actor, reason=reason)


def merge(
    runner: Runner, session: Session, number: str, *, into: str, reason: str, actor: Actor
) -> Done:
    """Close a case as a duplicate of another; both files name the other (合并)."""
    _require_clerk(actor)
    into = _whole_number(session, number, into, actor)
    # In one order, whichever way round two clerks merge.
    held = {each: lock_seen_case(session, each, actor) for each in sorted({number, into})}
    locked, original = held[number], held[into]
    require_open_case(locked.case)
    _require_mergeable(session, locked.case, original.case)
    case, now = locked.case, runner.clock.now()
    step = ending(session, case, locked.process, now)
    step.case_changes = {"status": "closed", "outcome": DUPLICATE, "closed_at": now}
    data = {"into": original.case.number, "reason": reason, "case": step.case_changes}
    step.events = [ended("case_merged", step, data, actor, now)]
    step.outbox = _closing_letters(session, case, now)
    write_step(session, step)
    version = end_beside(session, case.id, actor=actor, now=now)
    link_cases(session, case.id, original.case.id, kind="merged_into", at=now)
    taken_in = Entry(
        Act("case_taken_in", {"from": number, "reason": reason}, acting_as(actor)),
        case_changes=raised_floor(case.floor_rank, original.case),
    )
    write_entry(session, original, None, taken_in, actor=actor, now=now)
    return Done(case.id, case.number, "closed", version, locked.process.id, ())


def split(
    runner: Runner,
    session: Session,
    number: str,
    *,
    parts: Sequence[Mapping[str, Any]],
    reason: str,
    actor: Actor,
) -> list[Done]:
    """File each part as a case of its own, linked to this one (拆分); this one goes on.

    The collector or reporter of the whole is also that of its parts.
    """
    locked = lock_seen_case(session, number, actor)
    _require_clerk(actor)
    require_open_case(locked.case)
    now, case = runner.clock.now(), locked.case
    collected = {name: getattr(case, name) for name in OF_THE_WHOLE}
    made = []
    for part in parts:
        new = runner.start(session, case.kind, part, actor=actor, columns=collected)
        copy_identity(session, case.id, new.case_id, keys=runner.vault_keys, at=now)
        link_cases(session, new.case_id, case.id, kind="split_from", at=now)
        made.append(new)
    data = {"reason": reason, "into": [case.number for case in made]}
    entry = Entry(Act("case_split", data, acting_as(actor)))
    return [write_entry(session, locked, None, entry, actor=actor, now=now), *made]


# -- below: what the acts above have in common ---------------------------------------------------


def _whole_number(session: Session, number: str, typed: str, actor: Actor) -> str:
    """The number of the case that is meant: its last digits are enough where they name one.

    Raises:
        Refused: they name several.
    """
    case = cases.get_visible_case(session, number, actor=actor)
    found = list_ending_in(session, typed.strip(), of=case._asdict(), actor=actor)
    if len(found) > 1:
        numbers = "、".join(each.number for each in found)
        message = f"尾号 {typed.strip()} 有 {len(found)} 件：{numbers}；请写全编号。"
        raise Refused(message, code="several_originals")
    return found[0].number if found else typed


def lock_seen_case(session: Session, number: str, actor: Actor) -> LockedCase:
    """Lock a case the actor may see, with its main process."""
    case = cases.get_visible_case(session, number, actor=actor)
    processes = cases.list_processes(session, case.id)
    main = [process for process in processes if process.asked_by is None][-1]
    locked = cases.lock_case_for_step(session, running_id=main.id)
    # It may have gone to somebody else while the lock was waited for.
    require_case_seen(actor, locked.case, tasks.list_tasks(session, case.id))
    return locked


def tell_holders(
    runner: Runner,
    session: Session,
    locked: LockedCase,
    kind: str,
    data: dict[str, Any],
    actor: Actor,
    changes: dict[str, Any],
    also: Sequence[str] = (),
) -> Done:
    """Put an act into the file and tell the holders of the open tasks, and `also` these."""
    now, case = runner.clock.now(), locked.case
    holders = _holders(session, case, now)
    outbox = [
        NewDelivery(
            key=f"{case.number}:{case.version}:{place}",
            channel="notice",
            receiver=holder,
            template=kind,
            payload={"case": case.number, **data},
            at=now,
        )
        for place, holder in enumerate(dict.fromkeys([*holders, *also]))
    ]
    entry = Entry(
        Act(kind, {**data, "told": holders}, acting_as(actor)),
        case_changes=changes,
        outbox=outbox,
    )
    return write_entry(session, locked, None, entry, actor=actor, now=now)


def _holders(session: Session, case: Case, now: datetime) -> list[str]:
    """Whom the open tasks wait for, each once: the person, or the post where nobody has one."""
    waiting = tasks.list_open_tasks(session, case.id)
    return sorted({waits_for(session, task, at=now) for task in waiting})


def _require_mergeable(session: Session, case: Case, original: Case) -> None:
    if original.id == case.id:
        message = "不能把案件合并到它自己。"
        raise Refused(message, code="merged_into_itself")
    refusal = why_not_original(session, case._asdict(), original)
    if refusal is not None:
        raise Refused(refusal.message, code=refusal.code, clause=refusal.clause)


def _closing_letters(session: Session, case: Case, now: datetime) -> list[NewDelivery]:
    """Whoever collected or reported it hears of the end, as after every other one."""
    collector = receiver_at(session, case.collector_post, case.collector_officer, at=now)
    source = "reporter" if case.channel is not None else collector
    return [
        NewDelivery(
            key=f"{case.number}:{case.version}:merged:{receiver}",
            channel="notice",
            receiver=receiver,
            template="case_closed",
            payload={"case": case.number, "outcome": DUPLICATE},
            at=now,
        )
        for receiver in ("platform", source)
        if receiver is not None
    ]


def _is_superior(actor: Actor, case: Case) -> bool:
    rank = case.owner_rank or 0
    return role_standing_in() in actor.roles or any(post.rank > rank for post in actor.posts)


def _is_clerk(actor: Actor) -> bool:
    return any(ROLES[role].merges for role in actor.roles)


def _require_superior(actor: Actor, case: Case) -> None:
    if _is_superior(actor, case):
        return
    message = "只有督办人员或上级可以催办、督办。"
    raise NotAllowed(message, code="not_superior")


def _require_clerk(actor: Actor) -> None:
    if not _is_clerk(actor):
        message = "只有督办人员或受理初分岗可以重开、合并、拆分案件。"
        raise NotAllowed(message, code="not_clerk")


def require_open_case(case: Case) -> None:
    """Refuse an act on a case that has ended."""
    if case.status != "open":
        message = "案件已经办结。"
        raise Refused(message, code="case_closed")


def acting_as(actor: Actor) -> str | None:
    """The capacity in which the actor acts, by their first post."""
    return capacity(actor.posts[0].role) if actor.posts else None
