"""Input of a form that could not be accepted: kept for its author only.

Past the end of a sign-in it travels sealed through the sign-in page, in the browser it came from,
and is opened for the same officer alone. It is neither stored here nor part of an address.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from web.frame.contract import hangji

LIFE = timedelta(days=3)
"""Shorter than the API remembers keys, so that sending an entry late does nothing twice."""
MOST_BYTES = 128 << 10
"""More than every field of the longest form filled to the brim; it has to fit into a form again."""
OUT_OF_DATE = 403
UNSURE = frozenset({429, *range(500, 600)})
"""Answers after which the same thing may be sent again: it did not go through, or nobody knows."""
_OWN = frozenset({"csrf", "key", "base"})
_CODE = re.compile(r"[\x21-\x7e]*")
_MARK = "hangji.unsent"


@dataclass(frozen=True, slots=True)
class Unsent:
    """The fields of a page as they were sent; of photos only how many had been chosen."""

    officer_id: int
    path: str
    fields: list[tuple[str, str]]
    photos: int


@dataclass(frozen=True, slots=True)
class KeptForm:
    """It on a sign-in page; `sealed` is "" when it was too long to be carried."""

    sealed: str
    photos: int
    is_foreign: bool
    """Whether somebody else is signed in right now."""


# -- who a page was drawn for ---------------------------------------------------------------------


def page_token(officer_id: int, csrf: str) -> str:
    """The token in the forms of a page: good for one sign-in, and naming its officer ever after."""
    return str(_signer().dumps([officer_id, csrf]))


def author() -> int | None:
    """The officer the page of this post was drawn for; None when we did not draw it."""
    shown = request.environ.get(_MARK)
    if isinstance(shown, Unsent):
        return shown.officer_id
    drawn = drawn_for()
    return None if drawn is None else drawn[0]


def drawn_for() -> tuple[int, str] | None:
    """The officer and the sign-in in the token of this post; None when we did not sign it."""
    try:
        officer_id, csrf = _signer().loads(request.form.get("csrf", ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return int(officer_id), str(csrf)


# -- through the sign-in --------------------------------------------------------------------------


def kept(officer_id: int, *, is_foreign: bool) -> KeptForm:
    """Seal what was just posted by the page of an officer."""
    fields = [(name, text) for name, text in _fields() if name != "csrf"]
    photos = len(_files())
    plain = json.dumps([officer_id, request.path, fields, photos], ensure_ascii=False).encode()
    fits = len(plain) <= MOST_BYTES
    sealed = _box().encrypt_at_time(plain, _seconds()).decode() if fits else ""
    return KeptForm(sealed, photos, is_foreign)


def opened(sealed: str) -> Unsent | None:
    """Open what a sign-in page brought back; None when it is too old or not ours."""
    try:
        ttl = int(LIFE.total_seconds())
        plain = _box().decrypt_at_time(sealed.encode(), ttl=ttl, current_time=_seconds())
    except (InvalidToken, ValueError):
        return None
    officer_id, path, fields, photos = json.loads(plain)
    return Unsent(officer_id, path, [(name, text) for name, text in fields], photos)


def shown_again(typed: Unsent, cookies: dict[str, str]) -> Response:
    """Ask the page it was typed into to show it, in the name of who has just signed in.

    The page sees a post that is out of date, shows it filled in and does nothing: see `signed_in`.

    In this process, because a redirect carries no body, and one that repeats the post would send
    the password on to the page. It is a request of its own to the same application, with the same
    guards and a line in the log, begun when the transaction of the sign-in has ended. It cannot
    act: it brings no token, so every page takes it for one of an earlier sign-in.
    """
    builder = EnvironBuilder(
        path=quote(typed.path, safe="/"),
        base_url=request.host_url,
        method="POST",
        data=MultiDict(typed.fields),
        headers=[("Cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()))],
        environ_overrides={"REMOTE_ADDR": request.remote_addr or "?", _MARK: typed},
    )
    environ = builder.get_environ()
    try:
        return Response.from_app(current_app.wsgi_app, environ, buffered=True)
    finally:
        builder.close()


def review() -> None:
    """From here on this request only shows what it brought: its page is of an earlier sign-in."""
    g.is_for_review = True


def is_for_review() -> bool:
    """Whether what this request brought is to be shown, not acted on."""
    return bool(g.get("is_for_review"))


def photos_left_behind() -> int:
    """How many photos have to be chosen again, for they cannot pass through a sign-in."""
    shown = request.environ.get(_MARK)
    return shown.photos if isinstance(shown, Unsent) else 0


# -- on a page that could not take it -------------------------------------------------------------


def texts() -> list[str]:
    """The free texts of this post, for copying; codes, numbers and ids are none."""
    typed = [text.strip() for name, text in _posted_here() if name not in _OWN]
    return [text for text in typed if not _CODE.fullmatch(text)]


def offered(status: int) -> dict[str, Any]:
    """What a page without the form offers: texts to copy, and all of it to send once more."""
    fields = _posted_here()
    may_repeat = bool(fields) and (status in UNSURE or is_for_review())
    has_photos = may_repeat and bool(_files())
    repeat = [(name, text) for name, text in fields if name != "csrf"] if may_repeat else []
    return {"texts": texts(), "repeat": repeat, "photos": has_photos}


def keep_nothing() -> None:
    """From here on this request offers nothing: no page of ours has sent it."""
    g.keeps_nothing = True


def _posted_here() -> list[tuple[str, str]]:
    if g.get("keeps_nothing"):
        return []
    view = current_app.view_functions.get(request.endpoint or "")
    is_kept = request.method == "POST" and getattr(view, "keeps_typed", False)
    return _fields() if is_kept else []


def _fields() -> list[tuple[str, str]]:
    try:
        return list(request.form.items(multi=True))
    except (ClientDisconnected, RequestEntityTooLarge):
        return []  # broken off, or too large to be read


def _files() -> list[str]:
    return [file.filename for _, file in request.files.items(multi=True) if file.filename]


def _signer() -> URLSafeSerializer:
    # The library signs with the last key and accepts signatures of all of them.
    return URLSafeSerializer(list(reversed(hangji().settings.secret_keys)), salt="hangji.page")


def _box() -> MultiFernet:
    return MultiFernet([_lock(secret) for secret in hangji().settings.secret_keys])


def _lock(secret: str) -> Fernet:
    key = hashlib.sha256(b"hangji unsent:" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _seconds() -> int:
    return int(hangji().clock.now().timestamp())
