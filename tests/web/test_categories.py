"""Categories of businesses on their page, and the mark of a ceased business on its card."""

import re

from tests.web.town import UNIT, Town, words


def test_an_administrator_adds_a_subtype_that_pages_then_name_and_retires_it(town: Town) -> None:
    """R11: added once, named in Chinese wherever it stands, retired for what is new."""
    admin = town.visitor("admin_system")
    names = {"name_zh": "页面餐车", "name_en": "page truck"}
    admin.submit(
        "/business-categories",
        on="/business-categories",
        parent="catering",
        subtype="page_truck",
        **names,
    )
    shown = admin.page("/business-categories")
    body = {"name": "页面餐车示例", "category": "catering.page_truck", "area": UNIT}
    offered = town.visitor("grid_member").page("/businesses/new")
    shop = town.ask("POST", "/businesses", "grid_member", json=body)["id"]
    card = town.visitor("grid_member").page(f"/businesses/{shop}")
    retire = "/business-categories/catering.page_truck/retire"
    admin.submit(retire, on="/business-categories")

    assert "页面餐车" in shown
    assert "页面餐车" in offered
    assert "catering.page_truck" not in town.visitor("grid_member").page("/businesses/new")
    late = {**body, "name": "停用后示例"}
    refused = town.visitor("grid_member").submit("/businesses/new", on="/businesses/new", **late)
    assert refused.status_code == 422
    assert "catering.page_truck" not in card
    assert "已停用" in admin.page("/business-categories")
    assert "retire" not in town.visitor("grid_member").page("/business-categories")


def test_who_finds_a_closed_shop_marks_it_from_its_card(town: Town) -> None:
    """R14: the form names the shop already; nobody else is offered it."""
    body = {"name": "关门示例店", "category": "catering.restaurant", "area": UNIT}
    shop = town.ask("POST", "/businesses", "grid_member", json=body)["id"]
    finder = town.visitor("grid_member")
    link = f"/start/business_ceased?business={shop}"
    form = finder.page(link)

    assert link in finder.page(f"/businesses/{shop}")
    assert "/start/business_ceased" not in town.visitor("registry_keeper").page(
        f"/businesses/{shop}"
    )
    assert re.search(rf'value="{shop}" +selected', form)
    sent = finder.submit(
        "/start/business_ceased", on=link, business=str(shop), seen_on="2026-03-02", reason="已搬空"
    )
    assert "done=started" in sent.headers["Location"]
    steps = words(finder.page(sent.headers["Location"]))
    assert "食品主体 关门示例店 发现日期" in steps
    assert "已停业" in finder.page(f"/businesses/{shop}") or "停止经营" in finder.page(
        f"/businesses/{shop}"
    )
