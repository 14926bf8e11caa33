"""The command line as a person uses it: words in, words and an exit status out. Holds no test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from api.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer for machines."""
        return orjson.loads(self.out)


class Terminal:
    """Runs commands of hangji in this process, with an environment of their own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], var: Path) -> None:
        self._capsys = capsys
        self.var = var

    @classmethod
    def on_a_copy(
        cls, demo: Path, var: Path, capsys: pytest.CaptureFixture[str]
    ) -> Iterator["Terminal"]:
        """A terminal on a machine of one's own with the demo on it."""
        copied(demo, var)
        with environment(var):
            yield cls(capsys, var)

    def run(self, *arguments: str | Path) -> Ended:
        """Run one command to its end."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        # The log was bound to the captured error output, which ends with this test.
        structlog.reset_defaults()
        status = ended.value.code
        written = self._capsys.readouterr()
        return Ended(status if isinstance(status, int) else 0, written.out, written.err)


@contextmanager
def environment(var: Path) -> Iterator[pytest.MonkeyPatch]:
    """A machine that was told nothing but where to write."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SECRET_KEY", "VAULT_KEY", "DATABASE_URL", "DEMO", "BLOB_FOLDER"):
            patch.delenv(f"HANGJI_{name}", raising=False)
        patch.setenv("HANGJI_VAR_FOLDER", str(var))
        yield patch


def demo_machine(var: Path) -> Path:
    """A machine on which `hangji demo` ran once."""
    with environment(var), pytest.raises(SystemExit):
        main(["demo", "--json"])
    structlog.reset_defaults()
    return var


def copied(demo: Path, var: Path) -> Path:
    """A folder copied into another."""
    shutil.copytree(demo, var, dirs_exist_ok=True)
    return var
