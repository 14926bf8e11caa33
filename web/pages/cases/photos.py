"""Photos of cases for who is signed in; the API decides which ones."""

from typing import Any

from flask import Response, abort

from web.frame import sessions
from web.frame.answers import page_of_problem, problem_page
from web.frame.site import site
from web.frame.writing import ask


@site.get("/photos/<photo>")
@sessions.signed_in
def photo(photo: str) -> Any:
    """One photo, to be shown in a page."""
    return _shown(photo, "full")


@site.get("/photos/<photo>/small")
@sessions.signed_in
def small_photo(photo: str) -> Any:
    """A small copy of a photo, for a list; the photo itself until there is one."""
    return _shown(photo, "small")


def _shown(photo: str, size: str) -> Any:
    answer = ask("attachments.download", {"attachment_id": photo}, {"size": size})
    if answer.is_problem:
        return problem_page(answer)
    response = answer.data
    # Shown in the page, not saved; an officer who moves on must not find it in the cache for long.
    response.headers.pop("Content-Disposition", None)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def photo_of(photo: str) -> bytes:
    """Read a photo to print it; its page of refusal where the reader may not."""
    answer = ask("attachments.download", {"attachment_id": photo}, {})
    if answer.is_problem:
        abort(page_of_problem(answer.data))
    response: Response = answer.data
    response.direct_passthrough = False
    return response.get_data()
