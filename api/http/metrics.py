"""Numbers for operations: requests, steps, and what waits in the database."""

import hmac
import time
from typing import Final

from flask import Flask, Response, current_app, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from api.composition import Composition
from api.figures import Figures
from api.http.logs import is_forwarded
from api.http.request import Asked, present_request
from storage.errors import NotSignedIn

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1"})
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_STEPS: Final = frozenset({"reports", "public_reports", "tasks", "cases"})


_GAUGES: Final = {
    "overdue_tasks": "Open tasks past their limit.",
    "oldest_due_timer_seconds": "For how long the oldest due timer has waited; 0 when none does.",
    "outbox_pending": "Deliveries that wait.",
    "outbox_oldest_seconds": "For how long the oldest delivery has waited; 0 when none does.",
    "dead_letters": "Deliveries given up.",
    "open_incidents": "Cases that could not go on.",
    "scheduler_heartbeat_age_seconds": (
        "Seconds since a scheduler last ticked; -1 when none ever did."
    ),
}


class Metrics:
    """The counters of one application; a registry of its own, so that tests may make several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Both sets are small: our own routes, and one label for all unknown methods.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "hangji_requests",
            "Answered requests.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "hangji_request_seconds",
            "Time to answer.",
            ("method", "route"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self.steps = Counter(
            "hangji_steps", "Cases moved by a person.", ("action",), registry=self.registry
        )
        self.open_tasks = Gauge(
            "hangji_open_tasks", "Tasks that wait.", ("role", "level"), registry=self.registry
        )
        self.gauges = {
            name: Gauge(f"hangji_{name}", about, registry=self.registry)
            for name, about in _GAUGES.items()
        }

    def show(self, figures: Figures) -> None:
        """Set the gauges to the current figures of the database."""
        self.open_tasks.clear()
        for (role, level), count in figures.open_tasks.items():
            self.open_tasks.labels(role, level).set(count)
        shown = {
            "overdue_tasks": figures.overdue_tasks,
            "oldest_due_timer_seconds": figures.oldest_due_timer,
            "outbox_pending": figures.outbox_pending,
            "outbox_oldest_seconds": figures.outbox_oldest,
            "dead_letters": figures.dead_letters,
            "open_incidents": figures.open_incidents,
            "scheduler_heartbeat_age_seconds": figures.heartbeat_age,
        }
        for name, value in shown.items():
            self.gauges[name].set(value)

    def count(self, response: Response) -> Response:
        """Count one answered request."""
        asked = present_request()
        route = asked.url_rule.rule if asked.url_rule else "none"
        seconds = time.perf_counter() - asked.began
        method = asked.method if asked.method in _METHODS else "other"
        counted, timed = self._of(method, route, response.status_code)
        counted.inc()
        timed.observe(seconds)
        if _is_step(asked, response):
            self.steps.labels(str(asked.endpoint)).inc()
        return response

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        known = self._known.get((method, route, status))
        if known is None:
            known = (
                self.requests.labels(method, route, str(status)),
                self.seconds.labels(method, route),
            )
            self._known[(method, route, status)] = known
        return known


def _is_step(asked: Asked, response: Response) -> bool:
    return (
        asked.method == "POST"
        and asked.blueprint in _STEPS
        and response.status_code < 300  # noqa: PLR2004 - any success
        and not (asked.is_replayed or asked.is_dry)
    )


def page(composition: Composition, figures: Figures) -> Response:
    """Return the metrics in the Prometheus format.

    Raises:
        NotSignedIn: a token is set for this page and the caller has another; without one only
            this machine may read it.
    """
    token = composition.settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    is_from_here = request.remote_addr in _THIS_MACHINE and not is_forwarded(request.environ)
    if token is None and not is_from_here:
        message = "Sign in first."
        raise NotSignedIn(message)
    if token is not None and not hmac.compare_digest(
        token.encode(), given.encode("utf-8", "replace")
    ):
        message = "Sign in first."
        raise NotSignedIn(message)
    metrics: Metrics = current_app.extensions["hangji.metrics"]
    metrics.show(figures)
    return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> Metrics:
    """Count the requests of this application."""
    metrics = Metrics()
    app.extensions["hangji.metrics"] = metrics
    app.after_request(metrics.count)
    return metrics
