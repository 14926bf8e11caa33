"""The browser code is built in silence: whoever sets a machine up reads only what matters."""

import subprocess
from pathlib import Path

import pytest

from api.settings import ROOT


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
