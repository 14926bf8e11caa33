"""Whole cases of the grid route, from collection to feedback, through the API."""

import pytest

from storage.places.matters import Matter
from tests.build import UNIT
from tests.stories.world import PASSED_UP, World, at, matters

CHAIN = ("grid_leader", "village_center", "station", "county", "city")
STARTS = {
    "unit_leader": ("unit_leader", *CHAIN),
    "grid_member": ("grid_member", *CHAIN),
    "grid_leader": CHAIN,
}
WALKS = [
    (start, end) for start, chain in STARTS.items() for end in chain if end != "village_center"
]
DEPARTMENT = ("station", "county", "city")


def verify(world: World, number: str, **form: str) -> str:
    """Verify as whoever was chosen; gives that role."""
    chosen = world.task(number, "verify")["holder"]["post"].split(":")[0]
    world.do(number, chosen, "verify", **{"verify_result": "passed", **form})
    return str(chosen)


@pytest.mark.parametrize(("start", "end"), WALKS)
def test_a_case_rises_rung_by_rung_to_whoever_resolves_it(
    world: World, start: str, end: str
) -> None:
    """R40: resolved by each level, from each start post; no step is skipped."""
    chain = STARTS[start]
    number = world.file(start)

    world.climb(number, to=end)
    world.resolve(number, end)
    verify(world, number)

    case = world.case(number)
    assert world.levels(number) == list(chain[: chain.index(end) + 1])
    assert (case["status"], case["outcome"], case["owner_level"]) == ("closed", "resolved", end)


@pytest.mark.postgres
def test_a_case_rises_from_the_unit_to_the_city_on_postgresql(postgres_world: World) -> None:
    """R40: full walk from unit to city."""
    number = postgres_world.file("unit_leader")

    postgres_world.climb(number, to="city")
    postgres_world.resolve(number, "city")
    verify(postgres_world, number)

    assert postgres_world.levels(number) == list(STARTS["unit_leader"])
    assert postgres_world.case(number)["status"] == "closed"


def test_what_the_diagram_does_not_allow_is_neither_offered_nor_accepted(world: World) -> None:
    """A3: the grid route has no return, whoever passed the case up."""
    number = world.file("grid_leader")
    world.climb(number, to="station")
    task = world.task(number)["id"]

    offered = world.offers(number, "station")
    acted = world.act(task, "station", "return", reason="不属本所")
    filled = world.doing(number, "station", "accept", answer="return", reason="不属本所")

    assert "return" not in offered
    assert "consult" in offered
    assert (acted.status_code, acted.get_json()["clause"]) == (409, "A3")
    assert filled.status_code == 422
    assert filled.get_json()["errors"][0]["pointer"] == "/form/answer"


@pytest.mark.parametrize("start", DEPARTMENT)
def test_what_the_department_finds_it_handles_itself(world: World, start: str) -> None:
    """R24: the first owner is the collector, whatever the list says of the matter."""
    number = world.file(start, matter="L01")

    case = world.case(number)

    assert case["owner_post"] == world.post(start)
    assert world.task(number)["holder"]["id"] == world.people[start].id
    assert case["source"] == "department_patrol"


@pytest.mark.parametrize("matter", list(matters()), ids=lambda matter: matter.code)
def test_each_matter_lands_where_its_row_says(world: World, matter: Matter) -> None:
    """R39: each of the 38 rows, with the row that fired on file."""
    number = world.file("grid_member", matter=matter.code, photos=[])

    case = world.case(number)
    # Beside an emergency everybody alerted acknowledges it.
    (task,) = [one for one in case["tasks"] if one["name"] != "acknowledge"]
    (opened,) = world.notes(number, "case_opened")
    (decided,) = [decision for decision in opened["decisions"] if "matter" in decision["inputs"]]
    expected = "grid_member" if matter.accepting_level == "collector" else matter.accepting_level
    assert task["holder"]["post"] == case["owner_post"] == world.post(expected)
    # Their own report nobody is asked to accept.
    assert task["name"] == ("resolve_or_pass_up" if expected == "grid_member" else "accept")
    assert case["priority"] == matter.priority
    assert decided["rule"] == matter.code
    assert decided["outputs"]["accepting_party"] == matter.accepting_party


