"""Work over a real broker: workers and broker are killed, nothing is lost, torn or done twice.

`make scale` is the same with hosts of their own, a host that is cut off, and thousands.
"""

from pathlib import Path

import pytest

from tests.brokers import running_broker
from tests.fault.drains import Drain, Plan, receivers
from tests.fault.hosts import loopback

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
