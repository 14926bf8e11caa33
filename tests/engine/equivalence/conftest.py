"""What every test of this folder needs: the stock engine reads the clock of the walk."""

import pytest

from tests.engine.equivalence.stock import stop_clock


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch)
