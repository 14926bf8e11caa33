"""Whoever asks in English is answered in English, whatever is refused."""

import ast
from collections.abc import Iterator

import pytest

from api.http import language as wording
from api.http.english import ENGLISH
from api.settings import ROOT
from tests.api.conftest import Api

TOLD = {
    "NotFound",
    "Conflict",
    "Stale",
    "Refused",
    "NotAllowed",
    "NotYourTask",
    "NotSignedIn",
    "TaskClosed",
    "FormInvalid",
    "UploadRefused",
    "Overloaded",
}


def refusals() -> Iterator[tuple[str, str]]:
    """File and word of every refusal a caller can get."""
    for room in ("storage", "engine", "handlers", "api"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TOLD:
                    for given in node.keywords:
                        if given.arg == "code" and isinstance(given.value, ast.Constant):
                            yield path.name, str(given.value.value)


def test_every_refusal_has_its_english() -> None:
    known = ENGLISH.keys() | wording._DETAILS.keys()  # noqa: SLF001 - both tables together

    silent = {(name, word) for name, word in refusals() if word not in known}

    assert len(set(refusals())) > 50
    assert silent == set()


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr", "zh"),
        ("", "zh"),
        ("en;q=banana,,;;=", "zh"),
    ],
)
def test_chinese_is_spoken_unless_english_comes_first(api: Api, accept: str, language: str) -> None:
    answer = api.get("/cases/2026000000011", "grid_member", headers={"Accept-Language": accept})

    told = answer.get_json()
    assert answer.headers["Content-Language"] == language
    assert wording.is_chinese(told["detail"]) == (language == "zh")
    assert wording.is_chinese(told["title"]) == (language == "zh")
