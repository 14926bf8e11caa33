"""Boards as leaders see them: numbers that open lists, chasing many, exports, the wall."""

import csv
import re
from datetime import datetime
from html import unescape

import pytest

from api.deriving import derive
from storage.moments import CHINA
from storage.people.roles import roles_that
from tests.city import CITY
from tests.web.town import PHONE, REPORTER, Town, Visitor, words


def live(town: Town) -> dict[str, str]:
    """A case late at the station, one resolved, one new, an emergency."""
    late, resolved = town.file(description="=cmd|' /C calc'!A0"), town.file(matter="L02")
    town.accept(resolved, "grid_member")
    town.do(resolved, "grid_member", outcome="resolved", measures="已改正")
    town.do(resolved, "grid_leader", verify_result="passed")
    town.reach_the_station(late)
    town.wait_until(town.clock.now().replace(day=27))
    new = town.file()
    town.report(matter="X01", area="350322", reporter={"name": REPORTER, "phone": PHONE})
    derive(town.composition)
    return {"late": late, "resolved": resolved, "new": new}


def numbers(page: str) -> list[tuple[str, int]]:
    """Links to lists with the number each shows."""
    found = re.findall(
        r'<a\b[^>]*href="(/(?:boards/(?:open|closed)|supervisions)[^"]*)"[^>]*>(.*?)</a>',
        page,
        re.DOTALL,
    )
    counted = []
    for href, inside in found:
        shown = re.findall(r">(\d+)<", f">{inside}<")
        if shown:
            counted.append((unescape(href), int(shown[-1])))
    return counted


def length(visitor: Visitor, path: str) -> int:
    """How many cases a list holds, page by page."""
    page = visitor.page(path)
    cases = len(
        re.findall(
            r'(?:<li class="[^"]*">(?:<label.*?</label>)?|<strong>)<a href="/(?:tasks|cases)/', page
        )
    )
    more = re.search(r'<p class="actions"><a class="button" href="(/boards/[^"]+)"', page)
    return cases + (length(visitor, unescape(more[1])) if more else 0)


@pytest.mark.parametrize("path", ["/home", "/boards", "/boards?area=350322", "/boards/holders"])
def test_every_number_of_a_page_opens_a_list_of_that_length(town: Town, path: str) -> None:
    """R65: from a board to the list behind each number."""
    new = live(town)["new"]
    asked = {"text": "请答复", "answer_by": "2026-03-30"}
    town.ask("POST", f"/cases/{new}/supervise", "supervisor", json=asked)
    leader = town.visitor("supervisor")

    shown = numbers(leader.page(path))

    assert len(shown) > 5
    assert {href: length(leader, href) for href, _ in shown} == dict(shown)
    assert (("/supervisions?state=waiting", 1) in shown) == (path == "/home")


def test_a_leader_sees_open_loops_by_age_and_by_holder(town: Town) -> None:
    """R45: what is not closed stands on a list, by age and by holder."""
    numbers_ = live(town)
    leader = town.visitor("county_officer")
    page = leader.page("/boards")
    ages = [href for href, count in numbers(page) if "age_from" in href and count]

    late = [href for href in ages if numbers_["late"][-4:] in leader.page(href)]
    assert len(late) == 1
    assert "演示市管所01" in leader.page("/boards/holders")


def test_a_period_longer_than_the_calendar_is_counted_as_far_as_it_goes(town: Town) -> None:
    live(town)
    forever = "closed_from=1900-01-02T00:00:00Z&closed_before=8999-01-01T00:00:00Z"

    board = town.ask("GET", f"/dashboards/board?{forever}", "supervisor")

    assert board["counts"]["open"] == 3


def test_a_period_that_ends_before_it_begins_is_empty(town: Town) -> None:
    live(town)
    backwards = "closed_from=8999-01-01T00:00:00Z&closed_before=1900-01-02T00:00:00Z"

    board = town.ask("GET", f"/dashboards/board?{backwards}", "supervisor")

    assert board["counts"]["open"] == 3
    assert board["rate"]["eligible"] == 0


