"""Pages of self-inspection: an account is given, what is owed is read, who is watched is listed."""

from sqlalchemy import update

from storage.people import actors
from storage.tables import business
from tests.build import a_business
from tests.checklists import answered
from tests.web.town import Town, words

SCHOOL = "canteen.school"


def test_a_station_gives_an_account_on_a_page_and_the_business_reads_what_it_owes(
    town: Town,
) -> None:
    """R55: only the department of the area opens the page; the link is shown once."""
    with town.composition.database.transaction() as session:
        shop = a_business(session, name="示例小店九")
    station, grid = town.visitor("station_officer"), town.visitor("grid_member")
    place = f"/businesses/{shop}/account"

    given = station.submit(place, name="演示主体九", username="xiaodian09")
    again = station.submit(place, name="演示主体九", username="xiaodian09")
    with town.composition.database.reading() as session:
        account = actors.find_officer(session, "xiaodian09")

    assert account is not None
    assert account.business_id == shop
    assert "/set-password?link=" in given.text
    assert "这个类别没有自查义务" in given.text
    assert (given.status_code, again.status_code) == (200, 409)
    assert grid.get(place).status_code == 403
    assert "没有自查义务" in town.visitor("business").page("/my-obligations")


def test_a_business_finds_its_own_shop_and_what_it_was_asked_for_beside_the_calendar(
    town: Town,
) -> None:
    """R55: what waits in its inbox waits on its page; a day is one of China."""
    with town.composition.database.transaction() as session:
        session.execute(update(business).where(business.c.id == 1).values(category=SCHOOL))
    body = {"business": 1, "period": "week"}
    asked = town.ask("POST", "/processes/self_inspection/cases", "station_officer", json=body)
    owner = town.visitor("business")

    page = owner.page("/my-obligations")
    case = town.ask("GET", f"/cases/{asked['number']}", "station_officer")

    assert owner.get("/businesses").headers["Location"] == "/businesses/1"
    assert "另外要求的自查" in page
    (task,) = case["tasks"]
    assert f'href="/tasks/{task["id"]}"' in page
    assert task["due_at"].endswith("T23:59:59+08:00")
    form = owner.page(f"/tasks/{task['id']}")
    assert "对照清单，逐项回答" in form
    assert form.count('value="na"') == form.count('value="no"') > 5
    assert "食品留样" in form
    assert "主要属于哪个事项" in form
    assert '<span class="tag plain"></span>' not in form
    file = town.visitor("station_officer").page(f"/cases/{asked['number']}")
    assert "示例小吃店（演示）" in file
    assert "食品主体 1" not in words(file)
    assert "schools_every_week" not in file


def test_what_a_business_answered_line_by_line_is_read_again_from_its_list(town: Town) -> None:
    """R55: buttons of each line; a line left out is named; what was sent is one click away."""
    with town.composition.database.transaction() as session:
        session.execute(update(business).where(business.c.id == 1).values(category=SCHOOL))
    body = {"business": 1, "period": "week"}
    asked = town.ask("POST", "/processes/self_inspection/cases", "station_officer", json=body)
    key = town.ask("GET", f"/cases/{asked['number']}", "station_officer")["tasks"][0]["id"]
    owner = town.visitor("business")
    lines = [entry.rpartition(":") for entry in answered("canteen", wrong=["raw_and_cooked"])]
    form = {f"lines.{item}": answer for item, _, answer in lines}
    form["lines.samples_kept"] = "na"
    found = {
        "found": "problems",
        "matter": "H02",
        "description": "分开存放",
        "ready_by": "2026-03-20",
    }

    short = owner.submit(f"/tasks/{key}", **{**form, "lines.tableware": ""}, **found)
    sent = owner.submit(f"/tasks/{key}", **form, **found, no_photo_reason="夜间无法拍摄")
    page = owner.page("/my-obligations")
    again = owner.page(f"/tasks/{key}")

    assert short.status_code == 422
    assert "清单还有 1 项没有答：餐具洗净" in short.get_data(as_text=True)
    assert 'name="lines.samples_kept" value="na" checked' in short.get_data(as_text=True)
    assert sent.status_code == 303
    assert f'href="/tasks/{key}"' in page
    assert "另外要求" in page
    assert f"-{asked['number'][-2:]}" not in page
    assert "不符合：生熟分开" in again
    assert "不适用：食品留样" in again


