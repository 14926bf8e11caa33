"""Running cases: loads one case, moves it by `engine.run.step`, writes the result.

Every public method is the inside of one transaction: when it raises, nothing has happened. A step
is one lock, the queries of its handlers, and one write.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import structlog

from engine.binding import Functions
from engine.contract import Actor, Case
from engine.definitions import Definition, DefinitionCache
from engine.execution import plan
from engine.execution.hydration import Hydrated, hydrate
from engine.forms.merging import merged
from engine.run import uploads
from engine.run.access import (
    require_account,
    require_another,
    require_answered,
    require_holding,
    require_open,
    require_seen,
    standing_in,
)
from engine.run.ending import end_beside
from engine.run.pausing import grant_extension
from engine.run.record import Act, Answering, Done, open_case, opening, shallow, write
from engine.run.step import Progress, as_declared
from engine.run.timing import Observing, ignore, timed
from engine.time.calendar import WorkCalendar
from engine.time.clock import Clock
from storage.cases import cases, timers
from storage.cases.cases import LockedCase, NewProcess
from storage.cases.messages import WaitingProcess
from storage.cases.related import link_cases
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.errors import NotFound, Stale, TaskClosed
from storage.people.roles import capacity
from storage.people.vault import copy_identity, seal_identity
from storage.processes import definitions
from storage.processes.recurring import keep_start_key
from storage.sync.partners import Partner

log = structlog.get_logger("hangji.runner")


@dataclass(frozen=True, slots=True)
class Runner:
    """Everything a step needs that is not in the database, put together once at start-up.

    The first of `vault_keys` seals, all of them open. `beside` is the process in which other posts
    are asked while the owner goes on.
    """

    cache: DefinitionCache
    functions: Functions
    clock: Clock
    calendar: Callable[[Session], WorkCalendar]
    vault_keys: tuple[bytes, ...]
    beside: str
    is_memoized: bool = True
    observe: Observing = ignore
    partners: tuple[Partner, ...] = ()
    """Platforms that are told of what happens to cases, for those that are set up."""

    # -- definitions -----------------------------------------------------------------------------

    def definition(self, session: Session, digest: str) -> Definition:
        """The published bundle a case is pinned to."""
        return self.cache.get(digest, lambda wanted: definitions.get_files(session, wanted))

    def published(self, session: Session, process_id: str) -> Definition:
        """The version of a process that new cases take now."""
        digest = definitions.get_published_digest(session, process_id, at=self.clock.now())
        return self.definition(session, digest)

    # -- actions ---------------------------------------------------------------------------------

    @timed("start")
    def start(
        self,
        session: Session,
        process_id: str,
        form: Mapping[str, Any],
        *,
        actor: Actor | None,
        identity: Mapping[str, Any] | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> Done:
        """File a new case and run it to its first waiting point.

        `form` is checked against the form of the start event and goes into the case file;
        `identity`, who reported, goes into the vault and nowhere else. `columns` are columns of
        the case its caller already knows.

        Raises:
            FormInvalid: a field is wrong, `form` names which.
            DrawnFault: the diagram cannot be started with this form.
        """
        definition = self.published(session, process_id)
        case_id, running_id = cases.next_ids(session)
        now = self.clock.now()
        blank = {**cases.blank_case(case_id, at=now), "kind": process_id}
        blank["is_listed"] = definition.start.is_listed
        case = self._case(session, {**blank, **(columns or {})}, actor)
        progress, values = self._begin(definition, case, running_id, form)
        process = NewProcess(
            id=running_id,
            case_id=case_id,
            process_id=process_id,
            digest=definition.digest,
            started_at=now,
        )
        locked = open_case(progress, process)
        made = write(locked, progress, opening("case_opened", definition, values, actor), actor)
        if identity:
            seal_identity(session, case_id, dict(identity), key=self.vault_keys[0], at=now)
        self._follow_up(progress.case)
        return made

    @timed("start_beside")
    def start_beside(
        self,
        session: Session,
        case_id: int,
        process_id: str,
        form: Mapping[str, Any],
        *,
        actor: Actor | None,
        asked_by: Mapping[str, Any],
    ) -> Done:
        """Start a side task on a running case; the owner's own work goes on."""
        definition = self.published(session, process_id)
        locked_case = cases.lock_case(session, case_id)
        case = self._case(session, shallow(locked_case), actor)
        case.asked_by = asked_by
        running_id = cases.next_running_id(session)
        progress, values = self._begin(definition, case, running_id, form)
        process = NewProcess(
            id=running_id,
            case_id=case_id,
            process_id=process_id,
            digest=definition.digest,
            started_at=case.now,
            asked_by=dict(asked_by),
        )
        locked = LockedCase(locked_case, cases.add_process(session, process), None)
        act = opening("side_task_opened", definition, values, actor)
        made = write(locked, progress, act, actor)
        self._follow_up(case)
        return made

    @timed("reopen")
    def start_again(
        self, session: Session, locked: LockedCase, *, actor: Actor, reason: str
    ) -> Done:
        """Run the case's process once more from its start, on the data the last run left."""
        old = locked.process
        definition = self.published(session, old.process_id)
        case = self._case(session, shallow(locked.case), actor)
        case.change(status="open", outcome=None, closed_at=None, public_result=None)
        execution = self._execution(definition, None, {}, case)
        calendar = self.calendar(session)
        running_id = cases.next_running_id(session)
        progress = Progress(definition, self.functions, calendar, case, running_id, execution)
        progress.on_file = (case.id, None)
        progress.partners = self.partners
        progress.act(plan.Start(orjson.loads(old.data)))
        process = NewProcess(
            id=running_id,
            case_id=case.id,
            process_id=old.process_id,
            digest=definition.digest,
            started_at=case.now,
        )
        again = LockedCase(locked.case, cases.add_process(session, process), None)
        made = write(again, progress, Act("case_reopened", {"reason": reason}, None), actor)
        self._follow_up(case)
        return made

    @timed("complete")
    def complete(
        self,
        session: Session,
        running_id: int,
        token: int,
        form: Mapping[str, Any],
        *,
        actor: Actor,
        base: Mapping[str, Any] | None = None,
        seen_version: int | None = None,
        answer: Answering | None = None,
    ) -> Done:
        """Finish one open task, then run the case on to its next person or deadline.

        Deadlines already past are fired first, so a late answer cannot outrun one; the task it
        took away then raises TaskClosed. What `answer` makes of it is written with the step.
        Where `base` names the draft the form was filled in from, another draft is merged in.

        Raises:
            TaskClosed: completed, cancelled, or its deadline took it away.
            Stale: `seen_version` is not the version of the case any more.
            FormInvalid, Refused, NotAllowed: the form, its drafts or the rule refuse.
            DrawnFault: the diagram cannot go on with this form.
        """
        locked = self._lock(session, running_id, token, actor.id)
        require_account(locked, actor)
        task = _task_of(session, locked, actor, at=self.clock.now())
        if seen_version is not None and seen_version != locked.case.version:
            message = "案件已有新的变化，请刷新后再提交。"
            raise Stale(message, version=locked.case.version)
        progress = self._resume(session, locked, actor)
        self._fire_overdue(session, locked, progress)
        if not progress.execution.has_task(token):
            raise _overtaken(locked)
        require_answered(session, task)
        form_ = progress.form_of(task)
        if base is not None:
            form = merged(base, form, task.draft or {})
        values = form_.load(form, allows=frozenset(task.allows or ()))
        progress.case.data = progress.execution.data_of(token)
        given = self._ruled(progress, task, values, actor)
        data = {**progress.keep(values), **given}
        progress.personal = form_.personal(values)
        progress.act(plan.Complete(token, data))
        act = _completion(task, token, values, actor)
        uploads.claim(progress.case, form_.photos(values))
        made = write(locked, progress, act, actor, answer=answer)
        self._follow_up(progress.case)
        return made

    def _ruled(
        self, progress: Progress, task: Task, values: Mapping[str, Any], actor: Actor
    ) -> Mapping[str, Any]:
        """Return what the rule of a task gives; it refuses in its own words, the drawing after."""
        rule = self.functions.find(task.process_id, task.task_id, "user")
        given = rule and as_declared(rule, rule(progress.case, values, officer=actor))
        require_another(actor, task)
        return given or {}

    @timed("timer")
    def fire(self, session: Session, running_id: int, element: str) -> None:
        """Let the drawn timer at `element` fire; one that no longer waits is forgotten."""
        locked = self._lock(session, running_id, None)
        progress = self._resume(session, locked, None)
        if not progress.execution.has_timer(element):
            timers.forget(session, running_id, element)
            return
        progress.act(plan.Due(element))
        write(locked, progress, Act("timer_fired", {"element": element}, None), None)
        self._withdraw_asked(progress.case)

    @timed("message")
    def deliver(
        self,
        session: Session,
        running_id: int,
        name: str,
        payload: Mapping[str, Any],
        *,
        element: str | None = None,
        actor: Actor | None = None,
        note: Mapping[str, Any] | None = None,
    ) -> Done:
        """Hand a message to the process that waits for it; `note` goes on file only.

        Raises:
            EngineFault: nothing there waits for this message.
        """
        locked = self._lock(session, running_id, None)
        progress = self._resume(session, locked, actor)
        progress.act(plan.Message(name, dict(payload), element))
        facts = {"name": name, "payload": dict(payload), **(note or {})}
        made = write(locked, progress, Act("message_received", facts, None), actor)
        self._withdraw_asked(progress.case)
        return made

    @timed("message")
    def say(
        self,
        session: Session,
        waiting: WaitingProcess,
        words: Mapping[str, Any],
        *,
        actor: Actor | None = None,
    ) -> Done:
        """Hand on what a person says to a process that waits for it; `words` go on file only.

        As for a task, a deadline already past wins.

        Raises:
            TaskClosed: nothing waits for it any more.
        """
        locked = self._lock(session, waiting.running_id, None)
        progress = self._resume(session, locked, actor)
        self._fire_overdue(session, locked, progress)
        if not progress.execution.has_message(waiting.element, waiting.name):
            raise _overtaken(locked)
        progress.personal = dict(words)
        progress.act(plan.Message(waiting.name, {}, waiting.element))
        facts = {"name": waiting.name, "payload": {}, **words}
        made = write(locked, progress, Act("message_received", facts, None), actor)
        self._withdraw_asked(progress.case)
        return made

    # -- loading ---------------------------------------------------------------------------------

    def _begin(
        self, definition: Definition, case: Case, running_id: int, form: Mapping[str, Any]
    ) -> tuple[Progress, dict[str, Any]]:
        start_id = definition.start.id
        form_ = definition.form(start_id)
        values = form_.load(form)
        uploads.claim(case, form_.photos(values))
        function = self.functions.find(definition.process_id, start_id, "start")
        given = function and as_declared(function, function(case, values, officer=case.actor))
        execution = self._execution(definition, None, {}, case)
        calendar = self.calendar(case.session)
        progress = Progress(definition, self.functions, calendar, case, running_id, execution)
        progress.on_file = (case.id if case.asked_by is not None else None, None)
        progress.partners = self.partners
        progress.personal = form_.personal(values)
        progress.advise(values)
        progress.act(plan.Start({**progress.keep(values), **(given or {})}))
        return progress, values

    def _lock(
        self, session: Session, running_id: int, token: int | None, actor_id: int = 0
    ) -> LockedCase:
        key = None if token is None else str(token)
        return cases.lock_case_for_step(
            session, running_id=running_id, token=key, actor_id=actor_id
        )

    def _resume(self, session: Session, locked: LockedCase, actor: Actor | None) -> Progress:
        process = locked.process
        if process.state != "running":
            message = "流程已经结束，不能再办理。"
            raise TaskClosed(message, code="process_ended")
        definition = self.definition(session, process.digest)
        case = self._case(session, shallow(locked.case), actor)
        case.asked_by = process.asked_by
        execution = self._execution(definition, process.marking, orjson.loads(process.data), case)
        calendar = self.calendar(session)
        progress = Progress(definition, self.functions, calendar, case, process.id, execution)
        progress.on_file = (case.id, process.id)
        progress.partners = self.partners
        return progress

    def _execution(
        self, definition: Definition, marking: bytes | None, data: Mapping[str, Any], case: Case
    ) -> Hydrated:
        return hydrate(definition, marking, data, now=case.now, is_memoized=self.is_memoized)

    def _case(self, session: Session, row: Mapping[str, Any], actor: Actor | None) -> Case:
        return Case(
            session=session,
            now=self.clock.now(),
            limits=self.calendar(session),
            row=dict(row),
            data={},
            actor=actor,
        )

    def _follow_up(self, case: Case) -> None:
        """Carry out the other requests of a written step: photos, further cases, a longer limit."""
        session = case.session
        uploads.tie(case)
        for request in case.started:
            made = self.start(
                session,
                request.process_id,
                request.form,
                actor=case.actor,
                columns=request.columns,
            )
            copy_identity(session, case.id, made.case_id, keys=self.vault_keys, at=case.now)
            link_cases(session, made.case_id, case.id, kind=request.link, at=case.now)
            if request.key is not None:
                keep_start_key(session, made.case_id, request.key)
        for process_id, form in case.beside:
            self._start_asked_for(case, process_id, form)
        self._withdraw_asked(case)
        if case.is_granted and case.asked_by is not None:
            grant_extension(self, session, case.asked_by, actor=case.actor)

    def _withdraw_asked(self, case: Case) -> None:
        """Nobody is kept waiting to answer a question of a case that has just ended."""
        if case.changes.get("status") == "closed":
            session, beside = case.session, self.beside
            end_beside(session, case.id, actor=case.actor, now=case.now, process_id=beside)

    def _start_asked_for(self, case: Case, process_id: str, form: Mapping[str, Any]) -> None:
        """Start a diagram beside the case; a city that has not deployed it yet goes without.

        A report must not fail because its side request has no receiver.
        """
        session, asked = case.session, {"kind": process_id}
        try:
            self.published(session, process_id)
        except NotFound:
            log.warning("process_not_published", process=process_id, case=case.number)
            return
        self.start_beside(session, case.id, process_id, form, actor=case.actor, asked_by=asked)

    def _fire_overdue(self, session: Session, locked: LockedCase, progress: Progress) -> None:
        """Fire what is due in this process, in due order, before a person may act."""
        next_due = locked.process.next_due
        now = progress.case.now
        if next_due is None or next_due > now:
            return
        for due in timers.list_due_of(session, locked.process.id, before=now):
            if progress.execution.has_timer(due.element):
                progress.act(plan.Due(due.element))
                progress.case.note("timer_fired", element=due.element)


def _task_of(session: Session, locked: LockedCase, actor: Actor, *, at: datetime) -> Task:
    task = locked.task
    if task is None:
        raise AssertionError  # a step is locked together with its task
    # What stands in no list is found by the pages of its capability; its post still decides.
    if locked.case.is_listed:
        require_seen(actor, locked.case, task)
    require_open(task)
    require_holding(session, actor, task, at=at)
    return task


def _completion(task: Task, token: int, values: Mapping[str, Any], actor: Actor) -> Act:
    facts = {"token": token, "task": task.task_id, "element": task.element, "form": values}
    facts |= standing_in(actor, task)
    return Act("task_completed", facts, capacity(task.role) if task.role else None)


def _overtaken(locked: LockedCase) -> TaskClosed:
    message = "办理期限已过，环节已按流程转走。"
    due = locked.process.next_due
    more = {} if due is None else {"due_at": due.isoformat()}
    return TaskClosed(message, code="deadline_passed", **more)
