"""Lines of the city's checklists, as inspections and self-inspections are asked by them."""

import marshmallow as ma


class LineShown(ma.Schema):
    """One thing to look at."""

    item = ma.fields.String(metadata={"example": "raw_and_cooked"})
    name_zh = ma.fields.String()
    name_en = ma.fields.String()
    clause = ma.fields.String()
    severity = ma.fields.String(metadata={"example": "key"})
    wants_photo = ma.fields.Boolean(
        metadata={
            "description": "Answered with no, it needs a photo, or a remark why there is none"
        }
    )
