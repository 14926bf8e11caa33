"""What whoever reported adds to an open case, as it is sent."""

import marshmallow as ma

from api.http.shapes.fields import Written

MOST_PHOTOS = 9


class Addition(ma.Schema):
    """Words, and photos uploaded before."""

    added = ma.fields.String(required=True, validate=Written(1, 2000))
    photos = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 64)),
        load_default=(),
        validate=ma.validate.Length(max=MOST_PHOTOS),
        metadata={"description": "Ids of uploads of the same person"},
    )
