"""URL converters for task ids, case numbers and codes; they bound values before any query."""

from datetime import date
from typing import Any, Final

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from api.http.shapes.fields import YEARS

TASK_KEY: Final = r"[0-9]{1,15}-[0-9]{1,15}"


class TaskKeyConverter(BaseConverter):
    """The public id of a task."""

    regex = TASK_KEY


class NumberConverter(BaseConverter):
    """The public number of a case."""

    regex = r"[0-9]{5,24}"


class CodeConverter(BaseConverter):
    """An area, matter or process code, a digest, an attachment id."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


class PostConverter(BaseConverter):
    """The id of a post: its role and its place."""

    regex = r"[a-z_]{1,40}:[A-Za-z0-9_.-]{1,64}"


class VersionConverter(BaseConverter):
    """The number of a version."""

    regex = r"[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)


class DayConverter(BaseConverter):
    """A day of the calendar."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        try:
            day = date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error
        if day.year not in YEARS:
            raise ValidationError
        return day


class RowConverter(BaseConverter):
    """The numbered key of a row."""

    regex = r"[0-9]{1,15}"

    def to_python(self, value: str) -> int:
        return int(value)


_CONVERTERS: dict[str, type[BaseConverter]] = {
    "task": TaskKeyConverter,
    "number": NumberConverter,
    "code": CodeConverter,
    "day": DayConverter,
    "post": PostConverter,
    "row": RowConverter,
    "version": VersionConverter,
}


def use(app: Flask) -> None:
    """Register the converters with the application."""
    app.url_map.converters.update(_CONVERTERS)


def describe(described: Any) -> None:
    """Describe the patterns of the converters in the OpenAPI document."""
    for converter in (TaskKeyConverter, NumberConverter, CodeConverter, PostConverter):
        described.register_converter(converter, _pattern)
    described.register_converter(DayConverter, lambda _: {"type": "string", "format": "date"})
    for numbered in (RowConverter, VersionConverter):
        described.register_converter(numbered, lambda _: {"type": "integer", "minimum": 0})


def _pattern(converter: BaseConverter) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{converter.regex}$"}
