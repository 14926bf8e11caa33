"""Work over a broker, RabbitMQ or Redis: the only module that uses Celery.

Messages hold the name of a queue and keys of rows, never data. Celery stores no results
and no due times: the rows are authoritative, so a lost, repeated or late message does no harm.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from celery import Celery, Task
from celery.signals import setup_logging
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError

from api.composition import compose
from api.operating import kinds, ways
from api.settings import Settings, from_environment
from engine.background.hands import Hands
from engine.background.work import DELIVERIES, QUEUES, BrokerGone, Key
from engine.time.clock import Clock
from engine.tracing import current, parent_of, read, start
from storage.moments import from_text, to_text

__all__ = ["OverBroker", "app_of", "run_worker"]

_TASK: Final = "hangji.work"
_TRACE: Final = "traceparent"
_SECONDS_TO_CONNECT: Final = 2
_SECONDS_TO_ANSWER: Final = 10
_SEEN_AGAIN_AFTER: Final = 600
"""Redis gives a message again that nobody acknowledged: later than any lease ends."""
_LOOK_AGAIN: Final = timedelta(seconds=1)
_BEATS: Final = 10


def app_of(url: str) -> Celery:
    """Create a Celery application for a broker, with the settings that prevent lost work."""
    is_redis = url.startswith(("redis", "unix"))
    arguments = {} if is_redis else {"x-queue-type": "quorum"}
    app = Celery("hangji", broker=url, set_as_current=False)
    app.conf.update(
        task_queues=[
            Queue(name, Exchange(name, type="direct"), routing_key=name, queue_arguments=arguments)
            for name in QUEUES
        ],
        task_default_queue=QUEUES[0],
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        task_publish_retry=False,
        broker_connection_timeout=_SECONDS_TO_CONNECT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=0 if is_redis else _BEATS,
        broker_transport_options=_redis_options() if is_redis else _rabbit_options(),
        worker_send_task_events=True,
        worker_hijack_root_logger=False,
        # Our lines are JSON; redirected, each would begin with a time and a level of Celery's.
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        timezone="UTC",
    )
    return app


def _redis_options() -> dict[str, Any]:
    return {
        "visibility_timeout": _SEEN_AGAIN_AFTER,
        "socket_connect_timeout": _SECONDS_TO_CONNECT,
        "socket_timeout": _SECONDS_TO_ANSWER,
    }


def _rabbit_options() -> dict[str, Any]:
    return {
        # Without it a message to a failing broker would count as sent.
        "confirm_publish": True,
        "connect_timeout": _SECONDS_TO_CONNECT,
        "read_timeout": _SECONDS_TO_ANSWER,
        "write_timeout": _SECONDS_TO_ANSWER,
    }


@dataclass(slots=True)
class OverBroker:
    """Work handed to the workers of a broker."""

    app: Celery
    clock: Clock
    _looked_at: datetime | None = field(init=False, default=None)
    _was_up: bool = field(init=False, default=False)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    @property
    def is_inline(self) -> bool:
        """Return False: the workers do it, in other processes."""
        return False

    def is_up(self) -> bool:
        """Whether the broker is reachable; checked at most once a second."""
        with self._lock:
            now = self.clock.now()
            if self._looked_at is None or not timedelta(0) <= now - self._looked_at < _LOOK_AGAIN:
                self._was_up, self._looked_at = self._answers(), now
            return self._was_up

    def hand_out(self, queue: str, keys: Sequence[Key], *, until: datetime) -> None:
        """Send one message.

        Raises:
            BrokerGone: the broker did not confirm the message.
        """
        message = [queue, list(keys), to_text(until)]
        try:
            headers = {_TRACE: parent_of(current())}
            self.app.send_task(_TASK, args=message, queue=queue, headers=headers, retry=False)
        except (OperationalError, OSError) as error:
            with self._lock:
                self._was_up, self._looked_at = False, self.clock.now()
            raise BrokerGone from error

    def _answers(self) -> bool:
        try:
            with self.app.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=_SECONDS_TO_CONNECT)
        except (OperationalError, OSError):
            return False
        return True


def run_worker(settings: Settings, queue: str, *, processes: int, name: str) -> int:
    """Process one queue until a stop signal; return the exit status.

    Deliveries wait for others, so they are done in threads; everything else in processes.
    """
    app = app_of(settings.broker_url or "")
    app.task(name=_TASK, bind=True)(_work)
    pool = "threads" if queue == DELIVERIES else "prefork"
    # Connected, it keeps Celery from writing lines of its own shape.
    setup_logging.connect(_leave_logging, weak=False)
    words = ["-Q", queue, "-P", pool, "-c", str(processes), "-n", f"{queue}-{name}"]
    app.worker_main(["--quiet", "worker", *words, "-E", "-l", "WARNING"])
    return 0


def _leave_logging(**_: Any) -> None:
    """Leave logging as the command has set it up: what Celery warns of comes as our lines."""


def _work(task: Task, queue: str, keys: list[Key], until: str) -> None:
    start(read((task.request.headers or {}).get(_TRACE)))
    _hands(os.getpid()).do(queue, keys, until=from_text(until))


_making = threading.Lock()


def _hands(process: int) -> Hands:
    """Build the composition once per process: connections do not survive a fork."""
    with _making:
        return _made(process)


@lru_cache(maxsize=1)
def _made(process: int) -> Hands:
    del process
    composition = compose(from_environment())
    return Hands(
        composition.database,
        composition.runner,
        ways(composition),
        kinds(composition),
    )
