"""An inspection that says nothing was wrong has looked at every line of its list (R21, R24)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from storage.city import rules
from tests.stories.inspecting import settle_colleagues, started
from tests.stories.world import World

SEEN = {"found": "nothing", "measures": "检查了后厨"}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def _colleagues(request: pytest.FixtureRequest) -> None:
    settle_colleagues(request)


@pytest.fixture
def _no_checklist() -> Iterator[None]:
    """A city that has no checklist at all."""
    kept = rules.installed()
    rules.install(replace(kept, checklists={}))
    yield
    rules.install(kept)


def lines_of(world: World, number: str) -> dict[str, str]:
    record = world.done(world.ask("GET", f"/cases/{number}/inspection", "county"))
    return {line["item"]: line["name_zh"] for line in record["lines"]}


def write(world: World, number: str, item: str, base: int = 0, **line: str) -> None:
    body = {"items": [{"item": item, "base": base, **line}]}
    world.done(world.ask("PUT", f"/cases/{number}/inspection", "county", json=body))


def test_an_empty_checklist_does_not_close_as_nothing_found(world: World) -> None:
    """Each line is named with what it lacks, in both languages; the case stays as it was."""
    (number,) = started(world, businesses=[world.business()])
    names = lines_of(world, number)
    task = world.task(number, "carry_out")["id"]

    refused = world.doing(number, "county", "carry_out", **SEEN)
    english = world.ask(
        "POST", f"/tasks/{task}/complete", "county", json={"form": SEEN}, headers=ENGLISH
    )

    said = {one["pointer"]: one["message"] for one in refused.get_json()["errors"]}
    read = {one["pointer"]: one["message"] for one in english.get_json()["errors"]}
    assert (refused.status_code, refused.get_json()["clause"]) == (422, "R24")
    assert f"{len(names)} 项" in refused.get_json()["detail"]
    assert set(said) == set(read) == {f"/form/{item}" for item in names}
    assert all(f"“{name}”还没有填" in said[f"/form/{item}"] for item, name in names.items())
    assert read["/form/raw_and_cooked"].startswith("“Raw and cooked kept apart” is not answered")
    assert "lines of the checklist" in english.get_json()["detail"]
    assert world.case(number)["status"] == "open"


def test_what_does_not_apply_or_was_not_seen_says_why(world: World) -> None:
    """Two lines without a reason are named and no other; with one the inspection closes."""
    (number,) = started(world, businesses=[world.business()])
    write(world, number, "raw_and_cooked", answer="na")
    write(world, number, "cold_storage", answer="not_visible")
    world.fill_in(number, "county")

    refused = world.doing(number, "county", "carry_out", **SEEN)
    write(world, number, "raw_and_cooked", base=1, answer="na", remark="只卖预包装食品")
    write(world, number, "cold_storage", base=1, answer="not_visible", remark="冷库停电上锁")
    world.do(number, "county", "carry_out", **SEEN)

    assert [one["pointer"] for one in refused.get_json()["errors"]] == [
        "/form/raw_and_cooked",
        "/form/cold_storage",
    ]
    assert "不适用" in refused.get_json()["errors"][0]["message"]
    assert world.case(number)["outcome"] == "nothing_found"


def test_what_is_wrong_is_ordered_put_right_although_a_line_is_empty(world: World) -> None:
    (number,) = started(world, businesses=[world.business()])

    world.do(number, "county", "carry_out", **SEEN | {"found": "problems"})

    assert world.task(number)["name"] == "order_rectification"


@pytest.mark.usefixtures("_no_checklist")
def test_a_city_without_a_checklist_goes_on(world: World) -> None:
    (number,) = started(world, businesses=[world.business()])

    world.do(number, "county", "carry_out", **SEEN)

    assert world.case(number)["outcome"] == "nothing_found"
