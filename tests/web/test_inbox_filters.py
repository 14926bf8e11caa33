"""Filters, sorting, saved views and bulk acts of the inbox, all by URLs and plain forms."""

import gzip
import re
from urllib.parse import unquote

from tests.api.conftest import RESOLVED
from tests.web.town import PASS_UP, UNIT, Town, words
from web.frame.assets import DIST

BUDGET = 60_000
"""Maximum size of scripts and styles in bytes, compressed."""


def rows(page: str) -> list[str]:
    """The numbers of the listed tasks, in order."""
    return re.findall(r'<span class="number">(\d+)<', page)


def test_a_filter_of_the_address_narrows_the_list_and_its_chip_takes_it_off(town: Town) -> None:
    sought = town.file(matter="L02", description="许可证过期")
    town.file(matter="H01", description="垃圾未加盖")
    visitor = town.visitor("grid_member")

    page = visitor.page("/inbox?matter=L02&due=week")
    off = re.findall(r'<a class="chip on" href="([^"]+)"', page)

    assert rows(page) == [sought]
    assert [unquote(link).replace("&amp;", "&") for link in off] == [
        "/inbox?view=mine&due=week",
        "/inbox?view=mine&matter=L02",
    ]
    assert len(rows(visitor.page("/inbox?due=week"))) == 2


def choices(page: str, label: str) -> list[str]:
    """The choices of a filter that is open, in words."""
    found = re.search(
        rf'<details class="chip[^>]*><summary>{label}.*?<ul>(.*?)</ul>', page, re.DOTALL
    )
    return re.findall(r"<a href=[^>]*>([^<]*)</a>", found[1]) if found else []


def test_the_weight_narrows_the_list_as_its_rows_are_marked(town: Town) -> None:
    """突发, 较重 and 加急 are those marks; an emergency is not marked as pressing beside it."""
    emergency = town.file(matter="X01", description="上吐下泻")
    high, hasty = town.file(matter="L07"), town.file(matter="H01", urgent=True)
    town.file(matter="H01")
    visitor = town.visitor("station_officer")
    own = town.visitor("grid_member")

    assert rows(visitor.page("/inbox?weight=urgent")) == [emergency]
    assert rows(visitor.page("/inbox?weight=high")) == [high]
    assert rows(own.page("/inbox?weight=hasty")) == [hasty]
    assert emergency not in rows(visitor.page("/inbox?view=all&weight=hasty"))
    assert rows(visitor.page("/inbox?weight=of_no_kind")) == []
    kept = visitor.submit(
        "/inbox/views", on="/inbox?weight=high", name="较重", query="view=mine&weight=high"
    )
    assert kept.headers["Location"] == "/inbox?view=mine&weight=high"
    assert '<span class="count">1</span>' in visitor.page("/inbox")


def test_the_choices_of_ones_own_list_are_counted_and_empty_ones_left_out(town: Town) -> None:
    town.file(matter="L02")
    town.file(matter="H01")
    town.file(matter="H01", urgent=True)
    visitor = town.visitor("grid_member")

    page, narrowed = visitor.page("/inbox"), visitor.page("/inbox?weight=hasty")
    of_area = town.visitor("supervisor").page("/inbox?view=all")

    assert [words[-2:] for words in choices(page, "事项")] == [" 1", " 2"]
    assert choices(page, "等级") == ["加急 1"]
    assert [words[-2:] for words in choices(narrowed, "事项")] == [" 1"]
    assert "等级：加急<" in narrowed
    assert len(choices(of_area, "事项")) > 30
    assert choices(of_area, "等级") == ["突发", "较重", "加急"]


def test_the_search_finds_two_characters_and_the_last_digits(town: Town) -> None:
    sought = town.file(matter="H02", description="后厨下水口有老鼠")
    town.file(description="许可证过期")
    visitor = town.visitor("grid_member")

    for typed in ("老鼠", "蟑螂", sought[-4:], "枫亭 老鼠"):
        assert rows(visitor.page(f"/inbox?q={typed}")) == [sought], typed
    assert rows(visitor.page("/cases?q=老鼠")) == [sought]


def test_an_emergency_stands_before_everything_else(town: Town) -> None:
    """It is listed first even when it is due later than others."""
    ordinary = town.file()
    emergency = town.file(matter="X01", description="上吐下泻")
    visitor = town.visitor("supervisor")

    listed = rows(visitor.page("/inbox?view=all"))

    assert emergency in listed[:1]
    assert listed.count(ordinary) == 1
    assert set(rows(visitor.page("/inbox?view=all&sort=new"))) == set(listed)


def test_the_newest_come_first_when_asked_for(town: Town) -> None:
    first, second = town.file(), town.file()
    visitor = town.visitor("grid_member")

    assert rows(visitor.page("/inbox?sort=new")) == [second, first]
    assert rows(visitor.page("/inbox")) == [first, second]


