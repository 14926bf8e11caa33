"""A form that leaves nothing to choose: its one answer is its button."""

from collections.abc import Mapping
from typing import Any

from web.frame.language import pick


def without_what_cannot_be_asked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the fields that only answers need that nobody can give here."""
    offered = {
        field["name"]: {option["value"] for option in field["options"]}
        for field in document["fields"]
        if field.get("options")
    }
    fields = [field for field in document["fields"] if _can_be_asked(field, offered)]
    return {**document, "fields": fields}


def _can_be_asked(field: Mapping[str, Any], offered: Mapping[str, set[str]]) -> bool:
    needed: Mapping[str, list[Any]] = field.get("required_when") or {}
    return all(
        name not in offered or bool(offered[name] & set(map(str, values)))
        for name, values in needed.items()
    )


def sole_answer(document: Mapping[str, Any]) -> str:
    """What the form's one answer is called; empty where something is to be filled in."""
    fields = document["fields"]
    if len(fields) != 1:
        return ""
    options = fields[0].get("options") or []
    return pick(options[0]["label"]) if fields[0].get("required") and len(options) == 1 else ""
