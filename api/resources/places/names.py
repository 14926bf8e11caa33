"""Names for codes, many at once, so that a list of tasks needs one request instead of fifty."""

from typing import Final

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from engine.reads import reading as reads
from storage.people.acquaintance import list_known

routes = Resource("names", "What codes are called.")

_AT_MOST: Final = ma.validate.Length(0, 20_000)
_DIGITS: Final = 15
_OFFICERS: Final = 500
"""At most so many are looked up; a list shows fewer."""


class Codes(ma.Schema):
    """Which codes, with commas between."""

    posts = ma.fields.String(load_default="", validate=_AT_MOST)
    areas = ma.fields.String(load_default="", validate=_AT_MOST)
    officers = ma.fields.String(load_default="", validate=_AT_MOST)


class Names(ma.Schema):
    """Names by code; an unknown code is left out."""

    posts = ma.fields.Dict(
        ma.fields.String(),
        ma.fields.String(),
        metadata={"example": {"grid_leader:350322100001001": "网格长"}},
    )
    areas = ma.fields.Dict(
        ma.fields.String(), ma.fields.String(), metadata={"example": {"350322100": "枫亭镇"}}
    )
    officers = ma.fields.Dict(
        ma.fields.String(),
        ma.fields.String(),
        metadata={"description": "Only those the caller works with or meets on a case"},
    )


@routes.get("/names", needs=SIGNED_IN, gives=Gives(Names), query=Codes)
def search(ask: Ask) -> reads.CaseNames:
    """Return titles of posts, names of areas and of colleagues by their codes.

    Colleagues are who works in the caller's areas or above them, or is on a case the caller sees.
    """
    asked = _numbers(ask.query["officers"])
    return ask.reading.learn(
        posts=_split(ask.query["posts"]),
        areas=_split(ask.query["areas"]),
        officers=list_known(ask.session, asked, actor=ask.actor, at=ask.now),
    )


def _split(text: str) -> list[str]:
    return [code for code in text.split(",") if code]


def _numbers(text: str) -> list[int]:
    codes = _split(text)[:_OFFICERS]
    return [int(code) for code in codes if code.isdecimal() and len(code) <= _DIGITS]
