"""Steps without Python: drawn, checked, published, and walked over HTTP."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from api.authoring import blank_form
from api.composition import handler_modules
from api.deploying import check, publish, read_paths, read_raw
from api.settings import ROOT
from engine.binding import collect
from engine.diagrams.editing import (
    NewStep,
    insert_step,
    read_drawing,
    remove_step,
    rename,
    set_cell,
    write_drawing,
)
from engine.diagrams.reader import read_diagram
from engine.errors import EditError
from engine.findings import Finding
from handlers.policy import POLICIES
from tests.api.terminal import copied
from tests.stories.world import World

REVIEW = NewStep(
    "review_before_feedback",
    "反馈前复核",
    "userTask",
    {"form": "review", "phase": "verify", "deadline": "verify"},
    "承办岗",
)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FINISHED = "finished_at_last"
"""The line of `follow_up` on which a case has been put right."""
TOLD = {"does": "notify", "post": "superior", "text": "复核已完成"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped diagrams with a form for a review beside them."""
    made = copied(ROOT / "bpmn", tmp_path / "bpmn")
    options = {"agreed": "同意", "again": "重办"}
    text = blank_form(
        "review", title="复核", name="review_result", words="复核结果", options=options
    )
    (made / "forms" / "review.json").write_text(text, "utf-8")
    return made


def insert(
    folder: Path, *steps: NewStep, after: str = FINISHED, drawing: str = "follow_up.bpmn"
) -> None:
    """Put steps one behind the other into a drawing."""
    path = folder / drawing
    before = path.read_bytes()
    root = read_drawing(before, name=path.name)
    for step in steps:
        insert_step(root, step, after=after)
        after = step.id
    path.write_bytes(write_drawing(root, like=before))


def automatic(name: str, properties: Mapping[str, str]) -> NewStep:
    """A service task that says what it does."""
    return NewStep(name, "自动环节", "serviceTask", properties)


def followed(world: World) -> str:
    """A case followed until it is put right; gives its number."""
    number = world.file()
    world.resolve(number, "grid_member", outcome="long_running", reason="要等新证")
    world.do(number, "grid_member", "report_progress", finished=True, progress="已办证")
    return number


def found(folder: Path) -> list[Finding]:
    """What the check says."""
    return check(read_raw([folder]), collect(handler_modules()), POLICIES)


def deployed(world: World, folder: Path) -> None:
    """Publish a folder."""
    with world.database.transaction() as session:
        publish(session, read_paths([folder]), by="tests", now=world.clock.now())


def test_a_review_that_tells_the_superior_is_drawn_checked_published_and_walked(
    world: World, folder: Path
) -> None:
    insert(folder, REVIEW, automatic("notify_superior", TOLD))

    assert found(folder) == []
    deployed(world, folder)
    number = followed(world)
    assert world.task(number)["name"] == "review_before_feedback"
    world.do(number, "grid_member", "review_before_feedback", review_result="agreed")

    assert world.task(number)["name"] == "verify"
    (told,) = world.notes(number, "step_notified")
    assert told == {"told": [world.post("grid_leader")], "text": "复核已完成"}


def into_a_subprocess(path: Path, step: str) -> None:
    """Put a step into an embedded subprocess that stands where it stood."""
    before = path.read_bytes()
    root = read_drawing(before, name=path.name)
    process = root.find(f"{BPMN}process")
    task = next(one for one in process if one.get("id") == step)
    part = etree.Element(f"{BPMN}subProcess", id="review_round", name="复核一轮")
    process.replace(task, part)
    for way in list(task):
        if way.tag in {f"{BPMN}incoming", f"{BPMN}outgoing"}:
            part.append(way)
    part.append(etree.Element(f"{BPMN}startEvent", id="review_begun", name="开始复核"))
    part.append(task)
    part.append(etree.Element(f"{BPMN}endEvent", id="review_over", name="复核完"))
    for name, source, target in (("to_it", "review_begun", step), ("to_end", step, "review_over")):
        flow = etree.SubElement(part, f"{BPMN}sequenceFlow", id=f"review_{name}")
        flow.attrib.update({"sourceRef": source, "targetRef": target})
    for flow in process.findall(f"{BPMN}sequenceFlow"):
        for end in ("sourceRef", "targetRef"):
            flow.set(end, "review_round" if flow.get(end) == step else flow.get(end))
    path.write_bytes(write_drawing(root, like=before))


def test_a_review_in_a_subprocess_runs_and_is_shown_where_it_is_drawn(
    world: World, folder: Path
) -> None:
    insert(folder, REVIEW, automatic("notify_superior", TOLD))
    into_a_subprocess(folder / "follow_up.bpmn", "review_before_feedback")

    assert {(one.rule, one.severity) for one in found(folder)} == {("shape", "warning")}
    deployed(world, folder)
    number = followed(world)
    shown = world.done(world.ask("GET", f"/cases/{number}/diagram", "supervisor"))["diagrams"]
    (active,) = [one for one in shown if one["file"] == "follow_up.bpmn"]
    assert {one["id"] for one in active["active"]} == {"review_round", "review_before_feedback"}
    world.do(number, "grid_member", "review_before_feedback", review_result="agreed")

    assert world.task(number)["name"] == "verify"
    assert len(world.notes(number, "step_notified")) == 1


