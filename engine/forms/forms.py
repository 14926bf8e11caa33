"""Submitted data, checked against its form.

A refusal lists JSON pointer and message of every wrong field. A message is Chinese text that
carries its English in `.en`, so that an English response needs no second check.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from engine.findings import Text
from engine.forms.documents import LISTS, FormDocument, FormField, parse_document
from engine.forms.schemas import REQUIRED, escaped, read, values_offered
from engine.forms.values import answers, is_blank, is_bounded, typed
from storage.errors import FieldMessage, FormInvalid

Values = Mapping[str, object]
Missing = Iterable[tuple[str, FieldMessage]]

_OF_THE_ENGINE: Final = frozenset({"except_levels", "allowed_by"})
"""Keys of an option that select its receivers; not shown to people who fill in the form."""

_TOO_LARGE: Final = FieldMessage("填写的内容过多。", "This is too much.")


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form; `load` returns a value for every declared field."""

    id: str
    title: Text
    fields: tuple[FormField, ...]
    _raw: Mapping[str, object] = field(repr=False)

    def load(
        self,
        values: Values,
        *,
        level: str | None = None,
        allows: frozenset[str] | None = None,
    ) -> dict[str, Any]:
        """Check submitted data and return them as plain JSON, None for fields left out.

        `level` is the level of the owner and `allows` what the drawn task allows; answers
        that either excludes are refused.

        Raises:
            FormInvalid: pointer and message of every wrong field.
        """
        if type(values) is not dict or not is_bounded(values):
            raise _invalid([("", _TOO_LARGE)])
        names = {field.name for field in self.fields}
        given = {
            key: value for key, value in values.items() if key not in names or not is_blank(value)
        }
        loaded, errors = read(self, given, level=level, allows=allows)
        wrong = {_first_of(pointer) for pointer, _ in errors}
        missing = [
            field
            for field in self.fields
            if field.name not in loaded and field.name not in wrong and _is_needed(field, loaded)
        ]
        errors += [(f"/{escaped(name)}", said) for name, said in self._missing(missing, loaded)]
        if errors:
            places = {one.name: place for place, one in enumerate(self.fields)}
            errors.sort(key=lambda error: places.get(_first_of(error[0]), len(places)))
            raise _invalid(errors)
        return {
            field.name: loaded[field.name] if field.name in loaded else _empty(field)
            for field in self.fields
        }

    def _missing(self, missing: Sequence[FormField], loaded: Values) -> Missing:
        """What is said of fields left out; where one of two is enough, both say so."""
        labels = {one.name: one.label for one in self.fields}
        said: dict[str, FieldMessage] = {}
        for asked in missing:
            other = asked.or_else
            if other is None:
                said[asked.name] = REQUIRED
            elif other not in loaded:
                said[asked.name] = _one_of_both(labels[other])
                said[other] = _one_of_both(labels[asked.name])
        return said.items()

    def personal(self, values: Values) -> dict[str, object]:
        """The values of fields about the person who fills it in; case files keep them apart."""
        names = [one.name for one in self.fields if one.is_personal]
        return {name: values[name] for name in names if values.get(name)}

    def document(
        self, *, level: str | None = None, allows: frozenset[str] | None = None
    ) -> dict[str, Any]:
        """The document for a person of that level: options that level does not have are gone.

        So are options that the drawn task does not allow, and fields asked for those alone.
        """
        offered = {field.name: values_offered(field, level, allows) for field in self.fields}
        moot = {field.name for field in self.fields if _is_moot(field, self.fields, offered)}
        document = dict(self._raw)
        document["fields"] = [
            _without_refused(raw, offered[raw["name"]])
            for raw in cast("list[dict[str, Any]]", self._raw["fields"])
            if raw["name"] not in moot
        ]
        return document

    def from_page(self, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """Turn the fields of an HTML form into the JSON values `load` takes.

        Nothing is checked here: what cannot be turned stays text and is refused by `load`. A
        location comes as three fields, `name.lat`, `name.lon` and `name.crs`.
        """
        known = {field.name: field for field in self.fields}
        values: dict[str, Any] = {}
        for key, texts in posted.items():
            name, _, part = key.partition(".")
            kind = known[name].type if name in known else None
            if kind == "location" and part:
                values.setdefault(name, {})[part] = typed("number", texts)
            else:
                values[key] = typed(kind, texts)
        places = (name for name, one in known.items() if one.type == "location")
        for name in places:
            if not any((values.get(name) or {}).get(axis) for axis in ("lat", "lon")):
                values.pop(name, None)
        return values

    def answer_of(self, allowance: str, reason: str) -> dict[str, Any] | None:
        """The form filled in with the option an allowance stands for, and why.

        The reason goes into the field that the option makes necessary. None without such an option.
        """
        for field_ in self.fields:
            for option in field_.options:
                if option.allowed_by == allowance:
                    reasons = {
                        other.name: reason
                        for other in self.fields
                        if (field_.name, (option.value,)) in other.required_when
                    }
                    return {field_.name: option.value, **reasons}
        return None

    def photos(self, loaded: Values) -> list[str]:
        """The ids of every photo in a loaded form."""
        named = [loaded.get(field.name) for field in self.fields if field.type == "photos"]
        return [str(photo) for photos in named if isinstance(photos, list) for photo in photos]


def parse_form(text: str, *, name: str) -> Form:
    """Read one form document.

    Raises:
        DiagramError: with one finding for everything in the document that cannot be used.
    """
    document: FormDocument = parse_document(text, name=name)
    return Form(document.id, document.title, document.fields, document.raw)


def _invalid(errors: list[tuple[str, FieldMessage]]) -> FormInvalid:
    pairs = [(pointer, cast("str", message)) for pointer, message in errors]
    return FormInvalid("表单填写有误，请按提示修改。", errors=pairs)


def _is_needed(field: FormField, loaded: Values) -> bool:
    if field.required or not field.required_when:
        return field.required
    return all(answers(loaded.get(name), values) for name, values in field.required_when)


def _one_of_both(other: Text) -> FieldMessage:
    return FieldMessage(f"与“{other.zh}”二者填一。", f"Fill in this or “{other.en}”.")


def _empty(field: FormField) -> object:
    return [] if field.type in LISTS else None


def _is_moot(
    field: FormField, fields: Sequence[FormField], offered: Mapping[str, frozenset[str]]
) -> bool:
    """Whether a field is needed for answers only that nobody can give here."""
    choices = {other.name for other in fields if other.options}
    return any(
        name in choices and offered[name].isdisjoint(str(value) for value in values)
        for name, values in field.required_when
    )


def _without_refused(raw: dict[str, Any], offered: frozenset[str]) -> dict[str, Any]:
    if "options" not in raw:
        return raw
    kept = [option for option in raw["options"] if option["value"] in offered]
    shown = [{key: field[key] for key in field if key not in _OF_THE_ENGINE} for field in kept]
    return {**raw, "options": shown}


def _first_of(pointer: str) -> str:
    return pointer.removeprefix("/").partition("/")[0]
