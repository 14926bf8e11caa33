"""People and posts on pages: directory, posts, villages, gaps, leave, as offices work with them."""

import re

from api.deriving import check_staffing
from handlers.staffing.leave import may_stand_in
from tests.web.town import GRID, UNIT, VILLAGE, Town

TODAY = "2026-03-02"


def number_of(town: Town, who: str) -> str:
    return str(town.ask("GET", "/me", who)["id"])


def test_a_county_enters_somebody_who_sets_their_password_and_is_appointed(town: Town) -> None:
    county = town.visitor("county_officer")
    form = {"name": "演示人员41", "username": "new41", "employer_unit": "ST-350322100"}

    entered = county.submit("/people/new", **form).get_data(as_text=True)
    link = re.search(r'href="[^"]*(/set-password\?link=[^"]+)"', entered)
    assert link is not None, entered
    chosen = {"password": "ten-letters-or-more", "again": "ten-letters-or-more"}
    guest = town.visitor()
    unequal = guest.submit("/set-password", on=link[1], **{**chosen, "again": "other"})
    done = guest.submit("/set-password", on=link[1], **chosen)
    person = town.ask("GET", "/people?q=new41", "county_officer")["items"][0]
    station = "/posts/station:ST-350322100"
    county.submit(station, on=f"{station}/appoint/{person['id']}", since=TODAY)

    assert (unequal.status_code, done.status_code) == (422, 303)
    assert "演示人员41" in county.page(station)
    assert "演示人员41" in town.visitor("station_officer").page("/people?role=station")
    assert "演示人员41" not in town.visitor("grid_member").page("/people?q=nobody")


def test_the_effect_of_an_end_is_on_the_page_before_it_is_done(town: Town) -> None:
    station = town.visitor("station_officer")
    post = "/posts/grid_leader:350322100001001"
    link = re.search(r"/holdings/\d+/end", station.page(post))
    assert link is not None

    before = station.page(link[0])
    ended = station.submit(link[0], day=TODAY, reason="调离")

    assert "岗位将无人担任" in before
    assert ended.status_code == 303
    assert "空缺" in station.page(post)


def test_a_station_fills_the_gap_of_a_village_and_the_board_counts_one_less(town: Town) -> None:
    check_staffing(town.composition)
    station = town.visitor("station_officer")
    officers = [number_of(town, who) for who in ("station_officer", "station_officer2")]

    def count() -> int:
        board = station.page("/staff-gaps")
        return int(re.findall(r"kind=village_supervisors#list\">(\d+)", board)[0])

    before, home = count(), station.page("/home")
    page = station.page(f"/villages/{VILLAGE}")
    refused = station.submit(f"/villages/{VILLAGE}", officer=[officers[0], ""])
    assigned = station.submit(f"/villages/{VILLAGE}", officer=officers)

    grid = {"role": "grid_leader", "place": f"{VILLAGE}002"}
    set_up = station.submit("/posts/set-up", on=f"/villages/{VILLAGE}", **grid)

    assert set_up.headers["Location"].endswith(f"/posts/grid_leader:{VILLAGE}002")
    assert "辖区人员空缺" in home
    assert "缺 2 人" in page
    assert refused.status_code == 422
    assert assigned.status_code == 303
    assert count() == before - 1
    assert "缺 2 人" not in station.page(f"/villages/{VILLAGE}")


def test_nothing_is_called_complete_before_the_first_look(town: Town) -> None:
    station = town.visitor("station_officer")

    before, home = station.page("/staff-gaps"), station.page("/home")
    check_staffing(town.composition)

    assert "还没有核对过人员空缺" in before
    assert "人员齐备" not in before
    assert "（尚未核对）" in home
    assert "最近核对：" in station.page("/staff-gaps")
    assert 'href="/units"' in home
    assert 'href="/units"' not in town.visitor("grid_member").page("/home")


def test_who_goes_on_leave_names_a_substitute_who_is_told_why(town: Town) -> None:
    number = town.file("grid_leader")
    task = town.task(number)
    leader, member = town.visitor("grid_leader"), town.visitor("grid_member")

    recorded = leader.submit(
        "/leave",
        since=TODAY,
        until="2026-03-04",
        substitute=number_of(town, "grid_member"),
    )
    offered = member.page(f"/tasks/{task}")

    assert recorded.status_code == 303
    assert "演示网格长01请假，由您代班" in offered
    assert "我为 演示网格长01 代班" in member.page("/leave")


