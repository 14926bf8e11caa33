"""One random history: people and time do to one case whatever the dice say. Holds no test.

Acts are those of the API, called below HTTP so that ten thousand histories stay affordable. The
rules every history keeps are in `rules`; what may be refused stands beside each act.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from engine.actions import cases as case_acts
from engine.actions import handing
from engine.actions import tasks as task_acts
from engine.actions.tasks import Question
from engine.background.scheduler import run_until
from engine.run.runner import Runner
from engine.time.clock import VirtualClock
from storage.cases.cases import Case, get_case
from storage.cases.events import list_events
from storage.cases.messages import list_waiting_of
from storage.cases.tasks import Task, list_open_tasks, list_tasks
from storage.database.session import Database, Session
from storage.errors import HangjiError, NotAllowed, NotFound, Refused, TaskClosed
from storage.people import actors, staffing
from storage.people.actors import Actor
from storage.people.posts import list_holders
from storage.people.second_person import is_barred
from storage.places.matters import list_matters
from storage.registry.businesses import get_business
from tests.build import GRID, TOWN, UNIT, VILLAGE
from tests.histories.chases import check_chases
from tests.histories.forms import (
    COLLECTORS,
    LATE,
    UNSOUND,
    Form,
    Refusals,
    a_form,
    a_public_report,
    a_report,
)
from tests.histories.letters import check_letters
from tests.histories.rules import check_hidden, check_now, check_whole
from tests.histories.starts import (
    PAIRED,
    ask_to_inspect_itself,
    begin_quota,
    mark_ceased,
    plan_inspection,
    start_inspection,
)

LONGEST = 30
"""Acts in one history at most."""

MARKERS = ("grid_member", "unit_leader", "station")
"""Who finds closed shops."""

MAY_SAY_NO: Refusals = (Refused, TaskClosed)
PLACES = {
    "unit_leader": UNIT,
    "grid_member": GRID,
    "grid_leader": GRID,
    "village_center": VILLAGE,
    "village_assistant": VILLAGE,
    "station": f"ST-{TOWN}",
    "county": "J-350322",
    "city": UNIT[:4],
}

Act = Callable[[Session], object]


@dataclass
class History:
    """The dice, the city, and the one case they are about."""

    seed: int
    database: Database
    runner: Runner
    clock: VirtualClock
    people: dict[str, Actor]
    businesses: list[int]
    school: int
    counts: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    dice: Random = field(init=False)
    case_id: int = 0
    original: str = ""

    def __post_init__(self) -> None:
        """Load the dice with the seed."""
        self.dice = Random(self.seed)  # noqa: S311 - the same seed is the same history

    def run(self) -> Counter[str]:
        """Live through one history; every rule is checked on the way and at its end."""
        if self.dice.random() < 0.2:
            self.original = self._file().number
        self.case_id = self._file().id
        for _ in range(self.dice.randint(6, LONGEST)):
            self._one_act()
            with self.database.reading() as session:
                check_now(session, self.case_id)
        with self.database.reading() as session:
            check_whole(session, self.case_id)
            case = get_case(session, self.case_id)
            file = list_events(session, self.case_id)
            check_letters(session, case, file)
            check_chases(session, case, file, self.runner.cache)
        self.counts[f"ends {case.status} {case.outcome}"] += 1
        return self.counts

    def _file(self) -> Case:
        """What the history is about: mostly a report, else one of the other kinds."""
        other = self._another_kind() if self.dice.random() < 0.4 else None
        if other is None:
            return self._report()
        with self.database.reading() as session:
            return get_case(session, other)

    def _another_kind(self) -> int | None:
        """A closed shop, a self-inspection, an inspection or a quota; None where nobody is."""
        runner, dice = self.runner, self.dice
        business = dice.choice([*self.businesses, self.school])
        kind = dice.choices(("ceased", "self", "inspection", "video"), (1, 1, 2, 1))[0]
        if kind == "video":
            self.log.append("the calendar begins a week of video patrols")
            with self.database.transaction() as session:
                return begin_quota(runner, session)
        role = dice.choice(MARKERS if kind == "ceased" else PAIRED)
        if kind == "self":
            role, business = "station", self.school
        actor = self.people[role]
        if not actor.holds(_post(role)):
            return None
        self.log.append(f"{role} begins {kind} at {business}")
        if kind == "inspection":
            return self._inspection(actor, business)
        try:
            with self.database.transaction() as session:
                if kind == "self":
                    return ask_to_inspect_itself(runner, session, actor=actor, business=business)
                return mark_ceased(runner, session, dice, actor=actor, business=business)
        except Refused:
            return None  # closed already

    def _inspection(self, actor: Actor, business: int) -> int | None:
        """Planned first, and started in a transaction of its own; hidden between the two."""
        with self.database.reading() as session:
            at_work = get_business(session, business).status == "operating"
            is_pair = len(list_holders(session, actor.posts[0].id, at=self.clock.now())) > 1
        if not (at_work and is_pair):
            return None
        with self.database.transaction() as session:
            plan = plan_inspection(self.runner, session, self.dice, actor=actor, business=business)
        with self.database.reading() as session:
            check_hidden(session, plan, self.people.values(), now=self.clock.now())
        with self.database.transaction() as session:
            return start_inspection(self.runner, session, actor=actor, plan=plan)

    def _report(self) -> Case:
        with self.database.transaction() as session:
            matter = self.dice.choice(
                [*(one.code for one in list_matters(session)), *["other"] * 4]
            )
            present = [role for role in COLLECTORS if self.people[role].holds(_post(role))]
            if self.dice.random() < 0.35 or not present:
                form = a_public_report(self.dice, matter)
                done = self.runner.start(session, "public_report", form, actor=None)
            else:
                role = self.dice.choice(present)
                form = a_report(self.dice, role, matter, self.businesses)
                done = self.runner.start(session, "grid_report", form, actor=self.people[role])
            self.log.append(f"filed {form}")
            return get_case(session, done.case_id)

    def _one_act(self) -> None:
        """One of what happens to cases, the usual more often than the rare."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self._complete, 60),
            (self._pass_time, 16),
            (self._return, 3),
            (self._withdraw, 3),
            (self._delegate, 2),
            (self._extend, 2),
            (self._pause_or_resume, 2),
            (self._ask_beside, 2),
            (self._meddle, 4),
            (self._change_people, 4),
            (self._dispute, 3),
            (self._reopen, 2),
        )
        chosen, weights = zip(*acts, strict=True)
        self.dice.choices(chosen, weights)[0]()
        self.clock.advance(timedelta(seconds=1))

    # -- what happens ----------------------------------------------------------------------------

    def _complete(self) -> None:
        """Somebody who may completes an open task, mostly with a sound form."""
        found = self._task_and_holder()
        if found is None:
            self._pass_time()
            return
        task, officer = found
        form, refusals = a_form(self.dice, task, self.original)
        if task.task_id == "investigate":
            form["officers"] = f"{officer.name}、{self.people['station'].name}"
        what = f"{officer.username} completes {task.element}: {form}"
        is_refused = self._try(
            what, lambda session: self._finish(session, task, officer, form), refusals
        )
        assert is_refused or refusals is not UNSOUND, "an unsound form was taken"

    def _pass_time(self) -> None:
        """Hours or days pass; now and then nobody has looked at the timers yet."""
        hours = self.dice.choice((1, 5, 20, 30, 60, 150))
        moment = self.clock.now() + timedelta(hours=hours)
        is_looked_at = self.dice.random() < 0.85
        self.log.append(f"{hours} hours pass, looked at: {is_looked_at}")
        if not is_looked_at:
            self.clock.set(moment)
            return
        ticked = run_until(self.database, self.runner, self.clock, moment)
        assert (ticked.failed, ticked.incidents) == (0, 0), "a timer failed"

    def _return(self) -> None:
        found = self._task_and_holder("accept")
        if found is not None:
            task, officer = found
            self._try(
                f"{officer.username} returns {task.element}",
                lambda session: task_acts.return_(
                    self.runner, session, task.key, reason="不属于本级", actor=officer
                ),
                MAY_SAY_NO,
            )

    def _withdraw(self) -> None:
        with self.database.reading() as session:
            passed_up = [
                one
                for one in list_tasks(session, self.case_id)
                if one.state == "done" and "withdrawable" in (one.allows or ())
            ]
        if passed_up:
            task = self.dice.choice(passed_up[-2:])
            officer = next(one for one in self.people.values() if one.id == task.closed_by)
            self._try(
                f"{officer.username} takes back {task.element}",
                lambda session: task_acts.withdraw(
                    self.runner, session, task.key, reason="自行处置", actor=officer
                ),
                # Who lost the post since then may not even see the task any more.
                (*MAY_SAY_NO, NotAllowed, NotFound),
            )

    def _delegate(self) -> None:
        found = self._task_and_holder()
        if found is not None:
            task, officer = found
            to = self.dice.choice(list(self.people.values()))
            acted = is_barred(task.not_by, officer) or is_barred(task.not_by, to)
            is_refused = self._try(
                f"{officer.username} delegates {task.element} to {to.username}",
                lambda session: handing.delegate(
                    self.runner,
                    session,
                    task.key,
                    officer_id=to.id,
                    reason="外出",
                    actor=officer,
                ),
                (*MAY_SAY_NO, NotAllowed) if acted else MAY_SAY_NO,
            )
            assert is_refused or not acted, "who acted before was handed the check"

    def _extend(self) -> None:
        found = self._task_and_holder("resolve_or_pass_up")
        if found is not None:
            task, officer = found
            self._try(
                f"{officer.username} asks for more time for {task.element}",
                lambda session: task_acts.extend(
                    self.runner, session, task.key, reason="等待", until=None, actor=officer
                ),
                MAY_SAY_NO,
            )

    def _pause_or_resume(self) -> None:
        found = self._task_and_holder()
        if found is None:
            return
        task, officer = found
        # How long a rectification may take is for the office to say (R24).
        is_for_the_office = task.post_id.startswith("business:") and task.paused_at is None
        is_refused = self._try(
            f"{officer.username} pauses or resumes {task.element}",
            lambda session: (
                task_acts.resume(self.runner, session, task.key, actor=officer)
                if task.paused_at is not None
                else task_acts.pause(
                    self.runner, session, task.key, reason="等待检验", actor=officer
                )
            ),
            (*MAY_SAY_NO, NotAllowed) if is_for_the_office else MAY_SAY_NO,
        )
        assert is_refused or not is_for_the_office, "a business stopped its own clock"

    def _ask_beside(self) -> None:
        found = self._task_and_holder("resolve_or_pass_up")
        if found is None:
            return
        task, officer = found
        kind = self.dice.choice(("assist", "consult", "countersign"))
        roles = self.dice.sample(("station", "grid_member", "county"), self.dice.randint(1, 2))
        question = Question(kind, [_post(role) for role in roles], "请协助", None)
        self._try(
            f"{officer.username} asks {roles} beside {task.element}",
            lambda session: task_acts.ask_beside(
                self.runner, session, task.key, question, actor=officer
            ),
            MAY_SAY_NO,
        )

    def _meddle(self) -> None:
        """Somebody tries what is not theirs; nothing may move."""
        with self.database.reading() as session:
            before = get_case(session, self.case_id)
            open_tasks = list_open_tasks(session, self.case_id)
        if not open_tasks:
            return
        task = self.dice.choice(open_tasks)
        strangers = [one for one in self.people.values() if not self._may_act(one, task, None)]
        officer = self.dice.choice(strangers)
        form, _ = a_form(self.dice, task, self.original)
        what = f"{officer.username} meddles with {task.element}"
        is_refused = self._try(
            what, lambda session: self._finish(session, task, officer, form), (HangjiError,)
        )
        with self.database.reading() as session:
            assert is_refused, "somebody did another's task"
            assert get_case(session, self.case_id) == before, "a refused act left a trace"

    def _change_people(self) -> None:
        """A post falls vacant, or is filled again."""
        role = self.dice.choice(list(PLACES))
        officer, now = self.people[role], self.clock.now()
        with self.database.transaction() as session:
            if officer.holds(_post(role)):
                staffing.leave(session, _post(role), until=now, officer_id=officer.id)
            else:
                staffing.hold(session, _post(role), officer.id, since=now)
            self.people[role] = actors.load_actor(session, officer.id, at=now)
        self.log.append(f"{officer.username} now holds {self.people[role].post_ids}")

    def _dispute(self) -> None:
        with self.database.reading() as session:
            waiting = list_waiting_of(session, self.case_id)
        for one in waiting:
            if one.name == "reporter_disputes":
                self._try(
                    "the reporter disputes",
                    lambda session, one=one: self.runner.deliver(
                        session, one.running_id, one.name, {}, element=one.element
                    ),
                    LATE,
                )

    def _reopen(self) -> None:
        with self.database.reading() as session:
            case = get_case(session, self.case_id)
        if case.status == "closed":
            self._try(
                "the supervisor reopens the case",
                lambda session: case_acts.reopen(
                    self.runner,
                    session,
                    case.number,
                    reason="发现新情况",
                    actor=self.people["supervisor"],
                ),
                MAY_SAY_NO,
            )

    # -- what the acts have in common ------------------------------------------------------------

    def _task_and_holder(self, task_id: str | None = None) -> tuple[Task, Actor] | None:
        """An open task and somebody who may act on it; None when there is nobody."""
        with self.database.reading() as session:
            open_tasks = list_open_tasks(session, self.case_id)
            business = get_case(session, self.case_id).business_id
        pairs = [
            (task, officer)
            for task in open_tasks
            for officer in self.people.values()
            if task_id in (None, task.task_id) and self._may_act(officer, task, business)
        ]
        return self.dice.choice(pairs) if pairs else None

    def _may_act(self, officer: Actor, task: Task, business: int | None) -> bool:
        """Whoever holds the post, unless a colleague has the task.

        Of cases about itself a business does what waits in its own post alone.
        """
        is_own = task.post_id.startswith("business:")
        if business is not None and officer.business_id == business and not is_own:
            return False
        colleagues = (one for one in self.people.values() if one.id != officer.id)
        is_taken = any(
            colleague.id == task.officer_id and colleague.holds(task.post_id)
            for colleague in colleagues
        )
        return officer.holds(task.post_id) and not is_taken

    def _finish(self, session: Session, task: Task, officer: Actor, form: Form) -> None:
        self.runner.complete(session, task.running_id, int(task.token), form, actor=officer)

    def _try(self, what: str, act: Act, refusals: Refusals) -> bool:
        """Do it in a transaction of its own; True when it was refused as it may be."""
        self.log.append(f"{self.clock.now():%m-%d %H:%M} {what}")
        try:
            with self.database.transaction() as session:
                act(session)
        except refusals as refused:
            self.counts[f"refused {refused.code}"] += 1
            self.log.append(f"            refused: {refused.code}")
            return True
        self.counts["acts"] += 1
        return False


def _post(role: str) -> str:
    return f"{role}:{PLACES[role]}"
