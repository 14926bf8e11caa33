"""The frame every route stands in: signing in, headers, the description, what is declared."""

import ast
from datetime import timedelta
from pathlib import Path

import marshmallow as ma
import pytest
from flask import Response

from api.app import RESOURCES
from api.http import errors, openapi
from api.http.auth import declared
from api.settings import ROOT
from storage.people import actors, staffing
from tests.api.conftest import PASSWORD, Api

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def test_a_sign_in_gives_a_token_that_says_who_one_is(api: Api) -> None:
    answer = api.post("/tokens", {"username": "grid_member", "password": PASSWORD})

    told = answer.get_json()
    me = api.get("/me", headers={"Authorization": f"Bearer {told['access_token']}"})
    assert (answer.status_code, told["token_type"]) == (200, "Bearer")
    assert me.get_json()["username"] == "grid_member"


@pytest.mark.parametrize(
    ("username", "password"), [("grid_member", "wrong"), ("nobody", PASSWORD), ("nobody", "x")]
)
def test_a_wrong_password_and_an_unknown_account_are_answered_alike(
    api: Api, username: str, password: str
) -> None:
    answer = api.post("/tokens", {"username": username, "password": password})

    assert (answer.status_code, answer.get_json()["code"]) == (401, "wrong_password")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "not_signed_in"),
        ("Bearer nonsense", "token_invalid"),
        ("Bearer ", "token_invalid"),
        ("Basic Z3JpZF9tZW1iZXI6aGFuZ2ppLWRlbW8=", "token_invalid"),
        ("Bearer WzEsMSw5OTk5OTk5OTk5XQ.forged-signature", "token_invalid"),
    ],
)
def test_without_a_good_token_nothing_is_told(api: Api, header: str | None, code: str) -> None:
    headers = {"Authorization": header} if header is not None else {}

    answer = api.get("/tasks", headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (401, code)


def test_an_expired_token_is_refused(api: Api) -> None:
    api.get("/me", "grid_member")
    api.clock.advance(timedelta(hours=10_001))

    answer = api.get("/tasks", "grid_member")

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_expired")


def test_revoked_tokens_and_switched_off_accounts_are_out(api: Api) -> None:
    api.get("/me", "grid_member")
    with api.database.transaction() as session:
        officer = actors.find_officer(session, "grid_member")
        assert officer is not None
        staffing.revoke_tokens(session, officer.id)
    api.composition.actors.forget()

    answer = api.get("/tasks", "grid_member")

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")


def test_every_route_declares_what_it_needs(api: Api) -> None:
    silent = [
        rule.rule
        for rule in api.app.url_map.iter_rules()
        if declared(api.app.view_functions[rule.endpoint]) is None
    ]

    assert silent == []


def test_every_write_takes_an_idempotency_key(api: Api) -> None:
    whole = api.get("/openapi.json").get_json()

    without = [
        f"{method.upper()} {path}"
        for path, item in whole["paths"].items()
        for method, one in item.items()
        if method.upper() in WRITES
        and not {"Idempotency-Key", "dry_run"}
        <= {parameter["name"] for parameter in item["parameters"] + one["parameters"]}
    ]

    assert without == []


def test_the_description_is_openapi_3_1_and_names_every_problem(api: Api) -> None:
    whole = api.get("/openapi.json").get_json()

    default = whole["components"]["responses"]["DEFAULT_ERROR"]
    assert whole["openapi"] == "3.1.0"
    assert list(default["content"]) == ["application/problem+json"]
    assert "/api/v1/tasks/{key}/complete" in whole["paths"]


def test_the_page_of_the_description_lists_every_operation_and_loads_nothing(api: Api) -> None:
    page = api.get("/docs").get_data(as_text=True)
    whole = api.get("/openapi.json").get_json()

    assert all(operation.path in page for operation in openapi.operations(whole))
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page


def test_every_example_of_the_description_fits_its_schema() -> None:
    """`api.md`: examples are run as tests; those of writes are sent in `test_examples`."""
    bodies = [
        (endpoint, parameter)
        for resource in RESOURCES
        for endpoint, methods in resource.blueprint._docs.items()  # noqa: SLF001 - where smorest keeps them
        for told in methods.values()
        if isinstance(told, dict)
        for parameter in told.get("arguments", {}).get("parameters", ())
        if "example" in parameter
    ]

    wrong = {}
    for endpoint, parameter in bodies:
        try:
            parameter["schema"]().load(parameter["example"])
        except ma.ValidationError as error:
            wrong[endpoint] = error.messages
    assert len(bodies) > 10
    assert wrong == {}


def test_every_answer_carries_the_headers_that_keep_browsers_tame(api: Api) -> None:
    for path in ("/areas", "/nothing", "/tasks", "/docs"):
        headers = api.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Request-Id"]


def test_a_request_id_of_the_caller_is_kept_only_when_it_is_harmless(api: Api) -> None:
    kept = api.get("/areas", headers={"X-Request-Id": "abcdef-123456"})
    replaced = api.get("/areas", headers={"X-Request-Id": "a b;c" * 5})

    assert kept.headers["X-Request-Id"] == "abcdef-123456"
    assert " " not in replaced.headers["X-Request-Id"]


def test_views_neither_try_nor_branch_on_what_they_find() -> None:
    """Design section 8 of the style: a view parses, makes one call, answers."""
    trying = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / "api").glob("*.py"))
        for view in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(view, ast.FunctionDef) and is_view(view)
        for node in ast.walk(view)
        if isinstance(node, ast.Try)
    ]

    assert trying == []


def is_view(node: ast.FunctionDef) -> bool:
    """Whether a route decorates it."""
    return any(
        isinstance(mark, ast.Call) and ast.unparse(mark.func).startswith("routes.")
        for mark in node.decorator_list
    )


def test_no_module_outside_the_frame_opens_a_transaction() -> None:
    """Every write goes through `api.http.idempotency`, every read through `api.http.routes`.

    Pages read through `for_pages`; a backup is read and restored by commands, personal data past
    their period are deleted by one; statistics are derived by the scheduler and by a command. A
    rehearsal has a database of its own.
    """
    allowed = {"backups.py", "composition.py", "deriving.py", "for_pages.py"}
    allowed |= {"rehearsing.py", "retaining.py"}
    opening = [
        path.name
        for path in sorted(Path(ROOT / "api").glob("*.py"))
        if path.name not in allowed and not path.name.startswith(("cli", "__main__"))
        for word in ("database.transaction(", "database.reading(", "database.run(")
        if word in path.read_text(encoding="utf-8")
    ]

    assert opening == []


def test_a_page_of_the_pages_may_stand_for_an_error_outside_the_api(api: Api) -> None:
    api.app.extensions[errors.PAGE] = lambda problem: Response(
        f"<h1>{problem['title']}</h1>", status=problem["status"]
    )

    page = api.client.get("/nowhere")
    inside = api.get("/nowhere")

    assert (page.status_code, page.get_data(as_text=True)) == (404, "<h1>没有找到</h1>")
    assert inside.content_type == "application/problem+json"
