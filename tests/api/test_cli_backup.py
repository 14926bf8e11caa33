"""The command line backs a machine up and restores it on another one."""

from pathlib import Path

import pytest

from tests.api.terminal import Terminal
from tests.api.test_cli import a_case


def test_a_machine_comes_back_from_its_backup(
    demo: Path, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, elsewhere = tmp_path / "backups", tmp_path / "elsewhere"
    a_case(terminal.var / "case.zip")

    made = terminal.run("backup", folder)
    over_the_old = terminal.run("restore", folder)
    monkeypatch.setenv("HANGJI_VAR_FOLDER", str(elsewhere))
    monkeypatch.setenv("HANGJI_DATABASE_URL", f"sqlite:///{elsewhere}/hangji.sqlite3")
    monkeypatch.setenv("HANGJI_DEMO", "1")
    restored = terminal.run("restore", folder, "--skip-numbers", "50", "--json")
    nothing = terminal.run("restore", demo)

    assert (made.status, "signed with key" in made.out) == (0, True)
    assert "keep the secrets and the signing keys elsewhere" in made.out
    assert (over_the_old.status, "is not empty" in over_the_old.err) == (1, True)
    # One was reported here; of the sample three review snapshots and two are quotas of patrols.
    assert (restored.status, restored.json["cases"]) == (0, 8)
    assert restored.json["skipped_numbers"] == 50
    assert "The vault key is not the one of the backup" in restored.err
    assert (nothing.status, "holds no backup" in nothing.err) == (1, True)
