"""A case at a glance: six steps with who, the way it took, the supervision that stays on top."""

import re
from datetime import datetime

from storage.moments import CHINA
from tests.web.town import PASS_UP, Town, a_photo, words
from web.pages.cases.record import Step
from web.pages.cases.way import MOST_BOXES, stations


def way(page: str) -> list[str]:
    """The stations of the way, as they are read."""
    part = page[page.index('<ol class="way">') :]
    stops = re.findall(r"<li.*?</li>", part[: part.index("</ol>")], re.DOTALL)
    return [words(stop) for stop in stops]


def test_the_way_ends_where_the_case_waits_and_each_station_opens_its_entry(town: Town) -> None:
    number = town.file()
    town.do(number, "grid_member", **PASS_UP)

    page = town.visitor("supervisor").page(f"/cases/{number}")

    filed, passed_up, here = way(page)
    assert "立案建档 演示网格员01" in filed
    assert "处置或上报 解决不了，上报一级 演示网格员01" in passed_up
    assert "签收 正在这里 学士社区第1网格长" in here
    entries = re.findall(r'href="#(entry-\d+)"', page)
    assert entries
    assert [entry for entry in entries if f'id="{entry}"' not in page] == []


def test_the_six_steps_say_who_ended_each_and_until_when_the_current_one_runs(town: Town) -> None:
    number = town.file()

    page = town.visitor("supervisor").page(f"/cases/{number}")
    steps = words(page[page.index('<ol class="steps">') : page.index('<div class="case">')])

    assert re.search(r"问题采集 [\d-]+ [\d:]+ 演示网格员01", steps)
    assert re.search(r"问题处置 03-04 周三 前 还剩", steps)


def test_the_last_step_of_a_case_that_was_a_duplicate_does_not_say_resolved(town: Town) -> None:
    original, number = town.file(), town.file()
    town.do(number, "grid_member", outcome="duplicate", original=original)

    page = town.visitor("supervisor").page(f"/cases/{number}")
    steps = words(page[page.index('<ol class="steps">') : page.index('<div class="case">')])

    assert "重复，无需跟踪" in steps
    assert "已解决" not in steps


def test_a_visit_whose_photo_is_old_says_no_length_it_did_not_take(town: Town) -> None:
    """R36: a photo of the album says when it was taken, not when the visit began."""
    picture = {"file": (a_photo(), "a.jpg", "image/jpeg"), "taken_at": "2026-03-01T09:00:00+08:00"}
    kind = "multipart/form-data"
    photo = town.ask("POST", "/attachments", "grid_member", data=picture, content_type=kind)["id"]
    number = town.file(business=1, photos=[photo])

    page = town.visitor("supervisor").page(f"/cases/{number}")
    steps = words(page[page.index('<ol class="steps">') : page.index('<div class="case">')])

    assert "用时" not in steps.partition("问题处置")[0]


def test_a_supervision_stays_on_top_of_the_file_whatever_came_later(town: Town) -> None:
    number = town.file()
    boss = town.visitor("supervisor")
    path = f"/cases/{number}"
    boss.submit(f"{path}/supervise", on=path, text="临近学校，务必当面核实。")
    boss.submit(f"{path}/note", on=path, text="已电话问过")

    page = boss.page(path)

    assert page.index("临近学校，务必当面核实。") < page.index("已电话问过")
    assert 'class="pinned"' in page


def test_of_a_long_way_the_middle_is_counted_and_left_to_the_file() -> None:
    steps = [_step(first) for first in range(1, MOST_BOXES + 4)]

    shown, left_out = stations(steps)

    assert [one.first for one in shown] == [1, *range(5, MOST_BOXES + 4)]
    assert (len(shown), left_out) == (MOST_BOXES, 3)


def _step(first: int) -> Step:
    return Step(first, first, datetime(2026, 3, 2, 9, tzinfo=CHINA), "", None, "签收", "已解决")
