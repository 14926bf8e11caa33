"""What is read from a diagram file."""

import pytest

from engine.diagrams.reader import Box, Diagram, read_diagram, role_of_lane
from engine.diagrams.xml import parse_xml
from engine.errors import DiagramError
from tests.engine import drawing as d


def _read(content: bytes) -> Diagram:
    return read_diagram(parse_xml(content, name="p.bpmn"), name="p.bpmn")


@pytest.fixture(name="handling")
def _handling() -> Diagram:
    return _read(
        d.diagram(
            d.start(),
            d.user("accept", d.several("posts", "post"), deadline="accept"),
            d.boundary("not_accepted", "accept", d.timer("accept_pass_up_at", "timeDate")),
            d.boundary("withdrawn", "accept", d.message("m_withdrawn"), interrupting=False),
            d.decide("find_limit", "deadlines", step="accept", level="=level"),
            d.call("handle", "handling", level="=start_level", mode="fast"),
            d.xor("what_came_out", default="no"),
            d.end(),
            d.end("stopped"),
            d.path("reported", "accept", "find_limit", "handle", "what_came_out"),
            d.flow("what_came_out", "closed", "outcome == 'resolved' and days > 1"),
            d.flow("what_came_out", "stopped", identifier="no"),
            d.path("not_accepted", "stopped"),
            d.path("withdrawn", "stopped"),
            outside='<bpmn:message id="m_withdrawn" name="withdrawn"/>',
            properties={"variables": "level days"},
        )
    )


def test_nodes_are_read_with_kind_label_lane_and_properties(handling: Diagram) -> None:
    accept = handling.nodes["accept"]

    assert (accept.kind, accept.label, accept.lane, accept.role) == (
        "user",
        "名称",
        "网格长",
        "grid_leader",
    )
    assert (accept.form, accept.phase, accept.deadline) == ("note", "handle", "accept")
    assert accept.boundaries == ("not_accepted", "withdrawn")
    assert handling.process_id == "p"
    assert handling.variables == {"level", "days"}
    assert handling.shapes["accept"] == Box(10, 20, 100, 80)
    assert "no" in handling.edges


def test_events_are_read_with_timer_and_message(handling: Diagram) -> None:
    overdue, withdrawn = handling.nodes["not_accepted"], handling.nodes["withdrawn"]

    assert overdue.timer is not None
    assert (overdue.timer.kind, overdue.timer.text) == ("date", "accept_pass_up_at")
    assert (overdue.attached_to, overdue.cancel_activity) == ("accept", True)
    assert (withdrawn.message, withdrawn.cancel_activity) == ("withdrawn", False)


def test_what_a_node_calls_is_read(handling: Diagram) -> None:
    assert handling.nodes["find_limit"].decision == "deadlines"
    assert handling.nodes["handle"].called == "handling"
    assert handling.nodes["handle"].properties == {"level": "=start_level", "mode": "fast"}


def test_a_loop_is_read(handling: Diagram) -> None:
    loop = handling.nodes["accept"].loop

    assert loop is not None
    assert (loop.kind, loop.collection, loop.item) == ("parallel", "posts", "post")


def test_flows_connect_nodes(handling: Diagram) -> None:
    gateway = handling.nodes["what_came_out"]

    assert handling.targets(gateway) == ("closed", "stopped")
    assert handling.sources(gateway) == ("handle",)
    assert gateway.default == "no"
    assert handling.flows["what_came_out_to_closed"].condition == (
        "outcome == 'resolved' and days > 1"
    )


def test_the_names_read_are_those_of_every_drawn_expression(handling: Diagram) -> None:
    assert handling.names_read() == {
        "accept_pass_up_at",
        "posts",
        "level",
        "start_level",
        "outcome",
        "days",
    }


def test_a_side_task_reads_the_variable_its_due_property_names() -> None:
    diagram = _read(d.diagram(d.user("answer", due="due_at", deadline="")))

    assert diagram.names_read() == {"due_at"}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("网格长", "grid_leader"),
        ("grid_leader", "grid_leader"),
        ("村（社区）平台中心", "village_center"),
        ("村(社区) 平台中心", "village_center"),
        ("承办岗", "owner"),
        ("verifier", "verifier"),
        ("指定岗", "named_post"),
        ("某某岗", None),
        ("", None),
    ],
)
def test_a_lane_name_stands_for_a_role(name: str, role: str | None) -> None:
    assert role_of_lane(name) == role


@pytest.mark.parametrize("content", [b"<a/>", b"<process/>", d.table("t", [], [], [])])
def test_a_file_without_a_process_is_refused(content: bytes) -> None:
    with pytest.raises(DiagramError, match="没有 BPMN 流程"):
        _read(content)
