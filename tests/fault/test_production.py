"""A city on a server: the page of `deploy/` is followed, and its files are what it says."""

import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from api.uploads import photos
from tests.cluster import Cluster
from tests.fault.production import DEPLOY, server, shell_lines
from web.frame.sessions import PHOTO_BYTES

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MOST_EXPOSED = 20
"""Of `systemd-analyze security`, from 0 (safe) to 100; a plain unit has 96."""


@pytest.fixture
def placed_units(tmp_path: Path) -> Path:
    """The units with a program that is there."""
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for unit in folder.glob("*.service"):
        text = unit.read_text(encoding="utf-8")
        unit.write_text(text.replace("/opt/hangji/bin/hangji", "/bin/true"), encoding="utf-8")
    return folder


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


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
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


def test_the_page_leads_to_a_city_that_answers_and_outlives_a_process(
    cluster: Cluster, tmp_path: Path
) -> None:
    url = cluster.create("production")
    machine = server(tmp_path / "server")

    with ExitStack() as stack:
        stack.enter_context(machine.processes({"redis": machine.redis()}))
        told = machine.set_up(url)
        started = stack.enter_context(machine.running())
        assert machine.comes_to_answer("/health/ready")
        assert machine.comes_to_answer("/health/deadlines")
        assert machine.answers("/sign-in")
        assert not machine.answers("/metrics")
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
