"""Differences between forms: fields, their types and options, required fields."""

from collections.abc import Iterator

from engine.check.changes.words import Change, added, changed, removed
from engine.findings import Text
from engine.forms.documents import FormField
from engine.forms.forms import Form

_FIELD = Text("字段", "field")
_OPTION = Text("选项", "option")


def changes_of_form(file: str, old: Form, new: Form) -> Iterator[Change]:
    """The title, then the fields by their names."""
    if old.title != new.title:
        yield changed(file, new.id, new.title.zh, Text("标题", "title"), old.title.zh, new.title.zh)
    before = {field.name: field for field in old.fields}
    after = {field.name: field for field in new.fields}
    for name, field in after.items():
        if name not in before:
            yield added(file, name, field.label.zh, _FIELD)
    for name, field in before.items():
        if name not in after:
            yield removed(file, name, field.label.zh, _FIELD)
        else:
            yield from _field(file, field, after[name])


def _field(file: str, old: FormField, new: FormField) -> Iterator[Change]:
    facts = (
        (Text("名称", "label"), old.label.zh, new.label.zh),
        (Text("类型", "type"), old.type, new.type),
        (Text("必填", "required"), _needed(old), _needed(new)),
        (Text("下限", "min"), old.minimum, new.minimum),
        (Text("上限", "max"), old.maximum, new.maximum),
    )
    for what, before, after in facts:
        if before != after:
            yield changed(file, new.name, new.label.zh, what, before, after)
    options = ({one.value: one.label.zh for one in field.options} for field in (old, new))
    had, has = options
    for value, label in has.items():
        if value not in had:
            yield added(file, f"{new.name}.{value}", label, _OPTION)
    for value, label in had.items():
        if value not in has:
            yield removed(file, f"{new.name}.{value}", label, _OPTION)


def _needed(field: FormField) -> str:
    if field.required:
        return "是 yes"
    when = "; ".join(f"{name}={'/'.join(map(str, words))}" for name, words in field.required_when)
    return when or "否 no"
