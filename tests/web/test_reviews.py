"""Questions about the registry on a page: side by side, decided, and the next one comes."""

import io
import re

from api.operating import kinds
from tests.long_work import run_waiting
from tests.web.town import UNIT, Town, words

CODE = "91350322MADEM0091E"


def run_all(town: Town) -> int:
    """What the scheduler does once a second."""
    made = town.composition
    return run_waiting(made.database, kinds(made), made.clock)


def brought_in(town: Town, name: str, source: str) -> None:
    visitor = town.visitor("registry_keeper")
    lines = f"名称,类别,区域代码,统一社会信用代码\n{name},餐馆,{UNIT},{CODE}\n"
    file = (io.BytesIO(lines.encode()), "台账.csv")
    sent = visitor.submit("/imports", on="/imports", kind="businesses", source=source, file=file)
    run_all(town)
    page = sent.headers["Location"]
    visitor.submit(f"{page}/apply", on=page)
    run_all(town)


def test_a_keeper_decides_what_two_sources_say_differently(town: Town) -> None:
    brought_in(town, "甲页面示例店", "licence")
    brought_in(town, "乙页面示例店", "survey")
    visitor = town.visitor("registry_keeper")
    page = visitor.page("/reviews")

    assert "甲页面示例店" in page
    assert "实地摸排" in page
    assert "来源说法不同 1" in words(page)
    assert "主体待核对 1" in words(visitor.page("/home"))
    question = town.ask("GET", "/reviews", "registry_keeper")["items"][0]["id"]
    visitor.submit(f"/reviews/{question}/decide", on="/reviews", choice="2")

    assert "没有待核对的主体" in visitor.page("/reviews")
    assert "导入台账" in words(visitor.page("/home"))
    assert town.ask("GET", "/businesses?q=乙页面示例店", "grid_member")["items"]


def test_questions_of_the_registry_are_for_its_keeper(town: Town) -> None:
    visitor = town.visitor("grid_member")

    assert "/reviews" not in visitor.page("/home")
    assert visitor.get("/reviews").status_code == 403


def test_a_keeper_ticks_a_full_list_and_decides_who_is_missing_in_words(town: Town) -> None:
    visitor = town.visitor("registry_keeper")
    brought_in(town, "甲页面示例店", "licence")
    lines = f"名称,类别,区域代码\n乙名单示例店,餐馆,{UNIT}\n".encode()
    file = (io.BytesIO(lines), "完整台账.csv")
    fields = {"kind": "businesses", "source": "licence", "full_registry": "yes"}
    sent = visitor.submit("/imports", on="/imports", file=file, **fields)
    run_all(town)
    place = sent.headers["Location"]
    visitor.submit(f"{place}/apply", on=place)
    run_all(town)

    assert "完整名单" in visitor.page(place)
    page = visitor.page("/reviews?kind=gone_from_source")
    for part in ("还在经营吗", "最后一次出现", "仍在经营，保留", "疑似停业，请现场核实"):
        assert part in page
    question = town.ask("GET", "/reviews?kind=gone_from_source", "registry_keeper")["items"][0]
    visitor.submit(f"/reviews/{question['id']}/decide", on="/reviews", choice="1")

    assert "没有待核对的主体" in visitor.page("/reviews?kind=gone_from_source")
    card = town.ask("GET", f"/businesses/{question['business_id']}", "registry_keeper")
    assert card["status"] == "operating"


def test_a_shop_that_stands_nowhere_leads_the_keeper_to_its_form(town: Town) -> None:
    body = {"name": "无位置示例店", "category": "catering.restaurant", "area": UNIT[:12]}
    shop = town.ask("POST", "/businesses", "registry_keeper", json=body)["id"]

    page = town.visitor("registry_keeper").page("/reviews?kind=unplaced")

    for part in ("在哪里", "去补位置", f"/businesses/{shop}/edit", "留给现场摸排"):
        assert part in page


def test_a_list_without_positions_is_one_question_whose_number_opens_its_shops(town: Town) -> None:
    lines = "".join(f"\n无位置示例店{number},餐馆,{UNIT[:12]}" for number in range(3))
    file = (io.BytesIO(f"名称,类别,区域代码{lines}\n".encode()), "台账.csv")
    visitor = town.visitor("registry_keeper")
    sent = visitor.submit("/imports", on="/imports", kind="businesses", source="filing", file=file)
    run_all(town)
    visitor.submit(f"{sent.headers['Location']}/apply", on=sent.headers["Location"])
    run_all(town)

    page = visitor.page("/reviews?kind=unplaced")

    ((door, number),) = re.findall(r'<dd><a href="([^"]+)">(\d+) 家</a>', page)
    listed = words(visitor.page(door.replace("&amp;", "&")))
    assert f"共 {number} 家" in listed
    assert "无位置示例店2" in listed
    question = town.ask("GET", "/reviews?kind=unplaced", "registry_keeper")["items"][0]["id"]
    visitor.submit(f"/reviews/{question}/decide", on="/reviews?kind=unplaced", choice="1")
    assert "没有待核对的主体" in visitor.page("/reviews?kind=unplaced")