def test_nobody_of_another_kind_of_post_stands_in(town: Town) -> None:
    """The three administrators stand in for nobody, and nobody for them."""
    member, leave = town.visitor("grid_member"), {"since": TODAY, "until": "2026-03-04"}

    offered = member.page("/leave?q=01")
    refused = member.submit("/leave", **leave, substitute=number_of(town, "admin_audit"))

    assert "演示网格长01" in offered
    assert "管理员" not in offered.split('id="choosing"', 1)[1].split("</fieldset>")[0]
    assert refused.status_code == 409
    assert "不是一类" in refused.get_data(as_text=True)
    assert not may_stand_in(["grid_member", "admin_system"], ["admin_audit"])
    assert may_stand_in(["admin_audit"], ["admin_audit"])
    assert may_stand_in(["city"], ["supervisor"])
    assert may_stand_in(["grid_member"], ["grid_leader"])
    assert may_stand_in(["city"], ["county"])
    assert not may_stand_in(["supervisor"], ["county"]), "who watches does not handle"
    assert not may_stand_in(["station"], ["county"]), "below the level of the absent"


def test_a_stand_in_is_found_by_name_post_or_unit_and_nothing_typed_is_lost(town: Town) -> None:
    """Each with the posts held now; before a search, those of the same post."""
    member = town.visitor("grid_member")
    typed = {"since": TODAY, "until": "2026-03-04", "reason": "探亲"}

    found = member.submit("/leave", find="1", q="网格长", **typed).get_data(as_text=True)
    nobody = member.submit("/leave", find="1", q="无此人", **typed).get_data(as_text=True)
    people = found.split('id="choosing"', 1)[1].split("</fieldset>")[0]

    assert "演示网格长01" in people
    assert re.search(r"演示网格长01<span class=\"hint\">[^<]*网格长", people)
    assert 'value="2026-03-04"' in found
    assert 'value="探亲"' in found
    assert "没有找到可以选的人" in nobody
    assert "演示网格长01" not in member.page("/leave")
    assert "我的请假" in member.page("/leave")


def test_who_is_suspended_is_signed_out_of_the_pages_at_once(town: Town) -> None:
    leader = town.visitor("grid_leader")
    assert leader.get("/home").status_code == 200
    station = town.visitor("station_officer")
    person = f"/people/{number_of(town, 'grid_leader')}"

    told = station.submit(f"{person}/suspend", on=person, reason="停职")

    assert "账号已停用" in told.get_data(as_text=True)
    assert leader.get("/home").status_code == 303


def test_what_is_on_file_of_a_person_is_corrected_on_their_page(town: Town) -> None:
    station = town.visitor("station_officer")
    page = f"/people/{number_of(town, 'grid_member')}"

    nameless = station.submit(f"{page}/correct", on=page, name="", phone="13900000001")
    done = station.submit(
        f"{page}/correct", on=page, name="示例改名", phone="13900000001", field_officer="1"
    )

    assert nameless.status_code == 422
    assert done.status_code == 303
    shown = station.page(page)
    assert all(words in shown for words in ("示例改名", "13900000001", "部门下沉"))


def test_units_stand_in_three_levels_and_strangers_are_offered_no_act(town: Town) -> None:
    """R16: city, bureau, station; who appoints nobody sees no form."""
    units = town.visitor("city_officer").page("/units")
    stranger = town.visitor("grid_member")

    assert "/posts/city:3503" in units
    assert "/posts/county:J-350322" in units
    assert "/posts/station:ST-350322100" in units
    assert '<form method="post">' not in stranger.page("/posts/station:ST-350322100")
    assert stranger.get("/posts/station:ST-350302001").status_code == 404


