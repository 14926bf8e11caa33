"""What libraries and jobs of the scheduler say: lines of our log, each told once, no content."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    JobExecutionEvent,
    JobSubmissionEvent,
)

from api.http import logs
from engine.background.scheduler import JobLines
from storage.moments import NEVER


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes during a test."""
    written = io.StringIO()
    logs.configure(written)
    yield written
    logs.configure()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_a_library_is_quoted_without_what_it_was_given(stream: io.StringIO) -> None:
    library = logging.getLogger("celery.worker.consumer")
    library.warning("consumer: Cannot connect to %s: %s.\n%s", "林协管", OSError("林协管"), "once")
    try:
        raise ValueError("林协管")  # noqa: TRY301 - as a library does
    except ValueError:
        library.exception("Job %s failed", "林协管")

    assert "林协管" not in stream.getvalue().encode().decode("unicode-escape")
    told, failed = lines(stream)
    assert (told["event"], told["level"], told["logger"]) == (
        "library",
        "warning",
        "celery.worker.consumer",
    )
    assert told["told"] == "consumer: Cannot connect to %s: %s. %s"
    assert told["place"].startswith("OSError")
    assert failed["place"].startswith("ValueError test_library_lines.py:")


def test_a_process_that_is_set_up_twice_writes_each_line_once(stream: io.StringIO) -> None:
    logs.configure(stream)
    logging.getLogger("kombu").warning("broken")

    assert [line["told"] for line in lines(stream)] == ["broken"]


def test_a_job_that_takes_long_is_said_once_until_it_is_over(stream: io.StringIO) -> None:
    jobs = JobLines()
    late = JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, "tick", "default", [NEVER])
    over = JobExecutionEvent(EVENT_JOB_EXECUTED, "tick", "default", NEVER)
    failed = JobExecutionEvent(
        EVENT_JOB_ERROR, "derive", "default", NEVER, exception=ValueError("林协管")
    )

    for event in (late, late, failed, late, over, late, late):
        jobs.hear(event)

    assert [(line["event"], line["kind"]) for line in lines(stream)] == [
        ("job_still_running", "tick"),
        ("job_failed", "derive"),
        ("job_still_running", "tick"),
    ]
    assert lines(stream)[1]["place"] == "ValueError"
