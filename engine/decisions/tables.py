"""Decision tables: read from DMN, decided row by row; overlaps and gaps are analysed elsewhere.

Input cells are those of `engine.decisions.cells`; input heads and output cells are expressions of
`expressions.language`. The hit policy is enforced here: UNIQUE with two fitting rows is an error.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, cast

from engine.decisions.cells import Cell, CellError, Key, key_of, parse_cell
from engine.diagrams.xml import Element, local_name
from engine.errors import DecisionError, DiagramError, ExpressionError
from engine.expressions.language import Expression, compile_expression
from engine.expressions.values import Json
from engine.findings import Finding, Text

HitPolicy = Literal["UNIQUE", "FIRST", "COLLECT"]

COLUMN_LIMIT: Final = 40
ROW_LIMIT: Final = 2_000
RANGE_LIMIT: Final = 500
"""Cells with a range or `not`; with more of them a table could not be analysed in time."""

_KNOWN_AT_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Input:
    """One input column; `allowed` lists the values it may take, None when none are listed.

    `type` is the one DMN declares (`typeRef`), empty when none is.
    """

    id: str
    label: str
    expression: Expression
    allowed: Cell | None = None
    type: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """One output column; `name` is the variable it fills, `allowed` what it may answer."""

    id: str
    name: str
    label: str
    allowed: Cell | None = None
    type: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a cell per input (None fits anything) and an expression per output."""

    id: str
    cells: tuple[Cell | None, ...]
    outputs: tuple[Expression, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Fired:
    """The row that matched, its outputs, and the names of the inputs it has a cell for."""

    rule_id: str
    outputs: dict[str, Json]
    compared: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTable:
    """One decision: `decide` returns the row that matches.

    Which rows fit is a pure function of the inputs, so it is looked for once for each of them.
    """

    id: str
    label: str
    hit_policy: HitPolicy
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    _known: dict[tuple[Key, ...], tuple[Rule, ...]] = field(
        default_factory=dict, init=False, repr=False
    )
    _constant: dict[str, dict[str, Json]] = field(default_factory=dict, init=False, repr=False)
    """The outputs of rows without expressions, by row id."""

    def decide(self, values: Mapping[str, object]) -> Fired | None:
        """Answer with the row that fits `values`, or None when no row does.

        Raises:
            DecisionError: two rows of a UNIQUE table fit, or the table collects rows.
            ExpressionError: an input or output names what `values` lack.
        """
        if self.hit_policy == "COLLECT":
            message = f"决策表 {self.id} 收集多行，不能得出唯一的一行。"
            raise DecisionError(message, code="decision_collects", table=self.id)
        fitting = self._fitting(values)
        if not fitting:
            return None
        if self.hit_policy == "UNIQUE" and len(fitting) > 1:
            raise self._ambiguous(*fitting[:2])
        return self._fire(fitting[0], values)

    def collect(self, values: Mapping[str, object]) -> tuple[Fired, ...]:
        """Answer with every row that fits, in the order of the table, whatever its hit policy."""
        return tuple(self._fire(rule, values) for rule in self._fitting(values))

    @lru_cache(maxsize=256)  # noqa: B019 - the few tables of published bundles
    def names_read(self) -> tuple[str, ...]:
        """Every variable the table reads, in order."""
        read = [column.expression.names for column in self.inputs]
        read += [output.names for rule in self.rules for output in rule.outputs]
        return tuple(sorted(frozenset().union(*read)))

    def _fitting(self, values: Mapping[str, object]) -> tuple[Rule, ...]:
        keys = tuple([_key(column.expression, values) for column in self.inputs])
        known = self._known.get(keys)
        if known is None:
            known = tuple(rule for rule in self.rules if _fits(rule, keys))
            if len(self._known) >= _KNOWN_AT_MOST:
                self._known.clear()
            self._known[keys] = known
        return known

    def _fire(self, rule: Rule, values: Mapping[str, object]) -> Fired:
        outputs = self._constant.get(rule.id)
        if outputs is None:
            results = zip(self.outputs, rule.outputs, strict=True)
            outputs = {column.name: cell.evaluate(values) for column, cell in results}
            if not any(cell.names for cell in rule.outputs) and _are_scalar(outputs.values()):
                self._constant[rule.id] = outputs
        columns = zip(self.inputs, rule.cells, strict=True)
        compared = tuple(head.expression.source for head, cell in columns if cell is not None)
        return Fired(rule.id, dict(outputs), compared)

    def _ambiguous(self, first: Rule, second: Rule) -> DecisionError:
        message = (
            f"决策表 {self.id} 的第 {first.id} 行和第 {second.id} 行同时符合，请改成只有一行符合。"
        )
        rules = (first.id, second.id)
        return DecisionError(message, code="decision_ambiguous", table=self.id, rules=rules)


def _key(expression: Expression, values: Mapping[str, object]) -> Key:
    """What an input column reads; nearly every one is the name of a text and nothing else."""
    named = values.get(expression.source) if expression.source in expression.names else None
    return ("text", named) if type(named) is str else key_of(expression.evaluate(values))


def _are_scalar(values: Iterable[Json]) -> bool:
    return not any(isinstance(value, list | dict) for value in values)


def parse_decision(root: Element, *, name: str) -> DecisionTable:
    """Read the one decision table of a parsed DMN file.

    Raises:
        DiagramError: with one finding for everything in the file that cannot be used.
    """
    reader = _TableReader(name)
    table = reader.table(root)
    if table is None or reader.findings:
        lines = "\n".join(f"{finding.element}: {finding.message.zh}" for finding in reader.findings)
        message = f"{name}: 决策表不能使用。\n{lines}"
        raise DiagramError(message, code="decision_table", findings=reader.findings)
    return table


def _fits(rule: Rule, keys: tuple[Key, ...]) -> bool:
    for cell, key in zip(rule.cells, keys, strict=True):
        if cell is not None and not cell.fits(key):
            return False
    return True


_NO_EXPRESSION: Final = compile_expression("null")


@dataclass(slots=True)
class _TableReader:
    """Reads as much as can be read and notes everything that cannot."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def table(self, root: Element) -> DecisionTable | None:
        decisions = [child for child in root if local_name(child) == "decision"]
        tables = [child for decision in decisions for child in _children(decision, "decisionTable")]
        if local_name(root) != "definitions" or len(decisions) != 1 or len(tables) != 1:
            self._note("", _ONE_TABLE)
            return None
        decision, table = decisions[0], tables[0]
        inputs = tuple(self._input(column) for column in _children(table, "input"))
        outputs = tuple(self._output(column) for column in _children(table, "output"))
        if not outputs or len(inputs) + len(outputs) > COLUMN_LIMIT:
            self._note(_id(table), _COLUMNS)
        rules = tuple(self._rules(table, len(inputs), len(outputs)))
        cells = [cell for rule in rules for cell in rule.cells if cell is not None]
        ranges = sum(1 for cell in cells if cell.ranges or cell.is_negated)
        if len(rules) > ROW_LIMIT or ranges > RANGE_LIMIT:
            self._note(_id(table), _ROWS)
        return DecisionTable(
            id=_id(decision),
            label=decision.get("name") or _id(decision),
            hit_policy=self._hit_policy(table),
            inputs=inputs,
            outputs=outputs,
            rules=rules,
        )

    def _hit_policy(self, table: Element) -> HitPolicy:
        policy = table.get("hitPolicy") or "UNIQUE"
        if policy not in {"UNIQUE", "FIRST", "COLLECT"} or table.get("aggregation"):
            self._note(_id(table), _POLICY)
        return cast("HitPolicy", policy)

    def _input(self, column: Element) -> Input:
        heads = _children(column, "inputExpression")
        source = _text(heads[0]) if heads else ""
        allowed = [_text(values) for values in _children(column, "inputValues")]
        return Input(
            id=_id(column),
            label=column.get("label") or source,
            expression=self._expression(_id(column), source),
            allowed=self._cell(_id(column), allowed[0]) if allowed else None,
            type=(heads[0].get("typeRef") or "") if heads else "",
        )

    def _output(self, column: Element) -> Output:
        name = column.get("name") or ""
        if not name.isidentifier() or name.startswith("_"):
            self._note(_id(column), _OUTPUT_NAME)
        values = [_text(one) for one in _children(column, "outputValues")]
        allowed = self._cell(_id(column), values[0]) if values else None
        label = column.get("label") or name
        return Output(_id(column), name, label, allowed, column.get("typeRef") or "")

    def _rules(self, table: Element, inputs: int, outputs: int) -> Iterator[Rule]:
        seen: set[str] = set()
        for number, row in enumerate(_children(table, "rule"), start=1):
            identifier = _id(row) or f"row_{number}"
            cells = [_text(cell) for cell in _children(row, "inputEntry")]
            results = [_text(cell) for cell in _children(row, "outputEntry")]
            if identifier in seen or (len(cells), len(results)) != (inputs, outputs):
                self._note(identifier, _ROW)
                continue
            seen.add(identifier)
            yield Rule(
                identifier,
                tuple(self._cell(identifier, cell) for cell in cells),
                tuple(self._expression(identifier, result or "null") for result in results),
                " ".join(_text(note) for note in _children(row, "description")),
            )

    def _cell(self, element: str, text: str) -> Cell | None:
        try:
            return parse_cell(text)
        except CellError as error:
            message = Text(f"看不懂单元格：{error}", f"The cell cannot be read: {error}")
            self._note(element, (message, _CELL_WAY_OUT))
            return None

    def _expression(self, element: str, source: str) -> Expression:
        try:
            return compile_expression(source)
        except ExpressionError as error:
            message = Text(f"表达式不能使用：{error.message}", f"Not usable: {error.message}")
            self._note(element, (message, _EXPRESSION_WAY_OUT))
            return _NO_EXPRESSION

    def _note(self, element: str, words: tuple[Text, Text]) -> None:
        self.findings.append(Finding("error", "decision_table", self.file, element, *words))


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if local_name(child) == name]


def _text(element: Element) -> str:
    """Text of a cell or head; DMN keeps it in a child of its own."""
    for child in _children(element, "text"):
        return (child.text or "").strip()
    return (element.text or "").strip()


def _id(element: Element) -> str:
    return element.get("id") or ""


_ONE_TABLE: Final = (
    Text("文件中应当正好有一张决策表。", "The file must hold exactly one decision table."),
    Text("每张决策表存成一个文件。", "Keep one table per file."),
)
_COLUMNS: Final = (
    Text("决策表没有输出列，或列数过多。", "The table has no output column, or too many columns."),
    Text("请给出一到几个输出列。", "Give it one or a few outputs."),
)
_ROWS: Final = (
    Text("决策表的行数或区间过多。", "The table has too many rows or ranges."),
    Text("请拆成几张决策表。", "Cut it into several tables."),
)
_POLICY: Final = (
    Text("不支持这种命中策略。", "This hit policy is not supported."),
    Text("请用 UNIQUE、FIRST 或不汇总的 COLLECT。", "Use UNIQUE, FIRST, or COLLECT without sum."),
)
_OUTPUT_NAME: Final = (
    Text("输出列没有可用的变量名。", "The output column has no usable variable name."),
    Text("请用 snake_case 变量名。", "Give it a snake_case name."),
)
_ROW: Final = (
    Text("行编号重复，或单元格数与列数不符。", "The row repeats an id or has a wrong cell count."),
    Text("请在编辑器中重建此行。", "Add the row again in the editor."),
)
_CELL_WAY_OUT: Final = Text(
    "请写 -、带引号的文字、数字、true、false、>= 3、[1..5]、逗号列表或 not(...)。",
    "Write -, a quoted text, a number, true, false, >= 3, [1..5], a comma list or not(...).",
)
_EXPRESSION_WAY_OUT: Final = Text(
    "文字请加引号；复杂的计算请放到处理函数里。",
    "Put texts in quotes; compute anything complicated in a handler.",
)
