"""An emergency stands once in the inbox of who has its alert and its acceptance."""

import re

from tests.web.town import Town, words


def own(town: Town, number: str) -> list[str]:
    """The open tasks of a case that wait for the county, as the interface lists them."""
    tasks = town.ask("GET", "/tasks?mine=true", "county_officer")["items"]
    return [each["id"] for each in tasks if each["case"]["number"] == number]


def test_an_emergency_is_one_row_that_says_both_steps_and_the_tab_counts_rows(town: Town) -> None:
    number = town.file("station_officer", matter="X01", description="上吐下泻")
    both = own(town, number)

    page = town.visitor("county_officer").page("/inbox")
    rows = re.findall(r'name="task" value="([^"]+)"', page)
    mine = re.search(r"我的待办\D*(\d+)", words(page))

    assert len(both) == 2
    assert rows == both[:1]
    assert "签收告警、签收" in words(page)
    assert mine is not None
    assert mine[1] == "1"


def test_signing_an_emergency_in_bulk_signs_its_alert_and_accepts_it(town: Town) -> None:
    number = town.file("station_officer", matter="X01", description="上吐下泻")
    both = own(town, number)
    officer = town.visitor("county_officer")

    shown = officer.submit("/inbox/bulk", on="/inbox", act="accept", task=both[0])
    preview = shown.get_data(as_text=True)
    alerts = re.findall(r'name="alert" value="([^"]+)"', preview)
    officer.submit(
        "/inbox/bulk", on="/inbox", act="accept", task=both, alert=alerts, confirmed="yes"
    )

    assert set(re.findall(r'name="task" value="([^"]+)"', preview)) == set(both)
    assert not set(both) & set(own(town, number))


def test_what_cannot_be_accepted_says_why_before_it_is_tried(town: Town) -> None:
    number = town.file("station_officer")
    task = town.task(number)

    shown = town.visitor("station_officer").submit(
        "/inbox/bulk", on="/inbox", act="accept", task=task
    )

    assert "这一步不是签收，请打开办理" in shown.get_data(as_text=True)
