"""The description as other people's tools read it: linters, and a client that is generated."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from api.settings import ROOT
from tests.api.conftest import Api
from tests.api.server import answer, eventually, free_port, running
from tests.api.terminal import Terminal

LINTERS = ROOT / "tests" / "api" / "description"
CLIENT = "city_client"
PASS_UP = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "无执法权"}
REPORT = {
    "matter": "L01",
    "area": "350322100001001001",
    "description": "门口无证摆摊",
    "no_photo_reason": "下雨",
}
TOUR = [
    ("grid_member", PASS_UP),
    ("grid_leader", {"answer": "accept"}),
    ("grid_leader", PASS_UP),
    ("village_center", {"outcome": "pass_up"}),
    ("station_officer", {"answer": "accept"}),
    ("station_officer", {"outcome": "resolved", "measures": "当场改正"}),
    ("grid_member", {"verify_result": "passed"}),
]
"""The tour of the README: who completes the next task, with what."""


@pytest.mark.npm
@pytest.mark.parametrize(
    "words",
    [
        ("redocly", "lint", "--config", "redocly.yaml"),
        ("spectral", "lint", "--ruleset", "spectral.yaml", "--fail-severity", "error"),
    ],
    ids=["redocly", "spectral"],
)
def test_linters_of_others_find_no_error_in_the_description(
    api: Api, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = tmp_path / "openapi.json"
    path.write_bytes(api.get("/openapi.json").data)

    linted = subprocess.run(
        [LINTERS / "node_modules" / ".bin" / words[0], *words[1:], path],
        cwd=LINTERS,
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_description_names_operations_headers_and_what_is_sent_to_systems(api: Api) -> None:
    told = api.get("/openapi.json").get_json()
    operations = [
        operation
        for item in told["paths"].values()
        for method, operation in item.items()
        if method in {"get", "post", "put", "patch", "delete"}
    ]
    names = {operation["operationId"] for operation in operations}
    complete = told["paths"]["/api/v1/tasks/{key}/complete"]["post"]

    assert len(names) == len(operations) > 50
    assert told["servers"] == [{"url": "/", "description": "This installation"}]
    assert set(complete["responses"]["200"]["headers"]) >= {"X-Request-Id", "Idempotency-Replayed"}
    assert "webhook-signature" in str(told["webhooks"])
    assert "\\Z" not in json.dumps(told)


@dataclass(frozen=True)
class Caller:
    """The generated client, signed in as one of the sample's people."""

    client: Any

    def call(self, operation: str, *path: str, body: tuple[str, Any] | None = None) -> Any:
        """Call an operation by its tag and id; a body is the name of its model and its values."""
        told = {} if body is None else {"body": _model(body[0]).from_dict(body[1])}
        return import_module(f"{CLIENT}.api.{operation}").sync(*path, client=self.client, **told)


def _model(name: str) -> Any:
    return getattr(import_module(f"{CLIENT}.models"), name)


@contextmanager
def generated(port: int, folder: Path) -> Iterator[None]:
    """A client made of the description this server gives; it can be imported in the block."""
    path, config = folder / "openapi.json", folder / "config.json"
    path.write_bytes(answer(port, "/api/v1/openapi.json")[1])
    config.write_text(json.dumps({"post_hooks": [], "package_name_override": CLIENT}))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    told = ["--path", path, "--config", config, "--output-path", folder / CLIENT]
    subprocess.run([*command, *told], check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield
    for name in [one for one in sys.modules if one.split(".")[0] == CLIENT]:
        del sys.modules[name]


def signed_in(port: int, username: str, open_: ExitStack) -> Caller:
    """Sign in with the password of the sample."""
    made, base = import_module(CLIENT), f"http://127.0.0.1:{port}"
    values = {"username": username, "password": "hangji-demo"}
    with made.Client(base_url=base) as nobody:
        token = Caller(nobody).call("tokens.tokens_sign_in", body=("SignIn", values))
    client = made.AuthenticatedClient(base_url=base, token=token.access_token)
    return Caller(open_.enter_context(client))


@pytest.mark.slow
def test_a_generated_client_walks_the_tour_of_the_readme(
    terminal: Terminal, tmp_path: Path
) -> None:
    del terminal
    port = free_port()
    with running("serve", "--port", str(port)), ExitStack() as open_:
        assert eventually(lambda: answer(port, "/health/ready")[0] == 200)
        with generated(port, tmp_path):
            people = {who: signed_in(port, who, open_) for who in {name for name, _ in TOUR}}
            member = people["grid_member"]
            filed = moved = member.call("reports.reports_file_report", body=("Report", REPORT))
            for who, form in TOUR:
                task = moved.next_tasks[0].id
                body = ("Completion", {"form": form})
                moved = people[who].call("tasks.tasks_complete_task", task, body=body)
            case = member.call("cases.cases_read", filed.number)
            denied = member.call("audit.audit_search")

    assert (case.status, case.outcome) == ("closed", "resolved")
    assert denied.code == "not_allowed"
