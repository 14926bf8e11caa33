"""Every module can be imported before a city pack is installed: a command reads the pack later."""

import subprocess
import sys

from tests.architecture.tree import ROOMS

IMPORT_ALL = """
import pkgutil, sys
from importlib import import_module
for room in sys.argv[1:]:
    for module in pkgutil.walk_packages(import_module(room).__path__, f"{room}."):
        if not module.name.startswith(("storage.migrations", "api.__main__")):
            import_module(module.name)
"""


def test_every_module_can_be_imported_before_a_city_pack_is_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *ROOMS], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