def test_a_matter_no_list_holds_goes_to_triage_and_is_never_lost(world: World) -> None:
    """R39: an unmatched matter."""
    number = world.file(matter="other")
    assert world.task(number)["name"] == "triage"

    world.do(number, "triage", "triage", triage_answer="listed", matter="S02")

    assert world.task(number, "accept")["holder"]["post"] == world.post("station")
    assert world.case(number)["matter"] == "S02"


@pytest.mark.parametrize(
    ("party", "level"),
    [("GRID_FIRST", "grid_member"), ("MSA_DIRECT", "station"), ("EMERGENCY", "county")],
)
def test_triage_names_who_accepts_what_no_list_holds(world: World, party: str, level: str) -> None:
    """R39."""
    number = world.file(matter="other")

    form = {"triage_answer": "unlisted", "accepting_party": party, "reason": "清单没有"}
    world.do(number, "triage", "triage", **form)

    assert world.case(number)["owner_level"] == level


@pytest.mark.parametrize("said", ["not_food", "not_valid"])
def test_triage_ends_what_is_none_of_our_business_with_feedback(world: World, said: str) -> None:
    """R45: no case in a final state without a result."""
    number = world.file(matter="other")

    world.do(number, "triage", "triage", triage_answer=said, reason="与食品无关")

    case = world.case(number)
    assert (case["status"], case["outcome"]) == ("closed", said)
    assert world.notes(number, "fed_back")


def test_triage_cannot_resolve(world: World) -> None:
    """Requirements section 14."""
    number = world.file(matter="other")

    answer = world.doing(number, "triage", "triage", triage_answer="resolved")

    assert answer.status_code == 422


def test_a_repeat_at_the_same_business_goes_to_market_supervision(world: World) -> None:
    """Domain defaults, section 6: within 90 days."""
    business = world.business()
    first = world.file(business=business)
    world.wait(days=60)
    again = world.file(business=business)
    world.wait(days=120)
    much_later = world.file(business=business)

    assert world.levels(first)[0] == "grid_member"
    assert world.levels(again)[0] == "station"
    assert world.levels(much_later)[0] == "grid_member"


def test_an_emergency_at_night_alerts_station_and_county_at_once(world: World) -> None:
    """A11: skips the chain, runs on urgent limits, nights and holidays too."""
    world.until(at(2026, 3, 7, 23, 30))  # a Saturday
    number = world.file(matter="X01")

    (alerted,) = world.notes(number, "alerted")
    task = world.task(number, "accept")

    told = [world.post(role) for role in ("station", "county", "emergency_center")]
    assert alerted["posts"] == told
    assert world.levels(number) == ["county"]
    assert task["due_at"] == at(2026, 3, 8, 1, 30).isoformat()
    world.wait(hours=2)
    assert world.notes(number, "superior_informed")[0]["told"] == world.post("city")
    assert world.case(number)["owner_level"] == "county"


@pytest.mark.parametrize(("collector", "level"), [("station", "county"), ("city", "city")])
def test_an_emergency_a_department_collected_never_falls_below_it(
    world: World, collector: str, level: str
) -> None:
    """Flows: an emergency collected by a station officer still goes to county; R26."""
    number = world.file(collector, matter="X01")

    assert world.case(number)["owner_level"] == level


def test_failed_verification_goes_back_and_is_counted_each_time(world: World) -> None:
    """R42; verify fails twice."""
    number = world.file()
    world.climb(number, to="station")

    for _ in range(2):
        world.resolve(number, "station")
        verify(world, number, verify_result="not_passed", note="仍在营业")
    world.resolve(number, "station")
    verify(world, number)

    assert [note["times"] for note in world.notes(number, "verification_failed")] == [1, 2]
    assert world.levels(number)[-1] == "station"
    assert world.case(number)["status"] == "closed"


def test_who_handled_cannot_verify(world: World) -> None:
    """R42, A6: collector or grid leader, whoever did not handle."""
    number = world.file("grid_member")
    world.resolve(number, "grid_member")

    refused = world.doing(number, "grid_member", "verify", verify_result="passed")
    chosen = verify(world, number)

    assert refused.status_code == 403
    assert chosen == "grid_leader"


