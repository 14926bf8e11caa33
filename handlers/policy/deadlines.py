"""工作方案的时限和六步：每个人工任务有时限，并指明属于哪一步。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Cell, Drawing, Finding, Text, key_of
from handlers.policy.policy import BY_PEOPLE, Policy
from storage.cases.phases import PHASES


def check_deadlines(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Every task of a person has a deadline the table of limits knows, and a phase."""
    for node in drawing.diagram.nodes.values():
        if node.kind not in BY_PEOPLE:
            continue
        if not node.deadline and not node.properties.get("due"):
            message = Text("任务没有时限。", "The task has no deadline.")
            way_out = Text(
                "请设 deadline 属性（时限表的 step），协办任务设 due。",
                "Set `deadline` to a step of the table of limits, or `due` for a side task.",
            )
            yield drawing.finding("deadline", node.id, message, way_out, clause="R41")
        elif node.deadline and "deadlines" not in bundle.tables:
            message = Text("没有时限表 deadlines。", "There is no table of limits (deadlines).")
            way_out = Text("请一并提交 deadlines.dmn。", "Give deadlines.dmn with the diagram.")
            yield drawing.finding("deadline", node.id, message, way_out, clause="R41")
        elif node.deadline and not _is_known_step(bundle, node.deadline):
            message = Text(
                f"时限表里没有步骤 {node.deadline}。", f"No limit has the step {node.deadline}."
            )
            way_out = Text("请在 deadlines.dmn 加一行。", "Add a row to deadlines.dmn.")
            yield drawing.finding("deadline", node.id, message, way_out, clause="R41")
        elif node.deadline and node.deadline != node.id and _is_named_step(bundle, node.id):
            message = Text(
                f"时限表里有步骤 {node.id}，任务用的却是 {node.deadline} 的时限。",
                f"The limits have a step {node.id}, and the task takes that of {node.deadline}.",
            )
            way_out = Text(
                f"请把 deadline 写成 {node.id}，或删去表里没有用的行。",
                f"Set `deadline` to {node.id}, or remove the rows nobody uses.",
            )
            yield drawing.finding("deadline", node.id, message, way_out, clause="R41")
        if node.phase not in PHASES:
            message = Text("没有指明六步中的哪一步。", "The task does not say its phase.")
            known = ", ".join(PHASES)
            way_out = Text(f"请设 phase 属性：{known}。", f"Set `phase` to one of {known}.")
            yield drawing.finding("phase", node.id, message, way_out, clause="R36")


def _is_known_step(bundle: Bundle, step: str) -> bool:
    return any(cell is None or cell.fits(key_of(step)) for cell in _steps(bundle))


def _is_named_step(bundle: Bundle, step: str) -> bool:
    return any(cell is not None and cell.fits(key_of(step)) for cell in _steps(bundle))


def _steps(bundle: Bundle) -> Iterator[Cell | None]:
    """The cells of the column `step`; anything where the table has none."""
    table = bundle.tables["deadlines"].table
    columns = [column.expression.source for column in table.inputs]
    if "step" not in columns:
        yield None
        return
    yield from (rule.cells[columns.index("step")] for rule in table.rules)


POLICY: Final = Policy("deadline", ("R36", "R41"), of_drawing=check_deadlines)
