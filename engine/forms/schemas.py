"""The marshmallow schema of a form: what each field reads, and what it refuses.

The only engine module that imports marshmallow. A message is Chinese text that carries its English
in `.en`.
"""

import re
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, NoReturn, Protocol, TypeVar, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from engine.forms.documents import LINE_ANSWERS, FormField
from engine.forms.values import WHOLE
from storage.errors import FieldMessage
from storage.texts import has_forbidden

CRS: Final = frozenset({"wgs84", "cgcs2000", "gcj02", "bd09"})
YEARS: Final = range(1900, 2200)
REQUIRED: Final = FieldMessage("必填。", "This is required.")

_LEVELS_OF_LENGTH: Final = frozenset({4, 6, 9, 12, 15, 18})
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}", re.ASCII)
_WRONG: Final = FieldMessage("填写有误。", "This is not valid.")
_UNKNOWN: Final = FieldMessage("表单中没有这个字段。", "The form has no such field.")
_NOT_OFFERED: Final = FieldMessage("没有这个选项。", "There is no such option.")

_Kind = TypeVar("_Kind")


class Declared(Hashable, Protocol):
    """The input of a schema; equal forms have the same schema."""

    @property
    def id(self) -> str:
        """Name of the form."""
        ...

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Its fields, in order."""
        ...


def read(
    form: Declared,
    given: Mapping[str, object],
    *,
    level: str | None,
    allows: frozenset[str] | None,
) -> tuple[dict[str, Any], list[tuple[str, FieldMessage]]]:
    """Return the values of the fields, and pointer and message of every error.

    What is missing is not: whether a field must be there depends on what the others hold.

    The schema runs when a field refuses: it goes through all of them, by a chain of calls that
    costs more than reading.
    """
    schema = _schema(form, level, allows)
    known = cast("dict[str, _Value]", schema.load_fields)
    try:
        return {name: known[name].read(value) for name, value in given.items()}, []
    except (KeyError, ValidationError):
        pass
    try:
        return schema.load(given, partial=True), []
    except ValidationError as problem:
        loaded = cast("dict[str, Any]", problem.valid_data or {})
        return loaded, list(_pointed(problem.messages, ""))


def values_offered(
    field: FormField, level: str | None, allows: frozenset[str] | None
) -> frozenset[str]:
    """Return the options of a field that somebody at that level may choose.

    `allows` is what the drawn task allows; None leaves that out.
    """
    return frozenset(
        option.value
        for option in field.options
        if level not in option.except_levels
        and (allows is None or option.allowed_by is None or option.allowed_by in allows)
    )


def escaped(key: object) -> str:
    """Write a name as JSON pointers do."""
    return str(key)[:100].replace("~", "~0").replace("/", "~1")


def _pointed(messages: object, pointer: str) -> Iterator[tuple[str, FieldMessage]]:
    """Flatten marshmallow's nested messages into JSON pointers."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            whole = key == "_schema"
            yield from _pointed(inner, pointer if whole else f"{pointer}/{escaped(key)}")
    elif isinstance(messages, list):
        for inner in messages:
            yield from _pointed(inner, pointer)
    else:
        yield pointer, messages if isinstance(messages, FieldMessage) else _WRONG


class _FormSchema(Schema):
    class Meta:
        unknown = RAISE

    def __init__(self) -> None:
        super().__init__()
        self.error_messages = {**self.error_messages, "unknown": _UNKNOWN, "type": _WRONG}


class _Value(fields.Field[Any]):
    """A field of a form; subclasses narrow one value or refuse it."""

    def __init__(self, field: FormField, level: str | None, allows: frozenset[str] | None) -> None:
        texts = {"required": REQUIRED, "null": REQUIRED, "validator_failed": _WRONG}
        super().__init__(required=field.required, allow_none=False, error_messages={**texts})
        self.declared = field
        self.offered = values_offered(field, level, allows)

    def read(self, value: object) -> object:
        """Narrow a value to what the field holds; ValidationError with a Message refuses it."""
        return value

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> object:
        return self.read(value)