def test_two_orders_of_one_shop_are_told_apart(town: Town) -> None:
    """R54: what, until when and by which office, in the list, on the home and on the card."""
    orders = {"更换破损的纱窗": "2026-03-10", "补齐进货票据": "2026-03-17"}
    for what, until in orders.items():
        report = {"matter": "H02", "area": "350322100001001001", "business": 1}
        report |= {"description": "内情不外传", "no_photo_reason": "无"}
        made = town.ask("POST", "/reports", "station_officer", json=report)
        for form in (
            {"outcome": "resolved", "measures": "责令"},
            {"order": "ordered", "what": what, "until": until, "legal_basis": "第三十三条"},
        ):
            case = town.ask("GET", f"/cases/{made['number']}", "station_officer")
            path = f"/tasks/{case['tasks'][-1]['id']}/complete"
            town.ask("POST", path, "station_officer", json={"form": form})
    owner = town.visitor("business")

    pages = [owner.page(path) for path in ("/home", "/inbox", "/my-obligations")]

    for page in pages:
        assert all(what in page for what in orders)
        assert page.count("枫亭市场监管所") >= 2
        assert "内情不外传" not in page
    assert "2026-03-10" in pages[2]


def test_a_station_asks_for_what_is_owed_on_a_page_that_offers_nothing_else(town: Town) -> None:
    """R55: whose account was opened owes by the calendar; anything else is refused in words."""
    page = "/start/self_inspection"
    station = town.visitor("station_officer")
    before = station.page(page)
    town.ask("POST", "/businesses/6/obligations", "station_officer", json={})
    offered = station.page(page)
    refused = station.submit(page, owed="6:month")
    begun = station.submit(page, owed="6:week")

    assert "6:week" not in before
    assert 'value="6:week"' in offered
    assert 'value="6:month"' not in offered
    assert refused.status_code == 422
    assert "不用按这个周期自查" in refused.get_data(as_text=True)
    assert begun.status_code == 303
    assert town.visitor("grid_member").get(page).status_code == 403


def test_who_is_watched_is_a_list_of_the_department_alone(town: Town) -> None:
    """R56: the grid reads no reasons; the round shows the state alone."""
    assert "没有要加强检查的主体" in town.visitor("station_officer").page("/self-inspections")
    assert town.visitor("grid_member").get("/self-inspections").status_code == 403
    assert "我的巡查" in town.visitor("grid_member").page("/round")


def test_three_closed_doors_lead_from_the_round_to_the_flow_of_ceased_shops(town: Town) -> None:
    """R14, R37: the link opens the form that marks the shop."""
    with town.composition.database.transaction() as session:
        shop = a_business(session, name="闭门示例店")
    grid = town.visitor("grid_member")
    for _ in range(3):
        done = grid.submit("/round", business=str(shop), result="closed_door")
        assert done.status_code == 303
    link = f"/start/business_ceased?business={shop}"

    around = grid.page("/round")
    assert link in around
    assert (
        "没开门，1 天后再去" in around.partition("闭门示例店</span>")[2].partition("</summary>")[0]
    )
    assert "闭门示例店" in grid.page(link)


def test_a_visit_pressed_by_mistake_is_taken_back_on_the_round(town: Town) -> None:
    """R37: one button beside what was recorded, for the minutes of the city."""
    with town.composition.database.transaction() as session:
        shop = a_business(session, name="误点示例店")
    grid = town.visitor("grid_member")
    address = grid.submit("/round", business=str(shop), result="none").headers["Location"]
    (visit,) = town.ask("GET", f"/patrols?business={shop}", "grid_member")["items"]
    undo = f"/round/{visit['id']}/withdraw"
    recorded = grid.page(address)

    gone = grid.submit(undo, on=address)
    page = grid.page(gone.headers["Location"])

    assert f'action="{undo}"' in recorded
    assert "已撤回：误点示例店" in page
    assert undo not in page
    assert "还没有巡查过" in page.partition("误点示例店</span>")[2].partition("</summary>")[0]
