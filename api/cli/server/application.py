"""The process that serves requests; `hangji serve` starts the configured number."""

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

_COLLECTED_AFTER = 10_000  # new objects; a request makes a few thousand and leaves no cycles
_LOOK_SECONDS = 1.0


def application(*, threads: int, has_scheduler: bool, is_pinned: bool = False) -> Door:
    """Create the application inside the serving process; connections do not survive a fork."""
    prepare()
    settings = from_environment()
    if is_pinned:
        processors.bind(settings.var_folder)
    composition = compose(settings)
    _end_with(os.getppid())
    if has_scheduler:
        scheduler_of(composition, HEARTBEAT).start()
    # `api` and `web` do not import each other; this command connects them.
    pages = import_module("web").add_pages
    app = create_app(composition, pages=[pages])
    # Objects made so far live until the end; scanning them repeatedly would slow every request.
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
    """End this process when its parent is gone, for whatever reason.

    A killed parent would otherwise leave a worker that keeps the port.
    """

    def watch() -> None:
        never = threading.Event()
        while not never.wait(_LOOK_SECONDS):
            if os.getppid() != parent:
                os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
