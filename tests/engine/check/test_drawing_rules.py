"""What may be drawn and how it is connected: for every rule one sound and one faulty diagram."""

import pytest

from tests.engine import drawing as d
from tests.engine.check.sample import MESSAGE, check, flat, line, rules, some

ERROR = '<bpmn:error id="e" name="e" errorCode="e"/>'


def _inside(*tasks: str) -> str:
    """What stands in a subprocess: start, tasks one after another, end."""
    drawn = d.start("begun") + "".join(map(d.user, tasks)) + d.end("over")
    return drawn + d.path("begun", *tasks, "over")


ONE_TASK = line("accept")

SOUND = {
    "one task": ONE_TASK,
    "a row of tasks": line("accept", "handle", "verify"),
    "exclusive branches merged by an exclusive gateway": (
        d.start()
        + d.user("accept")
        + d.xor("what_came_out", default="no")
        + d.user("handle")
        + d.user("verify")
        + d.xor("handled_or_verified")
        + d.end()
        + d.path("reported", "accept", "what_came_out")
        + d.flow("what_came_out", "handle", "outcome == 'done'")
        + d.flow("what_came_out", "verify", identifier="no")
        + d.path("handle", "handled_or_verified", "closed")
        + d.path("verify", "handled_or_verified")
    ),
    "parallel branches joined by a parallel gateway": (
        d.start()
        + d.fork("fork")
        + d.user("accept")
        + d.user("handle")
        + d.fork("join")
        + d.end()
        + d.path("reported", "fork", "accept", "join", "closed")
        + d.path("fork", "handle", "join")
    ),
    "two of all who are asked, one after the other": (
        d.user(
            "accept",
            d.several(in_turn=True, enough="numberOfCompletedInstances >= 2 or outcome == 'done'"),
        )
        + flat("accept")
    ),
    "a subprocess with an event on its border": (
        flat("on_site")
        + d.part("on_site", _inside("accept", "handle"))
        + d.boundary("too_late", "on_site", d.timer("'P7D'"))
        + d.end("given_up")
        + d.path("too_late", "given_up")
    ),
    "those who have to be asked, or nobody": (
        some(d.some("who", default="nobody"), d.some("asked"))
    ),
    "a loop with a way out": (
        d.start()
        + d.xor("next_round")
        + d.user("handle")
        + d.xor("is_it_finished", default="no")
        + d.end()
        + d.path("reported", "next_round", "handle", "is_it_finished")
        + d.flow("is_it_finished", "closed", "outcome == 'done'")
        + d.flow("is_it_finished", "next_round", identifier="no")
    ),
    "deadlines, a message and a side branch on one task": (
        ONE_TASK
        + d.boundary("passed", "accept", d.timer("due_at", "timeDate"))
        + d.boundary("informed", "accept", d.timer("'P7D'"), interrupting=False)
        + d.boundary("withdrawn", "accept", d.message("m_withdrawn"))
        + "".join(d.end(f"over_{name}") for name in ("passed", "informed", "withdrawn"))
        + d.path("passed", "over_passed")
        + d.path("informed", "over_informed")
        + d.path("withdrawn", "over_withdrawn")
    ),
    "an event gateway with a message and one timer": (
        d.start()
        + d.event_gateway("what_comes_first")
        + d.catch("disputed", d.message("m_withdrawn"))
        + d.catch("time_passed", d.timer("'P7D'"))
        + d.end()
        + d.end("disputed_end")
        + d.path("reported", "what_comes_first", "disputed", "disputed_end")
        + d.path("what_comes_first", "time_passed", "closed")
    ),
    "several posts at once": (d.user("accept", d.several("posts", "post")) + flat("accept")),
    "a service task with an error boundary": (
        d.service("open_file")
        + flat("open_file")
        + d.boundary("not_opened", "open_file", '<bpmn:errorEventDefinition errorRef="e"/>')
        + d.end("stopped", "<bpmn:terminateEventDefinition/>")
        + d.path("not_opened", "stopped")
    ),
    "a decision and a message thrown": (
        d.decide("find_limit", "deadlines", step="handle")
        + d.throw("told", d.message("m_withdrawn"))
        + flat("find_limit", "told")
    ),
}


