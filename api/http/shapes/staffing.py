"""The shapes of holdings and claims, shared by the resources of staffing."""

import marshmallow as ma

from api.http.shapes.fields import Moment


class HoldingShown(ma.Schema):
    """A post in somebody's hands; `until` is when it no longer is."""

    id = ma.fields.Integer()
    post = ma.fields.String(attribute="post_id")
    title = ma.fields.String()
    role = ma.fields.String()
    place = ma.fields.String()
    officer = ma.fields.Integer(attribute="officer_id")
    name = ma.fields.String()
    kind = ma.fields.String(metadata={"example": "main"})
    since = Moment()
    until = Moment(allow_none=True)
    document = ma.fields.String(allow_none=True)
    ended_reason = ma.fields.String(allow_none=True)
    stands_in_for = ma.fields.Integer(allow_none=True)


class ClaimShown(ma.Schema):
    """An open task somebody had taken."""

    task = ma.fields.String(attribute="key")
    case = ma.fields.String(attribute="case_number")
    title = ma.fields.String()
    label = ma.fields.String()
