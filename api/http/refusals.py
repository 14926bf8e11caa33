"""Which statuses a route may refuse with, derived from what it declares; for the description.

Beyond them stand those of the server itself, before a route is known: 408, 414, 431.
"""

from http import HTTPStatus
from typing import Final

from api.http.auth import Needs

REFUSALS: Final = "x-refusals"
"""Under this name an operation carries its statuses until the description is written."""

_BUSY: Final = HTTPStatus.SERVICE_UNAVAILABLE


def refusals(
    needs: Needs, method: str, rule: str, *, takes_body: bool, takes_file: bool, has_query: bool
) -> list[int]:
    """List the statuses of a route's refusals, in order."""
    found = {_BUSY, HTTPStatus.UNAUTHORIZED}
    if needs.signed_in:
        found.add(HTTPStatus.FORBIDDEN)
    else:
        # Whoever is not known is counted by address.
        found.add(HTTPStatus.TOO_MANY_REQUESTS)
    if "<" in rule:
        found |= {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
    if has_query:
        found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    if method != "GET":
        found |= _of_a_write(takes_body=takes_body, takes_file=takes_file)
    return sorted(found)


def _of_a_write(*, takes_body: bool, takes_file: bool) -> set[HTTPStatus]:
    found = {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
    if takes_body or takes_file:
        found.add(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if takes_file:
        found.add(HTTPStatus.TOO_MANY_REQUESTS)
    return found
