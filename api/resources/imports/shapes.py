"""How an import and its rows look to a caller."""

import marshmallow as ma

from api.http.shapes.fields import Moment


class HeadShown(ma.Schema):
    """One column of the file."""

    name = ma.fields.String()
    column = ma.fields.String(allow_none=True, metadata={"description": "null: not read"})
    sample = ma.fields.String()


class ImportShown(ma.Schema):
    """One import: a file, its mapping, and how far it came."""

    id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"example": "businesses"})
    file_name = ma.fields.String()
    source = ma.fields.String(allow_none=True, metadata={"example": "licence"})
    is_full = ma.fields.Boolean(
        metadata={"description": "A list of businesses that names all of its source"}
    )
    sha256 = ma.fields.String()
    state = ma.fields.String(
        metadata={"description": "draft, checked, applying, applied, undoing or undone"}
    )
    mapping = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    heads = ma.fields.List(ma.fields.Nested(HeadShown))
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    problems = ma.fields.List(
        ma.fields.String(), metadata={"description": "Why the file cannot be read at all"}
    )
    warnings = ma.fields.List(ma.fields.String())
    operation_id = ma.fields.Integer(allow_none=True)
    created_at = Moment()
    checked_at = Moment(allow_none=True)
    applied_at = Moment(allow_none=True)
    undone_at = Moment(allow_none=True)


class ImportPage(ma.Schema):
    """Imports, newest first."""

    items = ma.fields.List(ma.fields.Nested(ImportShown))
    next = ma.fields.String(allow_none=True)


class RowShown(ma.Schema):
    """One row of a file and what came of it."""

    number = ma.fields.Integer(metadata={"description": "As the spreadsheet counts"})
    outcome = ma.fields.String(metadata={"example": "added"})
    subject = ma.fields.String(allow_none=True)
    value = ma.fields.Raw()
    before = ma.fields.Raw(allow_none=True)
    after = ma.fields.Raw(allow_none=True)
    message = ma.fields.String(allow_none=True)
    warning = ma.fields.String(allow_none=True)
    undone = ma.fields.String(allow_none=True, metadata={"description": "undone or kept"})


class RowPage(ma.Schema):
    """Rows in the order of writing."""

    items = ma.fields.List(ma.fields.Nested(RowShown))
    next = ma.fields.String(allow_none=True)
