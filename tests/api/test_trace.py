"""One trace from a request, over the row and the broker, to the worker that does the work."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from api.cli.background import scheduler_of
from api.composition import compose
from api.settings import ROOT, from_environment
from engine.background.scheduler import HEARTBEAT
from tests.api.server import COMMAND, end, eventually
from tests.api.terminal import Terminal
from tests.brokers import running_broker
from tests.stories.world import settle

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def lines_of(log: Path) -> list[dict[str, object]]:
    """The lines a process logged of operations it took; each is one JSON document."""
    written = log.read_text(encoding="utf-8").splitlines()
    lines = [json.loads(line) for line in written if line.startswith("{")]
    return [line for line in lines if line["event"] == "operation_taken"]


@pytest.mark.fault
def test_the_trace_of_a_request_stands_in_the_log_of_the_worker_that_does_its_work(
    terminal: Terminal, tmp_path: Path
) -> None:
    del terminal
    log = tmp_path / "worker.log"
    with running_broker("redis") as broker, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGJI_BROKER_URL", broker.url)
        composition = compose(replace(from_environment(), proxies=1))
        with composition.database.transaction() as session:
            someone = settle(session)["supervisor"]
        token = composition.tokens.issue(
            someone.id, someone.token_version, now=composition.clock.now()
        )
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": "verify-all-of-today",
            "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        }
        ordered = (
            create_app(composition)
            .test_client()
            .post("/api/v1/operations", json={"kind": "verify_case_files"}, headers=headers)
        )
        assert ordered.status_code == 202, ordered.get_json()

        jobs = scheduler_of(composition, HEARTBEAT)
        jobs.start()
        command = [sys.executable, "-c", COMMAND, "worker", "--queues", "long"]
        with log.open("wb") as out:
            worker = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )
        try:
            assert eventually(lambda: bool(lines_of(log)))
        finally:
            end(worker)
            jobs.stop()
            composition.database.close()

    taken = lines_of(log)[0]
    assert taken["operation"] == ordered.get_json()["id"]
    assert taken["trace_id"] == TRACE