def test_a_step_is_put_into_a_subprocess_and_taken_out_again(folder: Path) -> None:
    insert(folder, REVIEW)
    path = folder / "follow_up.bpmn"
    into_a_subprocess(path, REVIEW.id)
    before = path.read_bytes()

    insert(folder, automatic("note_review", {"does": "note", "text": "复核"}), after=REVIEW.id)
    inside = read_diagram(read_drawing(path.read_bytes(), name=path.name), name=path.name).parts[0]
    assert inside.targets(inside.nodes[REVIEW.id]) == ("note_review",)
    assert {one.rule for one in found(folder)} == {"shape"}

    root = read_drawing(path.read_bytes(), name=path.name)
    remove_step(root, "note_review")
    assert write_drawing(root, like=before) == before


def test_values_counts_and_notes_are_set_without_python_and_the_check_follows_them(
    world: World, folder: Path
) -> None:
    steps = [
        automatic("mark_reviewed", {"does": "set", "name": "review_mark", "value": "seen"}),
        automatic("note_review", {"does": "note", "text": "= review_mark"}),
    ]
    insert(folder, *steps)

    assert found(folder) == []
    deployed(world, folder)
    number = followed(world)

    assert world.notes(number, "step_noted") == [{"text": "seen"}]


def test_a_further_case_is_started_and_linked_by_a_drawn_step(world: World, folder: Path) -> None:
    fields = {"matter": "L01", "area": "350322100001001001", "description": "后续巡查"}
    form = {f"form.{name}": value for name, value in fields.items()}
    more = {"does": "start_case", "process": "grid_report", "form.no_photo_reason": "无", **form}
    count = {"does": "count", "name": "rounds"}
    insert(folder, automatic("count_rounds", count), automatic("open_another", more))

    assert found(folder) == []
    deployed(world, folder)
    number = followed(world)

    (link,) = world.case(number)["links"]
    assert link["kind"] == "follows"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"does": "shout"}, "shout"),
        ({"does": "notify"}, "post"),
        ({"does": "notify", "post": "boss"}, "boss"),
        ({"does": "note", "text": "x", "post": "owner"}, "不用属性 post"),
        ({"does": "set", "name": "level", "value": "1"}, "level"),
        ({"does": "start_case", "process": "nowhere"}, "nowhere"),
    ],
)
def test_a_ready_step_that_is_not_complete_is_an_error_at_the_step(
    folder: Path, properties: dict[str, str], words: str
) -> None:
    insert(folder, automatic("quick_step", properties))

    errors = [one for one in found(folder) if one.rule == "ready"]

    assert {one.element for one in errors} == {"quick_step"}
    assert any(words in one.message.zh for one in errors)


def test_what_a_ready_step_does_not_give_is_missing_where_it_is_read(folder: Path) -> None:
    step = automatic("note_review", {"does": "note", "text": "= review_mark"})
    insert(folder, step)

    assert {(one.rule, one.element) for one in found(folder)} >= {("unknown_name", "note_review")}


def test_a_step_is_taken_out_again_and_its_function_left_over_is_a_warning(folder: Path) -> None:
    path = folder / "grid_report.bpmn"
    before = path.read_bytes()
    insert(folder, REVIEW, after="ready_to_feed_back", drawing=path.name)
    root = read_drawing(path.read_bytes(), name=path.name)
    remove_step(root, "review_before_feedback")
    assert write_drawing(root, like=before) == before

    remove_step(root, "count_failed_verification")
    path.write_bytes(write_drawing(root, like=before))

    (left,) = [one for one in found(folder) if one.rule == "not_drawn"]
    assert (left.severity, left.element) == ("warning", "count_failed_verification")


def test_an_id_is_renamed_wherever_the_file_refers_to_it(folder: Path) -> None:
    path = folder / "side_task.bpmn"
    root = read_drawing(path.read_bytes(), name=path.name)

    changed = rename(root, "answered", "replied")

    text = write_drawing(root, like=path.read_bytes()).decode()
    assert changed == 4
    assert '"answered"' not in text
    assert ">answered<" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda root: insert_step(root, REVIEW, after="no_such_place"), "hangji tasks"),
        (lambda root: insert_step(root, REVIEW, after="did_it_pas"), "是不是 did_it_pass"),
        (lambda root: remove_step(root, "verifyy"), "是不是 verify"),
        (lambda root: insert_step(root, REVIEW, after="did_it_pass"), "passed"),
        (lambda root: remove_step(root, "did_it_pass"), "did_it_pass"),
        (lambda root: rename(root, "verify", "triage"), "triage"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(folder: Path, change: object, words: str) -> None:
    path = folder / "grid_report.bpmn"
    root = read_drawing(path.read_bytes(), name=path.name)

    with pytest.raises(EditError, match=words):
        change(root)  # type: ignore[operator]  # one of the functions above


def test_a_limit_stays_a_number(folder: Path) -> None:
    path = folder / "deadlines.dmn"
    root = read_drawing(path.read_bytes(), name=path.name)

    with pytest.raises(EditError, match="写数"):
        set_cell(root, "standard_grid_member_handle", "limit", "five")

    assert set_cell(root, "standard_grid_member_handle", "limit", "5") == "2"
