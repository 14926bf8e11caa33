"""The shipped decision tables say what the work plan's lists say (R39, R41)."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from engine.decisions.tables import DecisionTable, parse_decision
from engine.diagrams.xml import parse_xml

BPMN_NS = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMN = Path(__file__).parents[2] / "bpmn"
CITY = Path(__file__).parents[2] / "city" / "putian"
CODES = (
    *(f"L0{n}" for n in range(1, 8)),
    *(f"P0{n}" for n in range(1, 5)),
    *(f"S{n:02}" for n in range(1, 11)),
    *(f"H0{n}" for n in range(1, 7)),
    *("B01", "B02", "C01", "C02", "C03", "G01", "M01", "O01", "Z01", "X01", "X02"),
)
GRID = ("unit_leader", "grid_member", "grid_leader")
DEPARTMENTS = ("station", "county", "city")
HANDLERS = (*GRID, "village_assistant", *DEPARTMENTS)
STEPS = (
    ("triage", "triage"),
    ("village_center", "relay"),
    *((level, step) for level in HANDLERS for step in ("accept", "handle")),
    *(("enforcement", step) for step in ("decide_filing", "investigate", "decide_penalty")),
    *(
        (level, step)
        for level in DEPARTMENTS
        for step in ("verify", "order_rectification", "answer_inquiry")
    ),
    ("station", "write_public_result"),
    ("city", "follow_up_progress"),
)

SHARED = ("priority", "deadline_profile", "guide", "photo_required")

Row = dict[str, object]
Ask = Callable[..., Row | None]


def _table(name: str) -> DecisionTable:
    return parse_decision(parse_xml((BPMN / name).read_bytes(), name=name), name=name)


def _rows(name: str) -> list[dict[str, str]]:
    with (CITY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(name="matter", scope="module")
def _matter() -> Ask:
    table = _table("matters.dmn")

    def ask(code: str, *, is_repeat: bool = False) -> Row | None:
        fired = table.decide({"matter": code, "is_repeat": is_repeat})
        return None if fired is None else dict(fired.outputs)

    return ask


@pytest.fixture(name="limit", scope="module")
def _limit() -> Ask:
    table = _table("deadlines.dmn")

    def ask(profile: str, level: str, step: str) -> Row | None:
        values = {"deadline_profile": profile, "priority": "low", "level": level, "step": step}
        fired = table.decide(values)
        return None if fired is None else dict(fired.outputs)

    return ask


def test_every_matter_of_the_list_has_a_row_first_time_and_repeated(matter: Ask) -> None:
    assert len(CODES) == 38
    assert [code for code in CODES if not matter(code) or not matter(code, is_repeat=True)] == []


def test_a_matter_outside_the_list_has_no_row(matter: Ask) -> None:
    assert matter("other") is None


def test_the_collector_handles_first_what_the_list_gives_to_the_grid(matter: Ask) -> None:
    assert matter("L01") == {
        "accepting_party": "GRID_FIRST",
        "accepting_level": "collector",
        "priority": "normal",
        "deadline_profile": "standard",
        "guide": "licence_food_business",
        "photo_required": "yes",
    }


def test_a_repeat_goes_to_the_station_where_the_list_says_so(matter: Ask) -> None:
    rerouted = [code for code in CODES if matter(code) != matter(code, is_repeat=True)]

    answers = [matter(code, is_repeat=True) or {} for code in rerouted]
    assert {answer["accepting_party"] for answer in answers} == {"MSA_DIRECT"}
    assert {answer["accepting_level"] for answer in answers} == {"station"}
    assert {"H06", "Z01"}.isdisjoint(rerouted)
    assert len(rerouted) == 19


def test_an_emergency_goes_to_the_county_with_urgent_limits(matter: Ask) -> None:
    for code in ("X01", "X02"):
        row = matter(code) or {}
        assert (row["accepting_party"], row["accepting_level"]) == ("EMERGENCY", "county")
        assert (row["priority"], row["deadline_profile"]) == ("urgent", "urgent")


def test_high_and_urgent_matters_run_on_urgent_limits_and_only_those(matter: Ask) -> None:
    rows = [matter(code) or {} for code in CODES]

    is_pressing = [row["priority"] in {"high", "urgent"} for row in rows]
    assert is_pressing == [row["deadline_profile"] == "urgent" for row in rows]


@pytest.mark.parametrize("profile", ["standard", "urgent"])
@pytest.mark.parametrize(("level", "step"), STEPS)
def test_every_step_of_every_level_has_one_limit(
    limit: Ask, profile: str, level: str, step: str
) -> None:
    row = limit(profile, level, step)

    assert row is not None
    assert row["on_overdue"] in {"pass_up", "forward", "inform_superior", "supervise"}


def test_overdue_moves_the_case_in_the_grid_and_at_the_village_only(limit: Ask) -> None:
    """R26: a department stays the owner; its superior or the supervisor is told."""
    for profile in ("standard", "urgent"):
        for step in ("accept", "handle"):
            moved = {level for level in HANDLERS if _on_overdue(limit, profile, level, step)}
            assert moved == {*GRID, "village_assistant"}


def _on_overdue(limit: Ask, profile: str, level: str, step: str) -> bool:
    return (limit(profile, level, step) or {})["on_overdue"] == "pass_up"


def test_handling_may_be_extended_once_and_nothing_else_but_an_investigation(limit: Ask) -> None:
    extended = {
        step for level, step in STEPS if (limit("standard", level, step) or {})["extensions"]
    }

    assert extended == {"handle", "decide_filing", "investigate"}


def test_chasing_begins_at_half_time_and_ends_in_supervision() -> None:
    rules = {rule.id: rule for rule in _table("chase.dmn").rules}

    assert list(rules) == [
        "half_time",
        "near_due",
        "due",
        *(f"urge_{minutes}" for minutes in (15, 30, 60, 120, 240, 480, 960, 1440)),
        "overdue_daily",
        "overdue_superior",
        "overdue_supervised",
    ]


# ── row by row as the city's lists have it ───────────────────────────────────────────────────────


def test_each_matter_lands_where_its_row_of_the_list_says(matter: Ask) -> None:
    for row in _rows("matters.csv"):
        expected = {name: row[name] for name in ("accepting_party", "accepting_level", *SHARED)}
        assert matter(row["code"]) == expected
        if row["repeat_rule"]:
            expected["accepting_party"] = row["repeat_rule"].split(":")[1]
            expected["accepting_level"] = "station"
        assert matter(row["code"], is_repeat=True) == expected


def test_each_limit_is_the_one_of_the_list(limit: Ask) -> None:
    for row in _rows("deadlines.csv"):
        level = "station" if row["level"] == "*" else row["level"]
        assert limit(row["profile"], level, row["step"]) == {
            "limit": int(row["limit"]),
            "unit": row["unit"],
            "on_overdue": row["on_overdue"],
            "extensions": int(row["extensions"]),
            "extension_approver": row["extension_approver"],
        }


def test_the_tables_hold_no_rows_beyond_the_lists() -> None:
    repeated = sum(bool(row["repeat_rule"]) for row in _rows("matters.csv"))

    assert len(_table("matters.dmn").rules) == len(_rows("matters.csv")) + repeated
    # A row without a limit says that this never happens.
    limits = [rule for rule in _table("deadlines.dmn").rules if rule.outputs[0].evaluate({})]
    assert len(limits) == len(_rows("deadlines.csv"))


def test_each_chase_rule_is_the_one_of_the_list() -> None:
    table = _table("chase.dmn")
    for row in _rows("chase_rules.csv"):
        fired = table.decide({"trigger": row["trigger"], "value": float(row["value"])})
        assert fired is not None
        assert fired.rule_id == row["id"]
        assert fired.outputs == {name: row[name] for name in ("repeat", "tells", "action")}


def test_what_passes_to_somebody_else_at_its_end_has_a_timer_that_does_it() -> None:
    """`supervise` is done by the chases where no timer is drawn; the other words need a shape."""
    said: dict[str, set[str]] = {}
    for row in csv.DictReader((CITY / "deadlines.csv").read_text(encoding="utf-8").splitlines()):
        said.setdefault(row["step"], set()).add(row["on_overdue"])
    tasks = [
        (task, borders(root, task.get("id")))
        for path in sorted(BPMN.glob("*.bpmn"))
        for root in [etree.parse(path)]
        for task in root.iterfind(f".//{BPMN_NS}userTask")
    ]
    timed = {
        prop.get("value"): border
        for task, border in tasks
        for prop in task.iterfind(".//{*}property[@name='deadline']")
        if said.get(prop.get("value"), set()) - {"supervise"}
    }

    assert set(timed) == {step for step, words in said.items() if words != {"supervise"}}
    assert [step for step, border in timed.items() if not border] == []


def borders(root: etree._ElementTree, task: str | None) -> list[etree._Element]:
    """The timers on the shape of a task."""
    drawn = root.iterfind(f".//{BPMN_NS}boundaryEvent[@attachedToRef='{task}']")
    return [one for one in drawn if one.find(f"{BPMN_NS}timerEventDefinition") is not None]
