"""Send and receive tasks run as the events they stand for; data objects never reach the engine."""

from datetime import UTC, datetime

import pytest

from engine.diagrams.xml import parse_xml
from engine.execution import plan
from engine.execution.execution import Execution
from engine.execution.marking import SpecNames
from engine.execution.spiff import parse_processes
from tests.engine import drawing as d
from tests.engine.check.sample import check

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MESSAGES = '<bpmn:message id="m_asked" name="asked"/><bpmn:message id="m_told" name="told"/>'
EVENTS = d.throw("ask", d.message("m_asked")) + d.catch("wait", d.message("m_told"))
TASKS = d.element("sendTask", "ask", messageRef="m_asked") + d.element(
    "receiveTask", "wait", messageRef="m_told"
)
DATA = (
    '<bpmn:dataObject id="file"/><bpmn:dataObjectReference id="file_shown" dataObjectRef="file"/>'
    '<bpmn:dataStoreReference id="register" name="台账"/>'
)


class _Definition:
    def __init__(self, content: bytes) -> None:
        self.top, self.called = parse_processes({"p.bpmn": parse_xml(content, name="p")}, "p")
        self.names = SpecNames(self.top, self.called)


def _body(steps: str) -> str:
    ends = d.start() + d.user("accept") + d.end()
    return ends + steps + d.path("reported", "ask", "wait", "accept", "closed")


def _walked(steps: str) -> list[object]:
    """What every step of a case opens, awaits, throws and passes."""
    definition = _Definition(d.diagram(_body(steps), outside=MESSAGES))
    marking, data, seen = None, {}, []
    for action in (plan.Start({}), plan.Message("told", {"answer": "yes"}, "wait"), None):
        execution = Execution(definition, marking, data, now=NOW)
        tokens = list(execution.waiting().persons)
        execution.apply(action or plan.Complete(tokens[0], {}))
        done = execution.result()
        opened = [one.element for one in done.opened]
        awaited = [one.name for one in done.awaited]
        thrown = [one.name for one in done.thrown]
        seen.append((opened, awaited, thrown, done.passed, done.is_ended, done.data.get("answer")))
        marking, data = done.marking, done.data
    return seen


def test_message_tasks_run_like_the_events_they_stand_for() -> None:
    walked = _walked(TASKS)

    assert walked == _walked(EVENTS)
    assert walked[0][1:3] == (["told"], ["asked"])  # type: ignore[index]
    assert walked[-1][4]  # type: ignore[index]


@pytest.mark.parametrize("steps", [EVENTS, TASKS])
def test_the_check_has_nothing_against_them(steps: str) -> None:
    assert check(_body(steps), outside=MESSAGES) == []


def test_data_objects_are_kept_and_change_nothing() -> None:
    assert _walked(EVENTS + DATA) == _walked(EVENTS)
    assert check(_body(EVENTS + DATA), outside=MESSAGES) == []
