"""The next 24 hours on pages: bars, figures and lists count the same cases and agree."""

import json
import re
from html import unescape

from tests.web.test_boards import live
from tests.web.town import Town, words


def listed(page: str) -> list[str]:
    """The cases of a narrowed forecast, one a row."""
    return re.findall(r'<input type="checkbox" name="case" value="(\d+)"', page)


def test_bars_figures_and_lists_of_the_forecast_count_the_same_cases(town: Town) -> None:
    """An emergency is due at several posts and in two hours, and is one case."""
    live(town)
    number = town.file(matter="X01")
    leader = town.visitor("supervisor")
    home = leader.page("/home")
    chart = re.search(r'data-chart="hours" data-rows="([^"]*)"', home)
    line = re.search(r'<p class="sums">(.*?)</p>', home, re.DOTALL)
    assert chart is not None
    assert line is not None
    bars = json.loads(unescape(chart[1]))
    figures = re.findall(r'<span>(\S+) <a href="([^"]+)">(\d+)</a>', line[1])

    assert [label for label, _, _ in figures] == ["到期", "催办", "自动上报", "转督办", "告知上级"]
    due = int(figures[0][2])
    assert due > 1
    assert sum(bar["due"] + bar["moved"] for bar in bars) == due
    for bar in bars:
        assert len(listed(leader.page(bar["href"]))) == bar["due"] + bar["moved"], bar
    for label, href, count in figures:
        page = leader.page(unescape(href))
        rows = listed(page)
        assert len(rows) == len(set(rows)) == int(count), label
        assert f"未来 24 小时：{label}" in words(page)
    page = leader.page(unescape(figures[0][1]))
    row = next(one for one in page.split("<tr>") if f'value="{number}"' in one)
    assert len(re.findall(r'class="happens ends"', row)) > 1
    assert "莆田市应急处置服务中心" in row
    assert "办理期限表" in row


def test_what_the_forecast_lists_is_ticked_and_chased_and_leads_back(town: Town) -> None:
    live(town)
    town.report(matter="X01", area="350322")
    leader = town.visitor("supervisor")
    page = leader.page("/boards/forecast?figure=due&area=350322")

    assert '<a class="back" href="/home?area=350322">' in page
    rows = listed(page)
    assert f"催办这 {len(rows)} 件" in words(page)
    assert 'action="/boards/chase"' in page
    assert 'formaction="/boards/supervise"' in page
    asked = "&".join(f"case={number}" for number in rows)
    assert f"催办 {len(rows)} 件" in words(leader.page(f"/boards/chase?{asked}"))
    assert "未来 24 小时没有这样的事" in leader.page(
        "/boards/forecast?due_before=2020-01-01T00:00Z"
    )