def test_a_saved_view_keeps_the_filters_and_counts_its_list(town: Town) -> None:
    town.file(matter="L02")
    town.file(matter="H01")
    visitor = town.visitor("grid_member")

    kept = visitor.submit(
        "/inbox/views", on="/inbox?matter=L02", name="发证类", query="view=mine&matter=L02"
    )
    page = visitor.page("/inbox")
    (view,) = re.findall(r'<a class="kept" href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL)

    assert kept.headers["Location"] == "/inbox?view=mine&matter=L02"
    assert "发证类" in view[1]
    assert '<span class="count">1</span>' in view[1]
    assert len(rows(visitor.page(view[0].replace("&amp;", "&")))) == 1
    assert "发证类" not in town.visitor("station_officer").page("/inbox")
    (ident,) = re.findall(r'action="/inbox/views/(\d+)/remove"', page)
    visitor.submit(f"/inbox/views/{ident}/remove", on="/inbox")
    assert 'class="kept"' not in visitor.page("/inbox")


def test_nobody_removes_the_view_of_somebody_else(town: Town) -> None:
    view = town.ask("POST", "/views", "grid_member", json={"name": "甲", "query": "view=mine"})
    headers = {"Authorization": f"Bearer {town.token('station_officer')}"}

    answer = town.app.test_client().delete(f"/api/v1/views/{view['id']}", headers=headers)

    assert answer.status_code == 404
    assert town.ask("GET", "/views", "grid_member")["items"] == [view]
    town.ask("DELETE", f"/views/{view['id']}", "grid_member")
    assert town.ask("GET", "/views", "grid_member")["items"] == []


def test_many_tasks_are_accepted_at_once_with_a_result_for_each(town: Town) -> None:
    numbers = [town.file(matter="L07") for _ in range(3)]
    keys = [town.task(number) for number in numbers]
    visitor = town.visitor("station_officer")

    before = visitor.submit("/inbox/bulk", on="/inbox", act="accept", task=keys)
    text = before.get_data(as_text=True)
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key|query)" value="([^"]*)"', text))
    town.accept(numbers[0], "station_officer")
    sent = {**hidden, "act": "accept", "confirmed": "yes", "task": keys}
    done = visitor.client.post("/inbox/bulk", data=sent).get_data(as_text=True)
    again = visitor.client.post("/inbox/bulk", data=sent).get_data(as_text=True)

    assert text.count("签收，由您承办") == 3
    for page in (done, again):
        assert "完成 2 / 3" in page
        assert (page.count("已签收<"), page.count('class="red"')) == (2, 1)
    for number in numbers:
        (task,) = town.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
        assert task["name"] == "resolve_or_pass_up"


def test_what_cannot_be_done_to_a_task_says_why_before_anything_is_done(town: Town) -> None:
    accepted, waiting = town.file(matter="L07"), town.file(matter="L07")
    town.accept(accepted, "station_officer")
    keys = [town.task(accepted), town.task(waiting)]
    visitor = town.visitor("station_officer")

    page = visitor.submit("/inbox/bulk", on="/inbox", act="extend", task=keys)
    text = page.get_data(as_text=True)

    assert (text.count("批准，可延到"), text.count("还没签收，先签收")) == (1, 1)
    assert "申请延期 1" in text


def test_a_supervisor_chases_many_at_once_by_the_form_of_the_boards(town: Town) -> None:
    numbers = [town.file() for _ in range(2)]
    keys = [town.task(number) for number in numbers]
    visitor = town.visitor("supervisor")

    led = visitor.submit("/inbox/bulk", on="/inbox?view=all", act="chase", task=keys)
    form = led.headers["Location"]
    shown = visitor.page(form)
    sent = visitor.submit("/boards/chase", on=form, case=numbers, text="请尽快")

    assert "会收到催办" in shown
    assert "演示网格员01" in shown
    assert "已催过" not in shown
    assert sent.get_data(as_text=True).count("已催办：演示网格员01") == 2
    assert visitor.page(form).count("已催过") == 2
    for number in numbers:
        kinds = [
            one["kind"] for one in town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
        ]
        assert "case_chased" in kinds


def test_alerts_are_acknowledged_at_once(town: Town) -> None:
    for _ in range(2):
        town.report(matter="X01", area="350322")
    visitor = town.visitor("county_officer")
    page = visitor.page("/inbox")
    keys = re.findall(r'value="([^"]+)" form="bulk" data-acts="[^"]*accept', page)

    before = visitor.submit("/inbox/bulk", on="/inbox", act="accept", task=keys)
    hidden = dict(re.findall(r'name="(csrf|key)" value="([^"]*)"', before.get_data(as_text=True)))
    alerts = re.findall(r'name="alert" value="([^"]*)"', before.get_data(as_text=True))
    sent = {**hidden, "act": "accept", "confirmed": "yes", "task": keys, "alert": alerts}
    done = visitor.client.post("/inbox/bulk", data=sent).get_data(as_text=True)

    assert len(keys) == len(alerts) == 2
    assert f"完成 {len(keys)} / {len(keys)}" in done
    assert done.count("已签收<") == len(keys)
    assert "签收告警" not in visitor.page("/inbox")


def test_after_accepting_the_form_of_the_next_step_is_open(town: Town) -> None:
    number = town.file(matter="L07")
    visitor = town.visitor("station_officer")

    answer = visitor.submit(f"/tasks/{town.task(number)}", answer="accept")

    assert answer.headers["Location"] == f"/tasks/{town.task(number)}?done=next_step"
    assert "下面是这件案子的下一步" in visitor.page(answer.headers["Location"])


def test_after_finishing_the_task_that_stood_after_it_in_its_list_is_open(town: Town) -> None:
    """Without a place in the list, or with one that is gone, it is the first of the list."""
    town.file(matter="H01", description="垃圾未加盖")
    first, *others = [town.file(matter="L02") for _ in range(5)]
    visitor = town.visitor("grid_member")
    next_one, gone = town.task(others[1]), town.task(town.file(matter="L07"))
    went = [
        visitor.submit(
            f"/tasks/{town.task(number)}",
            **PASS_UP,
            list="view=mine&matter=L02",
            following=following,
        ).headers["Location"]
        for number, following in zip(others, (next_one, gone, "9-9", "nonsense"), strict=True)
    ]

    assert went[0].startswith(f"/tasks/{next_one}?done=next_task&")
    for where in went[1:]:
        assert where.startswith(f"/tasks/{town.task(first)}?done=first_task&")
    page = words(visitor.page(went[1]))
    assert "下一步“签收”由学士社区第1网格长办理。下面是列表里最紧要的一件。" in page


def test_a_list_of_nonsense_leads_nowhere_else(town: Town) -> None:
    number = town.file()
    visitor = town.visitor("grid_member")
    for query in ("?area=x&matter=%00", "?due=never&sort=up&phase=x", "?view=none&source=?"):
        assert visitor.get(f"/inbox{query}").status_code in {200, 422}, query

    assert rows(visitor.page(f"/inbox?area={UNIT}")) == [number]


def test_scripts_and_styles_of_the_inbox_are_light(town: Town) -> None:
    page = town.visitor("grid_member").page("/inbox")
    names = re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css))"', page)
    size = sum(len(gzip.compress((DIST / name[1:]).read_bytes())) for name in set(names))

    assert len(names) >= 3
    assert size <= BUDGET


