"""时限表的每个步骤只属于六步中的一步；网格层到期上报，部门层到期督办（R36、R41）。"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Node, Text, key_of
from handlers.policy.policy import BY_PEOPLE, Policy, constant
from storage.people.roles import DEPARTMENT, GRID_ASSISTANTS

LIMITS: Final = "deadlines"
PASSED_ON: Final = frozenset({"accept", "handle"})


def check_steps(bundle: Bundle) -> Iterator[Finding]:
    """Tasks with the same step work in the same phase; rows pass up in the grid tier alone."""
    tasks: dict[str, list[tuple[Drawing, Node]]] = defaultdict(list)
    for drawing in bundle.drawings:
        for node in drawing.diagram.nodes.values():
            if node.kind in BY_PEOPLE and node.deadline:
                tasks[node.deadline].append((drawing, node))
    for step, users in tasks.items():
        phases = sorted({node.phase or "" for _, node in users})
        if len(phases) > 1:
            for drawing, node in users:
                yield _two_phases(drawing, node, step, phases)
    yield from _check_rows(bundle)


def _two_phases(drawing: Drawing, node: Node, step: str, phases: list[str]) -> Finding:
    listed = ", ".join(phases)
    message = Text(
        f"时限步骤 {step} 用在不同的步里：{listed}。",
        f"The step {step} of the limits is used in several phases: {listed}.",
    )
    way_out = Text(
        "请更正 deadline 或 phase；真是另一步的，在时限表里另加一行。",
        "Correct `deadline` or `phase`; what is another step has a row of its own.",
    )
    return drawing.finding("step_of_phase", node.id, message, way_out, clause="R36")


def _check_rows(bundle: Bundle) -> Iterator[Finding]:
    held = bundle.tables.get(LIMITS)
    if held is None:
        return
    heads = [one.expression.source for one in held.table.inputs]
    names = [one.name for one in held.table.outputs]
    if not {"level", "step"} <= set(heads) or "on_overdue" not in names:
        return
    for rule in held.table.rules:
        step, level = rule.cells[heads.index("step")], rule.cells[heads.index("level")]
        overdue = constant(rule.outputs[names.index("on_overdue")])
        if overdue is None or step is None or level is None:
            continue
        if level.is_negated or not any(step.fits(key_of(one)) for one in PASSED_ON):
            continue
        roles = {str(value) for _, value in level.keys}
        if (overdue == "pass_up" and roles & DEPARTMENT) or (
            overdue != "pass_up" and roles & GRID_ASSISTANTS
        ):
            message = Text(
                "网格层到期应当上报一级，部门层到期不得上报。",
                "The grid tier passes up when time is over, departments never do.",
            )
            way_out = Text(
                "网格层写 pass_up，部门层写 supervise 或 inform_superior。",
                "Write pass_up for the grid tier, supervise or inform_superior for departments.",
            )
            yield Finding(
                "error", "step_of_phase", held.file, rule.id, message, way_out, clause="R41"
            )


POLICY: Final = Policy("step_of_phase", ("R36", "R41"), of_bundle=check_steps)
