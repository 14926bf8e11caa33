"""A board's numbers are the lengths of the lists behind them, for everybody and every filter."""

from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from api.deriving import derive
from tests.build import UNIT
from tests.stories.world import World

WATCHERS = ("supervisor", "city", "county", "station", "grid_leader", "grid_member", "triage")
FIGURES = ("open", "today", "overdue", "supervised", "emergency")
SEEDS = 40
Params = dict[str, Any]


def live(world: World) -> None:
    """Some days of a small city: new, passed up, late, supervised, urgent, closed in four ways."""
    for place in range(4):
        number = world.file("grid_member", matter=("L01", "L04")[place % 2])
        if place:
            world.resolve(number, "grid_member")
            settle(world, number)
    risen = [world.file("unit_leader") for _ in range(3)]
    world.climb(risen[0], to="station")
    world.climb(risen[1], to="county")
    world.resolve(risen[1], "county")
    settle(world, risen[1])
    world.wait(days=9)
    derive(world.composition)
    for who in ("county", "city", "grid_leader", "grid_member"):
        world.file(who)
    world.report(matter="X01", area=UNIT)
    world.report()
    chased = world.file("grid_member")
    world.done(world.ask("POST", f"/cases/{chased}/supervise", "supervisor", json={"text": "快"}))
    world.wait(hours=24)
    derive(world.composition)


def settle(world: World, number: str) -> None:
    """Verify what waits for it."""
    if world.case(number)["status"] == "open":
        chosen = world.task(number, "verify")["holder"]["post"].split(":")[0]
        world.do(number, chosen, "verify", verify_result="passed")


