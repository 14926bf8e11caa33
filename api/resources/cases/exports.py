"""One case, one file: what leaves the system so that anybody can verify it offline."""

import io
import tempfile
from functools import partial
from typing import Any, BinaryIO, Final, cast

import marshmallow as ma
from flask import Response
from werkzeug.wsgi import FileWrapper

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.uploads import blobs
from engine.casefile import export as casefile
from engine.casefile.export import CaseFile
from storage.cases import cases

routes = Resource("case_exports", "The case file as one file.")

_TYPES: Final = {"json": "application/json", "zip": "application/zip"}
_IN_MEMORY: Final = 8 << 20
_CHUNK: Final = 1 << 16


class ExportFormat(ma.Schema):
    """In which form."""

    format = ma.fields.String(load_default="zip", validate=ma.validate.OneOf(sorted(_TYPES)))


@routes.get(
    "/cases/<number:number>/file",
    needs=SIGNED_IN,
    gives=Gives(content_type="application/zip"),
    query=ExportFormat,
    audits="case_exported",
)
def export(ask: Ask, number: str) -> Response:
    """Export the case file; `hangji verify` checks it without this server."""
    kind = ask.query["format"]
    case = cases.get_visible_case(ask.session, number, actor=ask.actor)
    file = casefile.gather(ask.session, case, now=ask.now, exported_by=ask.actor.reference)
    response = Response(_content(ask, file, kind))
    response.content_type = _TYPES[kind]
    response.headers["Content-Disposition"] = f"attachment; filename={number}.{kind}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _content(ask: Ask, found: CaseFile, kind: str) -> Any:
    key = ask.composition.signing_key()
    if kind == "json":
        return casefile.to_json(found, key=key)
    out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by Response
    blob = partial(blobs.path_of, ask.composition.blobs)
    casefile.write_zip(found, cast("BinaryIO", out), blob=blob, key=key)
    out.seek(io.SEEK_SET)
    return FileWrapper(out, _CHUNK)
