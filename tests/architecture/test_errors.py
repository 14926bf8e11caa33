"""Every error has a status in HTTP, given in one table."""

import pkgutil
from importlib import import_module

import pytest

from api.http.errors import STATUS
from storage.errors import HangjiError
from tests.architecture.tree import ROOMS, python_files, source


@pytest.fixture(scope="module")
def leaves() -> list[type[HangjiError]]:
    """Errors without a subclass, after every module has been imported."""
    for room in ROOMS:
        for module in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
            # Alembic runs these itself, inside a migration.
            if not module.name.startswith(("storage.migrations", "api.__main__")):
                import_module(module.name)
    return [error for error in descendants(HangjiError) if not error.__subclasses__()]


def test_every_error_has_a_status(leaves: list[type[HangjiError]]) -> None:
    assert [error.__name__ for error in leaves if error not in STATUS] == []


def test_every_error_has_a_word_of_its_own(leaves: list[type[HangjiError]]) -> None:
    words = [error.code for error in leaves]

    assert sorted(words) == sorted(set(words))


def test_errors_know_nothing_of_http() -> None:
    named = [
        path
        for path in python_files("engine", "handlers", "storage")
        if "HTTPStatus" in source(path) or "status_code" in source(path)
    ]

    assert [path for path in named if path not in SPEAKS_HTTP_OUTWARDS] == []


# A delivery reads the status another system answers with.
SPEAKS_HTTP_OUTWARDS = {"engine/delivery/webhooks.py", "engine/background/outbox.py"}


def descendants(error: type[HangjiError]) -> list[type[HangjiError]]:
    """Every class below, nearest first."""
    below = error.__subclasses__()
    return below + [further for one in below for further in descendants(one)]
