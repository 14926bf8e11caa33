"""The trace a log line belongs to: 32 hexadecimal digits, as in `traceparent` of W3C.

A request has one, and a look of the scheduler with all it hands out; whoever logs names none.
"""

import os
import re
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from structlog.contextvars import bind_contextvars, get_contextvars

__all__ = ["current", "parent_of", "read", "start", "traced"]

_NAME: Final = "trace_id"
_PARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", re.ASCII)

Given = ParamSpec("Given")
Made = TypeVar("Made")


def start(trace_id: str | None = None) -> str:
    """Start a trace in this thread, or go on with one; return it."""
    chosen = trace_id or os.urandom(16).hex()
    bind_contextvars(**{_NAME: chosen})
    return chosen


def current() -> str:
    """Return the trace of this thread; there is always one."""
    found = get_contextvars().get(_NAME)
    return str(found) if found else start()


def read(parent: str | None) -> str | None:
    """Return the trace a `traceparent` names; None when it names none."""
    found = _PARENT.fullmatch(parent or "")
    return None if found is None or found[1] == "0" * 32 else found[1]


def parent_of(trace_id: str) -> str:
    """Write a `traceparent` for what is done on behalf of a trace."""
    return f"00-{trace_id}-{os.urandom(8).hex()}-01"


def traced(job: Callable[Given, Made]) -> Callable[Given, Made]:
    """Give each run of a job a trace of its own."""

    @wraps(job)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        start()
        return job(*args, **kwargs)

    return run
