"""The wizard of imports: a file is chosen, mapped, checked, applied and undone on pages."""

import io
import re

from api.operating import kinds
from tests.long_work import run_waiting
from tests.web.town import UNIT, Town, hidden_fields

HEADS = "招牌,类别,区域代码"


def run_all(town: Town) -> int:
    """What the scheduler does once a second."""
    made = town.composition
    return run_waiting(made.database, kinds(made), made.clock)


def test_a_list_is_mapped_checked_applied_and_undone_on_its_page(town: Town) -> None:
    visitor = town.visitor("registry_keeper")
    lines = f"{HEADS}\n页面示例店,餐馆,{UNIT}\n页面示例摊,没有的类别,{UNIT}\n"
    file = (io.BytesIO(lines.encode()), "台账.csv")
    sent = visitor.submit("/imports", on="/imports", kind="businesses", source="filing", file=file)
    assert sent.status_code == 303
    page = sent.headers["Location"]
    run_all(town)
    assert "缺少列 name" in visitor.page(page)

    mapped = {"head": HEADS.split(","), "column": ["name", "category", "area_code"]}
    hidden = hidden_fields(visitor.page(page), f"{page}/check")
    visitor.client.post(f"{page}/check", data={**hidden, **mapped})
    run_all(town)
    assert "没有类别" in visitor.page(f"{page}?outcome=refused")

    visitor.submit(f"{page}/apply", on=page, leave_out_refused="yes")
    run_all(town)
    applied = visitor.page(page)
    assert "已写入" in applied
    assert "台账.csv" in visitor.page("/imports")
    assert town.ask("GET", "/businesses?q=页面示例店", "station_officer")["items"]

    visitor.submit(f"{page}/undo", on=page)
    run_all(town)
    assert "已撤销" in visitor.page(page)
    assert town.ask("GET", "/businesses?q=页面示例店", "station_officer")["items"] == []


def test_links_to_set_a_password_are_shown_until_they_are_used(town: Town) -> None:
    visitor = town.visitor("admin_system")
    lines = f"用户名,姓名,岗位\npage_one,示例人员,网格员:{UNIT[:15]}\n"
    file = (io.BytesIO(lines.encode()), "人员.csv")
    page = visitor.submit("/imports", on="/imports", kind="people", file=file).headers["Location"]
    run_all(town)
    visitor.submit(f"{page}/apply", on=page)
    run_all(town)

    first = visitor.submit(f"{page}/passwords", on=page).get_data(as_text=True)
    link = re.search(r"/set-password\?link=[^<]+", first)
    assert link is not None
    chosen = {"password": "ten-letters-or-more", "again": "ten-letters-or-more"}
    town.visitor().submit("/set-password", on=link[0], **chosen)
    again = visitor.submit(f"{page}/passwords", on=page).get_data(as_text=True)

    assert "page_one" in first
    assert "page_one" not in again


def test_who_keeps_no_list_finds_no_way_to_import(town: Town) -> None:
    visitor = town.visitor("grid_member")

    assert "/imports" not in visitor.page("/home")
    assert visitor.get("/imports").status_code == 403
