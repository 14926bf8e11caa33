"""What a process counts of its own work, with or without requests."""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram

__all__ = ["BUCKETS", "Meters"]

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """The counters of one composition; a registry of its own, so that tests may make several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.step_seconds = Histogram(
            "hangji_step_seconds",
            "Time of one step of a case: lock, run, write; by what moved it.",
            ("action",),
            registry=self.registry,
            buckets=BUCKETS,
        )

    def observe(self, action: str, seconds: float) -> None:
        """Count one step."""
        self.step_seconds.labels(action).observe(seconds)
