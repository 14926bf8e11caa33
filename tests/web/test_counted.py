"""Beside a due time its page tells how it was counted."""

import re
from datetime import datetime

from storage.moments import CHINA
from tests.web.town import Town, words


def told(page: str) -> str:
    """What unfolds beside the due time, in words."""
    (unfolded,) = re.findall(r'<details class="how">.*?</details>', page, re.DOTALL)
    return words(unfolded)


def test_the_row_the_start_each_day_and_the_result_are_told_on_task_and_case(town: Town) -> None:
    """Filed on a Monday with two working days; the weekend after an extension is not counted."""
    number = town.file(matter="L02")
    visitor = town.visitor("grid_member")

    pages = [visitor.page(f"/tasks/{town.task(number)}"), visitor.page(f"/cases/{number}")]

    for page in map(told, pages):
        assert "时限表“处置、网格员、一般时限”一行：2 个工作日" in page
        assert "2026-03-02 09:00，当天不算" in page
        assert "03-02 周一 收到 03-03 周二 第 1 天 03-04 周三 第 2 天" in page
        assert "到 2026-03-04 周三 23:59" in page


def test_a_pause_is_told_and_what_follows_is_counted_from_its_end(town: Town) -> None:
    number = town.file(matter="L02")
    key = town.task(number)
    town.ask("POST", f"/tasks/{key}/pause", "grid_member", json={"reason": "等检验"})
    town.clock.set(datetime(2026, 3, 4, 10, 0, tzinfo=CHINA))
    town.ask("POST", f"/tasks/{key}/resume", "grid_member", json={})

    page = told(town.visitor("grid_member").page(f"/tasks/{key}"))

    assert "缓办 03-02 周一 09:00 至 今天 10:00 停表，不算" in page
    assert "2026-03-04 10:00 恢复计时，接着算" in page
    assert "03-05 周四 第 1 天 03-06 周五 第 2 天" in page
