"""The form a process begins with, for whoever files: officers and the public alike."""

from typing import Any

import marshmallow as ma

from api.http.auth import ANYONE
from api.http.routes import Ask, Gives, Resource
from engine.reads.forms import read_start_form

routes = Resource("start_forms", "What a report asks for.")


class StartForm(ma.Schema):
    """A form document: title and fields, labels in both languages."""

    id = ma.fields.String(metadata={"example": "report_received"})
    title = ma.fields.Dict()
    fields_ = ma.fields.List(ma.fields.Dict(), data_key="fields", attribute="fields")
    may_start = ma.fields.Boolean(
        metadata={"description": "Whether the caller may by `POST /processes/{id}/cases`"}
    )


@routes.get("/processes/<code:process>/form", needs=ANYONE, gives=Gives(StartForm))
def read(ask: Ask, process: str) -> dict[str, Any]:
    """Show the form of the start event of the version new cases take now."""
    return read_start_form(ask.reading, process)
