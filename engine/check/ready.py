"""Service tasks that name a ready function: the function exists and has its arguments."""

from collections.abc import Iterator
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.diagrams.model import Node
from engine.findings import Finding, Text
from engine.forms.documents import RESERVED
from engine.ready import DOES, READY, RECEIVERS, ReadyFunction
from storage.people.roles import ROLES

_NAMES: Final = frozenset({"name", "process"})
"""Arguments that are written down, never computed: the check has to know them."""


def check_ready(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Every service task that says what it does says it completely."""
    for node in drawing.diagram.nodes.values():
        said = node.properties.get(DOES)
        if node.kind != "service" or said is None:
            continue
        ready = READY.get(said)
        if ready is None:
            known = "、".join(f"{one.name}（{one.says.zh}）" for one in READY.values())
            message = Text(f"没有现成的步骤“{said}”。", f"There is no ready step {said!r}.")
            way_out = Text(f"does 可写：{known}。", f"Known: {', '.join(READY)}.")
            yield drawing.finding("ready", node.id, message, way_out)
            continue
        yield from _check_arguments(drawing, node, ready)
        yield from _check_values(drawing, node, bundle)


def _check_arguments(drawing: Drawing, node: Node, ready: ReadyFunction) -> Iterator[Finding]:
    missing = [name for name in ready.needs if not node.properties.get(name)]
    strange = [name for name in node.properties if not ready.takes(name)]
    way_out = Text(
        f"{ready.name} 要写：{'、'.join(ready.needs)}；可写：{'、'.join(ready.may) or '（无）'}。",
        f"{ready.name} needs {', '.join(ready.needs)}; it may have {', '.join(ready.may) or '-'}.",
    )
    for name in missing:
        message = Text(f"没有写属性 {name}。", f"The property {name} is missing.")
        yield drawing.finding("ready", node.id, message, way_out)
    for name in strange:
        message = Text(f"{ready.name} 不用属性 {name}。", f"{ready.name} has no use for {name}.")
        yield drawing.finding("ready", node.id, message, way_out)


def _check_values(drawing: Drawing, node: Node, bundle: Bundle) -> Iterator[Finding]:
    properties = node.properties
    post = properties.get("post", "owner")
    if post not in {*ROLES, *RECEIVERS}:
        message = Text(f"没有“{post}”这个岗位。", f"There is no post {post!r}.")
        way_out = Text(
            "请写 owner（承办岗）、superior（上级）、collector（采集人）或角色的编号："
            f"{'、'.join(ROLES)}。",
            f"Write a role, or owner, superior, collector: {', '.join(ROLES)}.",
        )
        yield drawing.finding("ready", node.id, message, way_out)
    for name in sorted(_NAMES & properties.keys()):
        if properties[name].startswith("=") or properties[name] in RESERVED:
            message = Text(
                f"{name} 不能是“{properties[name]}”。", f"{name} cannot be {properties[name]!r}."
            )
            way_out = Text(
                "请直接写名称，不用引擎自己的名称。",
                "Write a plain name, none of the engine's own.",
            )
            yield drawing.finding("ready", node.id, message, way_out)
    process = properties.get("process")
    if process is not None and bundle.diagram(process) is None:
        message = Text(f"没有流程 {process}。", f"There is no process {process}.")
        way_out = Text("请写一个现有流程的编号。", "Write the id of a process that exists.")
        yield drawing.finding("ready", node.id, message, way_out)
