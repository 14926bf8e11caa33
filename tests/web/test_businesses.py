"""The registry on pages: list and filters, a card with its sources, a shop entered and mended."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from storage.city.rules import installed
from storage.patrols import watching
from storage.patrols.watching import NewIntensity, NewSelfReport
from storage.registry import many
from storage.registry.businesses import NewBusiness
from storage.registry.names import NameKeys
from storage.tables import patrol
from tests.web.test_page_cost import LONG, cost
from tests.web.test_reviews import brought_in
from tests.web.town import UNIT, Town, a_photo, built, settle, words

CODE = "91350322MADEM0091E"


def entered(town: Town, who: str = "grid_member", **more: Any) -> str:
    """The address of the card of a shop that was entered on its page."""
    form = {"name": "路口示例烤饼摊", "category": "small.vendor", "area": UNIT, **more}
    answer = town.visitor(who).submit("/businesses/new", **form)
    assert answer.status_code == 303, words(answer.get_data(as_text=True))
    return str(answer.headers["Location"]).partition("?")[0]


def seed(town: Town, number: int, at: datetime) -> None:
    """So many restaurants more, each visited once as the first one was."""
    new = [
        NewBusiness(name=f"众多示例店{place:04d}号", category="catering.restaurant", area_code=UNIT)
        for place in range(number)
    ]
    keys = NameKeys([], installed().suffixes)
    with town.composition.database.transaction() as session:
        made = many.add_businesses(session, new, keys=keys, origin="licence", at=at)
        visit = dict(session.execute(select(patrol)).mappings().one())
        del visit["id"]
        session.execute(insert(patrol), [{**visit, "business_id": shop} for shop in made])


def test_the_list_is_narrowed_by_its_address_and_every_count_is_a_door(town: Town) -> None:
    visitor = town.visitor("grid_member")

    page = visitor.page("/businesses")
    address, number = re.findall(r'<nav class="counts.*?href="([^"]+)">[^<]*<b>(\d+)</b>', page)[0]
    narrowed = visitor.page(address.replace("&amp;", "&"))

    assert "共 4 家" in words(page)
    assert f"共 {number} 家" in words(narrowed)
    assert "示例超市" not in words(visitor.page("/businesses?q=小吃"))
    assert "没有符合条件的主体" in visitor.page("/businesses?status=deregistered")
    assert "示例奶茶店" in visitor.page("/businesses?flag=bright_kitchen")
    assert "共 10 家" in words(town.visitor("registry_keeper").page("/businesses"))
    assert "Food businesses" in town.visitor("grid_member", language="en").page("/businesses")


def test_a_shop_is_entered_with_its_photo_and_its_card_names_the_source(town: Town) -> None:
    """R07, R10: on the spot by the grid member; person and phone only for the staff of its area."""
    photo = (a_photo(), "front.jpg")
    at = {"location.lat": "25.2407", "location.lon": "118.8609"}
    card = entered(
        town, phone="05940000001", person_in_charge="示例摊主", **{"photo.files": photo, **at}
    )

    own = town.visitor("station_officer").page(card)
    keeper = town.visitor("registry_keeper").page(card)
    other = town.visitor("enforcement").page(card)

    assert "实地摸排" in own
    assert "25.24070" in own
    assert all(text in own and text in keeper for text in ("05940000001", "示例摊主"))
    assert "05940000001" not in other
    assert "示例摊主" not in other
    assert town.visitor("station_officer").get(f"{card}/photo").data[:2] == b"\xff\xd8"


def test_what_cannot_be_is_shown_at_its_field_and_nothing_typed_is_lost(town: Town) -> None:
    form = {"name": "甲示例摊", "category": "small.vendor", "area": UNIT}

    wrong = town.visitor("grid_member").submit(
        "/businesses/new", **form, credit_code="91350322MADEM0091X"
    )
    entered(town)
    again = town.visitor("unit_leader").submit(
        "/businesses/new", **{**form, "name": "路口示例烤饼摊"}
    )

    shown = wrong.get_data(as_text=True)
    assert (wrong.status_code, again.status_code) == (422, 409)
    assert "最后一位应为" in shown
    assert "甲示例摊" in shown
    assert "已经登记" in again.get_data(as_text=True)
    assert town.visitor("analyst").get("/businesses/new").status_code == 403


def test_a_correction_sends_what_was_changed_and_proposes_what_the_licence_states(
    town: Town,
) -> None:
    """The page was opened before a colleague changed the phone: only the address is asked about."""
    brought_in(town, "许可页面示例店", "licence")
    ident = town.ask("GET", "/businesses?q=许可页面示例店", "grid_member")["items"][0]["id"]
    card, edit = f"/businesses/{ident}", f"/businesses/{ident}/edit"
    visitor = town.visitor("grid_member")
    opened = visitor.page(edit)
    town.ask("PATCH", card, "station_officer", json={"phone": "05940000002"})

    base = re.findall(r'name="base" value="(\d+)"', opened)[0]
    seen = {"name": "许可页面示例店", "category": "catering.restaurant", "area": UNIT}
    sent = visitor.submit(
        edit, **{**seen, "name": "许可页面示例新店", "address": "新路1号", "base": base}
    )

    assert sent.headers["Location"].endswith("done=proposed")
    page = words(visitor.page(sent.headers["Location"]))
    assert "等主体库管理员核对" in page
    assert "新路1号" in page
    assert "05940000002" in page
    assert "许可页面示例新店" in town.visitor("registry_keeper").page("/reviews")


def test_two_sources_of_one_field_stand_beside_it_on_the_card(town: Town) -> None:
    brought_in(town, "甲页面示例店", "licence")
    brought_in(town, "乙页面示例店", "survey")
    ident = town.ask("GET", "/businesses?q=甲页面示例店", "grid_member")["items"][0]["id"]

    page = words(town.visitor("grid_member").page(f"/businesses/{ident}"))

    assert "许可台账" in page
    assert "乙页面示例店" in page
    assert "新增" in page


def test_a_card_shows_the_last_visit_the_intensity_and_what_the_business_inspected(
    town: Town,
) -> None:
    """R37, R55, R56: for the staff of its area; a business reads its own periods and no visit."""
    shop = town.ask("GET", "/businesses?q=示例小吃店", "grid_member")["items"][0]["id"]
    numbers = [town.file(business=shop, matter=matter) for matter in ("H02", "H03")]
    case, card, now = int(numbers[0][4:-1]), f"/businesses/{shop}", town.clock.now()
    missed = NewSelfReport(
        business_id=shop,
        case_id=case,
        obligation="month",
        period="2026-02",
        outcome="missed",
        due_at=now,
        closed_at=now,
        found=[],
    )
    done = replace(missed, case_id=case + 1, period="2026-03", outcome="done")
    with town.composition.database.transaction() as session:
        watching.add_self_report(session, missed)
        watching.add_self_report(session, done)
        watching.add_intensity(session, NewIntensity(shop, "watch", now, {"missed": 2}, case))

    shown = words(town.visitor("station_officer").page(card))
    english = words(town.visitor("station_officer", language="en").page(card))
    own = words(town.visitor("business").page(card))
    foreign = words(town.visitor("enforcement").page(card))

    for text in ("发现问题", "关注", "每月 2026-02 未自查", "每月 2026-03 已自查"):
        assert text in shown
    assert "Every month 2026-02 Missed" in english
    assert "每月 2026-03 已自查" in own
    assert "发现问题" not in own
    assert "巡查与自查" not in foreign


def test_a_business_proposes_corrections_to_its_own_card(town: Town) -> None:
    own = town.ask("GET", "/businesses?q=示例小吃店", "grid_member")["items"][0]["id"]
    visitor = town.visitor("business")
    card = visitor.page(f"/businesses/{own}")

    sent = visitor.submit(f"/businesses/{own}/edit", name="示例小吃店（演示）", phone="05940000003")

    named = town.ask("PATCH", f"/businesses/{own}", "grid_member", json={"name": "示例改名店"})
    assert named["proposed"] == ["name"], "what the sample states counts as the licence's word"
    assert "提出更正" in card
    assert sent.headers["Location"].endswith("done=proposed")
    assert "05940000003" not in visitor.page(f"/businesses/{own}")


def test_a_merged_number_still_opens_and_a_keeper_takes_the_merge_back(town: Town) -> None:
    into = entered(town)
    card = entered(town, name="别家示例糖水铺")
    other, keeper = int(into.rsplit("/", 1)[-1]), town.visitor("registry_keeper")
    assert keeper.submit(f"{card}/merge", on=card, into="nobody").status_code == 422
    assert "/merge" not in town.visitor("grid_member").page(card)
    keeper.submit(f"{card}/merge", on=card, into=str(other))

    assert f"{other} 号主体" in keeper.page(card)
    keeper.submit(f"{card}/unmerge", on=card)

    assert "已合并" not in keeper.page(card)


def test_list_card_round_and_visits_cost_as_many_statements_for_many_shops_as_for_few(
    tmp_path: Any,
) -> None:
    url = f"sqlite:///{tmp_path / 'many.db'}"
    settle(url)
    with built(tmp_path, url, actor_cache_seconds=LONG) as town:
        ident = town.ask("GET", "/businesses?q=示例小吃店", "grid_member")["items"][0]["id"]
        paths = ("/businesses", "/businesses?category=catering&q=示例", f"/businesses/{ident}")
        pages = (*paths, "/round")
        town.ask("POST", "/patrols", "grid_member", json={"business": ident, "result": "none"})
        before = [len(cost(town, "grid_member", path)) for path in pages]
        visits = statements_of_visits(town)
        seed(town, 500, town.clock.now())

        assert [len(cost(town, "grid_member", path)) for path in pages] == before
        assert statements_of_visits(town) == visits
        assert max(before) <= 18


def statements_of_visits(town: Town) -> int:
    """Statements of the list of visits, asked once before so that people are known."""
    town.ask("GET", "/patrols", "grid_member")
    with town.composition.database.counting() as count:
        town.ask("GET", "/patrols", "grid_member")
    return len(count.statements)


def test_every_number_of_the_completeness_panel_opens_a_list_of_its_length(town: Town) -> None:
    """R13: what is missing and what changed this month, by the keeper and by the county."""
    entered(town)
    brought_in(town, "甲页面示例店", "licence")
    visitor = town.visitor("registry_keeper")
    page = visitor.page("/registry")

    tiles = re.findall(r'<a class="tile[^"]*" href="([^"]+)".*?<b>(\d+)</b>', page, re.DOTALL)
    lengths = {
        address: re.search(r"共 (\d+) 家", words(visitor.page(address.replace("&amp;", "&"))))
        for address, _ in tiles
    }

    assert len(tiles) == 9
    assert {address: found and found[1] for address, found in lengths.items()} == dict(tiles)
    assert {"2"} <= {number for _, number in tiles}
    assert "许可台账" in page
    assert town.visitor("county_officer").get("/registry").status_code == 200
    assert town.visitor("analyst").get("/registry").status_code == 403
