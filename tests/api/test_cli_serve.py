"""The server as a process: it serves, looks at the clock, and leaves nothing behind when killed."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from api.celery_app import app_of
from api.composition import compose
from api.settings import ROOT, from_environment
from engine.background.work import QUEUES
from storage.people import sessions
from tests.api.server import (
    COMMAND,
    PATIENCE,
    answer,
    eventually,
    free_port,
    running,
    running_script,
)
from tests.api.terminal import Terminal

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    """A port nobody uses."""
    return free_port()


def test_it_serves_pages_and_api_and_looks_at_the_clock(terminal: Terminal, port: int) -> None:
    del terminal
    with running("serve", "--port", str(port)) as process:
        assert eventually(lambda: answer(port, "/health/deadlines")[0] == 200)

        ready = orjson.loads(answer(port, "/health/deadlines")[1])
        assert ready["scheduler"] == "ticking"
        assert answer(port, "/api/v1/openapi.json")[0] == 200
        assert answer(port, "/")[0] in {200, 302}

        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) is not None
    assert eventually(lambda: answer(port, "/health/live")[0] == 0)


def test_the_process_that_starts_the_servers_imports_nothing_of_the_product(
    terminal: Terminal, port: int, tmp_path: Path
) -> None:
    """It lives as long as they do and answers nothing; what they need is in their memory alone."""
    del terminal
    seen = tmp_path / "seen"
    product = ["flask", "SpiffWorkflow", "argon2", "engine", "handlers", "web", "api.app"]
    script = (
        "import sys\nfrom pathlib import Path\nfrom granian import Granian\n"
        "serve = Granian.serve\n"
        "def look(server, **how):\n"
        f"    names = [name for name in {[*product, 'api.cli.serve']} if name in sys.modules]\n"
        f"    Path({str(seen)!r}).write_text(' '.join(names))\n"
        "    serve(server, **how)\n"
        "Granian.serve = look\n"
        "from api.cli.main import main\n"
        f"main(['serve', '--port', '{port}'])\n"
    )

    with running_script(script):
        assert eventually(lambda: answer(port, "/health/live")[0] == 200)

    assert seen.read_text() == "api.cli.serve"


def test_a_server_told_to_end_while_it_starts_ends(
    terminal: Terminal, port: int, tmp_path: Path
) -> None:
    """Its process had inherited a handler that did nothing there, and was waited for forever."""
    del terminal
    begun = tmp_path / "begun"
    script = (
        "import sys, time, types\nfrom pathlib import Path\n"
        "def application(**how):\n"
        f"    Path({str(begun)!r}).touch()\n"
        "    time.sleep(600)\n"
        "module = types.ModuleType('api.cli.server.application')\n"
        "module.application = application\n"
        "sys.modules[module.__name__] = module\n"
        "from api.cli.main import main\n"
        f"main(['serve', '--port', '{port}'])\n"
    )

    with running_script(script) as process:
        assert eventually(begun.exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) is not None


def test_a_database_without_tables_ends_the_server_with_a_sentence(
    terminal: Terminal, port: int
) -> None:
    connection = sqlite3.connect(terminal.var / "hangji.sqlite3")
    connection.execute("drop table alembic_version")
    connection.close()

    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "serve", "--port", str(port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "run `hangji upgrade-db`" in ended.stderr


def test_a_taken_address_ends_a_second_server_with_a_sentence(
    terminal: Terminal, port: int
) -> None:
    """It used to share the port in silence and answer every other request."""
    with socket.socket() as foreign:
        foreign.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        foreign.bind(("127.0.0.1", port))
        foreign.listen()

        ended = terminal.run("serve", "--port", str(port))

    assert ended.status == 2
    assert f"http://127.0.0.1:{port} is in use by another program" in ended.err


def test_a_second_server_on_one_sqlite_file_ends_with_a_sentence(
    terminal: Terminal, port: int
) -> None:
    with running("serve", "--port", str(port)):
        assert eventually(lambda: answer(port, "/health/live")[0] == 200)

        ended = terminal.run("serve", "--port", str(port + 1))

    assert ended.status == 2
    assert "one server may write an SQLite file" in ended.err


@pytest.mark.fault
def test_a_killed_server_leaves_no_worker_on_its_port(terminal: Terminal, port: int) -> None:
    del terminal
    with running("serve", "--port", str(port)) as process:
        assert eventually(lambda: answer(port, "/health/live")[0] == 200)

        os.kill(process.pid, signal.SIGKILL)

        assert eventually(lambda: answer(port, "/health/live")[0] == 0)


@pytest.mark.parametrize("command", ["scheduler", "worker"])
def test_a_scheduler_leaves_signs_of_life_until_it_is_told_to_end(
    terminal: Terminal, command: str
) -> None:
    del terminal
    composition = compose(from_environment())
    broker = composition.settings.broker_url

    def beats() -> bool:
        with composition.database.reading() as session:
            return any(name.startswith(command) for name in sessions.list_beats(session))

    def takes_from_every_queue() -> bool:
        """A worker of a broker looks at no clock, so it leaves its sign there."""
        answers = app_of(broker or "").control.ping(timeout=1)
        return len(answers) == len(QUEUES)

    is_of_a_broker = command == "worker" and broker is not None
    with running(command) as process:
        assert eventually(takes_from_every_queue if is_of_a_broker else beats)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    composition.database.close()


def test_two_processes_on_one_sqlite_file_are_refused(terminal: Terminal) -> None:
    ended = terminal.run("serve", "--workers", "2")

    assert ended.status == 2
    assert "--workers 1" in ended.err
