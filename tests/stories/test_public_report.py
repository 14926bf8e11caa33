"""Whole cases of the public route, from the citizen's report to the public answer."""

import pytest

from storage.people.vault import list_accesses
from tests.build import TOWN, UNIT
from tests.stories.world import PASSED_UP, RESOLVED, World, at, end_of

REPORTER = {"name": "示例举报人", "phone": "10000000000"}
CLIMB = ("village_assistant", "station", "county", "city")
VERIFIER = {"village_assistant": "station"}


def answered(world: World, number: str) -> None:
    """Verify and write the public answer."""
    chosen = world.task(number, "verify")["holder"]["post"].split(":")[0]
    world.do(number, chosen, "verify", verify_result="passed")
    owner = world.case(number)["owner_level"]
    world.do(number, owner, "write_public_result", public_result="已责令改正。")


@pytest.mark.parametrize("end", CLIMB)
def test_a_report_is_answered_by_whoever_resolves_it(world: World, end: str) -> None:
    """R49, R50, R51: the assistant first, then station, county, city."""
    number = world.report()

    world.climb(number, to=end)
    world.resolve(number, end)
    verifier = world.task(number, "verify")["holder"]["post"]
    answered(world, number)

    assert world.levels(number) == list(CLIMB[: CLIMB.index(end) + 1])
    assert verifier == world.post(VERIFIER.get(end, "village_assistant"))
    seen = world.look_up(number)
    assert (seen["result"], seen["may_dispute"]) == ("已责令改正。", True)
    world.wait(days=7)
    assert world.case(number)["status"] == "closed"
    assert not world.look_up(number)["may_dispute"]


@pytest.mark.postgres
def test_a_report_is_answered_on_postgresql(postgres_world: World) -> None:
    """R49-R51."""
    number = postgres_world.report(reporter=REPORTER)

    postgres_world.climb(number, to="county")
    postgres_world.resolve(number, "county")
    answered(postgres_world, number)
    postgres_world.wait(days=7)

    assert postgres_world.case(number)["status"] == "closed"


@pytest.mark.parametrize("channel", ["huiminbao_app", "linli_wechat", "web", "hotline"])
def test_each_channel_comes_to_the_village_assistant_of_the_place(
    world: World, channel: str
) -> None:
    """R48, R49."""
    number = world.report(channel=channel)

    assert world.case(number)["channel"] == channel
    assert world.task(number)["holder"]["post"] == world.post("village_assistant")


def test_what_a_named_reporter_said_of_themself_is_in_no_file(world: World) -> None:
    """Domain defaults, section 9: the vault, and nothing else."""
    number = world.report(reporter=REPORTER)
    world.resolve(number, "village_assistant")
    answered(world, number)

    everything = str([world.case(number), world.entries(number), world.look_up(number)])

    assert REPORTER["name"] not in everything
    assert REPORTER["phone"] not in everything


def test_the_identity_is_read_for_a_purpose_with_the_right_only(world: World) -> None:
    """Requirements section 14: a stated purpose, and a trace."""
    number = world.report(reporter=REPORTER)
    anonymous = world.report()
    path, purpose = f"/cases/{number}/reporter", {"purpose": "核实情况"}

    refused = world.ask("POST", path, "station", json=purpose)
    world.grant("supervisor", "reporter_identity:view")
    read = world.done(world.ask("POST", path, "supervisor", json=purpose))
    nothing = world.ask("POST", f"/cases/{anonymous}/reporter", "supervisor", json=purpose)

    assert refused.status_code == 403
    assert read == REPORTER
    assert nothing.status_code == 404
    with world.database.reading() as session:
        case_id = int(number[4:-1])
        assert [access.purpose for access in list_accesses(session, case_id)] == ["核实情况"]


def test_a_vacant_assistant_is_stepped_over_to_the_station(world: World) -> None:
    """R49: vacancy path."""
    world.dismiss("village_assistant")

    number = world.report()

    assert world.levels(number) == ["station"]
    assert world.notes(number, "post_stepped_over")[0]["reason"] == "vacant"


