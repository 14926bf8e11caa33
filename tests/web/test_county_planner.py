"""A county plans, draws, inspects, follows what is put right, and publishes, on its pages (R21)."""

import re

from storage.inspections.plans import list_plans
from tests.checklists import fill_in
from tests.web.town import Town, Visitor

PAGE = "/inspection-plans/new"
DRAWN = {
    "title": "县局双随机示例",
    "kind": "double_random",
    "since": "2026-03-02",
    "until": "2026-03-20",
    "count": "2",
    "drawn_inspectors": "2",
}
FOUND = {"measures": "检查了后厨"}
ON_THE_SPOT = {"order": "on_the_spot", "reason": "当场改正，没有照片"}
PASSWORD = "county-colleague-09"


def colleague(town: Town, role: str = "county", post: str = "county:J-350322") -> Visitor:
    """A second inspector of an office, entered by the city, signed in with their own password."""
    username = f"{role}_colleague"
    body = {"username": username, "name": "演示同事02", "employer_unit": post.partition(":")[2]}
    made = town.ask("POST", "/people", "city_officer", json=body)
    held = {"officer": made["person"]["id"], "since": "2026-03-02", "document": "示例任字"}
    town.ask("POST", f"/posts/{post}/holders", "city_officer", json=held)
    visitor = town.visitor()
    chosen = {"password": PASSWORD, "again": PASSWORD}
    assert visitor.submit("/set-password", on=made["link"], **chosen).status_code == 303
    visitor = town.visitor()
    signed_in = visitor.client.post("/sign-in", data={"username": username, "password": PASSWORD})
    assert signed_in.status_code == 303
    return visitor


def complete(town: Town, number: str, who: str, name: str, **form: str) -> None:
    """Complete a task of a case that is open beside others."""
    tasks = town.ask("GET", f"/cases/{number}", who)["tasks"]
    (key,) = [task["id"] for task in tasks if task["name"] == name]
    town.ask("POST", f"/tasks/{key}/complete", who, json={"form": form})


def test_a_county_draws_inspects_follows_and_publishes_on_its_pages(town: Town) -> None:
    """R21, R24, R26: the plan, the board of what is put right, the queue of results."""
    second, county = colleague(town), town.visitor("county_officer")
    rehearsed = county.submit(PAGE, on=PAGE, rehearse="1", **DRAWN)
    plan = county.submit(PAGE, on=PAGE, **DRAWN).headers["Location"]
    planned = county.page(plan)
    county.submit(f"{plan}/start", on=plan)
    numbers = sorted(set(re.findall(r'href="/cases/(\d+)"', county.page(plan))))
    clean, dirty = numbers
    fill_in(town.ask, clean, "county_officer")
    complete(town, clean, "county_officer", "carry_out", found="nothing", **FOUND)
    complete(town, dirty, "county_officer", "carry_out", found="problems", **FOUND)
    complete(town, dirty, "county_officer", "order_rectification", **ON_THE_SPOT)
    (check,) = town.ask("GET", f"/cases/{dirty}", "county_officer")["tasks"]
    own, theirs = (who.page(f"/tasks/{check['id']}") for who in (county, second))
    board = county.page("/rectifications")
    below = town.visitor("station_officer").page("/rectifications")
    above = town.visitor("city_officer")
    queue = second.page("/inspection-results")
    result = f"/cases/{clean}/inspection/result"
    published = above.submit(f"/cases/{clean}/inspection/publish", on=result)

    assert "可以抽中的有" in rehearsed.get_data(as_text=True)
    assert "按种子重抽一致" in planned
    assert len(numbers) == 2
    assert ("要由没有经手的人办理" in own, 'id="task-form"' in own) == (True, False)
    assert ("要由没有经手的人办理" in theirs, 'id="task-form"' in theirs) == (False, True)
    assert (dirty in board, dirty in below) == (True, False)
    assert result in queue
    assert published.status_code == 303
    assert "未发现问题" in town.visitor().page("/public/inspections")


def test_a_plan_is_changed_drawn_again_and_cancelled_on_its_page(town: Town) -> None:
    """R21: each with a reason; both draws stand there with all it takes to repeat them."""
    colleague(town)
    county = town.visitor("county_officer")
    plan = county.submit(PAGE, on=PAGE, **DRAWN).headers["Location"]
    key = plan.rpartition("/")[2]
    bare = county.submit(
        f"{plan}/change", on=plan, draw="1", count="2", drawn_inspectors="2", reason=""
    )
    county.submit(
        f"{plan}/change",
        on=plan,
        draw="1",
        count="2",
        drawn_inspectors="2",
        reason="抽中的主体已停业",
    )
    county.submit(f"{plan}/change", on=plan, title="改名的计划", reason="名称写错")
    changed, file = county.page(plan), county.get(f"{plan}/draws/1.csv").get_data(as_text=True)
    kept = town.ask("GET", f"/inspections/{key}", "county_officer")
    other = county.submit(PAGE, on=PAGE, **DRAWN).headers["Location"]
    county.submit(f"{other}/cancel", on=other, reason="与上级检查重复")
    given_up = county.page(other)

    assert (bare.status_code, len(kept["draws"]), kept["version"]) == (422, 2, 3)
    assert all(draw["seed"] in changed for draw in kept["draws"])
    assert all(words in changed for words in ("抽中的主体已停业", "改名的计划", "谁都可以重抽"))
    assert kept["draws"][0]["seed"] in file
    assert file.count(",yes") == 4
    assert all(words in given_up for words in ("已作废", "与上级检查重复"))
    assert "启动检查" not in given_up


def test_a_plan_that_ends_on_a_day_off_says_to_which_day_it_was_moved(town: Town) -> None:
    """R21: a Saturday, and a Monday that is a holiday; a working day is not spoken of."""
    colleague(town)
    county, told = town.visitor("county_officer"), []
    for until in ("2026-03-20", "2026-03-21", "2026-04-06"):
        saved = county.submit(PAGE, on=PAGE, **{**DRAWN, "until": until})
        page = county.page(saved.headers["Location"])
        told.append(re.search(r"顺延到 (\S+?)。", page))
    with town.composition.database.reading() as session:
        ends = [plan.until.isoformat() for plan in list_plans(session)]

    assert told[0] is None
    assert [found[1] for found in told[1:] if found] == ["2026-03-23", "2026-04-07"]
    assert ends == ["2026-04-07", "2026-03-23", "2026-03-20"]
