"""Applications and parsed definitions that tests use in turn.

Making them costs more than most tests do. An application reaches its composition through
`app.extensions`, so the next test is given the same one around a composition of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask

from api import for_pages
from api.app import Pages, create_app
from api.composition import Composition
from api.http.wsgi import Application
from engine.definitions import DefinitionCache

PARSED: Final = DefinitionCache()
"""What was published before in this process, by digest."""

_SERVED: Final = "tests.served"


@dataclass(frozen=True, slots=True)
class _Kept:
    """An application as it was made, to take back what a test changed in it."""

    app: Application
    views: dict[str, Any]
    extensions: dict[str, Any]

    def around(self, composition: Composition) -> Application:
        """The application as it was made, around another composition."""
        self.app.view_functions = dict(self.views)
        self.app.extensions = dict(self.extensions)
        self.app.extensions["hangji"] = composition
        for_pages.use(self.app, composition)
        return self.app


_IDLE: Final[dict[tuple[Pages, ...], list[_Kept]]] = {}


@contextmanager
def application(composition: Composition, pages: Sequence[Pages] = ()) -> Iterator[Application]:
    """An application around a composition, used by nobody else until the end."""
    idle = _IDLE.setdefault(tuple(pages), [])
    kept = idle.pop() if idle else _made(composition, pages)
    app = kept.around(composition)
    yield app
    if _SERVED not in app.extensions:
        idle.append(kept)


def serve_once(app: Flask) -> None:
    """Keep the application from other tests: threads that serve it may outlive this one."""
    app.extensions[_SERVED] = True


def _made(composition: Composition, pages: Sequence[Pages]) -> _Kept:
    app = create_app(composition, pages)
    return _Kept(app, dict(app.view_functions), dict(app.extensions))
