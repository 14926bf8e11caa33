"""A system administrator changes areas, and a county keeps its duties, from the pages alone."""

import re

from api.operating import kinds
from tests.long_work import run_waiting
from tests.web.town import VILLAGE, Town

MOVED = "350322109901"


def test_a_village_is_moved_from_the_page_after_a_look_at_what_follows(town: Town) -> None:
    """R01."""
    admin = town.visitor("admin_system")
    page = "/area-changes"
    form = {"kind": "move", "from-1": VILLAGE, "code-1": MOVED, "day": "2026-03-01"}
    county = {"from-1": VILLAGE[:6], "code-1": ""}

    offered = admin.page(page)
    deeper = admin.submit(page, act="more", **{**form, **county}).get_data(as_text=True)
    refused = admin.submit(page, act="rehearse", **{**form, "code-1": "350322999001"})
    rehearsed = admin.submit(page, act="rehearse", **form).get_data(as_text=True)
    unchanged = town.ask("GET", f"/areas/{VILLAGE}", "admin_system")["code"]
    made = admin.submit(page, act="make", document="示例文〔2026〕1号", **form)
    run_waiting(town.composition.database, kinds(town.composition), town.clock)

    assert f'<option value="{VILLAGE[:6]}"' in offered, "areas are chosen from a list"
    assert f'<option value="{VILLAGE[:9]}"' in deeper, "level by level, without scripts as well"
    assert f'<option value="{VILLAGE}">' in rehearsed.partition("<datalist")[2]
    assert refused.status_code == 422
    assert "不存在" in refused.get_data(as_text=True)
    assert "试算结果" in rehearsed
    assert f"{VILLAGE} → {MOVED}" in rehearsed
    assert unchanged == VILLAGE
    assert made.status_code == 303
    listed = admin.page(page)
    assert "示例文〔2026〕1号" in listed
    assert town.ask("GET", f"/areas/{MOVED}", "admin_system")["parent"] == "350322109"
    assert 'name="act"' not in town.visitor("station_officer").page(page)


def test_a_county_enters_who_answers_for_a_station_and_sees_its_centre(town: Town) -> None:
    """R66, R67."""
    county, page = town.visitor("county_officer"), "/units/ST-350322100"
    officer = str(town.ask("GET", "/me", "station_officer")["id"])
    before = county.page(page)
    searched = [
        county.submit(page, find="1", q=q, kind="overall", since="2026-03-02").get_data(
            as_text=True
        )
        for q in ("01", "市管所", "管理员", "网格员")
    ]
    offered = [
        re.findall(r'name="officer" value="\d+"[^>]*><span>([^<]+)<span class="hint">', found)
        for found in searched
    ]

    entered = county.submit(page, kind="in_charge", officer=officer, since="2026-03-02")
    again = county.submit(page, kind="in_charge", officer=officer, since="2026-03-02")
    shown = county.page(page)

    # Who holds no post of a department is not offered, administrators least of all; nor taken.
    assert "演示市管所01" in offered[0]
    assert "演示市管所01" in offered[1]
    assert not [name for name in offered[0] if "管理" in name or "网格" in name]
    assert offered[2:] == [[], []]
    grid = town.ask("GET", "/me", "grid_member")["id"]
    refused = county.submit(page, kind="overall", officer=str(grid), since="2026-03-02")
    assert refused.status_code == 422
    assert "不担任市、县部门或监管所的岗位" in refused.get_data(as_text=True)
    assert before.count("未登记") == 3
    assert "枫亭镇社会治理平台中心" in before
    assert (entered.status_code, again.status_code) == (303, 409)
    assert shown.count("未登记") == 2
    assert page in county.page("/units")
    stranger = town.visitor("grid_member").page(page)
    assert "登记</button>" not in stranger
