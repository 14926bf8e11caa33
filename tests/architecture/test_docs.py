"""The documents tell the truth about the tree: links lead somewhere, named files exist."""

import re
from pathlib import PurePosixPath

import pytest

from tests.architecture.tree import ROOMS, ROOT, python_files, source, tracked_files

PAGES = [path for path in tracked_files() if path.endswith(".md")]
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bHANGJI_[A-Z_]*[A-Z]\b")
NAMED = re.compile(r"`((?:api|bpmn|city|docs|engine|handlers|storage|tests|web|\.ci)/[\w./*-]*)`")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    folder = PurePosixPath(page).parent
    targets = [a or b for a, b in LINK.findall(source(page))]
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (ROOT / folder / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_names_exists(page: str) -> None:
    named = [name for name in NAMED.findall(source(page)) if "…" not in name]

    assert [name for name in named if not exists(name)] == []


@pytest.mark.parametrize("record", [page for page in PAGES if page.startswith("docs/decisions/0")])
def test_a_decision_gives_context_choice_and_price_on_one_page(record: str) -> None:
    text = source(record)

    assert [head for head in ("Context", "Choice", "Price") if f"\n## {head}\n" not in text] == []
    assert len(text.splitlines()) <= 60


def test_every_decision_is_listed() -> None:
    listed = source("docs/decisions/README.md")
    records = [PurePosixPath(page).name for page in PAGES if page.startswith("docs/decisions/0")]

    assert [record for record in records if f"]({record})" not in listed] == []


def test_every_setting_is_explained_and_nothing_else() -> None:
    read = {name for path in python_files(*ROOMS) for name in SETTING.findall(source(path))}
    told = source("docs/settings.md").split("For the tests only")[0]
    explained = set(re.findall(r"^\| `(HANGJI_\w+)`", told, re.MULTILINE))

    assert read == explained


def exists(name: str) -> bool:
    """Whether a file, a folder or something the pattern means is there."""
    return any(ROOT.glob(name)) if "*" in name else (ROOT / name).exists()


# ── where to change what ───────────────────────────────────────────────────────────────────────

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)
WORD = re.compile(r"\*\*([^*]+)\*\*")
FILE = re.compile(r"`([\w./-]+\.(?:py|csv|dmn|bpmn|json|md|js|toml))`")


def rows() -> list[tuple[str, str]]:
    """Aim and places of each row of where-to-change, without its head."""
    table = ROW.findall(source("docs/where-to-change.md"))
    return [(aim, places) for aim, places in table if aim.startswith(("add", "change", "find"))]


def test_every_row_of_where_to_change_marks_the_word_it_is_about() -> None:
    assert len(rows()) > 20
    assert [aim for aim, _ in rows() if not WORD.search(aim)] == []


def test_the_first_file_a_row_names_holds_the_word_of_its_row() -> None:
    """A row that points to a file without its subject sends a newcomer to the wrong place."""
    wrong = [
        f"{file}: no `{word}`"
        for aim, places in rows()
        for word in WORD.findall(aim)[:1]
        for file in FILE.findall(places)[:1]
        if word.lower() not in source(file).lower()
    ]

    assert wrong == []


def test_the_picture_of_the_rooms_names_every_package() -> None:
    drawn = set(re.findall(r">(\w+)</text>", source("docs/architecture.svg")))
    packages = {path.split("/")[1] for path in python_files(*ROOMS) if path.count("/") > 1} | set(
        ROOMS
    )

    assert packages - drawn == set()
