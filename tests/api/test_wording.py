"""Whoever asks in English is answered in English, whatever is refused."""

import ast
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest

from api.http import language as wording
from api.http.english import ENGLISH, FIELDS
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


def field_messages() -> Iterator[tuple[str, str]]:
    """File and sentence of everything that is said about one field alone."""
    for room in ("storage", "engine", "handlers", "api"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(function, ast.FunctionDef):
                    continue
                named = {
                    ast.unparse(node.targets[0]): node.value
                    for node in ast.walk(function)
                    if isinstance(node, ast.Assign)
                }
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "FormInvalid.at":
                        given = node.args[1]
                        text = named.get(ast.unparse(given), given)
                        has_english = any(one.arg == "english" for one in node.keywords)
                        if isinstance(text, ast.Constant) and not has_english:
                            yield path.name, str(text.value)


def test_what_is_said_about_a_field_has_its_english() -> None:
    silent = {(name, text) for name, text in field_messages() if text not in FIELDS}

    assert len(set(field_messages())) > 15
    assert silent == set()


def spoken_by(field: Any) -> Iterator[str]:
    """Every message the validator can answer with about a field."""
    for text in field.error_messages.values():
        yield str(text).replace("{obj_type}", "datetime").replace("{awareness}", "aware")
    for validator in field.validators:
        for wrong in ("", "\0" * 200_001, [], [0] * 100_001, -(10**12), 10**12):
            try:
                validator(wrong)
            except ma.ValidationError as error:
                yield from map(str, error.messages)
            except TypeError:  # a number has no length
                continue
    for inner in (getattr(field, "inner", None), getattr(field, "value_field", None)):
        if inner is not None:
            yield from spoken_by(inner)


def test_every_message_of_the_validator_is_in_both_languages(api: Api) -> None:
    """The library's English reaches nobody: neither in Chinese pages nor in English ones."""
    schemas = {
        kind
        for kinds in ma.class_registry._registry.values()  # noqa: SLF001 - all schemas of the API
        for kind in kinds
        if isinstance(kind, type) and kind.__module__.startswith("api.")
    }
    messages = {
        text for kind in schemas for field in kind().fields.values() for text in spoken_by(field)
    }
    messages |= {str(text) for kind in schemas for text in kind().error_messages.values()}

    with wording.spoken("zh"):
        not_chinese = {text for text in messages if not wording.is_chinese(wording.sentence(text))}
    with wording.spoken("en"):
        as_it_was = {text for text in messages if wording.sentence(text) == text}

    assert len(schemas) > 50
    assert len(messages) > 20
    assert not_chinese == set()
    assert as_it_was == set()
    assert api.app is not None


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
