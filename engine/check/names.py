"""Ids are a contract and written by a person; labels are Chinese; lanes are roles."""

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from engine.binding import MARK
from engine.check.bundle import Bundle, Drawing
from engine.diagrams.model import GATEWAYS, Node
from engine.diagrams.reader import BPMN, role_of_lane
from engine.diagrams.xml import Element, local_name, namespace
from engine.findings import Finding, Text
from storage.people.roles import ROLES

_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_ID_LENGTH: Final = 80
_NAMED: Final = frozenset({"process", "lane", "message", "error"})


def check_duplicate_ids(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """An id occurs once in a file."""
    seen = Counter(element.get("id") for element in drawing.root.iter() if element.get("id"))
    for identifier, count in seen.items():
        if count > 1:
            message = Text(
                f"编号 {identifier} 出现了 {count} 次。", f"The id {identifier} is repeated."
            )
            way_out = Text("请给每个元素不同的编号。", "Give every element an id of its own.")
            yield drawing.finding("duplicate_id", identifier or "", message, way_out)


def check_ids(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Ids of what is drawn are snake_case and no Python keyword: functions bear the same names."""
    diagram = drawing.diagram
    others = {
        element.get("id") or ""
        for element in drawing.root.iter()
        if namespace(element) == BPMN and local_name(element) in _NAMED
    }
    for identifier in (*filter(_is_drawn, [*diagram.nodes, *diagram.flows]), *sorted(others)):
        is_snake = _SNAKE.fullmatch(identifier) and len(identifier) <= _ID_LENGTH
        if not is_snake or keyword.iskeyword(identifier):
            message = Text(
                f"编号 {identifier:.80} 不是 snake_case。",
                f"The id {identifier:.80} is not snake_case.",
            )
            way_out = Text(
                "请写成说明其含义的小写英文，如 verify_on_site。",
                "Write words a person understands, such as verify_on_site.",
            )
            yield drawing.finding("id", identifier, message, way_out)


def check_labels(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Nodes, and flows that answer a gateway, have a Chinese label."""
    diagram = drawing.diagram
    deciding = {node.id for node in diagram.nodes.values() if _decides(node)}
    unlabelled = [
        node.id
        for node in diagram.nodes.values()
        if _is_drawn(node.id)
        and not _HAN.search(node.label)
        and (node.kind not in GATEWAYS or node.id in deciding)
    ]
    unlabelled += [
        flow.id
        for flow in diagram.flows.values()
        if flow.source in deciding
        and _is_drawn(flow.id)
        and diagram.nodes[flow.source].kind == "exclusive"
        and not _HAN.search(flow.label)
        # 3, 7 and the like are valid labels in every language.
        and not flow.label.isdigit()
    ]
    for identifier in unlabelled:
        message = Text("缺少中文名称。", "The Chinese label is missing.")
        way_out = Text(
            "任务写动词短语，网关写问句，出口写答案。",
            "Label tasks with verbs, gateways with questions, their flows with answers.",
        )
        yield drawing.finding("label", identifier, message, way_out)


_PARALLEL: Final = f"{{{BPMN}}}parallelGateway"


def check_questions(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """A gateway that asks a question chooses: a parallel one takes every way."""
    for element in drawing.root.iter(_PARALLEL):
        label = (element.get("name") or "").rstrip()
        ways = element.findall(f"{{{BPMN}}}outgoing")
        if label.endswith(("？", "?")) and len(ways) > 1:
            message = Text(
                "并行网关各条路都走，不作判断，名称却是问句。",
                "A parallel gateway takes every way and decides nothing, yet its label asks.",
            )
            way_out = Text(
                "要选一条路的，改用排他网关并写条件；都要走的，名称不写问句。",
                "For a choice draw an exclusive gateway with conditions; else ask nothing.",
            )
            yield drawing.finding("parallel_question", element.get("id") or "", message, way_out)


def _is_drawn(identifier: str) -> bool:
    return MARK not in identifier


def _decides(node: Node) -> bool:
    return node.kind in {"exclusive", "event_gateway"} and len(node.outgoing) > 1


def check_lanes(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Every lane is a role, a run-time lane or a function, and every user task is in one."""
    way_out = Text(
        "请用角色名称，如 网格长，或 承办岗、核查岗、指定岗；"
        "由函数选岗位的，编号为 lane_ 加函数名。",
        "Name a role, such as grid_leader, or owner, verifier, named_post; of a function that"
        " chooses the post the id is lane_ and its name.",
    )
    written = (bundle.functions or {}).get(drawing.diagram.process_id, {})
    for lane in drawing.diagram.lanes:
        is_known = role_of_lane(lane.name) is not None or written.get(lane.role or "") == "lane"
        if not is_known:
            message = Text(f"没有“{lane.name}”这个角色。", f"There is no role {lane.name!r}.")
            yield drawing.finding("lane", lane.id, message, way_out)
    for node in drawing.diagram.nodes.values():
        if node.kind in {"user", "manual"} and not node.lane:
            message = Text("任务不在任何泳道里。", "The task stands in no lane.")
            yield drawing.finding("lane", node.id, message, way_out)
    yield from _check_two_lanes(drawing)


def _check_two_lanes(drawing: Drawing) -> Iterator[Finding]:
    """Only lanes inside one another may list the same element."""
    listing: dict[str, list[tuple[Element, frozenset[str]]]] = {}
    for lane in drawing.root.iter(f"{{{BPMN}}}lane"):
        above = frozenset(
            ancestor.get("id") or "" for ancestor in lane.iterancestors(f"{{{BPMN}}}lane")
        )
        for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            listing.setdefault((reference.text or "").strip(), []).append((lane, above))
    for node, lanes in listing.items():
        # Outer lanes come first; each further one must stand inside the one before.
        pairs = pairwise(lanes)
        if any((outer.get("id") or "") not in above for (outer, _), (_, above) in pairs):
            names = "、".join(lane.get("name") or "" for lane, _ in lanes)
            message = Text(
                f"同时列在几个泳道里：{names}；不知道归谁办。",
                f"It is listed in several lanes ({names}); nobody knows who gets it.",
            )
            way_out = Text("请只留一个泳道。", "Keep it in one lane.")
            yield drawing.finding("lane", node, message, way_out)


def check_starters(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Who may start a case is a role of the city."""
    for node in drawing.diagram.nodes.values():
        if node.kind == "start":
            for role in node.who:
                if role not in ROLES:
                    message = Text(f"没有 {role} 这个角色。", f"There is no role {role}.")
                    way_out = Text(
                        f"who 请写角色的编号：{', '.join(ROLES)}。",
                        f"Write ids of roles in `who`: {', '.join(ROLES)}.",
                    )
                    yield drawing.finding("who", node.id, message, way_out)


def check_shapes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """What runs is also visible."""
    diagram = drawing.diagram
    hidden = [node for node in diagram.nodes if node not in diagram.shapes]
    hidden += [flow for flow in diagram.flows if flow not in diagram.edges]
    for identifier in filter(_is_drawn, hidden):
        message = Text("图上看不到这个元素。", "The element has no shape in the drawing.")
        way_out = Text("请用流程编辑器重新画出。", "Draw it again in the editor.")
        yield drawing.finding("shape", identifier, message, way_out, severity="warning")
