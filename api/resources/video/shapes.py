"""What both resources show of a video patrol."""

import marshmallow as ma

from api.http.shapes.fields import Moment
from storage.video.rules import ANSWERS


class VideoPatrolShown(ma.Schema):
    """A kitchen that was watched; `case` is the number of what came of it."""

    id = ma.fields.Integer()
    business = ma.fields.Integer(attribute="business_id")
    business_name = ma.fields.String()
    area = ma.fields.String(attribute="area_code")
    unit = ma.fields.String()
    period = ma.fields.String(attribute="period_key")
    watched_at = Moment()
    recorded_at = Moment()
    late = ma.fields.Boolean(attribute="is_late")
    counts = ma.fields.Boolean()
    source = ma.fields.String(validate=ma.validate.OneOf(("native", "sync")))
    external_id = ma.fields.String(allow_none=True)
    items = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.String(validate=ma.validate.OneOf(ANSWERS))
    )
    item_snapshots = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    problem = ma.fields.String(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    case = ma.fields.String(attribute="case_number", allow_none=True)
