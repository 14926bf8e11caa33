"""Form documents as analysts write them: read, bounded and judged; values are checked elsewhere.

A document is JSON: `{"id", "title", "fields": [{"name", "type", "label", ...}]}`. What a person
filled in is checked by `engine.forms.forms`.
"""

import json
import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast, get_args

from engine.errors import DiagramError
from engine.findings import Finding, Text

FieldType = Literal[
    "text",
    "longtext",
    "choice",
    "choices",
    "boolean",
    "integer",
    "number",
    "date",
    "datetime",
    "photos",
    "area",
    "business",
    "matter",
    "location",
    "posts",
    "document",
    "checklist",
]
Scalar: TypeAlias = "str | bool | int | float | None"

SIZE_LIMIT: Final = 200_000
FIELD_LIMIT: Final = 60
OPTION_LIMIT: Final = 300
TYPES: Final[frozenset[str]] = frozenset(get_args(FieldType))
LISTS: Final = frozenset({"choices", "photos", "posts", "checklist"})
"""Types with several values; of a checklist each is a line and its answer, `tableware:no`."""
LINE_ANSWERS: Final = ("yes", "no", "na")
"""What is answered of a line of a checklist: in order, not in order, does not apply."""
DEFAULT_MAX: Final[Mapping[str, int]] = {
    "text": 500,
    "longtext": 4_000,
    "photos": 9,
    "posts": 20,
    "choices": OPTION_LIMIT,
    "checklist": 60,
    "integer": 10**12,
    "number": 10**12,
}
MAX_OF_MAX: Final[Mapping[str, int]] = {
    "text": 4_000,
    "longtext": 20_000,
    "photos": 30,
    "posts": 50,
}
RESERVED: Final = frozenset(
    {"len", "min", "max", "true", "false", "null", "level", "status", "version", "case", "owner"}
    | {"officer", "form", "data", "now", "is_filled", "start_level", "enter_at", "named_post"}
    | {"digest", "token", "element", "marking"}
)
"""Names reserved for the engine and for the data it sets; a form must not replace them."""

