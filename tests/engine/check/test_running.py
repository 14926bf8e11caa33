"""What the check passes the engine takes: it is restored and a case of it starts."""

from pathlib import Path

from engine.check import check_bundle
from engine.findings import Finding
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, NOTE, check, line, rules

CASES = Path(__file__).parents[2] / "cases" / "bpmn"


def checked(content: bytes, name: str = "p.bpmn") -> list[Finding]:
    files = {name: content, "forms/note.json": NOTE, "deadlines.dmn": LIMITS}
    return check_bundle(files, policies=POLICIES)


def test_what_the_schema_refuses_is_found_with_line_and_element() -> None:
    (finding,) = checked((CASES / "not_schema_valid.bpmn").read_bytes())

    assert (finding.severity, finding.rule, finding.element) == ("error", "engine", "p")
    assert "line 1" in finding.message.en
    assert "documentation" in finding.message.en


def test_the_line_of_a_fault_is_the_one_an_editor_shows() -> None:
    spoilt = d.diagram(line("accept")).replace(
        b"<bpmn:startEvent", b'\n\n<bpmn:startEvent surprise="x"', 1
    )
    (finding,) = checked(spoilt)

    assert (finding.rule, finding.element) == ("engine", "reported")
    assert "第 3 行" in finding.message.zh


def test_a_called_process_is_held_against_the_schema_too() -> None:
    called = (CASES / "not_schema_valid.bpmn").read_bytes().replace(b'"p"', b'"q"')
    calls = d.start() + d.call("ask", "q") + d.end() + d.path("reported", "ask", "closed")

    assert ("engine", "q") in rules(check(calls, files={"q.bpmn": called}))


def test_what_the_start_form_brings_is_not_missed_before_a_case_starts() -> None:
    body = d.start() + d.xor("which", default="no") + d.user("accept") + d.user("handle")
    body += d.xor("merge") + d.end() + d.path("reported", "which")
    body += d.flow("which", "accept", "outcome == 'done'") + d.flow("which", "handle", None, "no")
    body += d.path("accept", "merge", "closed") + d.path("handle", "merge")

    assert check(body) == []


def test_a_side_branch_may_not_end_the_whole_case() -> None:
    content = (CASES / "side_terminate_ends_case.bpmn").read_bytes()
    found = checked(content, "grid_report.bpmn")

    ends = [(one.severity, one.element, one.trace) for one in found if one.rule == "side_end"]
    assert ends == [("error", "closed_silently", ("late", "closed_silently"))]


def test_an_interrupting_branch_may_end_the_whole_case() -> None:
    body = line("accept") + d.end("over", "<bpmn:terminateEventDefinition/>")
    body += d.path("late", "over") + d.boundary("late", "accept", d.timer())

    assert check(body) == []


def test_a_side_branch_may_end_itself() -> None:
    body = line("accept") + d.end("over") + d.path("late", "over")

    assert check(body + d.boundary("late", "accept", d.timer(), interrupting=False)) == []
