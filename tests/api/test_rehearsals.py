"""A rehearsal says what would happen and shows nothing that only an act on file may show."""

import re

import pytest

from tests.api.conftest import NOW, Api

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


def test_no_write_of_the_description_shows_a_secret_when_rehearsed(api: Api) -> None:
    """Every route that answers with a secret refuses, whatever the body."""
    number = api.post("/public/reports", PUBLIC).get_json()["number"]
    description = api.get("/openapi.json").get_json()
    writes = [
        path.removeprefix("/api/v1").replace("{number}", number)
        for path, methods in description["paths"].items()
        if "post" in methods and "{key}" not in path and "{" not in path.replace("{number}", "")
    ]
    assert len(writes) > 8

    for path in writes:
        for who in ("supervisor", "grid_member", None):
            body = {**PUBLIC, **REPORT, "purpose": "核实", "username": "x", "password": "x"}
            shown = api.post(f"{path}?dry_run=true", body, who).get_data(as_text=True)
            assert "金丝雀" not in shown.replace(PUBLIC["description"], ""), path
            assert "query_code" not in shown, path
            assert "access_token" not in shown, path
