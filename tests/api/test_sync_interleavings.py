"""Pulls, pushes, outages, kills, repetitions and disorder in any order: both sides end the same.

Each round is a random course of what both platforms do; then everything calms down and is
compared: no difference, no copy, each told case there once, no native case more or less. A few
rounds in the normal run; `make interleavings` goes on for a thousand. The seed is printed by a
failure; HANGJI_SEED walks it again.
"""

import os
from pathlib import Path
from random import Random

import orjson
import pytest

from api.supervision.program import create_platform
from api.supervision.rows import Rows
from api.syncing.comparing import DAYS
from api.syncing.platforms import Platforms
from handlers.sync.mapping import read_mappings
from tests.api.conftest import Api
from tests.both_platforms import Both, a_seed
from tests.city import CITY
from tests.supervision import SOURCE

pytestmark = pytest.mark.fault

ROUNDS = int(os.environ.get("HANGJI_INTERLEAVINGS", "6"))
SEED = os.environ.get("HANGJI_SEED") or a_seed()
WAY = {"url": "http://127.0.0.1:9", "secret": "secret", "hosts": ["127.0.0.1"]}


@pytest.fixture(autouse=True)
def told(tmp_path: Path) -> None:
    """That the other platform is reached stands there before the application starts."""
    (tmp_path / "outgoing.json").write_bytes(orjson.dumps({"sync": {SOURCE: WAY}}))


def walked(api: Api, folder: Path, rounds: int) -> None:
    """Walk through some rounds on one installation."""
    rows = Rows(folder / "supervision.db")
    way = Platforms(api.composition, read_mappings(CITY), {SOURCE: {}})
    api.database.run(way.register)
    dice = Random(SEED)  # noqa: S311 - to be thrown again
    both = Both(api, rows, create_platform(rows), dice, SEED)
    for _ in range(rounds):
        for _ in range(both.dice.randrange(6, 18)):
            both.act()
        both.settle()
    both.settle(days=DAYS)


def test_any_order_of_what_happens_ends_with_both_sides_the_same(api: Api, tmp_path: Path) -> None:
    walked(api, tmp_path, ROUNDS)


@pytest.mark.postgres
def test_any_order_of_what_happens_ends_the_same_on_postgresql(
    postgres_api: Api, tmp_path: Path
) -> None:
    walked(postgres_api, tmp_path, max(2, ROUNDS // 3))
