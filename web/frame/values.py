"""Values of a filled form as people read them: labels for answers, names for codes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from storage.city.rules import installed
from storage.inspections.checklists import find_line
from web.frame.language import listed, moment, pick, t
from web.frame.naming import Names
from web.frame.words import word

_ANSWERS = (
    ("no", "不符合", "Not in order"),
    ("na", "不适用", "Does not apply"),
    ("yes", "符合", "In order"),
)

Field = Mapping[str, Any]

_POST = re.compile(r"[a-z_]+:[0-9A-Z][0-9A-Z-]*")
"""A post by its id, which a diagram may keep in a field of text."""


def filled(
    document: Mapping[str, Any], values: Mapping[str, Any], names: Names
) -> list[tuple[str, str]]:
    """Label and value of every field that was filled in, in the order of the form."""
    rows = []
    for field in document["fields"]:
        value = values.get(field["name"])
        if field["type"] == "photos" or value in (None, "", []):
            continue
        rows.append((pick(field["label"]), shown(field, value, names)))
    return rows


def photos_in(document: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Ids of the photos of a filled form."""
    kinds = [field["name"] for field in document["fields"] if field["type"] == "photos"]
    return [photo for name in kinds for photo in values.get(name) or []]


def shown(field: Field, value: Any, names: Names) -> str:
    """One value in words."""
    if field["type"] == "checklist" and isinstance(value, list):
        return _answered(value)
    if isinstance(value, list):
        return listed(shown(field, item, names) for item in value)
    if isinstance(value, bool):
        return t("是", "Yes") if value else t("否", "No")
    if isinstance(value, dict):
        # In words, so that nobody has to know which number comes first.
        lat, lon = value.get("lat"), value.get("lon")
        return t(f"北纬 {lat}，东经 {lon}", f"{lat} north, {lon} east")
    options = {option["value"]: pick(option["label"]) for option in field.get("options", [])}
    return options.get(value) or _named(field["type"], str(value), names)


def _named(kind: str, value: str, names: Names) -> str:
    if kind == "text" and _POST.fullmatch(value):
        return names.post(value)
    known: dict[str, Callable[[str], str]] = {
        "area": names.area,
        "matter": names.matter,
        "posts": names.who,
        "business": names.business,
        "datetime": moment,
        "text": str,
        "longtext": str,
    }
    return known.get(kind, word)(value)


def _answered(entries: list[Any]) -> str:
    """The lines of a checklist by their answers, those not in order first.

    A line without an answer was ticked as not in order, which is how it was asked once.
    """
    lines: dict[str, list[str]] = {"no": [], "na": [], "yes": []}
    for entry in map(str, entries):
        item, _, answer = entry.rpartition(":")
        lines[answer if item and answer in lines else "no"].append(item or entry)
    said = (
        t(f"{zh}：", f"{en}: ") + listed(map(_line_of_checklist, lines[answer]))
        for answer, zh, en in _ANSWERS
        if lines[answer]
    )
    return t("；", "; ").join(said)


def _line_of_checklist(item: str) -> str:
    line = find_line(installed().checklists, item)
    return item if line is None else t(line.name_zh, line.name_en)
