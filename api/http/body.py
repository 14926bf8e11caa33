"""Reading a request and writing an answer: JSON, hostile text, pointers, and the fields we add.

The schemas of a resource are beside its routes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn, cast

import marshmallow as ma
import orjson
from flask import Flask, Request
from flask.json.provider import JSONProvider
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from api.http import language as wording
from api.http.request import FORM, Asked, present_request
from storage.errors import FormInvalid

# C0 and C1 controls except tab and line ends, bidirectional controls, byte order marks.
_HOSTILE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe]"
)
_ESCAPED_CONTROL: Final = re.compile(r"\\[ubf]")
_DEEPEST: Final = 64


class Json(JSONProvider):
    """Flask's JSON through orjson."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        del kwargs
        return wording.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        del kwargs
        return orjson.loads(s)


class Parser(FlaskParser):
    """Arguments of a view, refused in hangji's own errors."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 - as webargs declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": None,
        # A misspelled filter must not return everything.
        "query": ma.RAISE,
        "querystring": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Read the body; an empty one is an empty object.

        A schema that `takes_files` reads uploads as well, and leaves what is in them to others.
        """
        takes_files = getattr(schema, "takes_files", False)
        if takes_files and req.mimetype == FORM:
            return {"files": {part.filename: part.read() for part in req.files.values()}}
        asked = cast("Asked", req)
        body = asked.whole_body()
        if not body:
            return missing
        if not req.is_json:
            raise UnsupportedMediaType
        try:
            document = asked.document()
        except orjson.JSONDecodeError:
            message = "The body is not valid JSON."
            raise FormInvalid(message, code="bad_json") from None
        if not takes_files and not _is_harmless(asked, body):
            refuse_hostile(document)
        return document

    def load_files(self, req: Request, schema: ma.Schema) -> Any:
        """Read uploads; nothing but a form carries them."""
        if req.mimetype != FORM:
            raise UnsupportedMediaType
        return super().load_files(req, schema)

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Read the query."""
        refuse_hostile(req.args.to_dict(flat=True))
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Refuse the body or query with the fields that are wrong."""
        del req, schema, error_status_code, error_headers
        raise form_invalid(error)


class Query:
    """The query of a route; its schema is made once and shared by all requests."""

    def __init__(self, schema: type[ma.Schema]) -> None:
        self._schema = schema()
        self._usual: dict[str, Any] = self._schema.load({})

    def read(self) -> dict[str, Any]:
        """Read the query of the current request."""
        asked = present_request()
        if not asked.query_string:
            return dict(self._usual)
        return dict(_PARSER.parse(self._schema, asked, location="query"))

    def typed(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Check the query of a page, as `read` does.

        Raises:
            FormInvalid: with the name of every wrong value.
        """
        refuse_hostile(dict(values))
        return _checked(self._schema, dict(values))


class Body:
    """The body of a route; its schema is made once and shared by all requests."""

    def __init__(self, schema: type[ma.Schema], location: str) -> None:
        self._schema = schema()
        self._location = location
        fields = self._schema.fields.items()
        self._objects = {name for name, field in fields if _is_any_object(field)}
        self._has_only_objects = len(self._objects) == len(fields)

    def _is_plain(self, document: Any) -> bool:
        """Whether a body is what its schema would make of it: each field an object of any kind."""
        return (
            self._has_only_objects
            and type(document) is dict
            and document.keys() == self._objects
            and all(type(value) is dict for value in document.values())
        )

    def read(self) -> dict[str, Any]:
        """Read the body of the current request."""
        asked = present_request()
        if self._location != "json":
            return dict(_PARSER.parse(self._schema, asked, location=self._location))
        document = _PARSER.load_json(asked, self._schema)
        return self.load({} if document is missing else document)

    def typed(self, document: Any) -> dict[str, Any]:
        """Check the body a page sends, as `read` does.

        Raises:
            FormInvalid: with the pointer of every wrong field.
        """
        refuse_hostile(document)
        return self.load(document)

    def load(self, document: Any) -> dict[str, Any]:
        """Check a parsed body against the schema.

        Raises:
            FormInvalid: with the pointer of every wrong field.
        """
        return dict(document) if self._is_plain(document) else _checked(self._schema, document)


_PARSER: Final = Parser()


def _checked(schema: ma.Schema, document: Any) -> dict[str, Any]:
    try:
        return dict(schema.load(document))
    except ma.ValidationError as error:
        raise form_invalid(error) from error


def _is_any_object(field: ma.fields.Field[Any]) -> bool:
    plain = type(field) is ma.fields.Dict and not (field.key_field or field.value_field)
    return plain and not field.validators


def form_invalid(error: ma.ValidationError) -> FormInvalid:
    """Turn marshmallow's nested messages into pointers."""
    messages: Any = error.messages
    if isinstance(messages, dict) and set(messages) <= {"json", "query", "form", "files"}:
        messages = next(iter(messages.values()), {})
    message = "Check the fields named below."
    return FormInvalid(message, errors=list(_pointed(messages, "")))


def _pointed(messages: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            below = pointer if key == "_schema" else f"{pointer}/{_escaped(key)}"
            yield from _pointed(inner, below)
    elif isinstance(messages, list):
        for inner in messages:
            yield from _pointed(inner, pointer)
    else:
        yield pointer, str(messages)


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _is_harmless(asked: Asked, body: bytes) -> bool:
    """Whether the text of a JSON body rules out every finding of `refuse_hostile`.

    In its canonical text characters stand as they are, but for controls, quotes and backslashes.
    """
    if body.count(b"{") + body.count(b"[") > _DEEPEST:
        return False
    text = asked.canonical().decode()
    return _HOSTILE.search(text) is None and _ESCAPED_CONTROL.search(text) is None


def refuse_hostile(document: Any) -> None:
    """Refuse control characters, text that changes direction, and nesting without end.

    Raises:
        FormInvalid: with the pointer of every such place.
    """
    errors = [
        (pointer, fault)
        for value, pointer, depth in _walk(document)
        if (fault := _fault_of(value, depth)) is not None
    ]
    if errors:
        message = "Check the fields named below."
        raise FormInvalid(message, errors=sorted(errors))


def _walk(document: Any) -> Iterator[tuple[Any, str, int]]:
    # A stack of our own: what is nested ten thousand deep must not end in a RecursionError.
    pending: list[tuple[Any, str, int]] = [(document, "", 0)]
    while pending:
        value, pointer, depth = pending.pop()
        yield value, pointer, depth
        if depth > _DEEPEST:
            continue
        if isinstance(value, dict):
            pending += [
                (one, f"{pointer}/{_escaped(key)}", depth + 1) for key, one in value.items()
            ]
        elif isinstance(value, list):
            pending += [(one, f"{pointer}/{at}", depth + 1) for at, one in enumerate(value)]


def _fault_of(value: Any, depth: int) -> str | None:
    if depth > _DEEPEST:
        return "嵌套太深。 Nested too deeply."
    texts = [value] if isinstance(value, str) else value if isinstance(value, dict) else ()
    if any(_HOSTILE.search(text) for text in texts):
        return "含有控制字符。 Contains control characters."
    return None


def use(app: Flask) -> None:
    """Read and write JSON through orjson in this application."""
    app.json = Json(app)
