"""Whom to ring in an emergency: on its bar, its tasks, its page, and in the directory."""

import re

import pytest

from storage.staffing.on_call import PersonOnCall, list_on_call
from tests.web.test_staffing import TODAY, number_of
from tests.web.town import NOW, Town

CENTER, COUNTY, SECOND = "13900000012", "13900000008", "13900000024"


@pytest.fixture
def reached(town: Town) -> Town:
    """The city, with the numbers of three people."""
    for who, phone in (
        ("emergency_center", CENTER),
        ("county_officer", COUNTY),
        ("county_officer2", SECOND),
    ):
        town.ask("PUT", "/me/address", who, json={"email": None, "phone": phone})
    return town


def poisoning(town: Town) -> str:
    return town.report(matter="X01", area="350322", description="有人呕吐")[0]


def task_of(town: Town, number: str, role: str) -> str:
    """The one task of a case that waits for a role."""
    tasks = town.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
    (found,) = [task["id"] for task in tasks if task["holder"]["post"].startswith(role)]
    return str(found)


def whom_to_ring(page: str, title: str) -> str:
    """The line of a post in a list of whom to ring."""
    lists = re.findall(r'<ul class="on-call">.*?</ul>', page, re.DOTALL)
    # A phone has the list a second time, folded.
    (line,) = {
        line
        for one in lists
        for line in re.findall(r"<li>.*?</li>", one, re.DOTALL)
        if f"<b>{title}</b>" in line
    }
    return str(line)


def test_an_emergency_names_who_has_to_sign_and_rings_them(reached: Town) -> None:
    number = poisoning(reached)
    alert = task_of(reached, number, "emergency_center")
    watcher = reached.visitor("supervisor")

    for path in ("/home", f"/cases/{number}", f"/tasks/{alert}"):
        line = whom_to_ring(watcher.page(path), "莆田市应急处置服务中心")
        assert "演示应急中心01" in line, path
        assert f'href="tel:{CENTER}"' in line, path
        assert "演示初分岗01" in whom_to_ring(watcher.page(path), "莆田市受理初分岗")


def test_who_places_an_emergency_rings_everybody_who_has_to_act(reached: Town) -> None:
    """Two of the three posts to ring at night were "not in your directory"."""
    number = poisoning(reached)
    mine = task_of(reached, number, "triage")

    page = reached.visitor("triage").page(f"/tasks/{mine}")

    assert f'href="tel:{CENTER}"' in whom_to_ring(page, "莆田市应急处置服务中心")
    assert f'href="tel:{COUNTY}"' in whom_to_ring(page, "仙游县市场监督管理局")
    assert "不在您的通讯录里" not in page
    assert CENTER not in reached.visitor("triage").page("/people")


def test_how_many_are_unwell_and_which_shop_is_read_first(reached: Town) -> None:
    """They stood in the last entry of the file alone, four screens below."""
    said = {"people_ill": "some", "business_name": "示例小吃店"}
    number, _ = reached.report(matter="X01", area="350322", **said)
    key = task_of(reached, number, "triage")

    case = reached.visitor("supervisor").page(f"/cases/{number}").partition("基本情况")[2]
    task = reached.visitor("triage").page(f"/tasks/{key}")

    for page in (case.partition("</dl>")[0], task.partition('class="latest"')[0]):
        assert "<dt>几个人不舒服</dt><dd>2–9 人</dd>" in page
        assert "<dt>主体名称</dt><dd>示例小吃店</dd>" in page


def test_what_is_no_emergency_rings_nobody(reached: Town) -> None:
    number = reached.file()

    assert 'class="on-call"' not in reached.visitor("supervisor").page(f"/cases/{number}")
    page = reached.visitor("grid_member").page(f"/tasks/{reached.task(number)}")
    assert 'class="on-call"' not in page


def test_the_directory_names_who_is_told_of_emergencies_with_their_stand_ins(
    reached: Town,
) -> None:
    before = reached.visitor("station_officer").page("/people")
    reached.visitor("county_officer").submit(
        "/leave", since=TODAY, until="2026-03-04", substitute=number_of(reached, "county_officer2")
    )
    line = whom_to_ring(reached.visitor("station_officer").page("/people"), "仙游县市场监督管理局")

    assert f'href="tel:{COUNTY}"' in whom_to_ring(before, "仙游县市场监督管理局")
    assert "演示县局01" not in line
    assert line.count('class="on-call-person"') == 1
    assert f'href="tel:{SECOND}"' in line
    assert "没有登记电话" in whom_to_ring(before, "莆田市督办人员")


def test_who_rings_in_sick_is_put_on_leave_by_who_appoints(reached: Town) -> None:
    """A leader could void a sick officer's account, and not let a colleague stand in."""
    sick, second = (number_of(reached, who) for who in ("station_officer", "station_officer2"))
    county, path = reached.visitor("county_officer"), f"/leave?officer={sick}"
    offered = f'href="/leave?officer={sick}"' in county.page(f"/people/{sick}")
    days = {"since": TODAY, "until": "2026-03-04", "substitute": second}

    went = county.submit("/leave", on=path, officer=sick, **days)
    other = reached.visitor("grid_member").get(path)

    assert offered
    assert went.headers["Location"] == path
    assert "演示市管所02" in county.page(path)
    assert "代班：演示市管所02" in county.page(f"/people/{sick}")
    assert "我的请假" in reached.visitor("station_officer").page("/leave")
    assert "2026-03-04" in reached.visitor("station_officer").page("/leave")
    assert other.status_code == 403


def test_the_section_shows_no_more_than_the_directory_does(reached: Town) -> None:
    """Whose areas are the city's sees all of it; who only keeps accounts has nobody to ring."""
    assert "On call" in reached.visitor("supervisor", language="en").page("/people")
    for who in ("admin_system", "admin_security"):
        page = reached.visitor(who).page("/people")
        assert 'class="on-call"' not in page
        assert CENTER not in page
    assert 'class="on-call"' not in reached.visitor("supervisor").page("/people?q=演示")


def test_who_only_keeps_accounts_finds_everybody_and_rings_nobody(reached: Town) -> None:
    """The rule of the directory holds for every list of whom to ring."""
    made, center = reached.composition, "emergency_center:3503"

    def listed(who: str) -> list[PersonOnCall]:
        actor = made.actors.of(int(number_of(reached, who)))
        with made.database.reading() as session:
            (post,) = list_on_call(session, [center], actor=actor, at=NOW)
        return list(post.people)

    assert [person.phone for person in listed("supervisor")] == [CENTER]
    assert [person.phone for person in listed("emergency_center")] == [CENTER]
    assert [(person.name, person.phone) for person in listed("admin_system")] == [
        ("演示应急中心01", None)
    ]
