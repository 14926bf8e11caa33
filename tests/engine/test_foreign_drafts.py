"""Foreign files become drafts: readable, nothing of another tool lost, hostile ones refused."""

from collections import Counter
from pathlib import Path

import pytest

from bench.foreign import foreign_parts, is_readable, joined
from engine.diagrams.foreign.drafts import make_drafts
from engine.diagrams.foreign.encodings import in_utf8
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from engine.errors import DiagramError, EditError
from tests.api.terminal import Terminal, environment
from tests.engine.foreign_files import DIALECTS, OMG, SHAPES, files, written

FILES = dict(files())


def test_there_are_forty_files() -> None:
    assert len(FILES) == 40


@pytest.mark.parametrize("name", FILES)
def test_a_foreign_file_comes_in_as_drafts_and_loses_nothing_of_its_tool(name: str) -> None:
    content = FILES[name]

    drafts = make_drafts(content, name=f"{name}.bpmn")

    assert all(is_readable(draft) for draft in drafts)
    assert len({draft.process_id for draft in drafts}) == len(drafts)
    assert foreign_parts(in_utf8(content, name=name)[0]) - joined(drafts) == Counter()
    assert all(draft.changes for draft in drafts)


def test_tasks_lanes_ids_and_the_drawing_are_made_and_reported() -> None:
    (draft,) = make_drafts(FILES["modeler_named"], name="orders.bpmn")
    diagram = read_diagram(parse_xml(draft.content, name="x"), name="x")

    assert diagram.process_id == "order_handling"
    assert list(diagram.nodes) == [
        "n_3_orders",
        "send_invoice",
        "send_invoice_2",
        "activity_0x3y2z",
    ]
    assert {node.lane for node in diagram.nodes.values()} == {"承办岗"}
    assert diagram.shapes.keys() == diagram.nodes.keys()
    assert len(draft.changes) == 4


def test_two_pools_become_two_files_and_messages_lead_to_the_other_pool() -> None:
    first, second = make_drafts(FILES["cloud_pools"], name="pools.bpmn")

    for draft in (first, second):
        root = parse_xml(draft.content, name="x")
        (flow,) = [one for one in root.iter() if one.tag.endswith("messageFlow")]
        known = {one.get("id") for one in root.iter()}
        assert {flow.get("sourceRef"), flow.get("targetRef")} <= known


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"<bpmn",
        "<老>".encode("gb18030")[:-1] + b"\xff",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b"<a>" * 5_000 + b"</a>" * 5_000,
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b"x" * 5_000_000,
        written(DIALECTS[0], SHAPES["tasks"]).replace(b"<bpmn:task", b"<!DOCTYPE x><bpmn:task"),
        f'<definitions xmlns="{OMG}"><process id="a"/></definitions>'.encode(),
    ],
)
def test_a_hostile_file_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises((DiagramError, EditError)) as refused:
        make_drafts(content, name="hostile.bpmn")

    assert refused.value.message.startswith("hostile.bpmn")


def test_the_command_writes_drafts_overwrites_nothing_and_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "old.bpmn").write_bytes(FILES["old_tasks"])
    (tmp_path / "bad.bpmn").write_bytes(b"<bpmn")
    into = tmp_path / "drafts"
    with environment(tmp_path / "var"):
        terminal = Terminal(capsys, tmp_path / "var")
        once = terminal.run("import-diagram", tmp_path / "old.bpmn", "--into", into)
        mixed = [tmp_path / "old.bpmn", tmp_path / "bad.bpmn"]
        twice = terminal.run("import-diagram", *mixed, "--into", into, "--json")
        checked = terminal.run("check", "--draft", into, "--json")

    assert (once.status, twice.status) == (0, 1)
    assert "gb18030" in once.out
    assert len(list(into.glob("*.bpmn"))) == 2
    assert [bool(one["refused"]) for one in twice.json] == [False, True]
    errors = {one["rule"] for one in checked.json if one["severity"] == "error"}
    assert not errors & {"label", "id", "lane"}
