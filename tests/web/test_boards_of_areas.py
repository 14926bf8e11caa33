"""The boards of a smaller area: every part is of that area, and every number opens its list."""

import re
from html import unescape

from storage.moments import in_china
from storage.places import areas
from tests.web.test_boards import length, live
from tests.web.town import Town

TOWN_CODE = "350322100"


def test_the_home_of_a_smaller_area_is_of_that_area_in_every_part(town: Town) -> None:
    """What cannot be told of the area alone is left away; the export names place and period."""
    live(town)
    with town.composition.database.transaction() as session:
        on = in_china(town.clock.now()).date()
        villages = {one.name for one in areas.list_children(session, TOWN_CODE, on=on)}
    leader = town.visitor("county_officer")
    whole, home = leader.page("/home"), leader.page(f"/home?area={TOWN_CODE}&period=quarter")

    assert f'hx-get="/map/small?area={TOWN_CODE}"' in home
    below = re.findall(r"<li><span>([^<]+)</span>", leader.page(f"/map/small?area={TOWN_CODE}"))
    assert set(below) >= villages
    for of_the_county in ("加强检查的主体", "我可以发起"):
        assert of_the_county in whole, of_the_county
        assert of_the_county not in home, of_the_county
    assert "人员空缺" in home
    assert f'href="/staff-gaps?area={TOWN_CODE}"' in home
    place = re.search(r"<h1>([^<]+)</h1>", home)
    export = re.search(r'href="(/boards/export\?[^"]+)"', home)
    assert place is not None
    assert export is not None
    assert f"<h1>导出：{place[1]}，本季</h1>" in leader.page(unescape(export[1]))


def test_map_bars_and_lists_of_a_home_add_up_to_what_is_open(town: Town) -> None:
    """What lies in the city itself has a row on the map's list too, as in the bars."""
    live(town)
    town.report(area="3503")
    leader = town.visitor("supervisor")
    home = leader.page("/home")
    count = re.search(r"在办</span>.*?<b>(\d+)</b>", home)
    small = leader.page("/map/small")
    numbers = re.findall(r"<li><span>([^<]+)</span> <a href=\"([^\"]+)\">(\d+)</a>", small)

    assert count is not None
    assert "莆田市本级" in [name for name, _, _ in numbers]
    assert sum(int(number) for _, _, number in numbers) == int(count[1])
    for name, href, number in numbers:
        assert length(leader, unescape(href)) == int(number), name
        assert f"共 {number} 件" in leader.page(unescape(href))


def test_the_list_behind_a_number_is_ticked_and_leads_back_to_where_it_was_pressed(
    town: Town,
) -> None:
    """What the inbox offers a watcher, a board's list offers too: tick, then chase or supervise."""
    live(town)
    leader = town.visitor("supervisor")
    path = "/boards/open?figure=overdue&area=350322"
    page = leader.page(path)
    keys = re.findall(r'name="task" value="([^"]+)"[^>]*data-acts="chase supervise"', page)

    assert len(keys) == length(leader, path) > 0
    assert f"共 {len(keys)} 件" in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    key = re.search(r'<form id="bulk".*?name="key" value="([^"]+)"', page)
    assert csrf is not None
    assert key is not None
    for act in ("chase", "supervise"):
        assert f'name="act" value="{act}"' in page
        form = {"csrf": csrf[1], "key": key[1], "act": act, "task": keys}
        answer = leader.client.post("/inbox/bulk", data=form)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"/boards/{act}?case=")
    assert 'class="back" href="/home?area=350322"' in page
    came = leader.client.get(path, headers={"Referer": "http://localhost/boards?area=350322"})
    assert 'class="back" href="/boards?area=350322"' in came.get_data(as_text=True)
    # Who does not watch has nothing to tick there.
    assert 'name="task"' not in town.visitor("grid_leader").page("/boards/open")
