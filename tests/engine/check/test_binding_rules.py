"""What is drawn, written, asked for and decided must fit together."""

import pytest

from engine.check import check_bundle
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, MESSAGE, NOTE, check, line, rules

SERVICE = d.service("open_file") + d.start() + d.end() + d.path("reported", "open_file", "closed")


def test_a_service_task_without_its_function_is_found() -> None:
    findings = check(SERVICE, functions={})

    assert rules(findings) == {("not_written", "open_file")}
    assert "handlers/…/p.py" in findings[0].way_out.en


def test_a_bound_service_task_is_fine() -> None:
    assert check(SERVICE, functions={"p": {"open_file": "service"}}) == []


def test_a_function_without_a_place_is_found() -> None:
    written = {"open_file": "service", "gone": "user", "reported": "start"}

    assert rules(check(SERVICE, functions={"p": written})) == {("not_drawn", "gone")}


def test_a_function_of_another_kind_is_found() -> None:
    assert rules(check(SERVICE, functions={"p": {"open_file": "user"}})) == {
        ("not_drawn", "open_file")
    }


def test_a_module_without_a_diagram_is_found() -> None:
    written = {"p": {"open_file": "service"}, "q": {}}
    (finding,) = check(SERVICE, functions=written)

    assert (finding.rule, finding.file) == ("not_drawn", "handlers/q.py")


def test_the_verifier_lane_needs_its_function() -> None:
    body = line("verify")

    assert rules(check(body, lane="核查岗", functions={})) == {("not_written", "verifier")}
    assert check(body, lane="核查岗", functions={"p": {"verifier": "lane"}}) == []


def test_binding_is_left_out_when_no_functions_are_given() -> None:
    assert check(SERVICE) == []


@pytest.mark.parametrize(
    ("body", "rule", "element"),
    [
        (line("accept").replace('"note"', '"gone"'), "missing_form", "accept"),
        (line("accept").replace('"form"', '"step"'), "missing_form", "accept"),
        (
            d.decide("find", "gone") + d.start() + d.end() + d.path("reported", "find", "closed"),
            "missing_decision",
            "find",
        ),
        (
            d.call("handle", "gone") + d.start() + d.end() + d.path("reported", "handle", "closed"),
            "missing_process",
            "handle",
        ),
    ],
)
def test_what_is_named_must_exist(body: str, rule: str, element: str) -> None:
    assert rules(check(body)) == {(rule, element)}


def test_a_called_process_may_not_lead_back() -> None:
    def calls(process: str, called: str) -> bytes:
        body = d.call("handle", called) + d.start() + d.end()
        return d.diagram(body + d.path("reported", "handle", "closed"), process=process)

    found = check_bundle({"p.bpmn": calls("p", "q"), "q.bpmn": calls("q", "p")}, policies=POLICIES)

    assert rules(found) == {("calls_itself", "p"), ("calls_itself", "q")}


@pytest.mark.parametrize(
    ("element", "name", "found"),
    [
        ("q", "第一步", set()),
        ("r", "第一步", {("calls_another", "r")}),
        ("handle", "第三", {("calls_another", "handle")}),
        ("handle", "第二", set()),
    ],
)
def test_a_call_named_after_a_process_calls_it(
    element: str, name: str, found: set[tuple[str, str]]
) -> None:
    call = d.call(element, "q", label=name)
    end = d.start() + d.end() + d.path("reported", "closed")
    files = {
        "p.bpmn": d.diagram(call + d.start() + d.end() + d.path("reported", element, "closed")),
        "q.bpmn": d.diagram(end, process="q", label="第二"),
        "r.bpmn": d.diagram(end, process="r", label="第三"),
        "forms/note.json": NOTE,
    }

    assert rules(check_bundle(files, policies=POLICIES)) == found


def test_a_person_has_a_deadline_the_table_knows_and_a_phase() -> None:
    def task(**properties: str) -> str:
        drawn = d.user("accept", **properties) + d.start() + d.end()
        return drawn + d.path("reported", "accept", "closed")

    assert rules(check(task(deadline=""))) == {("deadline", "accept")}
    assert rules(check(task(deadline="some_day"))) == {("deadline", "accept")}
    assert check(task(deadline="", due="due_at")) == []
    assert rules(check(task(phase="someday"))) == {("phase", "accept")}
    assert check(task(deadline=""))[0].clause == "R41"


def test_a_file_is_named_after_the_id_in_it() -> None:
    files = {"q.bpmn": d.diagram(line("accept")), "forms/note.json": NOTE, "limits.dmn": LIMITS}

    assert rules(check_bundle(files, policies=POLICIES)) == {
        ("file_name", "p"),
        ("file_name", "deadlines"),
    }