def test_the_second_person_of_a_station_verifies_but_not_the_first(world: World) -> None:
    """A6: department."""
    world.appoint("station", name="colleague")
    number = world.file("station")
    world.resolve(number, "station")

    world.do(number, "station", "order_rectification", order="not_needed", reason="已自行改正")

    refused = world.doing(number, "station", "check_rectification", check_result="passed")
    world.do(number, "colleague", "check_rectification", check_result="passed")

    assert (refused.status_code, refused.get_json()["clause"]) == (403, "R42")
    assert world.case(number)["status"] == "closed"


def test_a_case_lead_goes_to_enforcement_and_back(world: World) -> None:
    """R25: the case stays open until enforcement reports; R22: its own brigade."""
    number = world.file()
    world.climb(number, to="station")
    world.resolve(number, "station", outcome="case_lead", reason="涉嫌违法")

    task = world.task(number, "decide_filing")
    assert task["holder"]["post"] == world.post("enforcement")
    assert world.case(number)["status"] == "open"
    world.enforce(number)
    chosen = verify(world, number)

    assert chosen == "grid_member"
    assert world.case(number)["outcome"] == "case_lead"
    assert world.notes(number, "enforcement_reported")[0]["measure"] == "penalty"
    assert world.levels(number)[-1] == "station"


@pytest.mark.parametrize(
    ("vacant", "stands_in", "task"),
    [("enforcement", "city", "decide_filing"), ("triage", "supervisor", "triage")],
)
def test_beside_the_chain_a_vacant_post_is_stepped_over_too(
    world: World, vacant: str, stands_in: str, task: str
) -> None:
    """A13: the next post up, the reason on file."""
    world.dismiss(vacant)
    number = world.file("station", matter="other" if vacant == "triage" else "L01")

    if vacant == "enforcement":
        world.resolve(number, "station", outcome="case_lead", reason="涉嫌违法")

    assert world.task(number, task)["holder"]["post"] == world.post(stands_in)
    (stepped_over,) = world.notes(number, "post_stepped_over")
    assert stepped_over["posts"][0]["reason"] == "vacant"


@pytest.mark.parametrize("role", ["unit_leader", "grid_member", "grid_leader"])
def test_grass_roots_staff_hand_no_lead_to_enforcement(world: World, role: str) -> None:
    """R03."""
    number = world.file(role)
    world.accept(number, role)

    answer = world.doing(number, role, "resolve_or_pass_up", outcome="case_lead", reason="违法")

    assert answer.status_code in {403, 422}
    assert world.task(number)["name"] == "resolve_or_pass_up"


def test_a_duplicate_names_its_original(world: World) -> None:
    """Domain defaults, section 6: shown, never merged silently."""
    business = world.business()
    original = world.file("grid_leader", business=business, matter="S02")
    number = world.file("grid_member", business=business, matter="S02")

    (shown,) = world.notes(number, "possible_duplicates")
    world.accept(number, "station")
    form = {"outcome": "duplicate", "original": original}
    world.do(number, "station", "resolve_or_pass_up", **form)

    case = world.case(number)
    assert [one["case"] for one in shown["cases"]] == [original]
    assert (case["status"], case["outcome"]) == ("closed", "duplicate")
    assert [(link["number"], link["kind"]) for link in case["links"]] == [
        (original, "duplicate_of")
    ]


@pytest.mark.parametrize("original", ["202600000001", "2026999999991", "itself"])
def test_a_duplicate_of_nothing_is_refused_and_leaves_the_case(world: World, original: str) -> None:
    """Flows, grid_report: a duplicate names its original."""
    number = world.file()
    world.accept(number, "grid_member")
    named = number if original == "itself" else original

    form = {"outcome": "duplicate", "original": named}
    answer = world.doing(number, "grid_member", "resolve_or_pass_up", **form)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].endswith("/original")
    assert world.task(number)["name"] == "resolve_or_pass_up"


def test_nobody_passes_up_above_the_city(world: World) -> None:
    """R40: top, nothing above: 409 naming the clause."""
    number = world.file()
    world.climb(number, to="city")
    world.accept(number, "city")

    answer = world.doing(number, "city", "resolve_or_pass_up", **PASSED_UP)

    assert (answer.status_code, answer.get_json()["clause"]) == (409, "R40")


