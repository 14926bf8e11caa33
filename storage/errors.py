"""The errors every room may raise; what HTTP makes of them is in `api/http/errors.py` alone.

HangjiError
  NotFound        nothing under this key, or not visible to you
  Conflict        changed meanwhile, number taken, or key used with another body
  Stale           the version you named is not the current one
  Refused         the rules say no: reason and clause
  NotAllowed      your posts and rights do not include this
  NotYourTask     visible to you, but somebody else holds it
  NotSignedIn     no valid sign-in
  TaskClosed      completed, cancelled, or its deadline took it away
  FormInvalid     pointer and message of every wrong field
  UploadRefused   too large, or not what we accept
  Overloaded      try again later
  DeliveryFailed  an outside system did not take it; retried, then an incident

The engine adds DiagramError, EditError, ScenarioError, BindingError, ExpressionError, DecisionError
and, for a published diagram that cannot go on, DrawnFault under the same root.
"""

from typing import Self


class HangjiError(Exception):
    """Anything hangji refuses or cannot do; `message` includes what to do next."""

    code: str = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        clause: str | None = None,
        **attributes: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            # One class, several stable words: Refused(code="top_of_chain").
            self.code = code
        self.clause = clause
        self.attributes = attributes


class NotFound(HangjiError):
    """Nothing under this key, or not visible to you."""

    code = "not_found"


class Conflict(HangjiError):
    """Changed meanwhile (who, when), number taken, or key used with another body."""

    code = "conflict"


class Stale(HangjiError):
    """The version the caller named is not the current one."""

    code = "stale"


class Refused(HangjiError):
    """The rules say no: reason and clause."""

    code = "refused"


class NotAllowed(HangjiError):
    """The caller's posts and rights do not include this."""

    code = "not_allowed"


class NotYourTask(HangjiError):
    """Visible to the caller, but somebody else holds it."""

    code = "not_your_task"


class NotSignedIn(HangjiError):
    """No valid sign-in."""

    code = "not_signed_in"


class TaskClosed(HangjiError):
    """Completed, cancelled, or its deadline took it away."""

    code = "task_closed"


class FieldMessage(str):
    """Chinese text that carries its English."""

    __slots__ = ("en",)

    def __new__(cls, zh: str, en: str) -> Self:
        """Keep both sentences."""
        message = super().__new__(cls, zh)
        message.en = en
        return message

    en: str

    def format(self, *_args: object, **_kwargs: object) -> "FieldMessage":
        """Stay as it is; marshmallow formats every message it was given."""
        return self


class FormInvalid(HangjiError):
    """A form did not pass its schema; `errors` holds (JSON pointer, message) pairs."""

    code = "form_invalid"

    def __init__(
        self,
        message: str,
        *,
        errors: list[tuple[str, str]] | None = None,
        code: str | None = None,
        clause: str | None = None,
        **attributes: object,
    ) -> None:
        super().__init__(message, code=code, clause=clause, **attributes)
        self.errors = errors or []

    @classmethod
    def at(
        cls,
        field: str,
        message: str,
        *,
        code: str | None = None,
        clause: str | None = None,
        **attributes: object,
    ) -> Self:
        """One field is wrong, and the message about it is the whole answer."""
        errors = [(f"/{field}", message)]
        return cls(message, errors=errors, code=code, clause=clause, **attributes)


class UploadRefused(HangjiError):
    """Too large (code `upload_too_large`), or not what we accept (`upload_type_refused`)."""

    code = "upload_refused"


class Overloaded(HangjiError):
    """Too much at once; `retry_after` in the attributes, seconds."""

    code = "overloaded"


class DeliveryFailed(HangjiError):
    """An outside system did not take a message; retried, then an incident."""

    code = "delivery_failed"
