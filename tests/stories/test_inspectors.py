"""Who inspects: those the plan names, and in their place only officers of the office (R21)."""

from werkzeug.test import TestResponse

from storage.cases.cases import find_case_by_number
from storage.inspections.records import get_inspection
from tests.stories.world import World

FOUND = {"measures": "检查了后厨"}


def started(world: World) -> list[str]:
    """Two inspections of one plan, begun."""
    body = {
        "kind": "work_supervision",
        "title": "例行检查",
        "since": "2026-03-02",
        "until": "2026-03-20",
        "businesses": [world.business(), world.business(name="另一家")],
        "inspectors": [world.people[who].id for who in ("county", "county_colleague")],
    }
    plan = world.done(world.ask("POST", "/inspections", "county", json=body))["plan"]["id"]
    return list(world.done(world.ask("POST", f"/inspections/{plan}/start", "county"))["numbers"])


def test_the_inspectors_of_a_plan_go_and_another_pair_is_of_the_office_with_a_reason(
    world: World,
) -> None:
    """R21: no invented names, nobody twice; who assists may go; the record keeps who went."""
    world.appoint("county", name="county_colleague")
    world.appoint("county", name="third")
    first, second = started(world)
    mine, theirs = world.name("county"), world.name("third")
    helper = world.name("station")

    def carry_out(officers: str, **form: str) -> TestResponse:
        given = {"found": "problems", "officers": officers, **FOUND, **form}
        return world.doing(first, "county", "carry_out", **given)

    refused = [
        carry_out(names)
        for names in ("张三、李四", f"{mine}、{mine}", f"{mine}、{helper}", f"{mine}、{theirs}")
    ]
    body = {"posts": [world.post("station")], "question": "请协助现场检查"}
    world.done(
        world.act(world.task(first, "carry_out", "county")["id"], "county", "assist", **body)
    )
    world.done(carry_out(f"{mine}，{helper}", officers_reason="同事请假"))
    world.do(second, "county", "carry_out", found="problems", **FOUND)
    went = [world.notes(number, "inspected")[0]["inspectors"] for number in (first, second)]
    with world.database.reading() as session:
        case = find_case_by_number(session, first)
        assert case is not None
        on_record = get_inspection(session, case.id).inspectors
    planned = [world.people[who].id for who in ("county", "county_colleague")]

    assert [answer.status_code for answer in refused] == [422] * 4
    assert [answer.get_json()["errors"][0]["pointer"] for answer in refused] == [
        *["/form/officers"] * 3,
        "/form/officers_reason",
    ]
    assert went == [[world.people["county"].id, world.people["station"].id], planned]
    assert on_record == went[0]