@pytest.mark.parametrize("body", SOUND.values(), ids=SOUND.keys())
def test_a_sound_diagram_has_no_error(body: str) -> None:
    errors = [str(one) for one in check(body, outside=MESSAGE + ERROR)]

    assert errors == []


def test_an_error_nobody_declares_is_found_at_its_event() -> None:
    body = SOUND["a service task with an error boundary"]

    assert rules(check(body)) == {("event", "not_opened")}


FAULTY = {
    "no start": (d.user("accept") + d.end() + d.path("accept", "closed"), {("start", "p")}),
    "two starts": (
        ONE_TASK + d.start("also") + d.end("there") + d.path("also", "there"),
        {("start", "also")},
    ),
    "no end": (
        d.start() + d.user("accept") + d.path("reported", "accept"),
        {("end", "p"), ("end", "accept")},
    ),
    "way that stops": (
        ONE_TASK + d.boundary("event", "accept", d.timer()),
        {("end", "event")},
    ),
    "flow out of an end": (
        ONE_TASK + d.end("more") + d.path("closed", "more"),
        {("no_way_out", "closed")},
    ),
    "flow into a start": (
        d.start()
        + d.xor("way", default="on")
        + d.end()
        + d.path("reported", "way")
        + d.flow("way", "closed", identifier="on")
        + d.flow("way", "reported", "outcome == 'x'"),
        {("no_way_in", "reported")},
    ),
    "unreachable task": (
        ONE_TASK + d.user("lonely") + d.end("alone") + d.path("lonely", "alone"),
        {("unreachable", "lonely"), ("unreachable", "alone")},
    ),
    "flow to nowhere": (
        ONE_TASK + d.flow("reported", "nobody"),
        {("dangling_flow", "reported_to_nobody"), ("split", "reported")},
    ),
    "several flows into a task": (
        d.start()
        + d.xor("way", default="on")
        + d.user("accept")
        + d.user("handle")
        + d.end()
        + d.path("reported", "way")
        + d.flow("way", "accept", "outcome == 'x'")
        + d.flow("way", "handle", identifier="on")
        + d.path("accept", "handle", "closed"),
        {("merge", "handle")},
    ),
    "two flows out of a task": (
        ONE_TASK + d.user("handle") + d.end("also") + d.path("accept", "handle", "also"),
        {("split", "accept")},
    ),
    "way out of a gateway without condition": (
        d.start()
        + d.xor("way", default="on")
        + d.end()
        + d.end("other")
        + d.path("reported", "way", "other")
        + d.flow("way", "closed", identifier="on"),
        {("condition_missing", "way_to_other")},
    ),
    "gateway without default": (
        d.start()
        + d.xor("way")
        + d.end()
        + d.end("other")
        + d.path("reported", "way")
        + d.flow("way", "closed", "outcome == 'x'")
        + d.flow("way", "other", "outcome == 'y'"),
        {("no_default", "way")},
    ),
    "default that belongs to another": (
        d.start()
        + d.xor("way", default="reported_to_way")
        + d.end()
        + d.path("reported", "way", "closed"),
        {("default_flow", "way"), ("idle_gateway", "way")},
    ),
    "condition behind a task": (
        d.start()
        + d.user("accept")
        + d.end()
        + d.path("reported", "accept")
        + d.flow("accept", "closed", "outcome == 'x'"),
        {("condition_useless", "accept_to_closed")},
    ),
    "gateway with one way in and one way out": (
        d.start() + d.xor("way") + d.end() + d.path("reported", "way", "closed"),
        {("idle_gateway", "way")},
    ),
    "flow that was removed behind its node": (
        ONE_TASK.replace(
            'id="closed" name="名称">',
            'id="closed" name="名称"><bpmn:incoming>accept_to_closed</bpmn:incoming>'
            "<bpmn:incoming>gone</bpmn:incoming>",
        ),
        {("flow_reference", "closed")},
    ),
    "parallel join in a loop": (
        d.start()
        + d.xor("again")
        + d.fork("fork")
        + d.user("accept")
        + d.user("handle")
        + d.fork("join")
        + d.xor("enough", default="yes")
        + d.end()
        + d.path("reported", "again", "fork", "accept", "join", "enough")
        + d.path("fork", "handle", "join")
        + d.flow("enough", "closed", identifier="yes")
        + d.flow("enough", "again", "outcome == 'x'"),
        {("join_in_loop", "join")},
    ),
    "thirteen tasks": (
        line(*(f"step_{number}" for number in range(13))),
        {("task_count", "p")},
    ),
    "two processes": (
        ONE_TASK + '</bpmn:process><bpmn:process id="second" name="二">',
        {("one_process", "second")},
    ),
    "id written by a machine": (
        line("Activity_0x1abc"),
        {
            ("id", "Activity_0x1abc"),
            ("id", "reported_to_Activity_0x1abc"),
            ("id", "Activity_0x1abc_to_closed"),
        },
    ),
    "id that is a Python keyword": (line("return"), {("id", "return")}),
    "id used twice": (
        ONE_TASK + d.element("textAnnotation", "accept"),
        {("duplicate_id", "accept"), ("duplicate_id", "accept_di")},
    ),
    "no Chinese label": (
        ONE_TASK.replace('name="名称"', 'name="Accept"', 1),
        {("label", "reported")},
    ),
    "answer without a label": (
        SOUND["a loop with a way out"].replace('id="no" name="名称"', 'id="no" name=""'),
        {("label", "no")},
    ),
}