class _TextValue(_Value):
    def read(self, value: object) -> str:
        text = _need(value, str, FieldMessage("应为文字。", "This must be text.")).strip()
        limit, least = cast("int", self.declared.limit), self.declared.minimum or 0
        if len(text) > limit:
            _refuse(f"不得超过 {limit} 个字。", f"At most {limit} characters.")
        if len(text) < least:
            _refuse(f"至少 {least} 个字。", f"At least {least} characters.")
        if has_forbidden(text, many_lines=self.declared.type == "longtext"):
            _refuse("含有不可见的控制字符。", "It holds invisible control characters.")
        return text


class _ChoiceValue(_Value):
    def read(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.offered:
            raise ValidationError(_not_offered(self.declared, value))
        return value


class _BooleanValue(_Value):
    def read(self, value: object) -> bool:
        return _need(value, bool, FieldMessage("应为是或否。", "This must be true or false."))


class _NumberValue(_Value):
    def read(self, value: object) -> float:
        whole = self.declared.type == "integer"
        number = value if isinstance(value, int if whole else int | float) else None
        if number is None or type(number) is bool:
            _refuse("应为整数。" if whole else "应为数字。", "This must be a number.")
        top = cast("float", self.declared.limit)
        bottom = -top if self.declared.minimum is None else self.declared.minimum
        # Neither inf nor nan lies between two numbers.
        if not bottom <= number <= top:
            _refuse(f"应在 {bottom} 到 {top} 之间。", f"Between {bottom} and {top}.")
        return number


class _DateValue(_Value):
    def read(self, value: object) -> str:
        wrong = FieldMessage("应为日期，如 2026-11-23。", "A date such as 2026-11-23.")
        text = _need(value, str, wrong)
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValidationError(wrong) from None
        if len(text) != len("2026-11-23") or day.year not in YEARS:
            raise ValidationError(wrong)
        return day.isoformat()


class _MomentValue(_Value):
    def read(self, value: object) -> str:
        wrong = FieldMessage(
            "应为带时区的时间，如 2026-11-23T09:00:00+08:00。",
            "A time with offset such as 2026-11-23T09:00:00+08:00.",
        )
        try:
            moment = datetime.fromisoformat(_need(value, str, wrong)[:40])
        except ValueError:
            raise ValidationError(wrong) from None
        if moment.utcoffset() is None or moment.year not in YEARS:
            raise ValidationError(wrong)
        return moment.isoformat()


class _AreaValue(_Value):
    def read(self, value: object) -> str:
        wrong = FieldMessage("应为区划代码。", "This must be an area code.")
        code = _need(value, str, wrong)
        if not (code.isascii() and code.isdigit() and len(code) in _LEVELS_OF_LENGTH):
            raise ValidationError(wrong)
        # The official form is padded to 12 digits; ours ends with the last digit that counts.
        if len(code) == 12:  # noqa: PLR2004  # twelve digits: see above
            for digits, padding in ((9, "000"), (6, "000"), (4, "00")):
                code = code[:digits] if code[digits:] == padding else code
        return code


class _BusinessValue(_Value):
    def read(self, value: object) -> int:
        if type(value) is int and 0 < value < 10**15:
            return value
        if isinstance(value, str) and WHOLE.fullmatch(value) and int(value) > 0:
            return int(value)
        return _refuse("应为主体编号。", "This must be the id of a business.")


class _CodeValue(_Value):
    def read(self, value: object) -> str:
        return _code(value)


class _ListValue(_Value):
    """Several distinct codes: photos, posts, or the options chosen."""

    def read(self, value: object) -> list[str]:
        entries = _need(value, list, FieldMessage("应为列表。", "This must be a list."))
        limit, least = (
            cast("int", self.declared.limit),
            self.declared.minimum or int(self.declared.required),
        )
        if len(entries) > limit:
            _refuse(f"最多 {limit} 项。", f"At most {limit} entries.")
        if len(entries) < least:
            _refuse(f"至少 {least} 项。", f"At least {least} entries.")
        found: list[str] = []
        for position, entry in enumerate(entries):
            try:
                found.append(self._entry(entry))
            except ValidationError as problem:
                raise ValidationError({position: problem.messages}) from None
        if len(set(found)) != len(found):
            _refuse("有重复项。", "An entry is repeated.")
        return found

    def _entry(self, entry: object) -> str:
        if self.declared.type != "choices":
            return _code(entry)
        if not isinstance(entry, str) or entry not in self.offered:
            raise ValidationError(_not_offered(self.declared, entry))
        return entry


class _ChecklistValue(_ListValue):
    """Lines of a checklist, each with its one answer: `tableware:no`."""

    def read(self, value: object) -> list[str]:
        entries = super().read(value)
        lines = [entry.rpartition(":")[0] for entry in entries]
        if len(set(lines)) != len(lines):
            _refuse("有一项答了两次。", "A line is answered twice.")
        return entries

    def _entry(self, entry: object) -> str:
        line, _, answer = _code(entry).rpartition(":")
        if not line or answer not in LINE_ANSWERS:
            _refuse("每一项答符合、不符合或不适用。", "A line is answered by yes, no or na.")
        return f"{line}:{answer}"


class _LocationValue(_Value):
    def read(self, value: object) -> dict[str, Any]:
        place = _need(value, dict, FieldMessage("应为坐标。", "This must be a position."))
        problems: dict[str, list[FieldMessage]] = {}
        for axis, limit in (("lat", 90), ("lon", 180)):
            number = place.get(axis)
            if (
                not isinstance(number, int | float)
                or type(number) is bool
                or not -limit <= number <= limit
            ):
                problems[axis] = [FieldMessage("坐标有误。", "This is no coordinate.")]
        if place.get("crs", "wgs84") not in CRS:
            problems["crs"] = [FieldMessage("坐标系未知。", "Unknown reference system.")]
        problems |= {str(key): [_UNKNOWN] for key in place if key not in {"lat", "lon", "crs"}}
        if problems:
            raise ValidationError(cast("dict[str, Any]", problems))
        return {"lat": place["lat"], "lon": place["lon"], "crs": place.get("crs", "wgs84")}


def _not_offered(field: FormField, value: object) -> FieldMessage:
    for option in field.options:
        if option.value == value and option.allowed_by is not None:
            zh, en = option.label.zh, option.label.en
            return FieldMessage(
                f"这个环节现在不能选“{zh}”。", f"This task does not allow “{en}” now."
            )
    return _NOT_OFFERED


def _refuse(zh: str, en: str) -> NoReturn:
    raise ValidationError(FieldMessage(zh, en))


def _need(value: object, kind: type[_Kind], message: FieldMessage) -> _Kind:
    if type(value) is not kind:
        raise ValidationError(message)
    return value


def _code(value: object) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        _refuse("编号有误。", "This is no id.")
    return value


_FIELDS: Final[Mapping[str, type[_Value]]] = {
    "text": _TextValue,
    "longtext": _TextValue,
    "choice": _ChoiceValue,
    "choices": _ListValue,
    "boolean": _BooleanValue,
    "integer": _NumberValue,
    "number": _NumberValue,
    "date": _DateValue,
    "datetime": _MomentValue,
    "photos": _ListValue,
    "area": _AreaValue,
    "business": _BusinessValue,
    "matter": _CodeValue,
    "location": _LocationValue,
    "posts": _ListValue,
    "document": _CodeValue,
    "checklist": _ChecklistValue,
}


@lru_cache(maxsize=512)
def _schema(form: Declared, level: str | None, allows: frozenset[str] | None) -> Schema:
    """The schema of a form for one level; built once, shared by all requests."""
    built: dict[str, fields.Field[Any]] = {
        field.name: _FIELDS[field.type](field, level, allows) for field in form.fields
    }
    return _FormSchema.from_dict(built, name=f"Form_{form.id}")()
