"""Metrics of processes: several count together, scheduler and worker have ports of their own."""

import base64
import re
from pathlib import Path

import pytest

from api.composition import compose
from api.settings import from_environment
from api.telemetry.ports import is_admitted
from tests.api.server import answer, eventually, free_port, running
from tests.api.terminal import Terminal, environment
from tests.brokers import running_broker
from tests.fault.drains import count_fired, fill, make_due
from tests.stories.world import SECRET, VAULT_KEY

pytestmark = pytest.mark.slow


def value(page: bytes, sample: str) -> float | None:
    """The value of one sample of a page."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", page.decode(), re.MULTILINE)
    return None if found is None else float(found[1])


@pytest.mark.postgres
def test_every_web_process_answers_with_the_sum_of_all(postgres_url: str, tmp_path: Path) -> None:
    port, asked = free_port(), 24
    told = {
        "DATABASE_URL": postgres_url,
        "SECRET_KEY": SECRET,
        "VAULT_KEY": base64.urlsafe_b64encode(VAULT_KEY).decode(),
    }
    live = 'hangji_requests_total{method="GET",route="/health/live",status="200"}'
    with environment(tmp_path) as patch:
        for name, text in told.items():
            patch.setenv(f"HANGJI_{name}", text)
        with running("serve", "--workers", "2", "--port", str(port)):
            assert eventually(lambda: answer(port, "/health/ready")[0] > 0)
            for _ in range(asked):
                assert answer(port, "/health/live")[0] == 200

            counts = {value(answer(port, "/metrics")[1], live) for _ in range(12)}

    assert counts == {asked}


def test_a_scheduler_shows_at_its_port_what_it_did_and_what_waits(terminal: Terminal) -> None:
    """Without a broker, with which the workers do it."""
    del terminal
    composition, port = compose(from_environment()), free_port()
    fill(composition, 2)
    make_due(composition.database)

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HANGJI_BROKER_URL", raising=False)
        patch.setenv("HANGJI_SCHEDULER_METRICS_PORT", str(port))
        with running("scheduler"):
            timers = 'hangji_step_seconds_count{action="timer"}'
            assert eventually(lambda: (value(answer(port, "/metrics")[1], timers) or 0) >= 2)
            page = answer(port, "/metrics")[1]
            other = answer(port, "/")[0]
    composition.database.close()

    assert value(page, "hangji_database_up") == 1
    assert (value(page, "hangji_scheduler_heartbeat_age_seconds") or 0) >= 0
    assert value(page, "hangji_oldest_unclaimed_timer_seconds") is not None
    assert b"hangji_build_info{version=" in page
    assert other == 404


@pytest.mark.fault
def test_the_workers_of_a_broker_do_what_is_due_and_show_it_at_their_port(
    terminal: Terminal,
) -> None:
    """The scheduler does none of it itself; the worker page is the sum over its processes."""
    del terminal
    composition, ports = compose(from_environment()), (free_port(), free_port())
    fill(composition, 6)
    due = make_due(composition.database)
    timers = 'hangji_step_seconds_count{action="timer"}'

    with running_broker("redis") as broker, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGJI_BROKER_URL", broker.url)
        patch.setenv("HANGJI_WORK_BATCH", "1")
        patch.setenv("HANGJI_SCHEDULER_METRICS_PORT", str(ports[0]))
        patch.setenv("HANGJI_WORKER_METRICS_PORT", str(ports[1]))
        with running("scheduler"), running("worker", "--queues", "timers"):
            assert eventually(lambda: count_fired(composition.database).total() == len(due))
            pages = [answer(port, "/metrics")[1] for port in ports]
    composition.database.close()

    assert value(pages[1], timers) == len(due)
    assert value(pages[0], timers) is None
    assert value(pages[0], "hangji_broker_up") == 1


def test_a_taken_metrics_port_ends_the_command_with_a_sentence(terminal: Terminal) -> None:
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGJI_SCHEDULER_METRICS_PORT", str(port))
        with running("scheduler"):
            assert eventually(lambda: answer(port, "/metrics")[0] == 200)
            ended = terminal.run("scheduler")

    assert ended.status == 2
    assert f"127.0.0.1:{port} cannot be opened" in ended.err


@pytest.mark.parametrize(
    ("given", "token", "is_let_in"),
    [("", None, True), ("Bearer right", "right", True), ("Bearer x", "right", False)],
)
def test_the_ports_ask_for_the_token_of_the_metrics(
    given: str, token: str | None, *, is_let_in: bool
) -> None:
    assert is_admitted(given, token) == is_let_in
