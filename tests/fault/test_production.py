"""A city on a server: the page of `deploy/` is followed, and its files are what it says."""

import re
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from api.uploads import photos
from tests.cluster import Cluster
from tests.fault.lives import eventually
from tests.fault.production import DEPLOY, OK, Server, server, shell_lines
from web.frame.sessions import PHOTO_BYTES

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
MOST_EXPOSED = 20
"""Of `systemd-analyze security`, from 0 (safe) to 100; a plain unit has 96."""

FEWEST_REQUESTS = 20
"""While the web processes are restarted."""


@pytest.fixture
def placed_units(tmp_path: Path) -> Path:
    """The units with a program that is there."""
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for unit in folder.glob("*.service"):
        text = unit.read_text(encoding="utf-8")
        unit.write_text(text.replace("/opt/hangji/bin/hangji", "/bin/true"), encoding="utf-8")
    return folder


@contextmanager
def asked_all_the_time(machine: Server) -> Iterator[list[str]]:
    """What each of the requests was answered that come one after the other meanwhile."""
    answered: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            answered.append(machine.answer("/sign-in"))

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            yield answered
        finally:
            ended.set()
        asking.result()


def instance(unit: Path) -> str:
    """How a unit is named when it runs."""
    return unit.name.replace("@.", "@8101.")


def test_the_proxies_let_through_whatever_hangji_itself_takes() -> None:
    """A form with some photos was refused by the proxy, without a word of what to do."""
    nginx = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text("utf-8"))
    caddy = re.search(r"max_size (\d+)MiB", (DEPLOY / "Caddyfile").read_text("utf-8"))

    assert nginx is not None
    assert caddy is not None
    assert int(nginx[1]) << 20 >= max(PHOTO_BYTES, photos.BYTES) + (64 << 10)
    assert int(caddy[1]) == int(nginx[1])


@pytest.mark.parametrize("unit", [*UNITS, *TIMERS], ids=lambda unit: unit.name)
def test_systemd_understands_every_line_of_a_unit(placed_units: Path, unit: Path) -> None:
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", placed_units / instance(unit)],
        env={"SYSTEMD_UNIT_PATH": f"{placed_units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    # It ends with 0 also after a key it does not know.
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little_on_its_machine(placed_units: Path, unit: Path) -> None:
    score = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}",
         placed_units / instance(unit)],
        env={"SYSTEMD_UNIT_PATH": f"{placed_units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert score.returncode == 0, score.stdout


def test_each_duty_of_the_day_has_a_timer_and_leaves_whole_files_only(tmp_path: Path) -> None:
    """Its shell is run with a program that says what it was asked, and fails when told so."""
    program = tmp_path / "hangji"
    program.write_text('#!/bin/sh\necho "$@"; exit ${STATUS:-0}\n', encoding="utf-8")
    program.chmod(0o755)
    timers = "".join(one.read_text(encoding="utf-8") for one in TIMERS)
    duties = re.findall(r"^Unit=hangji-daily@(\w+)\.service$", timers, re.MULTILINE)
    said = {duty: daily(duty, program, tmp_path) for duty in duties}
    kept = {one.name: one.read_text("utf-8") for one in tmp_path.glob("*.json")}
    broken = {duty: daily(duty, program, tmp_path, status=1).returncode for duty in duties}

    assert {one.returncode for one in said.values()} == {0}
    assert said["retain"].stdout == "retain\n"
    assert said["backup"].stdout == "backup /var/backups/hangji\n"
    (audit,) = set(kept) - {"heads.json"}
    assert kept == {"heads.json": "heads\n", audit: f"audit {audit[6:16]}\n"}
    assert re.fullmatch(r"audit-\d{4}-\d\d-\d\d\.json", audit)
    assert set(broken.values()) == {1}
    assert {one.name: one.read_text("utf-8") for one in tmp_path.glob("*.json")} == kept
    assert daily("unknown", program, tmp_path).returncode == 2


def daily(
    duty: str, program: Path, folder: Path, *, status: int = 0
) -> "subprocess.CompletedProcess[str]":
    """What the unit of a duty runs, as systemd reads its line."""
    text = (DEPLOY / "systemd" / "hangji-daily@.service").read_text(encoding="utf-8")
    for written, read in (("%i", duty), ("\\\n", " "), ("$$", "$"), ("%%", "%")):
        text = text.replace(written, read)
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    words = shlex.split(line.replace("/opt/hangji/bin/hangji", str(program)))
    environment = {"PATH": "/usr/bin:/bin", "STATUS": str(status)}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_page_leads_to_a_city_that_answers_and_outlives_a_process(
    cluster: Cluster, tmp_path: Path
) -> None:
    url = cluster.create("production")
    machine = server(tmp_path / "server")

    with ExitStack() as stack:
        stack.enter_context(machine.processes({"redis": machine.redis()}))
        told = machine.set_up(url)
        started = stack.enter_context(machine.running())
        # Each of them: the proxy answers as soon as one does.
        assert all(eventually(partial(machine.is_ready, port)) for port in ("8101", "8102"))
        assert machine.comes_to_answer("/health/ready")
        assert machine.comes_to_answer("/health/deadlines")
        assert machine.answers("/sign-in")
        assert not machine.answers("/metrics")
        with asked_all_the_time(machine) as answered:
            # As the page restarts them: the second one as soon as the first one is ready.
            for port in ("8101", "8102"):
                unit = f"hangji-web@{port}.service"
                started[unit] = stack.enter_context(machine.restarted(unit, started[unit]))
                assert eventually(partial(machine.is_ready, port))
            assert eventually(lambda: len(answered) > FEWEST_REQUESTS)
        assert set(answered) == {OK}
        started["hangji-web@8101.service"].kill()
        assert all(machine.answers("/sign-in") for _ in range(8))
        assert [name for name, process in started.items() if process.poll() is not None] == [
            "hangji-web@8101.service"
        ]
    cluster.drop("production")

    assert all(f"{account}  " in told for account in ("admin", "security", "audit", "supervisor"))
    assert "grid_member" not in told


def test_the_container_runs_what_the_units_run() -> None:
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    settings = (DEPLOY / "hangji.env").read_text(encoding="utf-8")
    secrets = re.findall(r"^(HANGJI_\w+_FILE)=", settings, re.MULTILINE)

    assert [name for name in secrets if name not in compose] == []
    assert '["hangji", "scheduler"]' in compose
    assert '["hangji", "worker"]' in compose


def test_the_page_names_no_file_that_is_not_there() -> None:
    copied = [line.split()[1] for line in shell_lines() if line.startswith("cp deploy/")]

    missing = [name for name in copied if not list(DEPLOY.parent.glob(name))]
    assert (missing, len(copied)) == ([], 3)


def test_no_process_is_set_aside_after_a_refusal() -> None:
    """One that had just come back was, for seconds, while the next one was restarted: 502."""
    servers = re.findall(
        r"^ +server 127.*$", (DEPLOY / "nginx.conf").read_text("utf-8"), re.MULTILINE
    )

    assert len(servers) > 1
    assert [one for one in servers if "max_fails=0;" not in one] == []