def test_the_team_of_a_shop_is_opened_from_its_village_and_filled_by_hand(town: Town) -> None:
    """R19: vacant places are seen; one filled by hand says why and until when."""
    station = town.visitor("station_officer")
    link = re.search(r"/businesses/\d+/team", station.page(f"/villages/{VILLAGE}"))
    assert link is not None

    before = station.page(link[0])
    officer = number_of(town, "station_officer")
    form = {"slot": "supervisor_1", "officer": officer, "reason": "新任"}
    refused = station.submit(link[0], **form, expires_on="")
    done = station.submit(link[0], **form, expires_on="2026-03-20")

    assert "空缺" in before
    assert (refused.status_code, done.status_code) == (422, 303)
    assert "新任，到 2026-03-20" in station.page(link[0])
    assert town.visitor("triage").get(link[0]).status_code == 404


def test_a_station_head_sets_who_is_offered_a_matter_and_the_task_says_why(town: Town) -> None:
    county, post = town.visitor("county_officer"), "/posts/station:ST-350322100"
    number = town.file()
    town.reach_the_station(number)
    task = town.task(number)
    town.ask("POST", f"/tasks/{task}/release", "station_officer")
    first, second = (number_of(town, who) for who in ("station_officer2", "station_officer"))

    done = county.submit(f"{post}/offers", on=post, about="matter:L02", officer=[first, second])

    assert done.status_code == 303
    assert "演示市管所02 → 演示市管所01" in county.page(post)
    assert "先请演示市管所02办" in town.visitor("station_officer").page(f"/tasks/{task}")
    assert "先请您办" in town.visitor("station_officer2").page("/inbox")
    assert "先请同事办" in town.visitor("station_officer").page("/inbox?view=team")
    county.submit(f"{post}/offers", on=post, about="matter:L02")
    assert "先请" not in town.visitor("station_officer").page(f"/tasks/{task}")


def test_the_card_of_a_team_prints_with_a_code_to_the_public_page(town: Town) -> None:
    """R19: who has no account reads the name of the shop there, never who runs it (R10)."""
    station = town.visitor("station_officer")
    shop = town.ask("GET", f"/businesses?area={UNIT}", "station_officer")["items"][0]
    business, card = shop["id"], f"/businesses/{shop['id']}/team-card"

    page, qr = station.page(card), station.get(f"/businesses/{business}/qr.svg")
    public = town.visitor().page(f"/public/businesses/{business}")

    assert card in station.page(f"/businesses/{business}/team")
    assert "演示网格长01" in page
    assert "待安排" in page, "a vacant place is no secret and no invented name"
    assert (qr.mimetype, b"<svg" in qr.data) == ("image/svg+xml", True)
    assert shop["name"] in public
    assert "演示负责人" not in public
    assert "000-0000000" not in public
    assert town.visitor("triage").get(card).status_code == 404
    assert town.visitor().get("/public/businesses/999999").status_code == 404


def test_businesses_in_posts_stand_under_their_bureau_with_their_representatives(
    town: Town,
) -> None:
    """R54: one of another village may lead, and it is said when it is appointed."""
    county = town.visitor("county_officer")
    shop = town.ask("GET", f"/businesses?area={UNIT}", "station_officer")["items"][0]
    body = {"employer_unit": "ST-350322100", "business": shop["id"]}
    people = [
        town.ask("POST", "/people", "county_officer", json={**body, "username": u, "name": n})
        for u, n in (("rep1", "演示代表81"), ("rep2", "演示代表82"))
    ]
    empty = county.page("/businesses-in-post")
    town.ask("POST", "/posts", "county_officer", json={"role": "grid_member", "place": GRID})
    leader = people[0]["person"]["id"]
    place = f"/posts/grid_member:{GRID}"
    given = county.submit(place, on=f"{place}/appoint/{leader}", since=TODAY)

    page = county.page("/businesses-in-post")

    assert "还没有食品主体担任网格岗位" in empty
    assert given.status_code == 303
    for words in ("仙游县", shop["name"], "演示代表81", "演示代表82", "网格员"):
        assert words in page
    listed = town.ask("GET", "/businesses?in_post=true", "county_officer")["items"]
    assert [one["id"] for one in listed] == [shop["id"]]
    assert shop["name"] not in town.visitor("triage").page("/businesses-in-post")


