"""Work over a real broker: workers and broker are killed, nothing is lost, torn or done twice.

`make scale` is the same with hosts of their own, a host that is cut off, and thousands.
"""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from redis import Redis

from api.cli.background import scheduler_of
from api.composition import compose
from engine.background.scheduler import HEARTBEAT
from engine.background.work import TIMERS
from tests.brokers import running_broker
from tests.fault.drains import Drain, Plan, count_fired, make_due, receivers
from tests.fault.hosts import loopback
from tests.stories.world import World

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.postgres]


@pytest.mark.parametrize("kind", ["rabbitmq", "redis"])
def test_a_killed_worker_and_a_killed_broker_lose_no_timer_and_no_delivery(
    kind: str, postgres_url: str, tmp_path: Path
) -> None:
    plan = Plan(timers=40, deliveries=80, workers=1, broker=kind, kills=2, seconds_between=1)

    with (
        running_broker(kind) as broker,
        receivers("127.0.0.1") as outside,
        loopback("scheduler", "worker") as hosts,
    ):
        drain = Drain(postgres_url, postgres_url, tmp_path, hosts, plan, outside, broker)
        outcome = drain.run()

    assert outcome.is_clean, outcome
    assert len({key for key in outside.keys if key.startswith("drained0")}) == 80


def test_a_scheduler_with_a_broker_hands_out_what_is_due_and_fires_none_of_it(world: World) -> None:
    """Nobody works for this broker: what it was told stays in its queue."""
    number, told = world.report(), None
    make_due(world.database)
    with running_broker("redis") as broker:
        settings = replace(world.composition.settings, broker_url=broker.url)
        composition = compose(settings)
        jobs = scheduler_of(composition, HEARTBEAT)
        jobs.start()
        try:
            with Redis.from_url(broker.url, socket_timeout=60) as queue:
                told = queue.blpop([TIMERS], timeout=60)
        finally:
            jobs.stop()
            composition.database.close()

    assert told is not None
    assert number not in str(told)
    headers = orjson.loads(told[1])["headers"]
    assert headers["task"] == "hangji.work"
    assert not count_fired(world.database)
