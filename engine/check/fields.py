"""Fields of forms: what a name stands for is the same kind of value in every form."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.bundle import Bundle
from engine.findings import Finding, Text
from engine.forms.forms import Form

_BY_ENDING: Final[Mapping[str, str]] = {"_on": "date", "_at": "datetime", "photos": "photos"}
"""How a name ends that says its type."""
_KEPT_APART: Final = frozenset(
    {"photos", "area", "business", "matter", "location", "posts", "document"}
)
"""Types whose values the engine files elsewhere: pictures, places, businesses, posts."""


def check_fields(bundle: Bundle) -> Iterator[Finding]:
    """A date, a moment or pictures by its name; and by what other forms hold under it."""
    kinds = {
        field.name: field.type
        for form in bundle.forms.values()
        for field in form.fields
        if field.type in _KEPT_APART
    }
    for form in bundle.forms.values():
        yield from _check_form(form, kinds)


def _check_form(form: Form, kinds: Mapping[str, str]) -> Iterator[Finding]:
    for field in form.fields:
        said = (kind for ending, kind in _BY_ENDING.items() if field.name.endswith(ending))
        wanted = next(said, kinds.get(field.name))
        if wanted is not None and wanted != field.type:
            message = Text(
                f"字段 {field.name} 是 {field.type}，按名称和别的表单应当是 {wanted}。",
                f"The field {field.name} is {field.type}; by name and other forms it is {wanted}.",
            )
            way_out = Text("请改类型，或换一个名称。", "Change the type, or choose another name.")
            trace = (form.id, field.name)
            file = f"forms/{form.id}.json"
            yield Finding("error", "field_type", file, field.name, message, way_out, trace)
