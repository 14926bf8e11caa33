"""From form documents to what a template draws, and from a posted page back to JSON values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from web.client import Answer, Client
from web.language import pick
from web.words import word

PLACE_AXES = ("lat", "lon", "crs")


@dataclass(slots=True)
class Sheet:
    """A form on its way through a page: document, values, and what was wrong with them.

    `errors` are messages by field name, "" for the form as a whole; `key` names this submission,
    so that pressing the button twice files once.
    """

    document: Mapping[str, Any]
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The fields in order."""
        fields: list[dict[str, Any]] = self.document["fields"]
        return fields

    def wrong(self, problem: Answer) -> None:
        """Take over what the API refused, field by field."""
        data = problem.data or {}
        self.errors[""] = str(data.get("detail") or data.get("title") or "")
        for one in data.get("errors") or []:
            parts = str(one["pointer"]).strip("/").split("/")
            name = next((part for part in parts if part not in {"form", ""}), "")
            self.errors[name] = pick(one["message"])


def posted(document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the posted page by field, typed as the form says; blanks are left out."""
    values: dict[str, Any] = {}
    for one in document["fields"]:
        value = _posted_value(one)
        if value not in (None, "", []):
            values[one["name"]] = value
    return values


def _posted_value(one: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    name, kind = one["name"], one["type"]
    if kind in {"choices", "photos", "posts"}:
        return [text for text in request.form.getlist(name) if text]
    if kind == "location":
        return _location(name)
    # An area is chosen step by step: the last step that says something is the place.
    texts = [text.strip() for text in request.form.getlist(name) if text.strip()]
    return _typed(kind, texts[-1]) if texts else None


def _typed(kind: str, text: str) -> Any:  # noqa: ANN401 - any JSON value
    if kind == "boolean":
        return text == "true"
    if kind in {"integer", "number", "business"}:
        return _number(text, whole=kind != "number")
    if kind == "datetime" and len(text) == len("2026-01-01T00:00"):
        return f"{text}:00+08:00"
    return text


def _number(text: str, *, whole: bool) -> int | float | str:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text  # refused further down, with the field named


def _location(name: str) -> dict[str, Any] | None:
    lat, lon = (request.form.get(f"{name}.{axis}") or "" for axis in ("lat", "lon"))
    if not lat and not lon:
        return None
    crs = request.form.get(f"{name}.crs") or "wgs84"
    return {"lat": _number(lat, whole=False), "lon": _number(lon, whole=False), "crs": crs}


def upload_photos(client: Client, sheet: Sheet) -> None:
    """Send the pictures of the page to the API; their ids join those sent before."""
    for one in sheet.fields:
        if one["type"] != "photos":
            continue
        for file in request.files.getlist(f"{one['name']}.files"):
            if file.filename:
                _upload(client, sheet, one["name"], file)


def _upload(client: Client, sheet: Sheet, name: str, file: FileStorage) -> None:
    answer = client.upload("/attachments", file)
    if answer.is_problem:
        sheet.errors[name] = str((answer.data or {}).get("detail") or "")
        return
    sheet.values[name] = [*sheet.values.get(name, []), answer.data["id"]]


def shown_value(one: Mapping[str, Any], value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value of a filled form as people read it."""
    labels = {option["value"]: pick(option["label"]) for option in one.get("options", [])}
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list):
        return "、".join(labels.get(item, str(item)) for item in value)
    return labels.get(value) or word(value)
