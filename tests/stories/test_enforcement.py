"""A lead is filed or not, investigated by two officers, decided and reported back (R25)."""

from typing import Any

import pytest

from tests.build import an_officer
from tests.stories.test_grid_report import verify
from tests.stories.world import UNIT, World, end_of

FILED = {"filing": "filed", "enforcement_case": "示例〔2026〕1号"}
FINED = {"measure": "penalty", "document": "示例文书1号", "fine_yuan": 5000.5}


def lead(world: World, who: str = "station", **form: Any) -> str:
    """A lead handed over to enforcement."""
    number = world.file(who, **form)
    world.resolve(number, who, outcome="case_lead", reason="涉嫌违法")
    return number


def listed(world: World, who: str, **query: str) -> list[dict[str, Any]]:
    """The enforcement cases somebody sees."""
    path = "/enforcement-cases?" + "&".join(f"{name}={text}" for name, text in query.items())
    return list(world.done(world.ask("GET", path, who))["items"])


def test_a_filed_lead_is_a_case_of_the_brigade_tied_to_the_one_it_came_from(world: World) -> None:
    """R25: the origin stays open and with its owner at every step; the fine is kept in fen."""
    number = lead(world)
    seen = []
    for name, form in (
        ("decide_filing", FILED),
        ("investigate", world.investigators()),
        ("decide_penalty", FINED),
    ):
        world.do(number, "enforcement", name, **form)
        seen.append((world.case(number)["status"], world.case(number)["owner_level"]))
    (of_case,) = listed(world, "station", origin=number, state="decided")
    world.put_right(number)

    assert seen == [("open", "station")] * 3
    assert (of_case["number"], of_case["unit"]) == ("示例〔2026〕1号", world.post("enforcement"))
    assert of_case["officers"] == [world.name("enforcement"), world.name("station")]
    assert (of_case["measure"], of_case["document"]) == ("penalty", "示例文书1号")
    assert (of_case["fine_fen"], of_case["confiscation_fen"]) == (500050, None)
    assert [one["number"] for one in listed(world, "enforcement")] == ["示例〔2026〕1号"]
    assert world.case(number)["status"] == "closed"


def test_a_lead_that_is_not_filed_is_reported_back_with_its_reason(world: World) -> None:
    """R25: nothing is filed, and the case goes on with its owner."""
    number = world.file()
    world.climb(number, to="station")
    world.resolve(number, "station", outcome="case_lead", reason="涉嫌违法")

    silent = world.doing(number, "enforcement", "decide_filing", filing="not_filed")
    world.do(number, "enforcement", "decide_filing", filing="not_filed", reason="情节轻微")
    chosen = verify(world, number)

    assert silent.status_code == 422
    assert chosen == "grid_member"
    assert world.notes(number, "enforcement_reported")[0]["measure"] == "not_filed"
    assert listed(world, "enforcement") == []


def test_a_number_is_used_once_in_a_unit(world: World) -> None:
    """R25: the second case under the same number is refused at its field."""
    first, second = lead(world), lead(world)
    world.do(first, "enforcement", "decide_filing", **FILED)

    again = world.doing(second, "enforcement", "decide_filing", **FILED)

    assert again.status_code == 422
    assert again.get_json()["errors"][0]["pointer"].endswith("enforcement_case")
    assert world.task(second, "decide_filing")


@pytest.mark.parametrize(
    ("officers", "said"),
    [
        ("{enforcement}", "不得少于"),
        ("{enforcement}、{enforcement}", "不得少于"),
        ("、", "不得少于"),
        ("张三、李四", "张三 不是本单位的人员"),
        ("{enforcement}、李四", "李四 不是本单位的人员"),
        ("{enforcement}、{grid_member}", "不是本单位的人员"),
        ("{station}、{county}", "本单位的执法人员"),
    ],
)
def test_two_officers_with_accounts_investigate_one_of_them_of_the_brigade(
    world: World, officers: str, said: str
) -> None:
    """R25: no invented names, nobody twice, nobody without the power; refused at the field."""
    number = lead(world)
    world.do(number, "enforcement", "decide_filing", **FILED)
    roles = ("enforcement", "station", "county", "grid_member")
    names = officers.format(**{role: world.name(role) for role in roles})

    refused = world.doing(number, "enforcement", "investigate", officers=names, measures="现场检查")

    assert (refused.status_code, refused.get_json()["clause"]) == (422, "R25")
    (error,) = refused.get_json()["errors"]
    assert error["pointer"] == "/form/officers"
    assert said in error["message"]


@pytest.mark.parametrize(
    "decision",
    [
        {"measure": "penalty", "fine_yuan": 10},
        {"measure": "penalty", "document": "示例", "fine_yuan": 0.005},
        {"measure": "penalty", "document": "示例", "fine_yuan": -1},
        {"measure": "no_violation", "fine_yuan": 10},
    ],
)
def test_a_decision_that_cannot_be_is_refused(world: World, decision: dict[str, Any]) -> None:
    """R25: a penalty without its document, parts of a fen, a debt, a fine without a penalty."""
    number = lead(world)
    world.do(number, "enforcement", "decide_filing", **FILED)
    world.do(number, "enforcement", "investigate", **world.investigators())

    assert world.doing(number, "enforcement", "decide_penalty", **decision).status_code == 422
    assert listed(world, "enforcement")[0]["state"] == "open"


def test_the_time_to_file_is_extended_once_by_the_leader(world: World) -> None:
    """R25: fifteen working days and fifteen more; a laboratory stops the clock afterwards."""
    number = lead(world)
    task = world.task(number, "decide_filing")
    asked = world.act(task["id"], "enforcement", "extend", reason="案情复杂")
    answer = world.task(number, "answer")
    approver = str(answer["holder"]["post"]).split(":")[0]
    approved = {"form": {"opinion": "agree"}}
    world.done(world.ask("POST", f"/tasks/{answer['id']}/complete", approver, json=approved))
    later = world.task(number, "decide_filing")["due_at"]
    world.do(number, "enforcement", "decide_filing", **FILED)
    investigation = world.task(number, "investigate")
    paused = world.act(investigation["id"], "enforcement", "pause", reason="送检")

    assert asked.status_code < 300, asked.get_json()
    assert task["due_at"].startswith(end_of(2026, 3, 23).date().isoformat())
    assert later > task["due_at"]
    assert paused.status_code < 300


def test_a_lead_the_city_found_in_a_county_stays_the_citys_while_the_brigade_has_the_tasks(
    world: World,
) -> None:
    """R25, R26: requirements, section 13."""
    number = lead(world, "city", area=UNIT)
    owners = set()
    for name, form in (
        ("decide_filing", FILED),
        ("investigate", world.investigators()),
        ("decide_penalty", FINED),
    ):
        assert world.task(number, name)["holder"]["post"] == world.post("enforcement")
        world.do(number, "enforcement", name, **form)
        owners.add(world.case(number)["owner_level"])

    assert owners == {"city"}


def test_somebody_of_elsewhere_sees_no_enforcement_case(world: World) -> None:
    """R25: it is seen with the case it came from, or by the brigade that filed it."""
    number = lead(world)
    world.do(number, "enforcement", "decide_filing", **FILED)
    with world.database.transaction() as session:
        world.people["nobody"] = an_officer(session)

    assert listed(world, "nobody") == []
    assert listed(world, "nobody", origin=number) == []
    assert len(listed(world, "county")) == 1
