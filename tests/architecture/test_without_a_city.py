"""The rooms are imported before the city pack is read: nothing asks it at import."""

import subprocess
import sys

from tests.architecture.tree import ROOMS, ROOT

EVERY_MODULE = f"""
import importlib, pkgutil
for room in {ROOMS!r}:
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, room + "."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
"""


def test_every_module_can_be_imported_before_the_city_is_known() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_MODULE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
