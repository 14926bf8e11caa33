"""The process that answers requests; `hangji serve` starts as many as it is told to."""

import gc
import os
import threading
from importlib import import_module

from api.app import create_app
from api.cli.background import scheduler_of
from api.cli.commands import prepare
from api.cli.server import processors
from api.composition import compose
from api.http.receiving import Door, Patience
from api.settings import from_environment
from engine.background.scheduler import HEARTBEAT

_COLLECTED_AFTER = 10_000  # new objects; a request makes a few thousand and leaves no rings
_LOOK_SECONDS = 1.0


def application(*, threads: int, has_scheduler: bool, is_pinned: bool = False) -> Door:
    """Make the application inside the process that serves; connections do not survive a fork."""
    prepare()
    settings = from_environment()
    if is_pinned:
        processors.bind(settings.var_folder)
    composition = compose(settings)
    _end_with(os.getppid())
    if has_scheduler:
        scheduler_of(composition, HEARTBEAT).start()
    # The rooms api and web do not know each other; the command that serves is where they meet.
    pages = import_module("web").add_pages
    app = create_app(composition, pages=[pages])
    # What stands now stands until the end; looking through it again and again costs each request.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER)
    patience = Patience(
        silence_seconds=settings.body_silence_seconds,
        grace_seconds=settings.body_grace_seconds,
        bytes_per_second=settings.body_bytes_per_second,
    )
    return Door(app, limit_of=app.limit_of, threads=threads, patience=patience)


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone, however it went.

    A killed parent would otherwise leave a worker that keeps the port.
    """

    def watch() -> None:
        never = threading.Event()
        while not never.wait(_LOOK_SECONDS):
            if os.getppid() != parent:
                os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
