"""The browser code is built in silence: whoever sets a machine up reads only what matters."""

import gzip
import json
import re
import subprocess
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from api.settings import ROOT
from engine.background.scheduler import KEYS_KEPT


@pytest.mark.npm
def test_a_build_that_works_says_nothing(tmp_path: Path) -> None:
    command = ["npm", "--no-update-notifier", "run", "--silent", "build", "--"]

    built = subprocess.run(
        [*command, "--logLevel", "warn", "--outDir", tmp_path / "dist"],
        cwd=ROOT / "web",
        check=True,
        capture_output=True,
        text=True,
    )

    assert (built.stdout, built.stderr) == ("", "")
    assert [*(tmp_path / "dist").rglob("*.js")]


def test_the_map_is_a_file_of_its_own_and_no_heavier_than_agreed() -> None:
    """Only its pages load it; the file of a base map is fetched where there is one."""
    folder = ROOT / "web" / "dist"
    manifest = json.loads((folder / ".vite" / "manifest.json").read_text())
    drawn = folder / manifest["src/map/main.js"]["file"]
    (worker,) = folder.glob("assets/maplibre-gl-worker-*.js")
    others = [manifest[name]["file"] for name in ("src/site.js", "src/case.js", "src/board.js")]

    sizes = [len(gzip.compress(path.read_bytes())) for path in (drawn, worker)]

    assert sizes[0] <= 330_000
    assert sum(sizes) <= 480_000
    assert all(b"maplibre" not in (folder / name).read_bytes() for name in others)


def test_a_new_build_takes_over_without_a_moment_of_half_a_build(tmp_path: Path) -> None:
    set_up = _set_up()
    served = tmp_path / "dist"
    for number, name in enumerate("abc"):
        made = _made(tmp_path / "next", f"{name}.js")
        set_up.hand_over(made, served)
        manifest = json.loads((served / ".vite" / "manifest.json").read_text())
        assert (served / manifest["src/site.js"]["file"]).read_text() == f"{name}.js"
        assert not made.exists()
        assert len([*(served / "assets").iterdir()]) == min(number + 1, 2)

    left = {path.name for path in (served / "assets").iterdir()}
    assert left == {"b.js", "c.js"}


def _made(folder: Path, name: str) -> Path:
    """A build of one file."""
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / "assets" / name).write_text(name)
    entry = {"src/site.js": {"file": f"assets/{name}"}}
    (folder / ".vite" / "manifest.json").write_text(json.dumps(entry))
    return folder


def _set_up() -> ModuleType:
    spec = spec_from_file_location("set_up", ROOT / ".ci" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_device_sends_without_a_press_for_as_long_as_the_server_knows_keys() -> None:
    """R28: sent earlier than that it cannot arrive twice; what is older waits for a person."""
    queue = (ROOT / "web" / "src" / "offline" / "outbox.js").read_text(encoding="utf-8")
    (days,) = re.findall(r"^const OLD = (\d+) \* 24 \* 3600 \* 1000;$", queue, re.MULTILINE)

    assert timedelta(days=int(days)) == KEYS_KEPT