def test_many_cases_are_chased_with_a_result_for_each(town: Town) -> None:
    late = live(town)["late"]
    leader = town.visitor("supervisor")
    (value,) = set(re.findall(r'name="holder" value="([^"]+)" data-late="1"', leader.page("/home")))
    path = f"/boards/chase?holder={value.replace('|', '%7C')}"
    asked = leader.page(path)

    answer = leader.submit("/boards/chase", on=path, case=late, text="请今天办理")

    assert "演示市管所01" in asked
    assert late in answer.get_data(as_text=True)
    entries = town.ask("GET", f"/cases/{late}/events", "supervisor")["items"]
    assert [one["data"]["text"] for one in entries if one["kind"] == "case_chased"] == [
        "请今天办理"
    ]


def test_a_list_behind_a_number_says_what_it_is_and_how_many(town: Town) -> None:
    live(town)
    leader = town.visitor("supervisor")

    page = leader.page("/boards/open?figure=overdue&area=350322")

    assert "仙游县" in page
    assert "共 1 件" in page
    assert 'href="/boards"' in page


def test_a_board_names_every_area_below_it_with_nothing_open_too(town: Town) -> None:
    live(town)

    rows = town.ask("GET", "/dashboards/board?area=3503", "supervisor")["areas"]

    shown = {row["code"]: row["counts"]["open"] for row in rows}
    assert shown.pop("350322") == 3
    assert len(shown) > 1
    assert set(shown.values()) == {0}


def test_the_wall_opens_by_its_link_alone_and_shows_counts_only(town: Town) -> None:
    shown = live(town)
    leader, anyone = town.visitor("supervisor"), town.visitor()
    made = leader.submit("/boards/displays", area="350322").get_data(as_text=True)
    address = re.search(r'href="https?://[^/]+(/board/[^"]+)"', made)
    assert address is not None
    page = anyone.page(address[1])

    main = page[page.index("<main") :]
    assert "仙游县" in main
    assert "href" not in re.sub(r'<use href="[^"]*"', "", main).replace("data-", "")
    assert not any(number in page for number in shown.values())
    assert "演示" not in page

    revoke = re.search(r'action="(/boards/displays/\d+/revoke)"', leader.page("/boards/displays"))
    assert revoke is not None
    leader.submit(revoke[1], on="/boards/displays")
    assert anyone.get(address[1]).status_code == 404


def test_the_wall_of_a_city_names_its_towns_and_says_what_the_rest_has(town: Town) -> None:
    live(town)
    made = town.ask("POST", "/dashboards/displays", "supervisor", json={"area": "3503"})
    page = town.visitor().page(f"/board/{made['token']}")

    named = re.findall(r'<th scope="row">([^<]+)</th><td><svg', page)
    assert named[0] == "枫亭镇"
    assert len(named) == 18
    assert not {"仙游县", "荔城区"} & set(named)
    # 57 towns and the report that stands in the county itself.
    assert "最紧要的 18 个，其余 40 个在办 0 件" in page
    assert [cell for cell in re.findall(r'y="-10">([^<]+)<', page) if cell == "仙游县"]


def test_a_link_ends_after_thirty_days_and_with_the_post_of_its_maker(town: Town) -> None:
    made = town.ask("POST", "/dashboards/displays", "county_officer", json={"area": "350322"})
    anyone = town.visitor()
    assert anyone.get(f"/board/{made['token']}").status_code == 200

    town.wait_until(town.clock.now().replace(month=4, day=2))

    assert anyone.get(f"/board/{made['token']}").status_code == 404


def test_a_display_shows_no_area_beyond_its_makers(town: Town) -> None:
    answer = town.app.test_client().post(
        "/api/v1/dashboards/displays",
        json={"area": "350302"},
        headers={"Authorization": f"Bearer {town.token('county_officer')}"},
    )

    assert answer.status_code == 422


def test_the_first_page_of_a_collector_says_what_closed_this_week(town: Town) -> None:
    resolved = town.file()
    town.accept(resolved, "grid_member")
    town.do(resolved, "grid_member", outcome="resolved", measures="已改正")
    town.do(resolved, "grid_leader", verify_result="passed")
    derive(town.composition)
    member = town.visitor("grid_member")
    page = member.page("/home")

    lines = re.findall(r'href="(/boards/closed[^"]*mine=1[^"]*)".*?<b class="end">(\d+)</b>', page)
    assert [(length(member, unescape(href)), int(count)) for href, count in lines] == [(1, 1)]


