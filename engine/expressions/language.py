"""The evaluator of all expressions in diagrams and tables; independent of BPMN, cases and clock.

Conditions, timers and decision cells are compiled from an allow-list of syntax into closures.
No `eval`, no `getattr`, no call except the three functions of `FUNCTIONS`: a diagram can read
the data of its case and can do nothing else. Widen the list only for a diagram that needs it,
node by node, each with its attack cases in `tests/engine/test_expressions_attacks.py`.
"""

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final, NoReturn, TypeAlias, cast

from engine.errors import ExpressionError
from engine.expressions.values import (
    FUNCTIONS,
    JSON_TYPES,
    NUMBER_LIMIT,
    Json,
    Refusal,
    contains,
    detached,
    equal,
    number,
    ordered,
    part,
    refuse,
)

Data: TypeAlias = Mapping[str, object]

SOURCE_LIMIT: Final = 2_000
NODE_LIMIT: Final = 200
ARGUMENT_LIMIT: Final = 4

_Read: TypeAlias = Callable[[Data], object]
_Relation: TypeAlias = Callable[[object, object], bool]

_CONSTANTS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}
_QUOTED: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_WORD: Final = re.compile(r"[^\W\d]\w*|(?P<numeral>\.?\d[\w.]*)")
_PLAIN_NUMERAL: Final = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?([eE][0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text, the data names it reads, and how to evaluate it."""

    source: str
    names: frozenset[str]
    _read: _Read = field(repr=False, compare=False)

    def evaluate(self, data: Data) -> Json:
        """Answer a JSON value that shares nothing with `data`; anything else is ExpressionError."""
        try:
            return detached(self._read(data))
        except Refusal as refusal:
            raise _error(self.source, refusal) from None
        except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
            reason = f"cannot be evaluated ({type(error).__name__})"
            raise _error(self.source, Refusal("cannot_evaluate", reason)) from error


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Check `source` against the allow-list, once; raises ExpressionError and nothing else."""
    try:
        text = _readable(source)
        root = _parsed(text)
        compiler = _Compiler(text)
        read = compiler.compile(root)
    except Refusal as refusal:
        raise _error(source, refusal) from None
    except RecursionError as error:
        raise _error(source, Refusal("too_deep", "is nested too deeply")) from error
    return Expression(source, frozenset(compiler.names), read)


def _error(source: str, refusal: Refusal) -> ExpressionError:
    return ExpressionError(refusal.code, refusal.message, source=source, column=refusal.column)


# ── reading the text ──────────────────────────────────────────────────────────────────────────


def _readable(source: str) -> str:
    """Refuse spellings that would parse into something other than they look like."""
    if len(source) > SOURCE_LIMIT:
        refuse("too_long", f"is longer than {SOURCE_LIMIT} characters")
    if not source.strip():
        refuse("empty", "is empty")
    # One line, same length: columns stay true, and long conditions may be wrapped in the diagram.
    text = re.sub(r"[\t\r\n]", " ", source)
    if "\\" in text:
        refuse("character", "a backslash has no place here", text.index("\\") + 1)
    _check_spelling(_QUOTED.sub(lambda quoted: " " * len(quoted.group()), text))
    return text


def _check_spelling(bare: str) -> None:
    """Check the text outside quotation marks."""
    for column, character in enumerate(bare, start=1):
        if character == "#" or character < " ":
            refuse("character", f"the character {character!r} has no place here", column)
        # Python folds look-alikes (full-width letters and signs) into other names.
        if unicodedata.normalize("NFKC", character) != character:
            refuse("full_width", f"write {character} in half width", column)
    for word in _WORD.finditer(bare):
        numeral = word["numeral"]
        if numeral is not None and not _PLAIN_NUMERAL.fullmatch(numeral):
            refuse("number", f"{numeral[:20]} is not a plain number", word.start() + 1)


def _parsed(text: str) -> ast.expr:
    indent = len(text) - len(text.lstrip())
    try:
        # Blanks in front would be an indentation; brackets of our own would hide a stray one.
        tree = ast.parse(text[indent:], mode="eval")
    except SyntaxError as error:
        column = indent + (error.offset or 1)
        refuse("syntax", f"is not an expression: {error.msg}", column)
    except (ValueError, MemoryError, RecursionError) as error:
        refuse("syntax", f"is not an expression: {type(error).__name__}")
    if sum(1 for _ in ast.walk(tree)) > NODE_LIMIT:
        refuse("too_large", f"has more than {NODE_LIMIT} parts; compute it in a handler")
    return tree.body


# ── compiling ─────────────────────────────────────────────────────────────────────────────────


class _Compiler:
    """Turns checked syntax into closures and collects the names they read."""

    def __init__(self, text: str) -> None:
        self._line = text.lstrip().encode()
        self._indent = len(text) - len(text.lstrip())
        self.names: set[str] = set()

    def compile(self, node: ast.expr) -> _Read:
        builder = _BUILDERS.get(type(node))
        if builder is None:
            self.refuse("not_allowed", f"{type(node).__name__} is not allowed", node)
        return builder(self, node)

    def column(self, node: ast.expr) -> int:
        """Position in characters, counted from 1; the parser counts bytes."""
        return self._indent + len(self._line[: node.col_offset].decode(errors="ignore")) + 1

    def refuse(self, code: str, message: str, node: ast.expr) -> NoReturn:
        refuse(code, message, self.column(node))


def _constant(compiler: _Compiler, node: ast.Constant) -> _Read:
    value = node.value
    if type(value) not in {str, int, float, bool, type(None)} or node.kind is not None:
        compiler.refuse("not_allowed", f"{value!r:.40} is not allowed", node)
    if type(value) in {int, float} and not -NUMBER_LIMIT <= cast("float", value) <= NUMBER_LIMIT:
        compiler.refuse("number", "the number is too large", node)
    return lambda _data: value


def _name(compiler: _Compiler, node: ast.Name) -> _Read:
    name = node.id
    if name in _CONSTANTS:
        constant = _CONSTANTS[name]
        return lambda _data: constant
    if name.startswith("_") or name in FUNCTIONS:
        compiler.refuse("not_allowed", f"{name} is not a data name", node)
    compiler.names.add(name)
    column = compiler.column(node)

    def read(data: Data) -> object:
        try:
            value = data[name]
        except KeyError:
            refuse("unknown_name", f"{name} is not known here", column)
        # Whatever else may have got among the data is never compared, indexed or handed on.
        if type(value) not in JSON_TYPES:
            refuse("type", f"{name} is not plain data", column)
        return value

    return read


def _subscript(compiler: _Compiler, node: ast.Subscript) -> _Read:
    holder, index = compiler.compile(node.value), compiler.compile(node.slice)
    column = compiler.column(node)

    def read(data: Data) -> object:
        return part(holder(data), index(data), column)

    return read


def _attribute(compiler: _Compiler, node: ast.Attribute) -> _Read:
    if node.attr.startswith("_"):
        compiler.refuse("not_allowed", f"{node.attr} is not a data name", node)
    holder, key, column = compiler.compile(node.value), node.attr, compiler.column(node)

    def read(data: Data) -> object:
        value = holder(data)
        if type(value) is not dict:
            refuse("type", f".{key} needs named values on its left", column)
        return part(value, key, column)

    return read


def _bool_op(compiler: _Compiler, node: ast.BoolOp) -> _Read:
    first, *others = [compiler.compile(value) for value in node.values]
    stops = isinstance(node.op, ast.Or)

    def read(data: Data) -> object:
        value = first(data)
        for other in others:
            if bool(value) is stops:
                return value
            value = other(data)
        return value

    return read


def _unary_op(compiler: _Compiler, node: ast.UnaryOp) -> _Read:
    operand, column = compiler.compile(node.operand), compiler.column(node)
    if isinstance(node.op, ast.Not):
        return lambda data: not operand(data)
    if isinstance(node.op, ast.USub):
        return lambda data: -number(operand(data), column)
    return compiler.refuse("not_allowed", f"{type(node.op).__name__} is not allowed", node)


def _bin_op(compiler: _Compiler, node: ast.BinOp) -> _Read:
    compute = _ARITHMETIC.get(type(node.op))
    if compute is None:
        compiler.refuse("not_allowed", f"{type(node.op).__name__} is not allowed", node)
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    column = compiler.column(node)

    def read(data: Data) -> object:
        a, b = number(left(data), column), number(right(data), column)
        try:
            return number(compute(a, b), column)
        except ZeroDivisionError:
            refuse("division_by_zero", "divides by zero", column)

    return read


def _compare(compiler: _Compiler, node: ast.Compare) -> _Read:
    operands = [node.left, *node.comparators]
    relations = [
        _relation(compiler, kind, pair)
        for kind, pair in zip(node.ops, pairwise(operands), strict=True)
    ]
    left, first, *others = [compiler.compile(operand) for operand in operands]
    relation = relations[0]
    if not others:
        return lambda data: relation(left(data), first(data))
    steps = list(zip(relations, [first, *others], strict=True))

    def read(data: Data) -> object:
        value = left(data)
        for holds, other in steps:
            following = other(data)
            if not holds(value, following):
                return False
            value = following
        return True

    return read


def _relation(compiler: _Compiler, kind: ast.cmpop, pair: tuple[ast.expr, ast.expr]) -> _Relation:
    column = compiler.column(pair[1])
    match kind:
        case ast.Eq():
            return equal
        case ast.NotEq():
            return lambda a, b: not equal(a, b)
        case ast.In():
            return lambda a, b: contains(a, b, column)
        case ast.NotIn():
            return lambda a, b: not contains(a, b, column)
        case ast.Is() | ast.IsNot():
            if not any(_is_singleton(operand) for operand in pair):
                message = "'is' compares with None, True or False only; write == instead"
                refuse("not_allowed", message, column)
            return operator.is_ if isinstance(kind, ast.Is) else operator.is_not
    order = _ORDER[type(kind)]
    return lambda a, b: ordered(order, a, b, column)


def _is_singleton(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _CONSTANTS
    return isinstance(node, ast.Constant) and (node.value is None or type(node.value) is bool)


def _if_exp(compiler: _Compiler, node: ast.IfExp) -> _Read:
    test = compiler.compile(node.test)
    body, orelse = compiler.compile(node.body), compiler.compile(node.orelse)
    return lambda data: body(data) if test(data) else orelse(data)


def _list(compiler: _Compiler, node: ast.List | ast.Tuple) -> _Read:
    items = [compiler.compile(item) for item in node.elts]
    if all(isinstance(item, ast.Constant) for item in node.elts):
        # Always the same; it may be shared because nothing here changes a list or gives one away.
        constants = [item({}) for item in items]
        return lambda _data: constants
    return lambda data: [item(data) for item in items]


def _call(compiler: _Compiler, node: ast.Call) -> _Read:
    # The function is found here, by its name in the table; data of the same name cannot take
    # its place later.
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        known = ", ".join(sorted(FUNCTIONS))
        compiler.refuse("not_allowed", f"only {known} can be called", node)
    if node.keywords or not 1 <= len(node.args) <= ARGUMENT_LIMIT:
        message = f"{node.func.id} takes 1 to {ARGUMENT_LIMIT} values and no names"
        compiler.refuse("arguments", message, node)
    function, column = FUNCTIONS[node.func.id], compiler.column(node)
    arguments = [compiler.compile(argument) for argument in node.args]
    return lambda data: function([argument(data) for argument in arguments], column)


_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_ORDER: Final[Mapping[type[ast.cmpop], Callable[..., bool]]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_BUILDERS: Final[dict[type[ast.expr], Callable[[_Compiler, ast.expr], _Read]]] = cast(
    "dict[type[ast.expr], Callable[[_Compiler, ast.expr], _Read]]",
    {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Subscript: _subscript,
        ast.Attribute: _attribute,
        ast.BoolOp: _bool_op,
        ast.UnaryOp: _unary_op,
        ast.BinOp: _bin_op,
        ast.Compare: _compare,
        ast.IfExp: _if_exp,
        ast.List: _list,
        ast.Tuple: _list,
        ast.Call: _call,
    },
)
