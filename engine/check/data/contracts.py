"""Whether forms and tables hold what the functions of the diagram read of them."""

from collections.abc import Iterator
from typing import Any

from engine.check.bundle import Bundle, Drawing, TableFile
from engine.check.data.domains import NOTHING, Values, declared, fits, of_field, shown
from engine.check.data.rows import answers_nothing
from engine.decisions.cells import key_of
from engine.decisions.tables import DecisionTable
from engine.diagrams.model import Node
from engine.errors import ExpressionError
from engine.findings import Finding, Text
from engine.forms.documents import FormField
from engine.forms.forms import Form


def check_contracts(bundle: Bundle) -> Iterator[Finding]:
    """Every node with a function that says what it reads of its form or its row."""
    said = bundle.declared or {}
    for drawing in bundle.drawings:
        functions = said.get(drawing.diagram.process_id, {})
        for node in drawing.diagram.nodes.values():
            if node.id not in functions:
                continue
            form = bundle.forms.get(node.id if node.kind == "start" else node.form or "")
            if form is not None and node.kind in {"start", "user", "manual"}:
                yield from _check_form(drawing, node, form, functions[node.id].asks)
            held = bundle.tables.get(node.decision or "")
            if held is not None:
                yield from _check_row(drawing, node, held, functions[node.id].row)


def _check_form(drawing: Drawing, node: Node, form: Form, asks: Any) -> Iterator[Finding]:
    fields = {field.name: field for field in form.fields}
    is_another = bool(asks) and fields.keys().isdisjoint(asks)
    for name, words in asks.items():
        reason = "lacks" if name not in fields else _unsuited(fields[name], words)
        if reason is None:
            continue
        message = _MESSAGES[reason](node.id, form.id, name, words)
        if is_another:
            yield drawing.finding("form_contract", node.id, message, _WAY_OUT)
            return
        file, trace = f"forms/{form.id}.json", (node.id, name)
        yield Finding("error", "form_contract", file, name, message, _WAY_OUT, trace)


def _unsuited(field: FormField, words: Any) -> str | None:
    """Why a field is not what a function reads, None when it is."""
    wanted = declared(words, {})
    options = {option.value for option in field.options}
    texts = {word for word in _listed(words) if isinstance(word, str)}
    if options and not texts <= options:
        return "option"
    if options and texts and all(isinstance(word, str) for word in _listed(words)):
        return None if options <= texts and field.required else "closed"
    values = of_field(field)
    if values >= NOTHING and not any(fits(one, wanted) for one in NOTHING):
        return "empty"
    return None if all(fits(one, wanted | NOTHING) for one in values) else "type"


def _listed(words: Any) -> tuple[Any, ...]:
    return words if isinstance(words, tuple) else (words,)


_WAY_OUT = Text(
    "请更正表单，或给任务指定另一张表单；函数要什么写在它的 asks 里。",
    "Correct the form, or name another at the task; what a function needs stands in its `asks`.",
)


def _lacks(task: str, form: str, name: str, _: Any) -> Text:
    return Text(
        f"任务 {task} 的函数读字段 {name}，表单 {form} 没有。",
        f"The function of {task} reads the field {name}, which the form {form} does not have.",
    )


def _empty(task: str, form: str, name: str, _: Any) -> Text:
    return Text(
        f"任务 {task} 的函数总要字段 {name}，表单 {form} 却允许不填。",
        f"The function of {task} always needs {name}; in the form {form} it may be left out.",
    )


def _option(task: str, form: str, name: str, words: Any) -> Text:
    known = "、".join(str(word) for word in _listed(words) if isinstance(word, str))
    return Text(
        f"任务 {task} 的函数区分 {name} 的这些答案：{known}；表单 {form} 的选项对不上。",
        f"The function of {task} tells {known} of {name} apart; the form {form} offers others.",
    )


def _type(task: str, form: str, name: str, words: Any) -> Text:
    wanted = shown(declared(words, {}))
    return Text(
        f"任务 {task} 的函数要的 {name} 是：{wanted}；表单 {form} 的字段是另一种。",
        f"The function of {task} wants {wanted} in {name}; the field of {form} is of another type.",
    )


_MESSAGES = {"lacks": _lacks, "empty": _empty, "option": _option, "closed": _option, "type": _type}


def _check_row(drawing: Drawing, node: Node, held: TableFile, row: Any) -> Iterator[Finding]:
    table = held.table
    columns = {column.name: number for number, column in enumerate(table.outputs)}
    if row and columns.keys().isdisjoint(row):
        message = Text(
            f"决策表 {table.id} 没有任务 {node.id} 的函数要读的列。",
            f"The table {table.id} has none of the columns the function of {node.id} reads.",
        )
        yield drawing.finding("table_contract", node.id, message, _TABLE_WAY_OUT)
        return
    for name, words in row.items():
        if name not in columns:
            message = Text(
                f"任务 {node.id} 的函数读列 {name}，决策表没有。",
                f"The function of {node.id} reads the column {name}, which is not there.",
            )
            trace = (node.id, name)
            yield Finding(
                "error", "table_contract", held.file, table.id, message, _TABLE_WAY_OUT, trace
            )
            continue
        for rule, value in _unfit(table, columns[name], declared(words, {})):
            message = Text(
                f"{name} 不能是 {value}：任务 {node.id} 的函数用不上。",
                f"{name} cannot be {value}: the function of {node.id} has no use for it.",
            )
            yield Finding("error", "table_contract", held.file, rule, message, _TABLE_WAY_OUT)


_TABLE_WAY_OUT = Text(
    "请更正列名或这一行；函数要什么写在它的 row 里。",
    "Correct the column or the row; what a function needs stands in its `row`.",
)


def _unfit(table: DecisionTable, column: int, wanted: Values) -> Iterator[tuple[str, str]]:
    """Rows whose constant answer is not among the values wanted."""
    for rule in table.rules:
        cell = rule.outputs[column]
        if cell.names or answers_nothing(rule):
            continue
        try:
            value = cell.evaluate({})
        except ExpressionError:
            value = None
        if not fits(key_of(value), wanted):
            yield rule.id, str(value)
