"""The handbook: one page for each kind of post, in the words pages have."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, abort, render_template

import web
from web.frame import sessions
from web.frame.site import site

HELP = Path(web.__file__).parent / "help"
NOT_FOUND = 404
_A_DAY = 24 * 3600


@cache
def pages() -> dict[str, dict[str, Any]]:
    """The pages by name, in the order the contents list them."""
    document = json.loads((HELP / "handbook.json").read_text(encoding="utf-8"))
    return {page["id"]: page for page in document["pages"]}


@site.get("/help")
@sessions.kept_offline
@sessions.signed_in
def handbook() -> str:
    """The contents, the pages of the reader's own posts first."""
    actor = sessions.actor()
    roles = frozenset() if actor is None else actor.roles
    listed = list(pages().values())
    own = [page for page in listed if not roles.isdisjoint(page["roles"])]
    others = [page for page in listed if page not in own]
    return render_template("help/contents.html", own=own, others=others)


@site.get("/help/<page>")
@sessions.kept_offline
@sessions.signed_in
def handbook_page(page: str) -> str:
    """One page of it."""
    if page not in pages():
        abort(NOT_FOUND)
    return render_template("help/page.html", page=pages()[page])


@site.get("/help/pictures/<name>.webp")
@sessions.signed_in
def handbook_picture(name: str) -> Response:
    """One picture of it."""
    if name not in {page["picture"] for page in pages().values()}:
        abort(NOT_FOUND)
    picture = Response((HELP / f"{name}.webp").read_bytes(), mimetype="image/webp")
    picture.cache_control.max_age = _A_DAY
    return picture