def listed(world: World, who: str, path: str, **filter_: Any) -> list[dict[str, Any]]:
    """A whole list, walked in small pages."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        named = {name: value for name, value in filter_.items() if value is not None}
        query = urlencode({**named, "limit": 3, **({"cursor": cursor} if cursor else {})})
        page = world.done(world.ask("GET", f"/dashboards/{path}?{query}", who))
        items += page["items"]
        cursor = page["next"]
    return items


def here(row: dict[str, Any]) -> Params:
    """The list of a row of areas."""
    return {"area": row["code"], "is_here": row["is_here"]}


def open_figures(board: dict[str, Any]) -> Iterator[tuple[int, Params]]:
    """Every number of a board about open cases, with its list."""
    rows: list[tuple[dict[str, Any], Params]] = [(board, {})]
    rows += [(row, here(row)) for row in board["areas"]]
    for row, where in rows:
        yield from ((row["counts"][name], {"figure": name, **where}) for name in FIGURES)
        yield from ((count, {"step": step, **where}) for step, count in row["steps"].items())
    for row in board["holders"]:
        holder = {"post": row["post"], "officer": row["officer"] or 0}
        yield from ((row["counts"][name], {"figure": name, **holder}) for name in FIGURES)
    for band in board["loops"]:
        yield band["open"], {name: band[name] for name in ("age_from", "age_before")}


def closed_figures(board: dict[str, Any]) -> Iterator[tuple[int, Params]]:
    """Every number of a board about closed cases, with its list."""
    yield board["times"]["count"], {}
    yield board["rate"]["eligible"], {"figure": "eligible"}
    yield board["rate"]["resolved"], {"figure": "self_resolved"}
    for row in board["areas"]:
        yield row["times"]["count"], here(row)
        yield row["rate"]["resolved"], {**here(row), "figure": "self_resolved"}
    for name, key in (("reasons", "reason"), ("channels", "channel"), ("levels", "level")):
        yield from ((count, {key: value}) for value, count in board[name].items())


def test_each_number_is_the_length_of_its_list(world: World) -> None:
    """R65: numbers equal the lists behind them."""
    live(world)
    for who in WATCHERS:
        board = world.done(world.ask("GET", "/dashboards/board", who))
        period = {name: board[name] for name in ("closed_from", "closed_before")}

        for count, having in open_figures(board):
            assert len(listed(world, who, "open", **having)) == count, (who, having)
        for count, having in closed_figures(board):
            assert len(listed(world, who, "closed", **{**having, **period})) == count, (who, having)

    whole = world.done(world.ask("GET", "/dashboards/board", "supervisor"))
    assert min(whole["counts"].values()) > 0
    assert 0 < whole["rate"]["resolved"] < whole["rate"]["eligible"]
    assert whole["reasons"]


def matches(item: dict[str, Any], having: Params) -> bool:
    """Whether a filter selects an open case, judged by what the list shows of it."""
    return (
        item["area"].startswith(having.get("area", ""))
        and having.get("step") in {None, item["step"]}
        and having.get("age_from", 0) <= item["age"] < having.get("age_before", 10**6)
        and {
            "open": True,
            "overdue": item["step"] == "overdue",
            "supervised": item["supervised"],
            "emergency": item["priority"] == "urgent",
        }[having["figure"]]
    )


def test_random_filters_select_what_they_say_and_nothing_else(world: World) -> None:
    """R65: the list of a random filter is that part of everything the caller sees."""
    live(world)
    everything = {who: listed(world, who, "open") for who in WATCHERS}
    for seed in range(SEEDS):
        dice = Random(seed)  # noqa: S311 - a property test, no secret
        who = dice.choice(WATCHERS)
        items = everything[who]
        some = dice.choice(items) if items else {"area": UNIT, "step": "normal", "age": 0}
        having: Params = {"figure": dice.choice(["open", "overdue", "supervised", "emergency"])}
        if dice.random() < 0.5:
            having["area"] = some["area"][: dice.choice([4, 6, 9, 12])]
        if dice.random() < 0.4:
            having["step"] = some["step"]
        if dice.random() < 0.4:
            having |= {"age_from": some["age"], "age_before": some["age"] + dice.randint(1, 9)}

        expected = sorted(item["number"] for item in items if matches(item, having))
        found = sorted(item["number"] for item in listed(world, who, "open", **having))
        assert found == expected, (who, having)


def test_a_list_holds_what_the_same_person_may_see_and_no_more(world: World) -> None:
    """R65: one rule of visibility; a board shows no case that the case list would not."""
    live(world)
    for who in WATCHERS:
        seen = set()
        for status in ("open", "closed"):
            page = world.done(world.ask("GET", f"/cases?status={status}&limit=200", who))
            seen |= {one["number"] for one in page["items"]}
        shown = {item["number"] for path in ("open", "closed") for item in listed(world, who, path)}
        assert shown <= seen, who

    everything = world.done(world.ask("GET", "/cases?status=open&limit=200", "supervisor"))["items"]
    assert {one["number"] for one in everything} == {
        item["number"] for item in listed(world, "supervisor", "open")
    }


def test_overdue_on_the_board_is_overdue_in_the_inbox(world: World) -> None:
    live(world)
    late = world.done(world.ask("GET", "/tasks?overdue=true&limit=200", "supervisor"))["items"]

    listed_late = listed(world, "supervisor", "open", figure="overdue")
    assert {one["case"]["number"] for one in late} == {item["number"] for item in listed_late}


@pytest.mark.postgres
def test_each_number_is_the_length_of_its_list_on_postgresql(postgres_world: World) -> None:
    test_each_number_is_the_length_of_its_list(postgres_world)


def test_the_forecast_says_what_then_happens(world: World) -> None:
    """What a dry run names is what the scheduler does when nobody acts; the run writes nothing."""
    number = world.file("grid_member")
    world.wait(hours=48)
    on_file = world.entries(number)
    coming = world.done(world.ask("GET", "/dashboards/forecast", "supervisor"))["items"]

    assert world.entries(number) == on_file
    world.wait(hours=24)
    chased = [one["rule"] for one in world.notes(number, "chased")]
    known = [one["data"]["rule"] for one in on_file if one["kind"] == "chased"]
    assert chased[: len(known)] == known
    foreseen = [one["rule"] for one in coming if one["rule"] != "limit"]
    # Passed up meanwhile, it has a task of another post, which nobody could foresee.
    assert foreseen == chased[len(known) : len(known) + len(foreseen)]
    assert [one["act"] for one in coming if one["rule"] == "limit"] == ["pass_up"]
    assert world.notes(number, "passed_up")


def test_a_step_without_a_timer_of_its_own_is_supervised_at_its_end_as_foreseen(
    world: World,
) -> None:
    """`deadlines.dmn` says so of sorting and checking; task page and forecast promise it."""
    unsorted, to_check = world.report(area="350322"), world.file("grid_member")
    world.resolve(to_check, "grid_member")
    seen = {}
    for _ in range(4):
        coming = world.done(world.ask("GET", "/dashboards/forecast", "supervisor"))["items"]
        seen |= {one["number"]: one["act"] for one in coming if one["rule"] == "limit"}
        world.wait(hours=24)

    assert seen == {unsorted: "supervise", to_check: "supervise"}
    for number in (unsorted, to_check):
        ends = [one for one in world.notes(number, "chased") if one["rule"] == "limit"]
        assert [(one["action"], one["tells"]) for one in ends] == [("supervise", "supervisor")]
        assert world.case(number)["supervised"]


def test_many_cases_are_chased_each_with_a_result_of_its_own(world: World) -> None:
    open_, unknown = world.file("grid_member"), "2099000000015"
    body = {"text": "请今天办理", "cases": [{"id": open_}, {"id": unknown}]}

    answer = world.done(world.ask("POST", "/dashboards/chases", "supervisor", json=body))

    assert [(one["id"], one["status"]) for one in answer["items"]] == [(open_, 200), (unknown, 404)]
    assert [one["text"] for one in world.notes(open_, "case_chased")] == ["请今天办理"]