@pytest.mark.parametrize(
    ("days", "accepted", "reason"), [(3, False, "not_accepted"), (5, True, "overdue")]
)
def test_what_the_assistant_leaves_lying_goes_to_the_station(
    world: World,
    days: int,
    accepted: bool,  # noqa: FBT001 - a table of two
    reason: str,
) -> None:
    """R41, R50: one working day to accept, three to handle."""
    number = world.report()
    if accepted:
        world.accept(number, "village_assistant")

    world.until(end_of(2026, 3, days))

    assert world.levels(number) == ["village_assistant", "station"]
    assert world.notes(number, "passed_up")[-1]["reason_code"] == reason


def test_what_is_not_food_is_handed_back_and_told(world: World) -> None:
    """R48: traceable, not lost."""
    number = world.report()

    world.resolve(number, "village_assistant", outcome="not_food", reason="噪音扰民")

    case = world.case(number)
    assert (case["status"], case["outcome"]) == ("closed", "not_food")
    assert world.notes(number, "handed_back")
    seen = world.look_up(number)
    assert (seen["outcome"], seen["may_dispute"]) == ("not_food", False)
    assert "不属于食品安全" in seen["result"]
    assert "退回社会治理平台" in seen["result"]


def test_what_the_assistant_cannot_tell_is_sorted_by_triage(world: World) -> None:
    """Flows: `unclear` goes to triage."""
    number = world.report()
    world.resolve(number, "village_assistant", outcome="unclear", reason="说不清是哪一家")

    world.do(number, "triage", "triage", subject="food", area=UNIT, matter="S02")

    assert world.task(number)["level"] == "village_assistant"
    assert world.case(number)["matter"] == "S02"


@pytest.mark.parametrize(
    "place", [{"area": None}, {"area": TOWN}, {"area": None, "business_name": "无名"}]
)
def test_an_unknown_place_goes_to_triage(world: World, place: dict[str, str | None]) -> None:
    """R49."""
    number = world.report(**place)
    assert world.task(number)["name"] == "triage"

    world.do(number, "triage", "triage", subject="food", area=UNIT)

    assert world.task(number)["holder"]["post"] == world.post("village_assistant")


@pytest.mark.parametrize("subject", ["not_food", "not_valid"])
def test_triage_hands_back_what_is_not_ours(world: World, subject: str) -> None:
    """R48."""
    number = world.report(area=None)

    world.do(number, "triage", "triage", subject=subject, reason="与食品无关")

    assert world.case(number)["outcome"] == subject
    seen = world.look_up(number)
    assert seen["status"] == "closed"
    assert "社会治理平台" in seen["result"]


def test_what_was_handed_back_by_mistake_is_reopened_and_sorted_again(world: World) -> None:
    """R48: traceable, not lost."""
    number = world.report(area=None)
    world.do(number, "triage", "triage", subject="not_food", reason="与食品无关")

    path = f"/cases/{number}/reopen"
    world.done(world.ask("POST", path, "supervisor", json={"reason": "确属食品"}))
    world.do(number, "triage", "triage", subject="food", area=UNIT)

    assert world.task(number)["level"] == "village_assistant"
    seen = world.look_up(number)
    assert (seen["status"], seen["result"]) == ("open", None)


def test_the_name_of_a_business_finds_the_village(world: World) -> None:
    """R49: by business."""
    world.business(name="示例粮油店", area_code=UNIT)

    number = world.report(area=None, business_name="示例粮油店")

    assert world.case(number)["area"] == UNIT
    assert world.task(number)["level"] == "village_assistant"


def test_complaint_and_tip_in_one_become_two_cases_with_one_number(world: World) -> None:
    """Flows and api.md: two legal tracks, own clocks; one number and code show both."""
    number = world.report(kind=["complaint", "tip"], reporter=REPORTER)
    (link,) = world.case(number)["links"]
    other = link["number"]

    world.resolve(other, "village_assistant")
    answered(world, other)

    seen = world.look_up(number)
    assert world.task(number)["level"] == "village_assistant"
    assert [part["result"] for part in seen["parts"]] == ["已责令改正。"]
    assert seen["may_dispute"]
    assert {world.case(number)["title"], world.case(other)["title"]} == {"投诉", "举报"}


