"""Maps every error to a status and a problem document (RFC 9457).

The exceptions carry their messages; `api.http.language` has the translations.
"""

import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import structlog
from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from api.http import language as wording
from api.http.request import present_request
from api.settings import SettingsError
from engine.errors import (
    BindingError,
    DecisionError,
    DiagramError,
    DrawnFault,
    EditError,
    EngineFault,
    ExpressionError,
    ScenarioError,
)
from storage.database.session import is_taken_back
from storage.errors import (
    Conflict,
    DeliveryFailed,
    FormInvalid,
    HangjiError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    NotYourTask,
    Overloaded,
    Refused,
    Stale,
    TaskClosed,
    UploadRefused,
)

Result = TypeVar("Result")


class StepFailed(HangjiError):
    """An internal error stopped a person's step; it is listed for the supervisor."""

    code = "step_failed"


STATUS: Final[Mapping[type[HangjiError], int]] = {
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    Refused: 409,
    NotAllowed: 403,
    NotYourTask: 403,
    NotSignedIn: 401,
    TaskClosed: 409,
    FormInvalid: 422,
    UploadRefused: 415,
    Overloaded: 503,
    DiagramError: 422,
    DrawnFault: 409,
    # Internal errors from here on: a faulty published definition or a misconfigured machine.
    DeliveryFailed: 500,
    BindingError: 500,
    ExpressionError: 500,
    DecisionError: 500,
    EditError: 422,
    ScenarioError: 422,
    EngineFault: 500,
    SettingsError: 500,
    StepFailed: 500,
}
"""Status of every leaf class of the error tree; a test checks that none is missing."""

STATUS_OF_CODE: Final[Mapping[str, int]] = {
    "upload_too_large": 413,
    "too_many_requests": 429,
    "bad_json": 400,
    "touched_by_both": 409,
}
"""Status by error code, for classes with several statuses."""

_HTTP_CODES: Final[Mapping[int, str]] = {
    400: "bad_request",
    404: "no_such_address",
    405: "method_not_allowed",
    408: "request_too_slow",
    411: "length_required",
    413: "upload_too_large",
    414: "address_too_long",
    415: "unsupported_media_type",
    431: "headers_too_long",
}

PAGE: Final = "hangji.error_page"
"""Key in `app.extensions` of the pages' function: problem document -> page or None."""

_TOLD: Final = (
    "allowed_actions",
    "closed_by",
    "closed_at",
    "due_at",
    "element",
    "holder",
    "post",
    "version",
)
"""Attributes of an error that a caller may see: who was faster, when, the current version."""

_SECONDS_AFTER_LOSS: Final = 2
_OURS: Final = ("/api/", "/health/", "/metrics")
PROBLEM_TYPE: Final = "application/problem+json"
_log = structlog.get_logger("hangji.api.errors")


def register(app: Flask) -> None:
    """Answer every error of this application with a problem document."""
    app.register_error_handler(HangjiError, _hangji_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: HangjiError) -> int:
    """Return the status of an error: by its code, else by its nearest class in the table."""
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def is_lost(error: Exception) -> bool:
    """Whether the connection to the database broke during the request."""
    return bool(getattr(error, "connection_invalidated", False))


def look_again(look: Callable[[], Result]) -> Result:
    """Read, and retry once on a lost connection or a transaction the database rolled back.

    A pooled connection the server has closed is noticed only at the first statement.
    """
    try:
        return look()
    except Exception as error:
        if not (is_lost(error) or is_taken_back(error)):
            raise
        return look()


def is_fault(error: Exception) -> bool:
    """Whether an error is internal or of a diagram, and not caused by the request."""
    if isinstance(error, DrawnFault):
        return True
    if isinstance(error, HangjiError):
        return status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR
    return not isinstance(error, HTTPException) and not is_lost(error)


def problem_of(error: HangjiError) -> dict[str, Any]:
    """Write an error as a problem document; parts it does not have are left out."""
    status = status_of(error)
    shown = (
        error if status < HTTPStatus.INTERNAL_SERVER_ERROR or error.code == "overloaded" else None
    )
    document = _problem(status, error.code, _sentence(shown) if shown else None)
    if error.clause:
        document["clause"] = error.clause
    document |= {name: error.attributes[name] for name in _TOLD if name in error.attributes}
    if isinstance(error, FormInvalid):
        document["errors"] = [
            {"pointer": pointer, "message": _of_a_field(error, message)}
            for pointer, message in error.errors
        ]
    if isinstance(error, DiagramError):
        document["findings"] = [str(finding) for finding in error.findings]
    return document


def _sentence(error: HangjiError) -> str:
    """Return the message of an error; some carry their English text."""
    english = error.attributes.get("english")
    return str(english) if english and wording.language() == "en" else error.message


def _of_a_field(error: FormInvalid, message: str) -> str:
    """What is said about a field; where that is the whole error, its own English text is used."""
    is_whole = message == error.message and "english" in error.attributes
    return _sentence(error) if is_whole else wording.sentence(message)


def problem_response(document: Mapping[str, Any], *, retry_after: Any = None) -> Response:
    """Return a problem document as a response; outside the API pages may render it as HTML."""
    page = current_app.extensions.get(PAGE)
    if page is not None and not request.path.startswith(_OURS):
        shown: Response | None = page(document)
        if shown is not None:
            return shown
    response = Response(wording.dumps(document), status=document["status"])
    response.content_type = PROBLEM_TYPE
    response.headers["Content-Language"] = wording.language()
    if document["status"] == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hangji"'
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _hangji_error(error: HangjiError) -> Response:
    return problem_response(document_of(error), retry_after=error.attributes.get("retry_after"))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    code = _HTTP_CODES.get(error.code, "http_error")
    response = problem_response(_problem(error.code, code, None))
    allow = getattr(error, "valid_methods", None)
    if allow:
        response.headers["Allow"] = ", ".join(sorted(allow))
    return response


def _unexpected(error: Exception) -> Response:
    document = document_of(error)
    return problem_response(document, retry_after=_SECONDS_AFTER_LOSS if is_lost(error) else None)


def document_of(error: Exception) -> dict[str, Any]:
    """Write any error as a problem document; log an internal error."""
    if isinstance(error, HangjiError):
        if status_of(error) == HTTPStatus.INTERNAL_SERVER_ERROR:
            tell_the_log(error)
        return problem_of(error)
    tell_the_log(error)
    if is_lost(error):
        return _problem(503, "overloaded", None)
    return _problem(500, "internal", None)


def _problem(status: int, code: str, detail: str | None) -> dict[str, Any]:
    return {
        "type": f"urn:hangji:problem:{code}",
        "title": wording.title(status),
        "status": status,
        "detail": wording.detail(code, detail),
        "instance": request.path,
        "code": code,
        "request_id": present_request().request_id,
        "trace_id": present_request().trace_id,
    }


def tell_the_log(error: Exception) -> None:
    """Log an internal error."""
    # Kind and place only: a message may quote what a reporter wrote.
    frames = traceback.extract_tb(error.__traceback__)
    place = [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}:{frame.name}" for frame in frames]
    _log.error("failed", error=type(error).__name__, place=place[-12:])
