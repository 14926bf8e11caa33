"""The form a process begins with, for officers and the public alike."""

from typing import Any

from engine.reads.reading import Reading

__all__ = ["read_start_form"]


def read_start_form(reading: Reading, process: str) -> dict[str, Any]:
    """The form of the start event of the version new cases take now."""
    return reading.runner.start_form(reading.session, process).document()
