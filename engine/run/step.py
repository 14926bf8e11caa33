"""One step of one case while it runs: actions in, handlers called, the write put together.

Nothing here reads the database or commits; `run.runner` loads the case and writes the result.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.binding import Functions
from engine.contract import Case, DrawnError
from engine.decisions.tables import Fired
from engine.definitions import Definition
from engine.errors import DecisionError, EngineFault
from engine.execution import plan
from engine.execution.hydration import Hydrated
from engine.execution.spiff import handed_down
from engine.forms.documents import ALLOWANCES, NOT_BY
from engine.forms.forms import Form
from engine.ready import find_ready
from engine.run.assignment import Assignment, assign
from engine.run.faults import drawn
from engine.time.calendar import WorkCalendar
from engine.time.limits import deadline_of, limit_for
from storage.cases.tasks import Task
from storage.people.second_person import listed_officers
from storage.sync.partners import Partner

COLUMNS_DECIDED_BY = ("matter", "priority", "deadline_profile")
"""Values of the case take precedence over values of earlier forms in the process data."""

SENT_BACK = "sent_back"
"""In `why` of a task: what it came back for, a word of the handler that sent it."""

CALL_LIMIT = 200  # a drawn loop of services without a person or a timer would never end


@dataclass(slots=True)
class Progress:
    """A case on its way from one waiting point to the next.

    `opening` are the columns a new case begins with, `decided` the rows that fired: both are for
    the entry of the step in the file, from which the values of `personal` are kept apart.
    """

    definition: Definition
    functions: Functions
    calendar: WorkCalendar
    case: Case
    running_id: int
    execution: Hydrated
    opened: list[Task] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    opening: dict[str, Any] = field(default_factory=dict)
    decided: list[dict[str, Any]] = field(default_factory=list)
    personal: dict[str, Any] = field(default_factory=dict)
    partners: tuple[Partner, ...] = ()
    result: plan.Plan | None = None
    on_file: tuple[int | None, int | None] = (None, None)
    """The case and the process that are in the database already, for the incident of a fault."""

    def act(self, action: plan.Action) -> None:
        """Carry out one action and answer every call it leads to.

        Raises:
            DrawnFault: the diagram cannot go on from here.
        """
        self._apply(action)
        for _ in range(CALL_LIMIT):
            call = self.execution.next_call()
            if call is None:
                return
            self.called.append(call.element)
            self._apply(self._answer(call), call.element)
        with self.drawn_at(self.called[-1]):
            message = "自动环节循环没有尽头：图上的回路里缺少人工环节或计时器。"
            raise EngineFault(message, code="endless_loop")

    def _apply(self, action: plan.Action, element: str = "") -> None:
        with self.drawn_at(element):
            self.execution.apply(action)

    def drawn_at(self, element: str) -> AbstractContextManager[None]:
        """Report errors of the diagram raised inside the block as a fault at that element."""
        return drawn(self.definition, element, self.on_file)

    def advise(self, values: Mapping[str, Any]) -> None:
        """Put the row on file that advised the starter, where the form answers all it asks."""
        name = self.definition.start.advice
        if name is None:
            return
        table = self.definition.decision(name)
        if set(table.names_read()) <= values.keys() and (fired := table.decide(values)):
            read = {name: values[name] for name in table.names_read()}
            self._keep_decided(table.id, fired, read, fired.outputs)

    def finish(self) -> plan.Plan:
        """Dump the execution and give every task that opened to a post.

        Raises:
            DrawnFault: a task that opened cannot be given to anybody, or has no time.
        """
        self.result = self.execution.result()
        self.opened.extend(map(self._new_task, self.result.opened))
        return self.result

    def form_of(self, task: Task) -> Form:
        """The form of an open task.

        Raises:
            DrawnFault: the published bundle does not have it.
        """
        with self.drawn_at(task.element):
            return self.definition.form(task.form or task.task_id)

    def keep(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a form that a drawn expression reads; only these enter the process data."""
        names = self.definition.names_read
        return {name: value for name, value in form.items() if name in names}

    # -- calls -----------------------------------------------------------------------------------

    def _answer(self, call: plan.Call) -> plan.Action:
        self.case.data = call.data
        self.case.properties = call.properties
        try:
            answer = self._decide(call) if call.kind == "decision" else self._serve(call)
        except DrawnError as drawn:
            return plan.Fail(call.token, drawn.code)
        return plan.Answer(call.token, dict(answer or {}))

    def _serve(self, call: plan.Call) -> Mapping[str, Any] | None:
        function = self.functions.find(call.process_id, call.task_id, "service")
        if function is None and (ready := find_ready(call.properties)) is not None:
            with self.drawn_at(call.element):
                return ready.run(self.case, handed_down(call.properties, call.data))
        function = self.functions.get(call.process_id, call.task_id, "service")
        return as_declared(function, function(self.case))

    def _decide(self, call: plan.Call) -> Mapping[str, Any] | None:
        row = self._fired_row(call)
        function = self.functions.find(call.process_id, call.task_id, "decision")
        if function is None:
            return row
        return as_declared(function, function(self.case, row))

    def _fired_row(self, call: plan.Call) -> dict[str, Any]:
        with self.drawn_at(call.element):
            return self._decided_row(call)

    def _decided_row(self, call: plan.Call) -> dict[str, Any]:
        table = self.definition.decision(call.decision or "")
        columns = {name: self.case.row[name] for name in COLUMNS_DECIDED_BY}
        inputs = {**call.data, **columns, **call.properties}
        fired = table.decide(inputs)
        read = {name: inputs.get(name) for name in table.names_read()}
        if fired is None and call.properties.get("none_ok") != "yes":
            message = f"决策表 {table.id} 没有一行适用：{read}。请补上缺少的行。"
            raise DecisionError(message, code="no_row", table=table.id)
        row = (
            dict.fromkeys(output.name for output in table.outputs)
            if fired is None
            else dict(fired.outputs)
        )
        self._keep_decided(table.id, fired, read, row)
        return row

    def _keep_decided(
        self, table: str, fired: Fired | None, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> None:
        rule = None if fired is None else fired.rule_id
        compared = [] if fired is None else list(fired.compared)
        fact = {"decision": table, "rule": rule, "inputs": inputs, "outputs": outputs}
        self.decided.append(fact | {"compared": compared})

    # -- opened tasks ----------------------------------------------------------------------------

    def _new_task(self, opened: plan.Opened) -> Task:
        self.case.data = opened.data
        self.case.properties = opened.properties
        given = self._assigned(opened)
        with self.drawn_at(opened.element):
            due_at, deadline = self._deadline(opened, given)
            allowed = _allowed(opened)
        phase = opened.properties.get("phase")
        if phase and phase != self.case.row["phase"]:
            self.case.change(phase=phase)
        return Task(
            running_id=self.running_id,
            case_id=self.case.id,
            token=str(opened.token),
            element=opened.element,
            task_id=opened.task_id,
            process_id=opened.process_id,
            lane=given.lane,
            role=given.role,
            level=given.level,
            form=opened.properties.get("form"),
            phase=phase,
            post_id=given.post_id,
            officer_id=given.officer_id,
            area_code=self.case.area,
            label=opened.label,
            opened_at=self.case.now,
            due_at=due_at,
            deadline=deadline,
            why=self._why(given),
            allows=allowed or None,
            not_by=_acted_before(opened),
        )

    def _why(self, given: Assignment) -> dict[str, Any]:
        """Why the post has it, and what it came back for where it did."""
        back = self.case.sent_back
        return {**given.why} if back is None else {**given.why, SENT_BACK: back}

    def _assigned(self, opened: plan.Opened) -> Assignment:
        try:
            return assign(self.case, opened, self.definition, self.functions)
        except EngineFault as fault:
            # Only these: what the function of a lane raises is its own.
            with self.drawn_at(opened.element):
                raise fault from fault.__cause__

    def _deadline(
        self, opened: plan.Opened, given: Assignment
    ) -> tuple[datetime, dict[str, Any] | None]:
        variable = opened.properties.get("due")
        if variable is not None:
            return _named_end(opened, variable), None
        row = self.case.row
        limit = limit_for(
            self.definition,
            deadline_profile=row["deadline_profile"],
            priority=row["priority"],
            level=given.level or "",
            step=opened.properties.get("deadline", ""),
        )
        clock = deadline_of(self.calendar, limit, self.case.now)
        return clock.due_at, clock.deadline


def _named_end(opened: plan.Opened, variable: str) -> datetime:
    """The end a variable names.

    Raises:
        EngineFault: it has no value, or one that is no moment.
    """
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(str(opened.data.get(variable)))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    message = f"属性 due 指定的变量 {variable} 没有值，或者不是带时区的时间。"
    raise EngineFault(message, code="due_unusable", element=opened.element)


def as_declared(function: Any, answer: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The answer of a handler, held against the names it declares: the check relies on them.

    Raises:
        EngineFault: the handler returns other names; the case does not move.
    """
    given = answer or {}
    if function.__hangji__.declared.is_kept_by(given):
        return given
    name, listed = function.__name__, ", ".join(sorted(given))
    message = f"处理函数 {name} 给出的变量（{listed}）与其声明不符；请改 gives 或 may_give。"
    raise EngineFault(message, code="not_as_declared", element=name)


def _acted_before(opened: plan.Opened) -> str | None:
    """The officers in the variables that `not_by` of the drawn task names: they do not do it."""
    names = opened.properties.get(NOT_BY, "").split()
    values = map(opened.data.get, names)
    return listed_officers(value for value in values if isinstance(value, int))


def _allowed(opened: plan.Opened) -> list[str]:
    """Actions that the drawn task allows besides completion, evaluated once, when it opens."""
    drawn = {name: text for name, text in opened.properties.items() if name in ALLOWANCES}
    said = handed_down(drawn, opened.data)
    return [name for name in ALLOWANCES if said.get(name) in ("yes", True)]