def test_every_role_has_a_first_page_that_says_what_waits_and_what_may_be_started(
    town: Town,
) -> None:
    """What waits for me, what is late, what changed, what I may start: for each sample account."""
    live(town)
    sample = (CITY / "sample" / "officers.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(sample.splitlines()):
        page = town.visitor(row["username"]).page("/home")
        role = row["posts"].partition(":")[0]
        if role in {"county", "city", "supervisor"}:
            parts = ["在办", "今日到期", "已超期", "督办中", "谁手里有什么", "新增与办结"]
        else:
            handles = {role} & (
                roles_that("sees_area") | roles_that("collects") | roles_that("is_asked")
            )
            parts = ["今日到期", "已超期", "我的待办"] if handles else []
            parts += ["我可以发起"] if role in roles_that("collects") else []
            parts += ["有了变化"] if role in roles_that("sees_area") else []
        assert [part for part in parts if part not in page] == [], row["username"]


def test_what_else_waits_for_an_officer_stands_before_the_map(town: Town) -> None:
    """With one task in hand the snapshots and rounds had gone three screens down."""
    town.file("station_officer")
    page = town.visitor("station_officer").page("/home")

    assert "等我办的" in page
    assert page.index("还有等我的") < page.index('class="card mini"')


def emergencies(town: Town, count: int) -> list[str]:
    """Emergencies in one town, each with a text of its own."""
    return [
        town.report(matter="X01", area="350322", description=f"第{place}家有人呕吐")[0]
        for place in range(count)
    ]


def test_no_emergency_is_missing_from_the_home_of_a_leader(town: Town) -> None:
    filed = emergencies(town, 5)
    page = town.visitor("supervisor").page("/home")
    shown = re.findall(r'<section class="alarm-line".*?</section>', page, re.DOTALL)

    assert "还有 2 件突发" in page
    assert length(town.visitor("supervisor"), "/boards/open?figure=emergency") == 5
    assert len(shown) == 3
    for banner in shown:
        (number,) = [one for one in filed if f">{one[-4:]}<" in banner]
        assert f"第{filed.index(number)}家有人呕吐" in banner


def test_the_banner_of_an_emergency_says_what_was_done_about_it(town: Town) -> None:
    """Two supervisors would both ring the same people."""
    (number,) = emergencies(town, 1)
    before = town.visitor("supervisor").page("/home")
    town.ask("POST", f"/cases/{number}/chase", "supervisor", json={"text": "请马上签收"})
    town.ask("POST", f"/cases/{number}/supervise", "supervisor", json={"text": "请今天反馈"})
    alert = next(
        each
        for each in town.ask("GET", "/tasks?mine=true", "county_officer")["items"]
        if each["case"]["number"] == number and each["form"] == "acknowledge"
    )
    town.ask("POST", f"/tasks/{alert['id']}/complete", "county_officer", json={"form": {}})

    (shown,) = re.findall(
        r'<section class="alarm-line".*?</section>',
        town.visitor("city_officer").page("/home"),
        re.DOTALL,
    )

    assert "已催过" not in before
    assert "已签收" not in before
    assert "已签收：仙游县市场监督管理局 今天" in shown
    assert f"今天 {town.clock.now().astimezone(CHINA):%H:%M} 已催过" in shown
    assert ">督办中<" in shown


def test_an_alert_of_ones_own_post_is_opened_from_the_home_of_its_leader(town: Town) -> None:
    emergencies(town, 1)
    leader = town.visitor("county_officer")

    (path,) = re.findall(r'class="button stop" href="(/tasks/[^"]+)"', leader.page("/home"))

    assert "等您办：签收" in leader.page("/home")
    assert "提交" in leader.page(path)


def test_each_ticked_holder_is_chased_or_named_as_not(town: Town) -> None:
    numbers_ = live(town)
    leader = town.visitor("supervisor")
    values = re.findall(r'name="holder" value="([^"]+)"', leader.page("/boards/holders"))
    every = "&".join(f"holder={value.replace('|', '%7C')}" for value in values)
    nobody = "holder=0%7Ccity:350300"

    both = leader.page(f"/boards/chase?{every}&{nobody}")

    assert numbers_["late"] in both
    assert "不发：" in both
    assert "请先勾选" in leader.page("/boards/chase")
    # Those who have nothing late are chased for what is due today, beside those who have.
    emergencies(town, 1)
    values = re.findall(r'name="holder" value="([^"]+)"', leader.page("/boards/holders"))
    every = "&".join(f"holder={value.replace('|', '%7C')}" for value in values)
    again = leader.page(f"/boards/chase?{every}")
    assert "今天到期的请按时办理" in again
    assert again.count('name="case"') > both.count('name="case"')


def test_a_list_of_open_work_has_a_row_a_case_with_everybody_who_has_it(town: Town) -> None:
    """R65: an emergency is alerted at three posts, and is one case."""
    live(town)
    number, _ = town.report(matter="X02", area="350322")
    tasks = town.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
    leader = town.visitor("supervisor")
    assert len(tasks) > 1

    for path in ("/inbox?view=all", "/inbox?view=all&sort=new", "/boards/open?figure=open"):
        page = leader.page(path)
        rows = [row for row in page.split('<li class="') if f">{number}<" in row]
        (held,) = re.findall(r'class="held">(.*?)</span>\s*<span class="marks', rows[0], re.DOTALL)
        assert len(rows) == 1
        assert all(post in held for post in ("仙游县市场监督管理局", "莆田市应急处置服务中心"))
    late = leader.page("/boards/open?figure=overdue")
    assert "演示市管所01（枫亭市场监管所）" in late


def test_who_watches_gets_from_a_row_to_where_a_case_is_chased_and_supervised(town: Town) -> None:
    late = live(town)["late"]
    leader = town.visitor("supervisor")

    for path in ("/inbox?view=late", "/boards/open?figure=overdue"):
        assert f'href="/cases/{late}"' in leader.page(path)
    acts = re.findall(r"/cases/\d+/(\w+)\"", leader.page(f"/cases/{late}"))
    assert "chase" in acts
    task = town.ask("GET", f"/cases/{late}", "supervisor")["tasks"][0]["id"]
    assert f"/boards/chase?case={late}" in leader.page(f"/tasks/{task}")
    assert "boards/chase" not in town.visitor("station_officer").page(f"/tasks/{task}")


def test_what_is_late_is_told_alike_wherever_it_stands(town: Town) -> None:
    """R65: one fact has one measure, on the first page, in the table and in the list."""
    live(town)
    leader = town.visitor("supervisor")
    (left,) = set(re.findall(r"超期 (\d+ 天[^<]*?)<", leader.page("/boards/open?figure=overdue")))

    assert f"最久超期 {left}" in leader.page("/home")
    assert f">{left}</td>" in leader.page("/boards/holders")


def test_a_chase_by_hand_marks_the_case_in_the_lists_of_boards(town: Town) -> None:
    late = live(town)["late"]
    leader = town.visitor("supervisor")
    before = leader.page("/boards/open?figure=overdue")

    town.ask("POST", f"/cases/{late}/chase", "supervisor", json={"text": "请今天办理"})

    marks = [
        re.findall(r"催办 (\d+)", page)
        for page in (before, leader.page("/boards/open?figure=overdue"))
    ]
    assert int(marks[1][0]) == int((marks[0] or ["0"])[0]) + 1


def test_a_figure_says_how_it_is_counted_and_a_row_of_holders_which_post_it_is(town: Town) -> None:
    live(town)
    leader = town.visitor("supervisor", language="en")
    home = leader.page("/home")

    assert "came to the grid first" in home
    rows = re.findall(r"<td><strong>([^<]+)</strong>(?:<small>([^<]+)</small>)?", home)
    assert {name for name, beside in rows if beside == "To be claimed"} >= {"仙游县市场监督管理局"}
    assert not [name for name, _ in rows if name == "To be claimed"]


def test_the_home_of_a_county_leads_to_every_town_and_says_how_long_offices_are_open(
    town: Town,
) -> None:
    live(town)
    town.clock.set(datetime(2026, 3, 4, 9, 42, tzinfo=CHINA))
    home = town.visitor("county_officer").page("/home")

    below = re.findall(r'<a href="/home\?period=month&amp;area=(\d+)">([^<]+)</a>', home)
    assert len(below) == 18
    assert ("350322204", "菜溪乡") in below
    assert "下班前还有 5 小时 18 分" in home
    assert "其余 11 个" in words(home)  # the eleventh is the county itself
    assert "按计划做的检查也是案件" in home
    town.clock.set(datetime(2026, 3, 4, 18, 0, tzinfo=CHINA))
    assert "下班前还有" not in town.visitor("county_officer").page("/home")


def test_staff_find_their_door_at_the_head_of_the_public_pages(town: Town) -> None:
    head = town.visitor().page("/public").split("</header>")[0]

    assert 'href="/sign-in"' in head