def test_a_search_says_how_many_it_found_and_a_task_is_found_by_its_column(town: Town) -> None:
    sought = town.file(description="后厨下水口有老鼠")
    town.file()
    visitor = town.visitor("grid_member")

    assert "共 1 件" in words(visitor.page("/inbox?q=老鼠"))
    assert "共 2 件" in words(visitor.page("/inbox?task=resolve_or_pass_up"))
    assert "共" not in words(visitor.page("/inbox")).partition("剩余时间")[0]
    assert rows(visitor.page("/inbox?task=accept")) == []
    assert rows(visitor.page("/inbox?q=老鼠&task=resolve_or_pass_up")) == [sought]
    assert "环节：处置或上报" in words(visitor.page("/inbox?task=resolve_or_pass_up"))


def test_a_row_carries_what_presses_it(town: Town) -> None:
    """What somebody chased by hand, as often as they did, and what has the shorter limits."""
    hasty, chased = town.file(urgent=True), town.file()
    for _ in range(2):
        town.ask("POST", f"/cases/{chased}/chase", "grid_leader", json={"text": "请今天到场"})

    page = town.visitor("grid_member").page("/inbox")
    listed = {
        number: words(row)
        for row in re.findall(r"<li.*?</li>", page[page.index('class="list picks"') :], re.DOTALL)
        for number in rows(row)
    }

    assert ("加急" in listed[hasty], "催办" in listed[hasty]) == (True, False)
    assert ("加急" in listed[chased], "催办 2" in listed[chased]) == (False, True)


def test_the_menu_counts_what_waits_for_its_reader(town: Town) -> None:
    """Drawn where it is counted anyway; the other pages ask for it."""
    town.file()
    town.file()
    member, leader = town.visitor("grid_member"), town.visitor("grid_leader")

    for path in ("/inbox", "/home"):
        assert 'data-waiting-count="2">2</span>' in member.page(path), path
    assert 'data-waiting-count="" hidden>' in member.page("/cases")
    assert member.get("/inbox/waiting").get_json() == {"count": "2"}
    assert leader.get("/inbox/waiting").get_json() == {"count": ""}


def test_after_a_task_the_page_names_the_case_and_who_has_it(town: Town) -> None:
    number, other, done = town.file(), town.file(), town.file()
    visitor = town.visitor("grid_member")
    passed = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出职权"}

    solved = visitor.submit(f"/tasks/{town.task(done)}", **RESOLVED).headers["Location"]
    first = visitor.submit(f"/tasks/{town.task(number)}", **passed).headers["Location"]
    second = visitor.submit(f"/tasks/{town.task(other)}", **passed).headers["Location"]

    assert f"已提交：{number} 下一步“签收”由学士社区第1网格长办理。下面是" in words(
        visitor.page(first)
    )
    assert f"已提交：{other} 下一步“签收”由学士社区第1网格长办理。" in words(visitor.page(second))
    assert second.startswith("/inbox")
    assert f"已提交：{done} 现由学士社区第1网格长核查。" in words(visitor.page(solved))
