"""Tables that advise at a start event: asked with the answers of the start form alone."""

from collections.abc import Iterator

from engine.check.bundle import Bundle, Drawing, TableFile
from engine.decisions.cells import key_of
from engine.diagrams.model import Node
from engine.findings import Finding, Text
from engine.forms.forms import Form


def check_advice(bundle: Bundle) -> Iterator[Finding]:
    """Each column is a field of the start form, and allows every option of it."""
    for drawing in bundle.drawings:
        for node in drawing.diagram.nodes.values():
            held, form = bundle.tables.get(node.advice or ""), bundle.forms.get(node.id)
            if node.kind == "start" and held is not None and form is not None:
                yield from _check_columns(drawing, node, held, form)


def _check_columns(drawing: Drawing, node: Node, held: TableFile, form: Form) -> Iterator[Finding]:
    fields = {field.name: field for field in form.fields}
    for column in held.table.inputs:
        for name in sorted(column.expression.names):
            field = fields.get(name)
            trace = (node.id, held.table.id, column.id, name)
            if field is None or not field.options:
                message = Text(
                    f"决策表 {held.table.id} 问 {name}，开始的表单里没有这个选择。",
                    f"The table {held.table.id} asks {name}, no choice of the start form.",
                )
                yield drawing.finding("advice", node.id, message, _WAY_OUT, trace=trace)
                continue
            for option in field.options:
                if column.allowed is not None and not column.allowed.fits(key_of(option.value)):
                    message = Text(
                        f"{name} 的选项 {option.value} 不在决策表 {held.table.id} 的允许值中。",
                        f"{held.table.id} does not allow the option {option.value} of {name}.",
                    )
                    more = (*trace, option.value)
                    yield drawing.finding("advice", node.id, message, _WAY_OUT, trace=more)


_WAY_OUT = Text(
    "请让表单的字段、选项和表的列、允许值一致。",
    "Let fields and options of the form agree with columns and allowed values of the table.",
)
