"""Photos of cases for who is signed in; the API decides which ones."""

from typing import Any

from flask import Response

from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.site import site


@site.get("/photos/<photo>")
@sessions.signed_in
def photo(photo: str) -> Any:
    """One photo, to be shown in a page."""
    answer = sessions.client().get(f"/attachments/{photo}")
    if answer.is_problem:
        return problem_page(answer)
    response = Response(answer.response.get_data(), mimetype=answer.response.mimetype)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
