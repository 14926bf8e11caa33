"""Expressions of the diagrams compile and read only names that something sets."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.diagrams.dialect import INSTANCE_COUNTS
from engine.diagrams.model import Drawn
from engine.errors import ExpressionError
from engine.expressions.language import Expression, compile_expression
from engine.findings import Finding, Text

_BARE_TIME: Final = re.compile(r"-?P\d.*|-?PT\d.*|R\d*/.*|\d{4}-\d\d-\d\d.*", re.DOTALL)
DURATION: Final = re.compile(
    r"P(?!$)(\d{1,4}W|(\d{1,4}D)?(T(?=\d)(\d{1,4}H)?(\d{1,5}M)?(\d{1,6}S)?)?)", re.ASCII
)
"""The durations a drawing may hold."""
_WHY: Final[Mapping[str, str]] = {
    "empty": "是空的",
    "syntax": "不成句",
    "character": "含有不该有的字符",
    "full_width": "含有全角字符",
    "number": "数字写法不对或过大",
    "too_long": "过长",
    "too_large": "过于复杂",
    "too_deep": "嵌套过深",
    "not_allowed": "用了不允许的写法",
    "arguments": "函数的参数不对",
}
_WAY_OUT: Final = Text(
    "只能比较和计算案件的变量，如 outcome == 'pass_up'；其余请放到处理函数里。",
    "Compare and compute variables only, as in outcome == 'pass_up'; the rest is a handler's.",
)


def check_expressions(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Conditions, timers, lists, properties and correlations compile."""
    for drawn in drawing.diagram.expressions:
        if drawn.use == "timer" and _BARE_TIME.fullmatch(drawn.source):
            message = Text(
                f"定时的 {drawn.source:.40} 没有引号。",
                f"The timer {drawn.source:.40} has no quotes.",
            )
            way_out = Text(f"请写成 '{drawn.source:.40}'。", f"Write '{drawn.source:.40}'.")
            yield drawing.finding("timer_literal", drawn.element, message, way_out)
            continue
        try:
            expression = compile_expression(drawn.source)
        except ExpressionError as error:
            why = _WHY.get(error.code, "不成立")
            message = Text(
                f"表达式{why}：{error.message}", f"The expression fails: {error.message}"
            )
            yield drawing.finding("expression", drawn.element, message, _WAY_OUT)
            continue
        yield from _check_names(drawing, bundle, drawn, expression)
        yield from _check_time(drawing, drawn, expression)


def _check_names(
    drawing: Drawing, bundle: Bundle, drawn: Drawn, expression: Expression
) -> Iterator[Finding]:
    counts = frozenset(INSTANCE_COUNTS if drawn.use == "enough" else ())
    unknown = sorted(expression.names - bundle.names - counts)
    if unknown:
        listed = ", ".join(unknown)
        message = Text(f"没有谁给出变量 {listed}。", f"Nothing fills the variable {listed}.")
        way_out = Text(
            "请更正名称；由处理函数给出的，请写进流程的 variables 属性。",
            "Correct the name; what a handler fills is declared in the process's `variables`.",
        )
        yield drawing.finding("unknown_name", drawn.element, message, way_out)


def _check_time(drawing: Drawing, drawn: Drawn, expression: Expression) -> Iterator[Finding]:
    """A timer without any variable is a moment with offset or a duration, as it is drawn."""
    if drawn.use != "timer" or expression.names:
        return
    try:
        value = expression.evaluate({})
    except ExpressionError:
        value = None
    node = drawing.diagram.nodes.get(drawn.element)
    is_date = node is not None and node.timer is not None and node.timer.kind == "date"
    if isinstance(value, str) and (_is_moment(value) if is_date else _is_duration(value)):
        return
    message = Text(
        "不是可用的时间或时长；时长不能是零。",
        "This is no usable moment or duration; none lasts no time at all.",
    )
    way_out = Text(
        "timeDuration 请写 'P7D'、'PT24H' 这样的时长，timeDate 请写带时区的时间。",
        "Write a duration such as 'P7D' in timeDuration, a moment with offset in timeDate.",
    )
    yield drawing.finding("timer_literal", drawn.element, message, way_out)


def _is_duration(text: str) -> bool:
    """One that lasts: a timer of no time at all is over before anybody can do anything."""
    return DURATION.fullmatch(text) is not None and re.search("[1-9]", text) is not None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False