@pytest.mark.parametrize(("body", "expected"), FAULTY.values(), ids=FAULTY.keys())
def test_a_fault_is_found_where_it_is(body: str, expected: set[tuple[str, str]]) -> None:
    found = {rule for rule in rules(check(body)) if rule[0] != "lane"}

    assert found == expected


def test_every_finding_says_what_to_draw_instead_in_both_languages() -> None:
    findings = [finding for body, _ in FAULTY.values() for finding in check(body)]

    for finding in findings:
        assert all((*finding.message, *finding.way_out)), finding
        assert finding.file == "p.bpmn"


def test_a_lane_must_be_a_role_and_people_must_stand_in_one() -> None:
    assert rules(check(ONE_TASK, lane="某某科")) == {("lane", "lane_one")}
    assert rules(check(ONE_TASK, lane="")) == {("lane", "accept")}


def test_what_has_no_shape_is_a_warning() -> None:
    content = d.diagram(ONE_TASK).replace(b'bpmnElement="accept"', b'bpmnElement="gone"')
    findings = [one for one in check(ONE_TASK, files={"p.bpmn": content}) if one.rule == "shape"]

    assert [(finding.element, finding.severity) for finding in findings] == [("accept", "warning")]


def test_an_error_end_of_a_subprocess_is_caught_on_its_border() -> None:
    refused = d.start("begun") + d.user("accept") + d.end("over", d.error("e"))
    body = flat("on_site") + d.part("on_site", refused + d.path("begun", "accept", "over"))
    caught = d.boundary("refused", "on_site", d.error("e")) + d.end("sent_back")

    assert ("error_end", "over") in rules(check(body, outside=ERROR))
    assert rules(check(body, caught + d.path("refused", "sent_back"), outside=ERROR)) == {
        ("dead_node", "closed")
    }


def test_functions_of_a_subprocess_are_written_in_the_module_of_its_process() -> None:
    inside = d.start("begun") + d.service("measure") + d.end("over")
    body = flat("on_site") + d.part("on_site", inside + d.path("begun", "measure", "over"))

    assert rules(check(body, functions={"p": {"measure": "service"}})) == set()
    assert rules(check(body, functions={"p": {}})) == {("not_written", "measure")}