ALLOWANCES: Final = ("returnable", "withdrawable", "beside")
NOT_BY: Final = "not_by"
"""What a drawn task may allow besides its completion: return, withdrawal, requests to others.
"""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,49}", re.ASCII)
_FIELD_KEYS: Final = frozenset(
    {"name", "type", "label", "hint", "required", "required_when", "options", "min", "max"}
    | {"personal", "asked_when", "or_else"}
)
_OPTION_KEYS: Final = frozenset({"value", "label", "hint", "except_levels", "allowed_by"})
_MAY_BE_MARKED: Final = frozenset({"choice", "choices", "boolean"})


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose; people of `except_levels` do not get it.

    One with `allowed_by` is there only where the drawn task allows this.
    """

    value: str
    label: Text
    except_levels: frozenset[str] = frozenset()
    allowed_by: str | None = None


@dataclass(frozen=True, slots=True)
class FormField:
    """One field; `required_when` are other fields with the answers that make this one required.

    `or_else` is another field that may be filled in instead of it: one of both is enough.

    `asked_when` are those with which it is shown at all: it makes no sense with the others.

    What is typed into a personal one is kept apart from the entries of the case file, so that it
    can be deleted when its period is over.
    """

    name: str
    type: FieldType
    label: Text
    hint: Text | None = None
    required: bool = False
    is_personal: bool = False
    required_when: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    asked_when: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    or_else: str | None = None
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def limit(self) -> float | None:
        """Longest text, most entries or largest number."""
        return DEFAULT_MAX.get(self.type) if self.maximum is None else self.maximum


@dataclass(frozen=True, slots=True)
class FormDocument:
    """A form as written: its id, title and fields in order."""

    id: str
    title: Text
    fields: tuple[FormField, ...]
    raw: Mapping[str, object] = field(repr=False)


def parse_document(text: str, *, name: str) -> FormDocument:
    """Read one form document.

    Raises:
        DiagramError: with one finding for everything in the document that cannot be used.
    """
    reader = _FormReader(name)
    document = reader.document(text)
    if document is None or reader.findings:
        lines = "\n".join(f"{finding.element}: {finding.message.zh}" for finding in reader.findings)
        message = f"{name}: 表单不能使用。\n{lines}"
        raise DiagramError(message, code="form", findings=reader.findings)
    return document


@dataclass(slots=True)
class _FormReader:
    """Reads as much as can be read and notes everything that cannot."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def document(self, text: str) -> FormDocument | None:
        raw = self._json(text)
        if not isinstance(raw, dict) or not isinstance(raw.get("fields"), list):
            self._note("", "不是表单文档。", "This is not a form document.")
            return None
        written = cast("list[object]", raw["fields"])
        if len(written) > FIELD_LIMIT:
            self._note("", f"字段超过 {FIELD_LIMIT} 个。", f"More than {FIELD_LIMIT} fields.")
            return None
        identifier = raw.get("id")
        if not isinstance(identifier, str) or not _NAME.fullmatch(identifier):
            self._note("", "id 应为 snake_case。", "The id must be snake_case.")
        self._check_keys("", raw, frozenset({"id", "title", "fields", "hint"}))
        fields = tuple(one for item in written if (one := self._field(item)) is not None)
        self._check_together(fields)
        return FormDocument(str(identifier), self._words("", raw.get("title")), fields, raw)

    def _json(self, text: str) -> object:
        if len(text) > SIZE_LIMIT:
            self._note("", "表单文档过大。", "The form document is too large.")
            return None
        try:
            return cast("object", json.loads(text))
        except (ValueError, RecursionError):
            self._note("", "不是有效的 JSON。", "This is not valid JSON.")
            return None

    def _field(self, raw: object) -> FormField | None:
        if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
            self._note("", "有一个字段没有名称。", "A field has no name.")
            return None
        name = raw["name"]
        self._check_keys(name, raw, _FIELD_KEYS)
        self._check_name(name)
        kind = raw.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            self._note(
                name, "字段类型未知。", f"Unknown type; known are {', '.join(sorted(TYPES))}."
            )
            return None
        return FormField(
            name=name,
            type=cast("FieldType", kind),
            label=self._words(name, raw.get("label")),
            hint=self._words(name, raw["hint"]) if "hint" in raw else None,
            required=self._flag(name, raw, "required"),
            is_personal=self._flag(name, raw, "personal"),
            required_when=self._conditions(name, raw.get("required_when", {})),
            asked_when=self._conditions(name, raw.get("asked_when", {})),
            or_else=self._other(name, raw.get("or_else")),
            options=self._options(name, kind, raw.get("options")),
            minimum=self._bound(name, kind, raw.get("min")),
            maximum=self._bound(name, kind, raw.get("max")),
        )

    def _check_name(self, name: str) -> None:
        if not _NAME.fullmatch(name) or keyword.iskeyword(name):
            self._note(name, "字段名应为 snake_case。", "The name of a field must be snake_case.")
        elif name in RESERVED:
            self._note(name, "这个名称属于系统。", "This name belongs to the engine.")

    def _check_keys(self, element: str, raw: dict[str, object], known: frozenset[str]) -> None:
        unknown = ", ".join(sorted(key for key in raw if key not in known))[:100]
        if unknown:
            self._note(element, f"不认识的属性：{unknown}", f"Unknown keys: {unknown}")

    def _words(self, element: str, raw: object) -> Text:
        words = raw if isinstance(raw, dict) else {}
        zh, en = words.get("zh"), words.get("en")
        if not isinstance(zh, str) or not isinstance(en, str) or not zh.strip() or not en.strip():
            self._note(element, "缺少中文或英文文字。", "A text needs both zh and en.")
            return Text("", "")
        return Text(zh, en)

    def _flag(self, element: str, field: dict[str, object], key: str) -> bool:
        raw = field.get(key, False)
        if not isinstance(raw, bool):
            self._note(element, f"{key} 应为 true 或 false。", f"{key} is true or false.")
        return raw is True

    def _other(self, element: str, raw: object) -> str | None:
        if raw is not None and not isinstance(raw, str):
            self._note(element, "or_else 应为字段名。", "or_else is the name of a field.")
        return raw if isinstance(raw, str) else None

    def _bound(self, element: str, kind: str, raw: object) -> float | None:
        if raw is None:
            return None
        top = MAX_OF_MAX.get(kind, 10**12)
        if kind not in DEFAULT_MAX or isinstance(raw, bool) or not isinstance(raw, int | float):
            self._note(element, "min、max 不适用。", "min and max do not apply here.")
            return None
        if not -(10**12) <= raw <= top:
            self._note(element, f"上限不得超过 {top}。", f"The limit may not exceed {top}.")
        return raw

    def _options(self, element: str, kind: str, raw: object) -> tuple[Option, ...]:
        if kind not in {"choice", "choices"}:
            if raw is not None:
                self._note(element, "只有选择题有选项。", "Only choices have options.")
            return ()
        if not isinstance(raw, list) or not 0 < len(raw) <= OPTION_LIMIT:
            self._note(element, "选择题没有选项。", "A choice needs options.")
            return ()
        options = tuple(one for item in raw if (one := self._option(element, item)) is not None)
        if len({option.value for option in options}) != len(raw):
            self._note(element, "选项重复或无值。", "An option repeats a value, or has none.")
        return options

    def _option(self, element: str, raw: object) -> Option | None:
        if not isinstance(raw, dict) or not isinstance(raw.get("value"), str):
            return None
        self._check_keys(element, raw, _OPTION_KEYS)
        levels = raw.get("except_levels", [])
        if not isinstance(levels, list) or not all(isinstance(level, str) for level in levels):
            self._note(element, "except_levels 应为列表。", "except_levels must be a list.")
            levels = []
        allowed_by = raw.get("allowed_by")
        if allowed_by not in {None, *ALLOWANCES}:
            known = ", ".join(ALLOWANCES)
            self._note(element, f"allowed_by 可用：{known}。", f"allowed_by is one of {known}.")
        label = self._words(element, raw.get("label"))
        return Option(raw["value"], label, frozenset(levels), allowed_by)

    def _conditions(self, element: str, raw: object) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
        if not isinstance(raw, dict) or not all(
            isinstance(allowed, list) for allowed in raw.values()
        ):
            self._note(element, "条件应为 {字段: [取值]}。", "Write {field: [values]}.")
            return ()
        return tuple((name, tuple(values)) for name, values in raw.items())

    def _check_together(self, fields: tuple[FormField, ...]) -> None:
        by_name = {field.name: field for field in fields}
        if len(by_name) != len(fields):
            self._note("", "字段名重复。", "A field name is used twice.")
        for field_ in fields:
            self._check_room(field_)
            self._check_other(field_, by_name)
            for other, values in (*field_.required_when, *field_.asked_when):
                self._check_condition(field_.name, by_name.get(other), values)

    def _check_other(self, field_: FormField, by_name: Mapping[str, FormField]) -> None:
        """Whether one of two is asked for where both can be filled in, and both say so."""
        if field_.or_else is None:
            return
        other = by_name.get(field_.or_else)
        if other is None or other is field_ or other.or_else != field_.name:
            message = "or_else 应指向另一个字段，两个字段互相写明。"
            said = "or_else names another field, and that one names this."
            self._note(field_.name, message, said)
        elif not any((one.required, one.required_when) != (False, ()) for one in (field_, other)):
            message = "or_else 的两个字段都没有必填条件。"
            said = "Neither of the two fields of or_else is ever required."
            self._note(field_.name, message, said)

    def _check_room(self, field_: FormField) -> None:
        """Whether anything can be answered: one entry or character, or more than one number."""
        if field_.maximum is None:
            return
        is_number = field_.type in {"integer", "number"}
        least = field_.minimum if is_number else max(field_.minimum or 1, 1)
        if least is not None and (
            field_.maximum < least or (is_number and field_.maximum == least)
        ):
            self._note(field_.name, "max 太小，无法填写。", "max is too small: nothing fits.")

    def _check_condition(
        self, element: str, other: FormField | None, values: Iterable[Scalar]
    ) -> None:
        if other is None or other.type not in _MAY_BE_MARKED:
            message = "条件应指向选择题或是非题。"
            self._note(element, message, "A condition must name a choice or boolean field.")
            return
        known = {option.value for option in other.options} if other.options else {True, False}
        if any(not isinstance(value, str | bool) or value not in known for value in values):
            message = "条件中有不存在的取值。"
            self._note(element, message, "A condition names a value that does not exist.")

    def _note(self, element: str, zh: str, en: str) -> None:
        way_out = Text("请修改表单文档。", "Correct the form document.")
        finding = Finding("error", "form", self.file, element, Text(zh, en), way_out)
        self.findings.append(finding)