def test_a_switch_shows_its_effect_before_and_who_why_and_since_afterwards(town: Town) -> None:
    """R71: an area goes first; who switches nothing is shown nothing."""
    check_staffing(town.composition)
    county = town.visitor("county_officer")
    form = {"name": "hard_two", "area": "350322100", "reason": "试点先行", "is_on": "yes"}

    before = county.page("/flags")
    effect = county.page("/flags?name=hard_two&area=350322100")
    foreign = county.page("/flags?name=hard_two&area=350302001")
    done = county.submit("/flags", on="/flags?name=hard_two&area=350322100", **form)
    after = county.page("/flags")

    assert "全部为关" in before
    assert '<option value="350322100"' in before, "the area is chosen from a list"
    assert re.search(r"共 \d+ 个村居，其中 \d+ 个现在少于两名", effect)
    assert "不归您管理" in foreign
    assert done.status_code == 303
    for words in ("试点先行", "演示县局01", "枫亭镇", "2026-03-02"):
        assert words in after
    assert town.visitor("grid_member").get("/flags").status_code == 403


def test_a_county_appoints_no_administrator_and_to_its_own_post_by_a_document_alone(
    town: Town,
) -> None:
    """Who appoints looks after the area; the three administrators stay apart from it."""
    county = town.visitor("county_officer")
    (post,) = re.findall(r"/posts/county:[\w-]+", county.page("/units"))[:1]
    colleague, guard = number_of(town, "station_officer"), number_of(town, "admin_security")

    offered = county.page(f"{post}?q=演示")
    on, number = f"{post}/appoint/{colleague}", "仙市监〔2026〕1号"
    refused = county.submit(post, on=f"{post}/appoint/{guard}", since=TODAY, document=number)
    without = county.submit(post, on=on, since=TODAY)
    with_it = county.submit(post, on=on, since=TODAY, document=number)

    assert f"/appoint/{colleague}" in offered
    assert f"/appoint/{guard}" not in offered
    assert [one.status_code for one in (refused, without, with_it)] == [403, 422, 303]
    assert "文号" in without.get_data(as_text=True)


def test_only_ones_own_people_are_appointed_after_a_page_that_says_what_they_will_see(
    town: Town,
) -> None:
    """A county chooses among its own people by name; who supervises handles no cases."""
    county = town.visitor("county_officer")
    post = "/posts/station:ST-350322100"
    colleague, watcher = number_of(town, "county_officer2"), number_of(town, "supervisor")

    offered = county.page(f"{post}?q=演示")
    before = county.page(f"{post}/appoint/{colleague}")
    foreign = county.submit(post, on=f"{post}/appoint/{watcher}", since=TODAY)
    unchanged = county.page(post)
    done = county.submit(post, on=f"{post}/appoint/{colleague}", since=TODAY)
    after = county.page(done.headers["Location"])
    keeper, on = town.visitor("admin_system"), f"{post}/appoint/{watcher}"
    apart = keeper.submit(post, on=on, since=TODAY)

    assert f"/appoint/{colleague}" in offered
    assert "<small>仙游县" in offered, "what they hold stands beside the name"
    assert f"/appoint/{watcher}" not in offered
    assert "county_officer2" not in offered, "no log-in names"
    assert "能看到" in before
    assert "演示县局02" in before
    assert foreign.status_code == 403
    assert "不在您负责的辖区和单位里" in foreign.get_data(as_text=True)
    assert "演示县局02" not in unchanged
    assert "已任命：演示县局02" in after
    assert apart.status_code == 409
    assert "不相容" in apart.get_data(as_text=True)


def test_a_unit_is_picked_from_ones_own_and_stands_once_in_the_list(town: Town) -> None:
    """Nobody knows the codes of units: a county picks from its stations, a station has its own."""
    county, station = town.visitor("county_officer"), town.visitor("station_officer")

    own = re.findall(r'<option value="([^"]+)"', county.page("/people/new"))
    only = re.findall(r'<option value="([^"]+)"', station.page("/people/new"))
    rows = re.findall(r"<li[^>]*>(.*?)</li>", county.page("/units"), re.DOTALL)
    listed = [row for row in rows if "/posts/station:ST-350322100" in row]

    assert {"J-350322", "ST-350322100"} <= set(own)
    assert not any(code.startswith(("J-350302", "ST-350302")) for code in own)
    assert only == ["ST-350322100"]
    assert len(listed) == 1
    assert sum("ST-350322100" in row for row in rows) == 1
    assert "/duties" in listed[0] or "领导责任" in listed[0]
