"""What the pages made the API tell: names, the words of a case, colleagues, businesses."""

from tests.web.town import GRID, UNIT, Town

OUTSIDERS = {"business": 404, None: 401}


def test_names_are_told_for_many_codes_at_once(town: Town) -> None:
    path = f"/names?posts=grid_member:{GRID},nobody:1&areas={GRID},9999&officers=2,x,0"

    told = town.ask("GET", path, "station_officer")

    assert told["posts"] == {f"grid_member:{GRID}": "学士社区第1网格员"}
    assert told["areas"] == {GRID: "学士社区第1网格"}
    assert list(told["officers"]) == ["2"]


def test_the_words_of_a_case_and_the_colleagues_of_a_task_are_for_who_may_see_it(
    town: Town,
) -> None:
    number = town.file()
    paths = (f"/cases/{number}/legend", f"/tasks/{town.task(number)}/colleagues")

    for path in paths:
        for who, status in OUTSIDERS.items():
            headers = {"Authorization": f"Bearer {town.token(who)}"} if who else {}
            answer = town.app.test_client().get(f"/api/v1{path}", headers=headers)
            assert answer.status_code == status


def test_the_legend_explains_tasks_and_answers(town: Town) -> None:
    legend = town.ask("GET", f"/cases/{town.file()}/legend", "grid_member")

    assert legend["tasks"]["accept"] == {"label": "签收", "form": "accept"}
    fields = {field["name"]: field for field in legend["forms"]["resolve_or_pass_up"]["fields"]}
    assert fields["reason_code"]["options"][0]["label"]["zh"] == "超出本级职权"
    assert legend["processes"]["handling"] == "一级处置"


def test_colleagues_are_the_filled_posts_of_the_area_but_not_ones_own(town: Town) -> None:
    number = town.file()

    near = town.ask("GET", f"/tasks/{town.task(number)}/colleagues", "grid_member")

    posts = {post["role"]: post for post in near["posts"]}
    assert posts["station"]["title"] == "枫亭市场监管所"
    assert posts["station"]["holders"]
    assert "grid_member" not in posts
    assert "analyst" not in posts


def test_a_task_may_be_handed_to_who_shares_the_post(town: Town) -> None:
    number = town.file()
    town.reach_the_station(number)

    near = town.ask("GET", f"/tasks/{town.task(number)}/colleagues", "station_officer")

    assert [officer["post"] for officer in near["officers"]] == ["枫亭市场监管所"]


def test_businesses_are_those_of_ones_own_areas(town: Town) -> None:
    own = town.ask("GET", "/businesses", "grid_member")["items"]
    in_the_unit = town.ask("GET", f"/businesses?area={UNIT}", "grid_member")["items"]
    elsewhere = town.ask("GET", "/businesses?area=350302", "grid_member")["items"]

    assert {one["area"][:15] for one in own} == {GRID}
    assert {one["area"] for one in in_the_unit} == {UNIT}
    assert elsewhere == []
    assert "phone" not in own[0]
    shown = town.ask("GET", f"/businesses/{own[0]['id']}", "grid_member")
    assert shown["name"] == own[0]["name"]


def test_triage_finds_the_businesses_it_sorts_reports_to(town: Town) -> None:
    """It sees no case of the city but those that come to it, and still has to name the shop."""
    named = town.ask("GET", "/businesses?limit=200", "city_officer")["items"]

    found = town.ask("GET", "/businesses?limit=200", "triage")["items"]
    in_town = town.ask("GET", "/businesses?area=350322100", "triage")["items"]
    of_a_business = town.ask("GET", "/businesses", "business")["items"]

    assert {one["id"] for one in found} == {one["id"] for one in named} != set()
    assert {one["area"][:9] for one in in_town} == {"350322100"}
    assert of_a_business == []
