"""The handbook: a page for every role, its words those of the pages, its pictures there."""

import re

import pytest

from storage.people.roles import ROLES
from tests.architecture.tree import ROOT
from tests.web.town import Town
from web.pages.help.handbook import HELP, pages

QUOTED = re.compile(r"【(.+?)】")


def words_of_the_pages() -> str:
    """Everything pages say: templates, their Python, forms."""
    files = [
        *(ROOT / "web" / "templates").rglob("*.html"),
        *(ROOT / "web").rglob("*.py"),
        *(ROOT / "bpmn" / "forms").glob("*.json"),
    ]
    return "\n".join(
        file.read_text(encoding="utf-8") for file in files if "node_modules" not in file.parts
    )


def test_every_role_has_one_page() -> None:
    named = [role for page in pages().values() for role in page["roles"]]

    assert sorted(named) == sorted(role for role in ROLES if role in set(named))
    assert set(ROLES) <= set(named)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_handbook_names_buttons_as_pages_do(language: str) -> None:
    said = words_of_the_pages()
    texts = [
        step[language]
        for page in pages().values()
        for part in page["parts"]
        for step in part["steps"]
    ]

    unknown = {word for text in texts for word in QUOTED.findall(text) if f'"{word}"' not in said}

    assert unknown == set()


def test_who_opens_it_sees_their_own_page_first_with_its_picture(town: Town) -> None:
    visitor = town.visitor("station_officer")

    contents = visitor.page("/help")
    page = visitor.page("/help/station")
    picture = visitor.get("/help/pictures/inbox.webp")

    assert (
        contents.index("/help/station") < contents.index("其他岗位") < contents.index("/help/grid")
    )
    assert "市场监管所" in page
    assert (picture.status_code, picture.mimetype) == (200, "image/webp")
    assert visitor.get("/help/nobody").status_code == 404
    assert {f"{page['picture']}.webp" for page in pages().values()} <= {
        file.name for file in HELP.iterdir()
    }


def test_the_handbook_is_there_in_english_and_linked_from_every_page(town: Town) -> None:
    visitor = town.visitor("supervisor", language="en")

    assert 'href="/help"' in visitor.page("/inbox")
    assert "Chase and supervise" in visitor.page("/help/supervisor")
