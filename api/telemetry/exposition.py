"""A page of metrics: counters of this process or of all that count together, and the database's.

Without a database the counters are shown, `hangji_database_up` is 0 and its gauges are missing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.figures import Figures, read_figures
from api.telemetry.sharing import is_shared
from engine.time.clock import Clock
from storage.database.session import Database

__all__ = ["Broker", "page"]

Broker = Callable[[], bool]
"""Whether the broker answers."""

_GAUGES: Final = {
    "overdue_tasks": "Open tasks past their limit.",
    "oldest_due_timer_seconds": "For how long the oldest due timer has waited; 0 when none does.",
    "oldest_unclaimed_timer_seconds": "The same of timers nobody has claimed.",
    "outbox_pending": "Deliveries that wait.",
    "outbox_oldest_seconds": "For how long the oldest delivery has waited; 0 when none does.",
    "oldest_unclaimed_delivery_seconds": "For how long a due delivery nobody claimed has waited.",
    "dead_letters": "Deliveries given up.",
    "open_incidents": "Cases that could not go on.",
    "running_operations": "Long work that waits or runs.",
    "scheduler_heartbeat_age_seconds": (
        "Seconds since a scheduler last ticked; -1 when none ever did."
    ),
}


def page(
    registries: Sequence[CollectorRegistry],
    *,
    database: Database | None = None,
    clock: Clock | None = None,
    broker: Broker | None = None,
) -> bytes:
    """Write a page in the Prometheus format, with the gauges of a database if there is one."""
    whole = CollectorRegistry(auto_describe=False)
    if is_shared():
        _register(whole)
    else:
        whole.register(_Joined(registries))
    whole.register(
        _Of([InfoMetricFamily("hangji_build", "This release.", {"version": version("hangji")})])
    )
    if broker is not None:
        whole.register(_Of([_gauge("broker_up", "Whether the broker answers.", broker())]))
    if database is not None and clock is not None:
        whole.register(_Of(_of_database(database, clock)))
    return generate_latest(whole)


_register: Final[Callable[[CollectorRegistry], object]] = MultiProcessCollector
"""Made for a registry, it enters itself there."""


class _Joined(Collector):
    """Everything several registries hold."""

    def __init__(self, registries: Sequence[CollectorRegistry]) -> None:
        self.registries = registries

    def collect(self) -> Iterator[Metric]:
        for registry in self.registries:
            yield from registry.collect()


class _Of(Collector):
    """Metrics of this moment: gauges that are read for the page, never counted in between."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self.metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self.metrics


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"hangji_{name}", about, float(value))


def _of_database(database: Database, clock: Clock) -> Iterator[Metric]:
    try:
        with database.reading() as session:
            figures = read_figures(session, clock.now())
    except Exception:  # noqa: BLE001 - whatever keeps it from answering, the counters are shown
        yield _gauge("database_up", "Whether the database answers.", 0)
        return
    yield _gauge("database_up", "Whether the database answers.", 1)
    yield from _gauges(figures)


def _gauges(figures: Figures) -> Iterator[Metric]:
    tasks = GaugeMetricFamily("hangji_open_tasks", "Tasks that wait.", labels=("role", "level"))
    for (role, level), count in figures.open_tasks.items():
        tasks.add_metric((role, level), count)
    yield tasks
    shown = {
        "overdue_tasks": figures.overdue_tasks,
        "oldest_due_timer_seconds": figures.oldest_due_timer,
        "oldest_unclaimed_timer_seconds": figures.oldest_unclaimed_timer,
        "outbox_pending": figures.outbox_pending,
        "outbox_oldest_seconds": figures.outbox_oldest,
        "oldest_unclaimed_delivery_seconds": figures.oldest_unclaimed_delivery,
        "dead_letters": figures.dead_letters,
        "open_incidents": figures.open_incidents,
        "running_operations": figures.running_operations,
        "scheduler_heartbeat_age_seconds": figures.heartbeat_age,
    }
    for name, value in shown.items():
        yield _gauge(name, _GAUGES[name], value)
