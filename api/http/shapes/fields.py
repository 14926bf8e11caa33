"""Marshmallow fields of our own: moments in the time of the city, area codes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import marshmallow as ma

from api.http.language import pick
from storage.errors import NotFound
from storage.moments import CHINA, in_china
from storage.places.areas import significant_code
from storage.texts import shows_nothing

YEARS: Final = range(1900, 9000)
"""Within these a moment can be moved to any zone, and a day has one before and after it."""


class Moment(ma.fields.AwareDateTime):
    """A moment with its offset; written in the time of the city."""

    def __init__(self, **more: Any) -> None:
        super().__init__(format="iso", default_timezone=CHINA, **more)

    def _serialize(self, value: Any, *_: Any, **_more: Any) -> str | None:
        return in_the_city(value)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        **more: Any,
    ) -> datetime:
        try:
            moment = super()._deserialize(value, attr, data, **more)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type="datetime") from None
        if moment.year not in YEARS:
            raise self.make_error("invalid", input=value, obj_type="datetime")
        return moment.astimezone(UTC)


class Day(ma.fields.Date):
    """A day of the calendar."""

    def _deserialize(self, value: Any, *args: Any, **more: Any) -> date:
        day = super()._deserialize(value, *args, **more)
        if day.year not in YEARS:
            raise self.make_error("invalid", input=value, obj_type="date")
        return day


def in_the_city(at: datetime | None) -> str | None:
    """Write a moment as `Moment` does."""
    return None if at is None else in_china(at).isoformat()


class Written(ma.validate.Length):
    """Between `min` and `max` characters; a text that shows nothing has none."""

    def __call__(self, value: Any) -> Any:
        """Judge the text as a reader sees it."""
        super().__call__("" if shows_nothing(value) else value)
        return value


class AreaCode(ma.fields.String):
    """An area code in either form, given on as its significant digits."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        **more: Any,
    ) -> str:
        text = super()._deserialize(value, attr, data, **more)
        try:
            return significant_code(str(text))
        except NotFound as error:
            raise ma.ValidationError(error.message) from None


class Spoken(ma.fields.String):
    """A sentence in the caller's language, of a pair in Chinese and English."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(pick(value), attr, obj, **kwargs)
