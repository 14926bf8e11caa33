"""What a request leaves in the log: one line, allow-listed fields, nothing anybody wrote."""

import io
import json
from collections.abc import Iterator

import pytest

from api.http import logs
from tests.api.conftest import UNIT, Api


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged while the test runs."""
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    logs.configure()


def test_a_request_is_one_line_of_known_fields(api: Api, lines: io.StringIO) -> None:
    api.get("/cases/2026000000011?x=secret", "grid_member")

    written = [json.loads(line) for line in lines.getvalue().splitlines()]

    assert len(written) == 1
    assert written[0].keys() == {
        "event",
        "level",
        "timestamp",
        "request_id",
        "method",
        "route",
        "status",
        "ms",
        "officer",
        "replayed",
    }
    assert written[0]["route"] == "/api/v1/cases/<number:number>"
    assert "secret" not in lines.getvalue()


def test_line_ends_and_escapes_cannot_forge_a_line(api: Api, lines: io.StringIO) -> None:
    """`reliability.md` section 6: log injection."""
    api.get("/nothing%0d%0a{%22event%22:%22forged%22}%1b[31m")
    api.post("/tokens", {"username": 'x\n{"event":"forged"}', "password": "x"})

    assert "forged" not in lines.getvalue()
    assert all(json.loads(line)["event"] == "request" for line in lines.getvalue().splitlines())


def test_what_is_filed_is_not_logged(api: Api, lines: io.StringIO) -> None:
    report = {"matter": "L01", "area": UNIT, "description": "canary-text", "no_photo_reason": "无"}

    api.post("/reports", report, "grid_member")

    assert "canary" not in lines.getvalue()


def test_a_fault_is_logged_by_kind_and_place_only(
    api: Api, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        message = "canary-in-a-message"
        raise ValueError(message)

    monkeypatch.setattr("storage.places.matters.list_matters", fail)

    api.get("/matters")

    failed = json.loads(lines.getvalue().splitlines()[0])
    assert (failed["event"], failed["error"]) == ("failed", "ValueError")
    assert any("matters.py" in place for place in failed["place"])
    assert "canary" not in lines.getvalue()
