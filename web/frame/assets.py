"""Browser code and styles: built by Vite under hashed names, served from here with long life."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, send_from_directory
from markupsafe import Markup

DIST = Path(__file__).parents[1] / "dist"
_LIFE_SECONDS = 365 * 24 * 3600
_WORKER = "maplibre-gl-worker-"

_ICON = Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>')

files = Blueprint("assets", __name__)


def register(app: Flask) -> None:
    """Serve the built files."""
    app.register_blueprint(files)


@files.get("/assets/<path:name>")
def serve(name: str) -> Response:
    """One built file; its name changes with its content."""
    response = send_from_directory(DIST / "assets", name, max_age=_LIFE_SECONDS)
    response.headers["Cache-Control"] = f"public, max-age={_LIFE_SECONDS}, immutable"
    if name.startswith(_WORKER):
        # A worker keeps to the policy of its own file: tiles of this server, nothing else.
        response.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response


def address(entry: str) -> str:
    """Address of a built entry such as `src/case.js`; styles come as `src/site.css`."""
    return f"/{_manifest()[entry]['file']}"


@lru_cache(maxsize=256)
def icon(name: str) -> Markup:
    """One drawn icon; a word stands beside it or names the button it is in."""
    return _ICON.format(address("src/icons.svg"), name)


@lru_cache(maxsize=1)
def _manifest() -> dict[str, dict[str, Any]]:
    path = DIST / ".vite" / "manifest.json"
    if not path.exists():
        message = "The pages are not built: run `make web` (or `npm run build` in web/)."
        raise RuntimeError(message)
    manifest: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return manifest


def text(entry: str) -> str:
    """The content of a built script that is served under a name of its own."""
    path: Path = DIST / _manifest()[entry]["file"]
    return path.read_text("utf-8")


def styles(entry: str) -> list[str]:
    """Addresses of the style sheets a built script brings along."""
    return [f"/{name}" for name in _manifest()[entry].get("css", [])]