def test_a_file_of_another_kind_is_refused() -> None:
    assert rules(check_bundle({"virus.exe": b""}, policies=POLICIES)) == {("file_kind", "")}


def _deciding(table: bytes, **properties: str) -> set[tuple[str, str]]:
    body = d.decide("find", "t", **properties) + d.start() + d.end()
    return rules(check(body + d.path("reported", "find", "closed"), files={"t.dmn": table}))


def _table(*cells: str, **more: str) -> bytes:
    rows = [([cell], [str(number)]) for number, cell in enumerate(cells)]
    return d.table("t", ["outcome"], ["row"], rows, **more)


def test_overlapping_rows_are_an_error_that_names_both() -> None:
    assert _deciding(_table('"a"', "-")) == {("decision_overlap", "row_2")}
    assert _deciding(_table('"a"', "-", hit_policy="FIRST")) == set()


def test_a_gap_is_a_warning_unless_the_drawing_says_what_happens_then() -> None:
    assert _deciding(_table('"a"')) == {("decision_gap", "t")}
    assert _deciding(_table('"a"'), none_ok="yes") == set()


def test_a_value_outside_its_column_is_an_error() -> None:
    table = d.table("t", ["outcome"], ["row"], [(['"b"'], ["1"])], allowed={"outcome": '"a"'})

    assert ("decision_value", "row_1") in _deciding(table)


def test_an_input_nobody_fills_is_an_error() -> None:
    table = d.table("t", ["nobody_knows"], ["row"], [(["-"], ["1"])])

    assert _deciding(table) == {("unknown_name", "in_0")}


def test_a_rule_task_cannot_ask_a_table_that_collects() -> None:
    assert _deciding(_table("-", hit_policy="COLLECT")) == {("decision_collects", "find")}


def test_a_table_and_a_form_that_cannot_be_read_are_findings() -> None:
    files = {"t.dmn": _table("words"), "f.json": b"{", "q.bpmn": b"<!DOCTYPE a><a/>"}

    assert {rule for rule, _ in rules(check_bundle(files, policies=POLICIES))} == {
        "decision_table",
        "form",
        "xml_doctype",
    }


def test_names_in_expressions_must_be_filled_by_somebody() -> None:
    body = line("accept") + d.boundary("late", "accept", d.timer("some_time", "timeDate"))
    body += d.end("over") + d.path("late", "over")

    assert rules(check(body)) == {("unknown_name", "late")}
    assert check(body, properties={"variables": "other some_time"}) == []


@pytest.mark.parametrize(
    "text", ["PT1H", "P7D", "R3/PT1H", "2026-11-23T00:00:00+08:00", "2026-11-23"]
)
def test_a_timer_without_quotes_is_told_to_have_some(text: str) -> None:
    body = line("accept") + d.boundary("late", "accept", d.timer(text)) + d.end("over")
    (finding,) = check(body + d.path("late", "over"))

    assert (finding.rule, finding.element) == ("timer_literal", "late")
    assert finding.way_out.en == f"Write '{text}'."


@pytest.mark.parametrize(
    "text",
    ["'soon'", "'P'", "'PT'", "'-PT1H'", "'P1M'", "'2026-11-23T00:00:00'", "3", "'R5/PT1H'", "1/0"],
)
def test_a_timer_must_be_a_positive_duration_or_a_moment_with_offset(text: str) -> None:
    body = line("accept") + d.boundary("late", "accept", d.timer(text)) + d.end("over")

    assert rules(check(body + d.path("late", "over"))) == {("timer_literal", "late")}


MOMENT = "'9999-12-30T00:00:00+08:00'"


@pytest.mark.parametrize(
    ("text", "kind"),
    [*((text, "timeDuration") for text in ("'P7D'", "'PT24H'", "'P1DT12H'")), (MOMENT, "timeDate")],
)
def test_a_timer_in_quotes_is_fine(text: str, kind: str) -> None:
    body = line("accept") + d.boundary("late", "accept", d.timer(text, kind)) + d.end("over")

    assert check(body + d.path("late", "over"), outside=MESSAGE) == []


@pytest.mark.parametrize(("text", "kind"), [("'P7D'", "timeDate"), (MOMENT, "timeDuration")])
def test_a_timer_drawn_as_the_other_kind_is_found(text: str, kind: str) -> None:
    body = line("accept") + d.boundary("late", "accept", d.timer(text, kind)) + d.end("over")

    assert rules(check(body + d.path("late", "over"))) == {("timer_literal", "late")}
