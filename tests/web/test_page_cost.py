"""What a page costs the database: one look at the sign-in, one read, ten statements at most."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.town import Town, built, settle

BUDGET = 10
LONG = 3600.0
"""How long people stay in the cache here: a slow machine must not count them."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, city: Path, tmp_path: Path) -> Iterator[Town]:
    """The sample city on either database."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(city, tmp_path / 'pages.db')}"
    else:
        cluster = request.getfixturevalue("cluster")
        url = cluster.create("pages")
        settle(url)
    with built(tmp_path, url, actor_cache_seconds=LONG) as made:
        yield made
    if request.param == "postgres":
        cluster.drop("pages")


def cost(place: Town, who: str, path: str) -> list[str]:
    """The statements of a page that was opened before, so that words and people are known."""
    visitor = place.visitor(who)
    visitor.page(path)
    with place.composition.database.counting() as count:
        visitor.page(path)
    return [text for text in count.statements if text != "begin"]


def test_every_page_of_work_is_at_most_ten_statements(place: Town) -> None:
    """The fullest of each kind: a business, a link, somebody who has the task, a form of places."""
    business = place.ask("GET", "/businesses", "grid_member")["items"][0]["id"]
    here = {"lat": 25.2407, "lon": 118.8609, "crs": "wgs84"}
    case, repeat = place.file(business=business, location=here), place.file()
    place.accept(case, "grid_member")
    place.ask("POST", f"/cases/{repeat}/merge", "supervisor", json={"into": case, "reason": "同"})
    sorted_out = place.task(place.file(matter="other"))

    costs = {
        (who, path): cost(place, who, path)
        for who, path in (
            ("grid_member", "/home"),
            ("supervisor", "/home"),
            ("grid_member", "/inbox"),
            ("grid_member", "/inbox?view=done"),
            ("supervisor", "/inbox?view=all"),
            ("grid_member", f"/tasks/{place.task(case)}"),
            ("triage", f"/tasks/{sorted_out}"),
            ("grid_member", f"/cases/{case}"),
            ("supervisor", f"/cases/{case}"),
            ("supervisor", "/cases"),
            ("grid_member", "/report"),
        )
    }

    dear = {page: texts for page, texts in costs.items() if len(texts) > BUDGET}
    assert dear == {}


def test_a_longer_list_and_a_longer_file_cost_no_further_statement(place: Town) -> None:
    number = place.file()
    pages = [
        ("supervisor", "/inbox?view=all"),
        ("supervisor", "/cases"),
        ("supervisor", f"/cases/{number}"),
        ("grid_member", "/inbox"),
    ]
    before = [len(cost(place, who, path)) for who, path in pages]

    for _ in range(5):
        place.file()
        place.ask("POST", f"/cases/{number}/note", "supervisor", json={"text": "补充"})

    assert [len(cost(place, who, path)) for who, path in pages] == before


def test_whom_to_ring_costs_one_statement_however_many_emergencies_there_are(
    place: Town,
) -> None:
    """It is asked once: on the case page, its task, and the home that bears three of them."""

    def asked(path: str) -> int:
        texts = [" ".join(text.split()).lower() for text in cost(place, "supervisor", path)]
        return sum("officer.phone as phone" in text for text in texts)

    filed = [place.report(matter="X01", area="350322")[0] for _ in range(3)]
    task = place.ask("GET", f"/cases/{filed[0]}", "supervisor")["tasks"][0]["id"]
    paths = ("/home", f"/cases/{filed[0]}", f"/tasks/{task}", "/people")

    assert [asked(path) for path in paths] == [1, 1, 1, 1]


def test_an_inbox_asks_once_who_holds_the_posts_of_its_officer(place: Town) -> None:
    """The list, two of its tabs and who has taken a task all need it."""
    place.file()

    asked = [
        text
        for text in cost(place, "grid_member", "/inbox")
        if "post.id, holding.officer_id from" in " ".join(text.split()).lower()
    ]

    assert len(asked) == 1
