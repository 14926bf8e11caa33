"""What every shipped diagram and form keeps to, beyond what `hangji check` proves."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import handler_modules
from engine.binding import collect
from engine.check import check_bundle
from engine.diagrams.reader import Diagram, Node, read_diagram
from engine.diagrams.xml import parse_xml
from engine.forms.forms import Form, parse_form
from handlers.policy import POLICIES

BPMN = Path(__file__).parents[2] / "bpmn"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SHIPPED = tuple(sorted(path.stem for path in BPMN.glob("*.bpmn")))
WORK = {"user", "manual", "service", "decision", "call"}
LEVELS = {
    "unit_leader",
    "grid_member",
    "grid_leader",
    "village_center",
    "village_assistant",
    "station",
    "county",
    "city",
}


def _diagram(name: str) -> Diagram:
    content = (BPMN / f"{name}.bpmn").read_bytes()
    return read_diagram(parse_xml(content, name=name), name=name)


@pytest.fixture(name="diagram", params=SHIPPED)
def _one(request: pytest.FixtureRequest) -> Diagram:
    return _diagram(request.param)


def _forms() -> dict[str, Form]:
    files = sorted((BPMN / "forms").glob("*.json"))
    return {path.stem: parse_form(path.read_text("utf-8"), name=path.name) for path in files}


def _nodes(*kinds: str) -> Iterator[Node]:
    for name in SHIPPED:
        yield from (node for node in _diagram(name).nodes.values() if node.kind in kinds)


def test_hangji_check_finds_no_error_and_every_function_is_bound() -> None:
    paths = [path for ending in ("bpmn", "dmn", "json") for path in BPMN.rglob(f"*.{ending}")]

    found = check_bundle(
        {path.name: path.read_bytes() for path in paths},
        policies=POLICIES,
        functions=collect(handler_modules()).table(),
    )

    assert [str(one) for one in found if one.severity == "error"] == []


def test_a_diagram_has_at_most_twelve_tasks(diagram: Diagram) -> None:
    assert sum(node.kind in WORK for node in diagram.nodes.values()) <= 12


def test_the_process_is_called_like_its_file(diagram: Diagram) -> None:
    assert diagram.process_id == diagram.name


def test_a_lane_names_who_acts_in_chinese_and_by_its_id(diagram: Diagram) -> None:
    assert [f"lane_{lane.role}" for lane in diagram.lanes] == [lane.id for lane in diagram.lanes]


def test_a_picture_of_it_is_in_the_docs(diagram: Diagram) -> None:
    assert (PICTURES / f"{diagram.name}.png").is_file()


def test_every_user_task_and_start_event_finds_its_form_and_no_form_is_idle() -> None:
    asked = {node.properties["form"] for node in _nodes("user")}
    called = {node.called for node in _nodes("call")}
    entered = [_diagram(name) for name in SHIPPED if name not in called]
    starts = {
        node.id for diagram in entered for node in diagram.nodes.values() if node.kind == "start"
    }

    assert set(_forms()) == asked | starts


def test_every_form_carries_its_file_name_and_speaks_chinese_and_english() -> None:
    for name, form in _forms().items():
        texts = [form.title, *(field.label for field in form.fields)]
        texts += [option.label for field in form.fields for option in field.options]
        assert form.id == name
        assert all(text.zh and text.en and not text.en.isspace() for text in texts)


def test_forms_name_only_levels_that_exist() -> None:
    for path in (BPMN / "forms").glob("*.json"):
        fields = json.loads(path.read_text(encoding="utf-8"))["fields"]
        options = [option for field in fields for option in field.get("options", [])]
        named = {level for option in options for level in option.get("except_levels", [])}
        assert named <= LEVELS


def test_the_village_center_is_offered_no_way_to_resolve() -> None:
    """A1: it sorts and forwards."""
    outcome = next(field for field in _forms()["relay"].fields if field.name == "outcome")

    assert {option.value for option in outcome.options} == {
        "pass_up",
        "duplicate",
        "not_food",
        "not_valid",
    }


@pytest.mark.parametrize(
    ("level", "missing"),
    [
        ("unit_leader", {"case_lead", "unclear"}),
        ("grid_leader", {"case_lead", "unclear"}),
        ("village_assistant", {"case_lead"}),
        ("station", {"unclear"}),
        ("city", {"pass_up", "unclear"}),
    ],
)
def test_each_level_is_offered_the_outcomes_it_may_give(level: str, missing: set[str]) -> None:
    """R03: no enforcement by assistants; R40: nothing above the city."""
    form = _forms()["resolve_or_pass_up"]
    every = {option.value for option in form.fields[0].options}

    offered = form.document(level=level)["fields"][0]["options"]

    assert every - {option["value"] for option in offered} == missing
