"""Fixtures of the pages: a fresh sample city for each test, and Chromium for those that need it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, sync_playwright

from tests.web.browsing import SWITCHES, Person, chromium
from tests.web.phone import Officer
from tests.web.signal import Signal, signal_to
from tests.web.town import Town, built, served, settle


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled SQLite file to copy."""
    path = tmp_path_factory.mktemp("pages") / "city.db"
    settle(f"sqlite:///{path}")
    return path


@pytest.fixture
def town(city: Path, tmp_path: Path) -> Iterator[Town]:
    """The sample city on a Monday morning."""
    shutil.copy(city, tmp_path / "city.db")
    with built(tmp_path) as made:
        yield made


# A module at a time: another module may drive a browser of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; a machine without it fails these tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        yield started
        started.close()


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    """Where the city is served."""
    with served(town.app) as where:
        yield where


@pytest.fixture
def person(browser: Browser, address: str) -> Iterator[Person]:
    """Somebody at a desk; what their browser complained about fails the test at its end."""
    made = Person(browser, address)
    yield made
    made.leave()


@pytest.fixture(scope="module")
def kind() -> Iterator[BrowserType]:
    """Chromium, to be opened and closed by each test."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture
def signal(address: str) -> Iterator[Signal]:
    """What is between the phone and the server."""
    with signal_to(address) as made:
        yield made


@pytest.fixture
def officer(kind: BrowserType, tmp_path: Path, signal: Signal) -> Iterator[Officer]:
    """Somebody with a phone."""
    made = Officer(kind, tmp_path / "phone", signal)
    yield made
    made.person.context.close()
    assert made.person.foreign == []
