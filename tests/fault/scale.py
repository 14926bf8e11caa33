"""`make scale`: due work drained over hosts of their own, killed and cut off; prints a table.

Hosts are network namespaces (root is needed): database, broker, two web, two workers and a
scheduler, each with an address. The numbers are counts, and ratios of runs of one session.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from storage.database.schema import upgrade
from storage.database.session import Database
from tests.brokers import Broker, running_broker
from tests.cluster import QUICK, Cluster, running_cluster
from tests.fault.drains import Drain, Outcome, Plan, receivers
from tests.fault.hosts import NET, OUTSIDE, Host, namespaces

WEB = ("web1", "web2")
IDLE_SECONDS = 15.0
WAYS = ["inline", "rabbitmq", "redis"]


def main() -> int:
    """Run the plans that were asked for; 1 when anything was lost, doubled or torn."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=12_500)
    asked.add_argument("--rounds", type=int, default=4, help="timers of each case; it has four")
    asked.add_argument("--small", type=int, default=1_250, help="cases of every combination")
    asked.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    asked.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS, help="of combinations")
    asked.add_argument("--kills", type=int, default=10)
    asked.add_argument("--only", choices=("killed", "combinations"), help="a part of it")
    told = asked.parse_args()
    plans = []
    if told.only != "combinations":
        plans.append(killed(told.cases, told.rounds, told.kills))
    if told.only != "killed":
        plans += combinations(told.small, told.rounds, told.workers, told.ways)
    done = []
    for plan in plans:
        done.append((plan, carried_out(plan)))
        # After each, so that a run that is stopped has shown what it came to.
        show(done)
    return 0 if all(outcome.is_clean for _, outcome in done) else 1


def killed(cases: int, rounds: int, kills: int) -> Plan:
    """Two workers and RabbitMQ, all of them killed again and again, one cut off for a while."""
    plan = Plan(cases, cases, 2, "rabbitmq", rounds, kills)
    return replace(plan, seconds_between=2.0, cut_seconds=150.0)


def combinations(cases: int, rounds: int, workers: list[int], ways: list[str]) -> list[Plan]:
    """In line, RabbitMQ and Redis, with so many workers, in turn."""
    brokers = [None if way == WAYS[0] else way for way in ways]
    return [
        Plan(cases, cases, count, kind, rounds, idle_seconds=IDLE_SECONDS)
        for count in workers
        for kind in brokers
    ]


def carried_out(plan: Plan) -> Outcome:
    """One run on fresh machines."""
    Console(stderr=True).print(f"{plan}", highlight=False)
    workers = [f"worker{number}" for number in range(1, plan.workers + 1)]
    folder = Path(tempfile.mkdtemp(prefix="hangji-scale-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        hosts = stack.enter_context(namespaces("database", "broker", *WEB, *workers, "scheduler"))
        cluster = stack.enter_context(database_on(hosts["database"]))
        broker = None if plan.broker is None else stack.enter_context(_broker(plan, hosts))
        outside = stack.enter_context(receivers(OUTSIDE))
        url = cluster.create("scale")
        made = Database(url, pooled=False)
        upgrade(made)
        made.close()
        inner = f"postgresql://hangji@{hosts['database'].address}/scale"
        beside = [cluster.leader] if broker is None else [cluster.leader, broker.leader]
        drain = Drain(url, inner, folder, hosts, plan, outside, broker, beside)
        return drain.run()


@contextmanager
def database_on(host: Host) -> Iterator[Cluster]:
    """A PostgreSQL in a namespace; its socket is reached from everywhere on this machine."""
    settings = f"{QUICK} -c max_connections=300 -c listen_addresses={host.address}"
    with running_cluster(settings, inside=host.inside, network=f"{NET}.0/24") as cluster:
        yield cluster


def _broker(plan: Plan, hosts: dict[str, Host]) -> AbstractContextManager[Broker]:
    host = hosts["broker"]
    return running_broker(str(plan.broker), host=host.address, inside=host.inside)


def show(done: list[tuple[Plan, Outcome]]) -> None:
    """A table of what was drained and what came of it; cost beside that of in line."""
    table = Table(box=None, pad_edge=False)
    for head in (
        "way",
        "workers",
        "timers",
        "deliveries",
        "kills",
        "cut off",
        "lost",
        "doubled",
        "broken files",
        "deliveries lost",
        "deliveries twice",
        "ms a step",
        "ms without idling",
        "to in line",
    ):
        table.add_column(head)
    plain = {plan.workers: _cost(outcome) for plan, outcome in done if plan.broker is None}
    for plan, outcome in done:
        is_whole = not plan.kills and plan.workers in plain
        cost = f"{_cost(outcome) / plain[plan.workers]:.2f}" if is_whole else ""
        with_idling = 1000 * outcome.seconds / max(1, outcome.counted)
        kills = ", ".join(f"{count} {what}" for what, count in sorted(outcome.kills.items()))
        row = (
            plan.broker or "in line",
            plan.workers,
            outcome.fired,
            outcome.delivered,
            kills or 0,
            "one host" if plan.cut_seconds else "",
            outcome.lost,
            outcome.doubled,
            outcome.broken,
            outcome.deliveries_lost,
            outcome.deliveries_twice,
            f"{with_idling:.2f}",
            f"{1000 * _cost(outcome):.2f}",
            cost,
        )
        table.add_row(*map(str, row))
    Console(width=200).print(table)


def _cost(outcome: Outcome) -> float:
    """Processor seconds of one timer or delivery, without what everybody spends waiting."""
    return (outcome.seconds - outcome.idle) / max(1, outcome.counted)


if __name__ == "__main__":
    sys.exit(main())