@pytest.mark.parametrize("left_out", ["reason_code", "reason"])
def test_passing_up_needs_reason_code_and_text(world: World, left_out: str) -> None:
    """R40."""
    number = world.file()
    world.accept(number, "grid_member")
    form = {name: value for name, value in PASSED_UP.items() if name != left_out}

    answer = world.doing(number, "grid_member", "resolve_or_pass_up", **form)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/form/{left_out}"]


def test_a_closed_case_is_reopened_in_the_same_file(world: World) -> None:
    """Glossary: 重开; R44: one case, one file."""
    number = world.file()
    world.resolve(number, "grid_member")
    verify(world, number)

    body = {"reason": "再次发现"}
    world.done(world.ask("POST", f"/cases/{number}/reopen", "supervisor", json=body))
    world.climb(number, to="station")
    world.resolve(number, "station")
    verify(world, number)

    assert world.case(number)["status"] == "closed"
    assert len(world.notes(number, "fed_back")) == 2


def test_a_clerk_splits_a_case_and_each_part_stays_with_its_collector(world: World) -> None:
    """Glossary: 拆分; R26: the floor goes with the part."""
    number = world.file("county", matter="other")
    part = {"matter": "S02", "area": UNIT, "description": "另一件事", "no_photo_reason": "无"}

    body = {"parts": [part], "reason": "两件事"}
    done = world.done(world.ask("POST", f"/cases/{number}/split", "supervisor", json=body))

    (other,) = done["into"]
    assert world.case(other)["owner_post"] == world.post("county")
    assert world.task(number)["name"] == "triage"
    assert world.case(other)["links"][0]["number"] == number


def phase_states(world: World, number: str) -> dict[str, str]:
    """The state of each step of a case."""
    return {phase["phase"]: phase["state"] for phase in world.case(number)["phases"]}


def test_every_closed_case_has_its_six_steps(world: World) -> None:
    """R36: times for what is on file, and the sixth or that it was skipped."""
    number = world.file()
    world.resolve(number, "grid_member")
    verify(world, number)

    phases = world.case(number)["phases"]

    assert [phase["state"] for phase in phases] == [
        "not_recorded",
        *["done"] * 4,
        "skipped_resolved",
    ]


def test_a_step_nobody_worked_in_is_not_called_done(world: World) -> None:
    """R36: what was handed back was never verified; what is followed, not yet."""
    handed_back = world.file(matter="other", area=UNIT)
    world.do(handed_back, "triage", "triage", triage_answer="not_food", reason="与食品无关")
    followed = world.file("station")
    world.resolve(followed, "station", outcome="long_running", reason="需要改造")
    states = phase_states(world, followed)

    world.do(followed, "station", "report_progress", finished=True, progress="已改造完")

    assert phase_states(world, handed_back) == {
        "patrol": "not_recorded",
        "collect": "done",
        "dispatch": "done",
        "handle": "not_recorded",
        "verify": "not_recorded",
        "follow_up": "skipped_resolved",
    }
    assert (states["verify"], states["follow_up"]) == ("to_come", "going_on")
    assert phase_states(world, followed)["follow_up"] == "done"


def test_steps_interleave_while_a_case_rises(world: World) -> None:
    """R36: dispatch goes on at each rung; what was handled below has begun and is not over."""
    number = world.file()
    world.climb(number, to="village_center")

    states = phase_states(world, number)

    assert (states["dispatch"], states["handle"]) == ("going_on", "going_on")
    assert states["verify"] == "to_come"


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"matter": "Q99"}, "/matter"),
        ({"area": "350399"}, "/area"),
        ({"business": 4711}, "/business"),
        ({"no_photo_reason": None}, "/photos"),
        ({"description": None}, "/description"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_wrong_report_names_the_field_and_opens_nothing(
    world: World, form: dict[str, object], pointer: str
) -> None:
    """R38, R39: 422 with a pointer."""
    answer = world.filing("grid_member", **form)

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]
    assert world.done(world.ask("GET", "/cases", "supervisor"))["items"] == []