def test_an_inquiry_is_answered_and_ends(world: World) -> None:
    """Flows: user task answer_inquiry; three working days."""
    number = world.report(kind="inquiry", description="办证要什么材料？")
    task = world.task(number)

    world.do(number, "station", "answer_inquiry", public_result="身份证明和场地证明。")

    assert task["due_at"] == end_of(2026, 3, 5).isoformat()
    seen = world.look_up(number)
    assert (seen["status"], seen["result"]) == ("closed", "身份证明和场地证明。")
    assert world.dispute(number).status_code == 409


def test_a_public_answer_holds_no_phone_number(world: World) -> None:
    """R51: no personal data in it."""
    number = world.report()
    world.resolve(number, "village_assistant")
    world.do(number, "station", "verify", verify_result="passed")

    form = {"public_result": "请联系13900000000"}
    answer = world.doing(number, "village_assistant", "write_public_result", **form)

    assert answer.status_code == 422
    assert world.look_up(number)["result"] is None


@pytest.mark.parametrize("handled_by", CLIMB)
def test_a_dispute_reopens_one_level_up_and_from_the_city_at_the_city(
    world: World, handled_by: str
) -> None:
    """R51; flows: back to handling one level up."""
    number = world.report()
    world.climb(number, to=handled_by)
    world.resolve(number, handled_by)
    answered(world, number)

    assert world.dispute(number).status_code == 200

    above = CLIMB[min(CLIMB.index(handled_by) + 1, len(CLIMB) - 1)]
    assert world.task(number, "accept")["level"] == above
    assert world.look_up(number)["result"] is None
    assert world.notes(number, "message_received")[0]["reason"] == "没有整改"
    assert world.dispute(number).status_code == 409
    world.resolve(number, above)
    answered(world, number)
    world.wait(days=8)
    assert world.case(number)["status"] == "closed"
    assert world.dispute(number).status_code == 409


def test_verification_that_fails_goes_back_into_the_chain(world: World) -> None:
    """R42: the station verifies the assistant, and takes over what was not done."""
    number = world.report()
    world.resolve(number, "village_assistant")

    world.do(number, "station", "verify", verify_result="not_passed", note="没有整改")
    world.resolve(number, "station")
    answered(world, number)

    assert world.levels(number) == ["village_assistant", "station"]
    assert world.notes(number, "verification_failed")[0]["times"] == 1


def test_an_emergency_skips_the_assistant_and_alerts(world: World) -> None:
    """A11."""
    world.until(at(2026, 3, 7, 23, 30))

    number = world.report(matter="X01")

    assert world.levels(number) == ["county"]
    assert world.notes(number, "alerted")[0]["posts"] == [
        world.post("station"),
        world.post("county"),
        world.post("emergency_center"),
    ]
    assert world.task(number, "accept")["due_at"] == at(2026, 3, 8, 1, 30).isoformat()


def test_a_business_in_a_grid_post_reported_by_a_citizen_learns_nothing(world: World) -> None:
    """R54: it never owns, verifies or sees the source of a case about itself."""
    business = world.business(name="示例粮油店", area_code=UNIT)
    world.dismiss("village_assistant")
    world.appoint("village_assistant", name="shopkeeper", business=business)

    number = world.report(business_name="示例粮油店", area=None)
    world.resolve(number, "station")
    verifier = world.task(number, "verify")["holder"]["post"]

    assert world.levels(number) == ["station"]
    assert world.notes(number, "post_stepped_over")[0]["reason"] == "conflict_of_interest"
    assert verifier == world.post("county")
    assert world.ask("GET", f"/cases/{number}", "shopkeeper").status_code == 404


def returnable(world: World) -> str:
    """A case the assistant has passed up to the station."""
    number = world.report()
    world.pass_up(number, "village_assistant")
    return number


def test_a_station_returns_to_the_assistant_once_before_accepting(world: World) -> None:
    """A3."""
    number = returnable(world)

    first = world.act(world.task(number)["id"], "station", "return", reason="请先核对地点")
    back = world.task(number)
    world.pass_up(number, "village_assistant")
    second = world.act(world.task(number)["id"], "station", "return", reason="再核对")

    assert first.status_code == 200
    assert (back["name"], back["level"]) == ("accept", "village_assistant")
    assert (second.status_code, second.get_json()["clause"]) == (409, "A3")
    assert world.levels(number) == ["village_assistant", "station"] * 2
    assert len(world.notes(number, "returned")) == 1


