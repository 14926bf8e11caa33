"""The inbox: rows that can be told apart, and tabs that count what stands behind them."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask

from engine.delivery.channels import LogChannel, Notices
from engine.time.urgency import Urgency
from storage.moments import CHINA
from tests.delivering import deliver_due
from tests.web.town import Town
from web.frame.language import COOKIE, day_of
from web.frame.work import in_words, left_in_words

HOUR = timedelta(hours=1)
OFFICE_DAY = 7 * HOUR
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=CHINA)


@pytest.fixture
def speaking(town: Town) -> Flask:
    """The application, for words that need a request."""
    return town.app


def test_a_row_says_how_long_what_and_where(town: Town) -> None:
    number = town.file(description="货架第二层十二瓶乳饮料过期")
    page = town.visitor("grid_member").page("/inbox")

    (row,) = re.findall(r"<li.*?</li>", page[page.index('<ul class="list picks"') :], re.DOTALL)
    for words in (
        "还剩",
        "货架第二层十二瓶乳饮料过期",
        "学士社区",
        "处置或上报",
        "网格巡查",
        number,
    ):
        assert words in row


def test_a_row_says_whose_it_is(town: Town) -> None:
    """Taken by its reader, by nobody, or by a colleague: the three must not look alike."""
    number = town.file(matter="L07")
    path = f"/tasks/{town.task(number)}"
    first, second = town.visitor("station_officer"), town.visitor("station_officer2")

    free = _held_words(first.page("/inbox?view=team"))
    town.ask("POST", f"{path}/claim", "station_officer")
    own = _held_words(first.page("/inbox"))
    of_colleague = _held_words(second.page("/inbox?view=team"))
    town.ask("POST", f"{path}/release", "station_officer")

    assert free == ["未认领"]
    assert own == ["我办"]
    assert of_colleague == ["演示市管所01"]
    assert _held_words(first.page("/inbox")) == ["未认领"]


def _held_words(page: str) -> list[str]:
    return re.findall(r'class="whose">(.*?)</span>', page)


def test_work_that_failed_verification_is_marked_told_and_shown_first(town: Town) -> None:
    """R42: what came back must not look like any new case, before and after it is accepted."""
    number = town.file()
    town.do(number, "grid_member", outcome="resolved", measures="已改正")
    town.do(number, "grid_leader", verify_result="not_passed", note="后厨仍有积水")
    visitor = town.visitor("grid_member")

    (row,) = re.findall(r"<li class.*?</li>", _list_of(visitor.page("/inbox")), re.DOTALL)
    first = visitor.page(f"/tasks/{town.task(number)}")
    town.accept(number, "grid_member")
    then = visitor.page(f"/tasks/{town.task(number)}")
    queued = {"notice": Notices(LogChannel())}
    while deliver_due(town.composition.database, queued, town.clock).sent:
        pass

    assert "重办" in row
    for page in (first, then):
        above = page[: page.index('<div class="columns">')]
        assert "核查未通过，请重办" in above
        assert "后厨仍有积水" in above
    (told,) = town.ask("GET", "/messages", "grid_member")["items"]
    assert told["template"] == "not_verified"
    assert "后厨仍有积水" in visitor.page("/messages")


def _list_of(page: str) -> str:
    return page[page.index('<ul class="list picks"') :]


def test_the_count_of_a_tab_is_the_length_of_its_list(town: Town) -> None:
    for _ in range(3):
        town.file()
    visitor = town.visitor("grid_member")
    page = visitor.page("/inbox")
    tabs = re.findall(r'href="/inbox\?view=(\w+)"[^>]*>[^<]*<span class="count[^"]*">(\d+)<', page)

    assert tabs
    for view, count in tabs:
        listed = visitor.page(f"/inbox?view={view}")
        rows = listed.count('<span class="due">')
        assert (view, rows) == (view, int(count))


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=20), "1 分"),
        (5 * HOUR + timedelta(minutes=18), "5 小时 18 分"),
        (2 * HOUR, "2 小时"),
        (OFFICE_DAY, "1 天"),
        (OFFICE_DAY + 5 * HOUR, "1 天 5 小时"),
        (4 * OFFICE_DAY + 3 * HOUR, "4 天"),
    ],
)
def test_the_longer_a_time_the_coarser_it_is_told(
    speaking: Flask, length: timedelta, words: str
) -> None:
    with speaking.test_request_context():
        assert in_words(length, day=OFFICE_DAY) == words


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (OFFICE_DAY, "还剩 1 个工作日", "1 working day left"),
        (OFFICE_DAY + 5 * HOUR, "还剩 1 个工作日 5 小时", "1 working day 5 h left"),
        (5 * OFFICE_DAY, "还剩 5 个工作日", "5 working days left"),
        (3 * HOUR, "还剩 3 小时", "3 h left"),
    ],
)
def test_working_days_that_are_left_are_called_so(
    speaking: Flask, length: timedelta, zh: str, en: str
) -> None:
    stands = Urgency("normal", length, OFFICE_DAY, 0.1, is_of_office=True)
    for language, said in (("zh", zh), ("en", en)):
        with speaking.test_request_context(headers={"Cookie": f"{COOKIE}={language}"}):
            assert left_in_words(stands) == said


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 3, 4, 17, 30, tzinfo=CHINA), "今天 17:30"),
        (datetime(2026, 3, 4, 23, 59, 59, tzinfo=CHINA), "今天内"),
        (datetime(2026, 3, 6, 23, 59, 59, tzinfo=CHINA), "03-06 周五"),
        (datetime(2027, 1, 4, 9, 5, tzinfo=CHINA), "2027-01-04 周一 09:05"),
    ],
)
def test_a_day_is_named_as_people_say_it(speaking: Flask, at: datetime, words: str) -> None:
    with speaking.test_request_context():
        assert day_of(at, now=NOW) == words


def test_each_number_of_the_home_page_is_the_length_of_the_list_it_opens(town: Town) -> None:
    for _ in range(3):
        town.file()
    supervised = town.file()
    town.ask("POST", f"/cases/{supervised}/supervise", "supervisor", json={"text": "请抓紧"})
    town.wait_until(datetime(2026, 3, 4, 9, 0, tzinfo=CHINA))
    for who in ("grid_member", "village_center", "station_officer", "analyst"):
        visitor = town.visitor(who)
        page = visitor.page("/home")
        tiles = re.findall(r'href="(/inbox\?view=\w+)"><span>.*?</span><b>(\d+)</b>', page)

        # An analyst handles nothing and is shown no row of zeros.
        assert len(tiles) == (1 if who == "analyst" else 5)
        for address, number in tiles:
            rows = visitor.page(address).count('<span class="due">')
            assert (who, address, rows) == (who, address, int(number))


def test_who_has_no_task_of_their_own_sees_what_presses_in_their_areas(town: Town) -> None:
    number = town.file()

    page = town.visitor("village_center").page("/home")

    assert "辖区里最紧要的" in page
    assert number in page


def test_an_emergency_stands_first_on_the_first_page_and_what_is_late_after_it(town: Town) -> None:
    """Its alert is due later than what is late already, and still comes first."""
    late = town.file(matter="L07")
    town.wait_until(datetime(2026, 3, 2, 11, 30, tzinfo=CHINA))
    emergency = town.file(matter="X01", description="上吐下泻")
    fresh = town.file(matter="L07")

    page = town.visitor("station_officer").page("/home")

    order = [page.index(number) for number in (emergency, late, fresh)]
    assert order == sorted(order)


def test_what_is_due_today_is_neither_late_nor_paused(town: Town) -> None:
    late = town.file(matter="L07")
    town.clock.set(town.clock.now() + timedelta(days=7))
    today, paused = town.file(matter="L01"), town.file(matter="L01")
    town.ask("POST", f"/tasks/{town.task(paused)}/pause", "grid_member", json={"reason": "等检验"})
    due = town.ask("GET", f"/tasks/{town.task(today)}", "grid_member")["due_at"]
    town.clock.set(datetime.fromisoformat(due) - HOUR)

    # Who watches over others reads there what the tile of the home counts.
    for who in ("grid_member", "supervisor"):
        page = town.visitor(who).page("/inbox?view=today")
        assert today in page
        assert late not in page
        assert paused not in page


def test_a_paused_task_stands_last_stays_late_and_is_nobodys_next(town: Town) -> None:
    late, running = town.file(matter="L05"), town.file(matter="L05")
    key = town.task(late)
    town.wait_until(datetime(2026, 3, 5, 9, 0, tzinfo=CHINA))
    officer = town.visitor("station_officer")
    path = f"/tasks/{key}"
    nothing = officer.submit(f"{path}/pause", on=path, reason="忙", until="2026-03-09")
    officer.submit(f"{path}/pause", on=path, reason="等检验", until="2026-03-09")

    inbox, tab = officer.page("/inbox"), officer.page("/inbox?view=late")

    assert 'role="alert"' in nothing.text
    assert inbox.index(running) < inbox.index(late)
    assert late in tab
    assert "停表至 03-09" in inbox
    assert officer.page("/home").index(running) < officer.page("/home").index(late)


def test_what_is_late_is_the_second_tab_of_everybody(town: Town) -> None:
    for who in ("station_officer", "supervisor"):
        _, _, tabs = town.visitor(who).page("/inbox").partition('<nav class="tabs"')

        assert re.findall(r"view=([a-z]+)", tabs)[:2] == ["mine", "late"]


def test_what_is_late_is_ones_own_but_for_who_watches_over_others(town: Town) -> None:
    number = town.file(matter="L07")
    town.wait_until(datetime(2026, 3, 2, 11, 30, tzinfo=CHINA))

    late = {
        who: number in town.visitor(who).page("/inbox?view=late")
        for who in ("station_officer", "grid_member", "supervisor", "county_officer")
    }

    assert late == {
        "station_officer": True,
        "grid_member": False,
        "supervisor": True,
        "county_officer": True,
    }


def test_the_first_row_is_the_next_one_and_every_row_carries_its_act(town: Town) -> None:
    """What is signed by one press is signed from the list; the rest leads to its form."""
    late, other = town.file(matter="L07"), town.file(matter="L07")
    town.wait_until(datetime(2026, 3, 2, 11, 30, tzinfo=CHINA))
    emergency = town.file(matter="X01", description="上吐下泻")
    officer = town.visitor("station_officer")
    page = officer.page("/inbox")
    first, second, third = listed(page)

    assert [emergency in first, late in second, other in third] == [True, True, True]
    assert [row.count("下一件") for row in (first, second, third)] == [1, 0, 0]
    assert [row.count("突发</span>") for row in (first, second, third)] == [1, 0, 0]
    assert "最紧要在前：突发、超期最久、剩余最少，缓办最后" in page
    assert listed(officer.page("/home"))[0].count("下一件") == 1
    assert 'class="tag next"' not in officer.page("/inbox?sort=new")
    signed = officer.submit(address_of_act(second), on="/inbox", answer="accept")
    assert signed.headers["Location"] == f"/tasks/{town.task(late)}?done=next_step"
    (handled,) = [row for row in listed(officer.page("/inbox")) if late in row]
    assert re.search(rf'href="/tasks/{town.task(late)}" title="处置或上报">处置或上报<', handled)


def test_nobody_is_shown_an_act_on_what_others_have(town: Town) -> None:
    town.file()
    for who, view in (("supervisor", "all"), ("station_officer", "all")):
        page = town.visitor(who).page(f"/inbox?view={view}")

        assert len(listed(page)) == 1
        assert ('class="act"' in page, 'class="tag next"' in page) == (False, False)


def listed(page: str) -> list[str]:
    """The rows of the list of a page."""
    return re.findall(r"<li.*?</li>", page[page.index('<ul class="list') :], re.DOTALL)


def address_of_act(row: str) -> str:
    """Where the button of a row sends what it signs."""
    (address,) = re.findall(r'<form method="post" action="([^"]+)"', row)
    return address


def test_a_list_shows_the_end_of_a_number_and_holds_all_of_it(town: Town) -> None:
    """The inbox, the cases and the boards call a case alike; its own page names it whole."""
    number = town.file()
    shown = f'<span class="last-four" title="{number}"><span class="number">{number}</span></span>'
    supervisor = town.visitor("supervisor")

    for path in ("/inbox?view=all", "/cases", f"/boards/chase?case={number}"):
        assert shown in supervisor.page(path), path
    assert f'<span class="number">{number}</span>' in supervisor.page(f"/cases/{number}")
    assert "last-four" not in supervisor.page(f"/cases/{number}")
