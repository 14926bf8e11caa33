"""What is entered here reaches the supervision platform once, and its echo makes no copy (R31)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.operating import ways
from api.syncing.platforms import platforms
from engine.background.outbox import Delivered
from tests.api.conftest import Api
from tests.delivering import deliver_due
from tests.supervision import SOURCE, Supervision, running

SHOP = 1


@pytest.fixture(autouse=True)
def platform(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervision]:
    """The other platform as a process, written down before the application starts."""
    with running(tmp_path_factory.mktemp("supervision")) as platform:
        platform.configure(tmp_path)
        yield platform


def sent(api: Api) -> Delivered:
    """One round of deliveries, a while later."""
    api.clock.advance(timedelta(minutes=2))
    (channel,) = (ways(api.composition)[name] for name in ("sync",))
    return deliver_due(api.database, {"sync": channel}, api.clock)


def pulled(api: Api) -> dict[str, int]:
    """What became of the records of one run."""
    counts = dict(platforms(api.composition).pulling(SOURCE).run())
    return {name: count for name, count in counts.items() if name != "pages" and count}


def a_round_trip(api: Api, platform: Supervision) -> None:
    api.database.run(platforms(api.composition).register)
    number = api.report("station_officer", business=SHOP)

    platform.control(down=True)
    down = sent(api)
    platform.control(down=False, fail_every=2)
    rounds = [sent(api), sent(api), sent(api)]
    platform.control(fail_every=0)
    echoes = [pulled(api), pulled(api)]
    (held,) = platform.held()
    differing = platforms(api.composition).comparing(SOURCE).run(now=api.clock.now())
    cases = api.get("/cases", "supervisor").get_json()["items"]

    assert down.failed >= 1
    assert sum(done.sent for done in rounds) >= 1
    assert number in held["bz"]
    assert (held["jcdw"], held["sfcz"]) == ("SCS", "0")
    assert echoes == [{"read": 1, "same": 1}] * 2
    assert differing == 0
    assert [case["number"] for case in cases] == [number]


def test_a_report_goes_round_through_an_outage_and_keeps_its_id(
    api: Api, platform: Supervision
) -> None:
    """R31: down, then failing now and then; in the end one record there and one case here."""
    a_round_trip(api, platform)


@pytest.mark.postgres
def test_a_report_goes_round_on_postgres_as_well(postgres_api: Api, platform: Supervision) -> None:
    a_round_trip(postgres_api, platform)
