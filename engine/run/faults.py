"""Errors of a published diagram that cannot continue: the fault, its place and the remedy.

Every expression, property and table that is evaluated while a case moves is evaluated inside
`drawn`. What a handler of ours raises is not the drawing's fault and is not touched here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from engine.definitions import Definition
from engine.diagrams.model import Node
from engine.errors import (
    DecisionError,
    DiagramError,
    DrawnFault,
    EngineFault,
    ExpressionError,
)

_ENGINE: Final = (EngineFault, DecisionError, DiagramError, ExpressionError)
_RAW: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""Exceptions of Python for data of a type that the diagram did not expect."""

_REASONS: Final[Mapping[str, str]] = {
    "unknown_name": "用到的变量还没有值",
    "type": "比较或计算的两边类型不同",
    "cannot_evaluate": "按现有数据算不出来",
    "timer_unreadable": "算出来的不是带时区的时间，也不是时长",
    "no_list": "多实例要用的清单还没有",
}


@contextmanager
def drawn(
    definition: Definition, element: str = "", on_file: tuple[int | None, int | None] = (None, None)
) -> Iterator[None]:
    """Report errors of the diagram raised inside the block as a fault of the diagram.

    `on_file` is the case and the process that are in the database already: the incident of the
    fault stands on them.

    Raises:
        DrawnFault: instead of every error of the engine, and of what Python raises over odd data.
    """
    try:
        yield
    except _ENGINE as error:
        where = getattr(error, "element", "") or element
        raise _fault(definition, where, _what(error), error.code, on_file) from error
    except _RAW as error:
        kind = type(error).__name__
        what = (f"数据的种类与图上的用法不符（{kind}）", f"the data are of another kind ({kind})")
        raise _fault(definition, element, what, DrawnFault.code, on_file) from error


def _fault(
    definition: Definition,
    element: str,
    what: tuple[str, str],
    code: str,
    on_file: tuple[int | None, int | None],
) -> DrawnFault:
    node = _node(definition, element)
    process = definition.process_id
    label = definition.diagrams[process].label or process
    place = element if node is None or not node.label else f"{node.label}（{element}）"
    zh, en = what
    message = (
        f"流程图“{label}”（{process}）在“{place or process}”处走不下去：{zh}。"
        "案件保持原样，这次操作没有保存；请流程分析员改正图上这一处并重新发布，再办理。"
    )
    english = (
        f"The diagram {process} cannot go on at {element or process}: {en}. The case is as it "
        "was and nothing was saved; an analyst mends this place and publishes it, then try again."
    )
    fault = DrawnFault(message, english=english, code=code, element=element)
    fault.case_id, fault.running_id = on_file
    return fault


def _what(error: EngineFault | DecisionError | DiagramError | ExpressionError) -> tuple[str, str]:
    if not isinstance(error, ExpressionError):
        return error.message.rstrip("。"), f"{error.code}, {error.message.rstrip('。')}"
    reason = _REASONS.get(error.code, "不能计算")
    return f"式子 {error.source[:120]} {reason}", error.message


def _node(definition: Definition, element: str) -> Node | None:
    """The drawn node at the end of a path through called diagrams."""
    name = element.rpartition(".")[2].partition("#")[0]
    nodes = (diagram.nodes.get(name) for diagram in definition.diagrams.values())
    return next((node for node in nodes if node is not None), None)
