"""The wizard of imports: a file is chosen, mapped, checked, applied and undone on pages."""

import io
import re

import pytest

from api.operating import kinds
from storage.imports.columns import COLUMNS
from tests.long_work import run_waiting
from tests.web.town import UNIT, Town, hidden_fields
from web.pages.imports.words import columns, said

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
    assert "表头里没有这一列，请补上：名称" in visitor.page(page)

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


def test_an_offices_own_ledger_is_read_by_the_names_of_places(town: Town) -> None:
    """No office writes codes of areas: names do, and else the address."""
    visitor = town.visitor("registry_keeper")
    lines = (
        "序号,单位名称,类别,所属区域,经营地址\n"
        "1,按名称的店,餐馆,学士社区第1网格,\n"
        "2,乡镇加村的店,餐馆,枫亭镇学士社区,\n"
        "3,按地址的店,餐馆,,仙游县枫亭镇学士社区示例路1号\n"
        "4,哪里的店,餐馆,,示例路1号\n"
        "5,没有的村的店,餐馆,不存在的村,\n"
    )
    file = (io.BytesIO(lines.encode("gb18030")), "台账.csv")
    page = visitor.submit("/imports", on="/imports", kind="businesses", source="filing", file=file)
    page = page.headers["Location"]
    run_all(town)

    stays = visitor.submit(f"{page}/apply", on=page)
    refused = visitor.get(f"{page}/refused.csv").get_data().decode("utf-8-sig")
    visitor.submit(f"{page}/apply", on=page, leave_out_refused="yes")
    run_all(town)

    assert stays.status_code == 409
    assert "不导入被拒绝的 2 行" in stays.get_data(as_text=True)
    assert "从地址“示例路1号”也认不出" in refused
    assert "没有叫“不存在的村”的区域" in refused
    assert "(" not in refused
    found = town.ask("GET", "/businesses?q=的店", "station_officer")["items"]
    placed = {one["name"]: one["area"] for one in found}
    assert placed == {
        "按名称的店": UNIT[:15],
        "乡镇加村的店": UNIT[:12],
        "按地址的店": UNIT[:12],
    }


def test_the_columns_of_every_kind_are_named_and_a_list_to_fill_in_is_there(town: Town) -> None:
    for who, kind in (("registry_keeper", "businesses"), ("admin_system", "people")):
        visitor = town.visitor(who)
        assert "有哪些列" in visitor.page("/imports")
        empty = visitor.get(f"/imports/template/{kind}.csv").get_data().decode("utf-8-sig")
        assert len(empty.strip().split(",")) == len(COLUMNS[kind].every)
    with town.app.test_request_context():
        assert {column for each in COLUMNS.values() for column in each.every} <= set(columns())
    assert town.visitor("registry_keeper").get("/imports/template/areas.csv").status_code == 404


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("", "第 3 行“所属区域”：没有叫“甲村”的区域。"),
        ("hangji_language=en", "row 3: no such area"),
    ],
)
def test_a_message_of_an_import_is_read_in_one_language(
    town: Town, cookie: str, shown: str
) -> None:
    message = "第 3 行 (row 3)“所属区域 area_code”：没有叫“甲村”的区域 (no such area)。"

    with town.app.test_request_context(headers={"Cookie": cookie}):
        assert said(message) == shown


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
    newcomer = town.visitor()
    done = newcomer.submit("/set-password", on=link[0], **chosen)
    assert "密码已设置" in newcomer.page(done.headers["Location"])
    again = visitor.submit(f"{page}/passwords", on=page).get_data(as_text=True)

    assert "page_one" in first
    assert "page_one" not in again


def test_who_keeps_no_list_finds_no_way_to_import(town: Town) -> None:
    visitor = town.visitor("grid_member")

    assert "/imports" not in visitor.page("/home")
    assert visitor.get("/imports").status_code == 403
