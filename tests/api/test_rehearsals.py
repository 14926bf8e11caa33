"""A rehearsal says what would happen and shows nothing that only an act on file may show."""

import re
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from tests.api.conftest import NOW, PASSWORD, Api

PUBLIC = {
    "kind": "tip",
    "description": "后厨有老鼠",
    "channel": "web",
    "area": "350322100001",
    "reporter": {"name": "金丝雀", "phone": "13900000000"},
}
REPORT = {
    "matter": "L01",
    "area": "350322100001001001",
    "description": "流动摊贩",
    "no_photo_reason": "无",
}
SIGN_IN = {"username": "grid_member", "password": PASSWORD}
NUMBER = re.compile(rf"{NOW.year}\d{{9}}")


def test_a_rehearsed_reading_of_a_reporter_is_refused_and_tells_nothing(api: Api) -> None:
    number = api.post("/public/reports", PUBLIC).get_json()["number"]

    answer = api.post(f"/cases/{number}/reporter?dry_run=true", {"purpose": "核实"}, "supervisor")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_rehearsed")
    assert "金丝雀" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_a_rehearsed_report_tells_neither_number_nor_code(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """On SQLite the next real report got the number and the code a rehearsal had shown."""
    served: Api = request.getfixturevalue(kind)
    rehearsed = [
        served.post("/public/reports?dry_run=true", PUBLIC),
        served.post("/reports?dry_run=true", REPORT, "grid_member"),
    ]

    for answer in rehearsed:
        assert answer.status_code == 200
        shown = answer.get_data(as_text=True) + str(answer.headers)
        assert NUMBER.findall(shown) == []
        assert "query_code" not in shown


def test_a_rehearsed_split_does_not_number_its_parts(api: Api) -> None:
    """On SQLite the next real report got the number a rehearsed part had shown."""
    number = api.report()
    split = {"parts": [REPORT], "reason": "两件事"}

    rehearsed = api.post(f"/cases/{number}/split?dry_run=true", split, "supervisor")
    done = api.post(f"/cases/{number}/split", split, "supervisor").get_json()

    assert rehearsed.status_code == 200
    assert set(NUMBER.findall(rehearsed.get_data(as_text=True))) == {number}
    assert len(done["into"]) == 1


def test_no_write_of_the_description_shows_a_secret_when_rehearsed(api: Api) -> None:
    """Every one of them, as described: with its example, or a body that is right for it."""
    number = api.post("/public/reports", PUBLIC).get_json()["number"]
    grid = api.report()
    operations = _writes(api)
    statuses: dict[str, set[int]] = {}

    for operation, example in operations.items():
        method, path = operation.split(" ")
        for about, who in product((number, grid), ("supervisor", "grid_member", None)):
            filled = path.replace("{number}", about).replace("{key}", api.task(about)["id"])
            where = f"{re.sub(r'{[^}]+}', '1', filled)}?dry_run=true"
            body = {"data": _photo()} if path.endswith("/attachments") else {"json": example}
            answer = api.send(method, where, who, **body)
            statuses.setdefault(operation, set()).add(answer.status_code)
            _require_no_secret(answer, known={number, grid})

    assert {o for o in REHEARSED if 200 not in statuses[o]} == set()
    assert {o for o, seen in statuses.items() if max(seen) >= 500} == set()
    assert api.get("/cases", "supervisor").get_json()["items"][0]["number"] == grid


REHEARSED = {
    "POST /api/v1/reports",
    "POST /api/v1/public/reports",
    "POST /api/v1/attachments",
    "POST /api/v1/cases/{number}/note",
    "POST /api/v1/cases/{number}/split",
}
"""Writes whose rehearsal has to have worked, so that there was something to look at."""


def _writes(api: Api) -> dict[str, Any]:
    """Each write of the description, with the body to send."""
    paths = api.get("/openapi.json").get_json()["paths"]
    split = {"parts": [REPORT], "reason": "两件事"}
    known = {"/public/reports": PUBLIC, "/split": split, "/tokens": SIGN_IN}
    return {
        f"{method.upper()} {path}": next(
            (body for ending, body in known.items() if path.endswith(ending)), _example(one)
        )
        for path, item in paths.items()
        for method, one in item.items()
        if method in {"post", "put", "patch", "delete"}
    }


def _example(operation: dict[str, Any]) -> Any:
    contents = operation.get("requestBody", {}).get("content", {}).values()
    return next((content["example"] for content in contents if "example" in content), {})


def _photo() -> dict[str, Any]:
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    file.seek(0)
    return {"file": (file, "a.jpg")}


def _require_no_secret(answer: TestResponse, *, known: set[str]) -> None:
    shown = answer.get_data(as_text=True) + str(answer.headers)
    where = f"{answer.request.method} {answer.request.path}"
    for secret in ("金丝雀", "13900000000", "query_code", "access_token"):
        assert secret not in shown, where
    assert set(NUMBER.findall(shown)) <= known, where


def test_the_description_tells_what_a_rehearsal_answers(api: Api) -> None:
    """A rehearsal answers 200 where the write itself answers 201 or 204."""
    rehearsed = api.post("/reports?dry_run=true", REPORT, "grid_member")
    paths = api.get("/openapi.json").get_json()["paths"]

    writes = {path: item["post"]["responses"] for path, item in paths.items() if "post" in item}
    assert rehearsed.status_code == 200
    assert "Dry-Run" in writes["/api/v1/reports"]["200"]["description"]
    assert "201" in writes["/api/v1/reports"]
    silent = {path for path, told in writes.items() if "200" not in told}
    # What answers with a secret is not rehearsed: an identity, a link, a password that is set.
    secret = ("/reporter", "/people", "/passwords", "/account")
    assert all(path.endswith(secret) for path in silent), silent
