"""Numbers for operations: what this application answered, and the page that shows it all."""

import time
from typing import Final

from flask import Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram

from api.composition import Composition
from api.http.logs import is_forwarded
from api.http.request import Asked, present_request
from api.telemetry.exposition import page
from api.telemetry.meters import BUCKETS
from api.telemetry.ports import is_admitted
from storage.errors import NotSignedIn

_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1"})
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_STEPS: Final = frozenset({"reports", "public_reports", "tasks", "cases"})


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
            buckets=BUCKETS,
        )
        self.steps = Counter(
            "hangji_steps", "Cases moved by a person.", ("action",), registry=self.registry
        )

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


def answer(composition: Composition) -> Response:
    """Return the metrics in the Prometheus format.

    Raises:
        NotSignedIn: a token is set for this page and the caller has another; without one only
            this machine may read it.
    """
    token = composition.settings.metrics_token
    is_from_here = request.remote_addr in _THIS_MACHINE and not is_forwarded(request.environ)
    sent = request.headers.get("Authorization", "")
    is_let_in = is_from_here if token is None else is_admitted(sent, token)
    if not is_let_in:
        message = "Sign in first."
        raise NotSignedIn(message)
    metrics: Metrics = current_app.extensions["hangji.metrics"]
    whole = page(
        (metrics.registry, composition.meters.registry),
        database=composition.database,
        clock=composition.clock,
    )
    return Response(whole, content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> Metrics:
    """Count the requests of this application."""
    metrics = Metrics()
    app.extensions["hangji.metrics"] = metrics
    app.after_request(metrics.count)
    return metrics