def test_a_return_is_offered_only_while_it_would_be_done(world: World) -> None:
    """A3: not to whoever has it first, and not a second time."""
    number = world.report()
    shown = [world.offers(number, "village_assistant")]
    world.pass_up(number, "village_assistant")
    shown.append(world.offers(number, "station"))
    world.act(world.task(number)["id"], "station", "return", reason="请先核对地点")
    world.pass_up(number, "village_assistant")
    shown.append(world.offers(number, "station"))

    first, passed_up, second = shown
    assert "return" not in first | second
    assert "reason" not in first | second
    assert passed_up >= {"return", "reason"}


def test_after_accepting_nothing_is_returned(world: World) -> None:
    """A3: only before acceptance."""
    number = returnable(world)
    task = world.task(number)["id"]
    world.accept(number, "station")

    answer = world.act(task, "station", "return", reason="请先核对地点")

    assert answer.status_code == 409


def test_the_assistant_takes_back_what_the_station_has_not_accepted(world: World) -> None:
    """Flows: 撤回."""
    number = world.report()
    passed_up = world.pass_up(number, "village_assistant")

    answer = world.act(passed_up, "village_assistant", "withdraw", reason="可以自行解决")
    task = world.task(number)
    world.do(number, "village_assistant", "resolve_or_pass_up", **RESOLVED)

    assert answer.status_code == 200
    assert (task["name"], task["level"]) == ("resolve_or_pass_up", "village_assistant")
    assert world.levels(number) == ["village_assistant", "station", "village_assistant"]


def test_a_duplicate_report_names_its_original_and_is_answered(world: World) -> None:
    """Flows: a duplicate names its original; the reporter hears of it."""
    original = world.report(matter="S02")
    number = world.report(matter="S02")
    world.accept(number, "village_assistant")

    form = {"outcome": "duplicate", "original": original}
    world.do(number, "village_assistant", "resolve_or_pass_up", **form)
    world.do(number, "village_assistant", "write_public_result", public_result="已在办理。")

    assert world.case(number)["links"][0]["number"] == original
    assert world.look_up(number)["result"] == "已在办理。"


def test_the_assistant_has_no_enforcement_power(world: World) -> None:
    """R03."""
    number = world.report()
    world.accept(number, "village_assistant")

    form = {"outcome": "case_lead", "reason": "涉嫌违法"}
    answer = world.doing(number, "village_assistant", "resolve_or_pass_up", **form)

    assert answer.status_code in {403, 422}


def test_a_case_lead_from_the_public_waits_for_enforcement(world: World) -> None:
    """R25."""
    number = world.report()
    world.climb(number, to="station")
    world.resolve(number, "station", outcome="case_lead", reason="涉嫌违法")

    world.enforce(number, "no_violation")
    answered(world, number)

    assert world.look_up(number)["outcome"] == "case_lead"


def test_passing_up_without_words_is_refused(world: World) -> None:
    """R40, R50."""
    number = world.report()
    world.accept(number, "village_assistant")

    form = {**PASSED_UP, "reason": ""}
    answer = world.doing(number, "village_assistant", "resolve_or_pass_up", **form)

    assert answer.status_code == 422


@pytest.mark.parametrize("location", [{"lat": 0, "lon": 0}, {"lat": 39.9, "lon": 116.4}])
def test_a_position_elsewhere_is_taken_from_a_citizen_as_a_doubt(
    world: World, location: dict[str, float]
) -> None:
    """A phone may be wrong, or be somewhere else by now: the report is not lost for it."""
    here = world.report(location={"lat": 25.4, "lon": 118.9})

    elsewhere = world.report(location=location)

    (doubt,) = world.notes(elsewhere, "position_doubted")
    assert doubt["location"] == {**location, "crs": "wgs84"}
    assert world.notes(here, "position_doubted") == []


def test_a_dispute_that_shows_nothing_is_none(world: World) -> None:
    number = world.report()
    world.resolve(number, "village_assistant")
    answered(world, number)

    assert world.dispute(number, "\u3000\u200b").status_code == 422
    assert world.dispute(number, "没有整改").status_code < 300
