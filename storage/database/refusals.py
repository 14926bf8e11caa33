"""Errors of the database as hangji's own errors."""

from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.errors import Conflict, FormInvalid, HangjiError, Overloaded, Refused
from storage.tables import OWNER_NOT_BELOW_COLLECTOR

_RETRY_AFTER_SECONDS: Final = 2


def refusal_of(error: BaseException | None) -> HangjiError | None:
    """Return hangji's error for a refusal by a constraint or trigger of ours; else None."""
    if isinstance(error, IntegrityError):
        return _translated(error)
    if isinstance(error, DataError):
        # Bad input that slipped past every form is still bad input (api.md: never 5xx).
        message = "输入中有数据库无法保存的字符或数值。"
        return FormInvalid(message, errors=[("", message)], code="bad_value")
    if isinstance(error, PoolTimeout):
        return _overloaded()
    if isinstance(error, OperationalError):
        return _overloaded() if _is_full_or_locked(error) or _is_away(error) else None
    if isinstance(error, StatementError):
        # A step that lost its race may say so when the next statement pushes it out.
        return error.orig if isinstance(error.orig, HangjiError) else None
    return None


def _translated(error: IntegrityError) -> HangjiError | None:
    text = str(error.orig)
    if OWNER_NOT_BELOW_COLLECTOR in text:
        return Refused(
            "上级采集的事件不得流转到下级办理；请转给同级或上级。",
            code="owner_below_collector",
            clause="R26",
        )
    if "idempotency" in text:
        return Conflict(
            "同一请求正在处理，请稍后重试。",
            code="key_in_use",
        )
    return None


def _is_full_or_locked(error: OperationalError) -> bool:
    text = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    return state == "53100" or any(
        sign in text for sign in ("database is locked", "disk is full", "too many clients")
    )


def _is_away(error: OperationalError) -> bool:
    """Whether no connection was made: no statement was sent, so nothing can have changed."""
    is_unasked = error.statement is None and not error.connection_invalidated
    text = str(error.orig)
    return is_unasked and ("connection failed" in text or "connection is bad" in text)


def _overloaded() -> Overloaded:
    return Overloaded(
        "系统繁忙，请稍后再试。",
        retry_after=_RETRY_AFTER_SECONDS,
    )
