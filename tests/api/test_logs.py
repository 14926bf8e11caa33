"""What a request leaves in the log: one line, allow-listed fields, nothing anybody wrote."""

import io
import json
from collections.abc import Iterator

import pytest

from api.app import create_app
from api.composition import compose
from api.http import logs
from api.settings import Settings
from engine.tracing import parent_of, read
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
        "trace_id",
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


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_trace_stands_in_every_line_and_refusal_and_is_taken_from_our_proxy_alone(
    api: Api,
    settings: Settings,
    lines: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
) -> None:
    def fail(*_args: object) -> None:
        raise ValueError

    monkeypatch.setattr("storage.places.matters.list_matters", fail)
    values = {one: getattr(settings, one) for one in Settings.__slots__} | {"proxies": proxies}
    made = compose(Settings(**values), clock=api.clock, database=api.database)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    refused = create_app(made).test_client().get("/api/v1/matters", headers=headers).get_json()

    failed, request = (json.loads(line) for line in lines.getvalue().splitlines()[-2:])
    assert (failed["event"], request["event"]) == ("failed", "request")
    assert failed["trace_id"] == request["trace_id"] == refused["trace_id"]
    assert (refused["trace_id"] == trace) == bool(proxies)
    assert len(refused["trace_id"]) == 32


@pytest.mark.parametrize(
    "parent", ["", "00-1-2-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", "x" * 55]
)
def test_a_traceparent_that_names_no_trace_is_left_out(parent: str) -> None:
    assert read(parent) is None
    assert read(parent_of("ab" * 16)) == "ab" * 16
