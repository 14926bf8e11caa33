"""Changes of a drawing without an editor: a step put on a line or taken out, an id renamed.

The drawing grows by a column where the step stands; everything else of the file stays as it was,
foreign extensions and comments included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from lxml import etree

from engine.diagrams.dialect import BPMN, BPMN_DI
from engine.diagrams.geometry import draw_step, join_lines, nodes_of, place_beside
from engine.diagrams.reader import EXTENSION
from engine.diagrams.xml import Tree, parse_xml
from engine.errors import EditError

_B: Final = f"{{{BPMN}}}"
_X: Final = f"{{{EXTENSION}}}"
_DI: Final = f"{{{BPMN_DI}}}"
_REFERENCES: Final = frozenset(
    {"id", "sourceRef", "targetRef", "default", "attachedToRef", "bpmnElement", "processRef"}
    | {"calledElement", "messageRef", "errorRef"}
)
_NAMING: Final = frozenset({"flowNodeRef", "incoming", "outgoing"})


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to draw: a user task, or a service task whose properties say what it does."""

    id: str
    name: str
    tag: str
    properties: Mapping[str, str] = field(default_factory=dict)
    lane: str | None = None


def read_drawing(content: bytes, *, name: str) -> Tree:
    """Read a file to be changed, with everything it holds.

    Raises:
        DiagramError: it is refused as any other file is.
    """
    parse_xml(content, name=name)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(content, parser)


def write_drawing(root: Tree, *, like: bytes) -> bytes:
    """Write the file again, spelled `like` it was, so that a comparison shows the change alone."""
    written: bytes = etree.tostring(root, encoding="UTF-8")
    head, _, _ = like.partition(b"?>")
    if b" />" in like:
        written = written.replace(b'"/>', b'" />')  # the writer escapes > everywhere else
    declaration = head + b"?>\n" if head.startswith(b"<?xml") else b""
    return declaration + written.rstrip() + b"\n"


def insert_step(root: Tree, step: NewStep, *, after: str) -> None:
    """Put a step on the line that leaves `after`, or on the line of that id.

    Raises:
        EditError: there is no such place, or the id is taken.
    """
    process = root.find(f"{_B}process")
    if _find(root, step.id) is not None:
        message = f"编号 {step.id} 已经用了，请另取一个。"
        raise EditError(message, english=f"The id {step.id} is taken.")
    flow = _flow(process, after)
    target = flow.get("targetRef")
    onward = f"{step.id}_to_{target}"
    node = _element(process, flow, step, flow.get("id"), onward)
    flow.set("targetRef", step.id)
    made = etree.Element(f"{_B}sequenceFlow", id=onward, sourceRef=step.id, targetRef=target)
    place_beside(flow, made)
    _replace_listed(_find(root, target), "incoming", flow.get("id"), onward)
    _put_in_lane(process, step, near=flow.get("sourceRef"))
    draw_step(root, flow, node, onward, target)


def remove_step(root: Tree, step: str) -> None:
    """Take a step out; what led to it leads to what followed it.

    Raises:
        EditError: it is no step with one way out, or events stand on its border.
    """
    process = root.find(f"{_B}process")
    node = _known(process, step)
    flows = list(process.iter(f"{_B}sequenceFlow"))
    leaving = [flow for flow in flows if flow.get("sourceRef") == step]
    entering = [flow for flow in flows if flow.get("targetRef") == step]
    borders = [one.get("id") for one in process.iter() if one.get("attachedToRef") == step]
    if len(leaving) != 1 or not entering:
        message = f"{step} 不是只有一个出口的步骤，请在编辑器里删。"
        raise EditError(message, english=f"{step} is no step with one way out.")
    if borders:
        message = f"{step} 的边界上还有事件：{'、'.join(borders)}，请先在编辑器里删。"
        raise EditError(message, english=f"Events stand on the border of {step}.")
    (onward,) = leaving
    target = onward.get("targetRef")
    join_lines(root, entering, onward, node)
    for flow in entering:
        flow.set("targetRef", target)
    following = _find(process, target)
    _replace_listed(following, "incoming", onward.get("id"), *(one.get("id") for one in entering))
    for gone in (node, onward):
        _drop(gone)
    for reference in list(process.iter(f"{_B}flowNodeRef")):
        if (reference.text or "").strip() == step:
            before = reference.getprevious()
            if before is not None:
                before.tail = reference.tail
            reference.getparent().remove(reference)


def rename(root: Tree, old: str, new: str) -> int:
    """Replace an id wherever the file refers to it; how many places changed.

    Raises:
        EditError: the new id is taken.
    """
    if _find(root, new) is not None:
        message = f"编号 {new} 已经用了，请另取一个。"
        raise EditError(message, english=f"The id {new} is taken.")
    return rename_all(root, {old: new})


def rename_all(root: Tree, names: Mapping[str, str]) -> int:
    """Replace ids wherever the file refers to them; how many places changed."""
    count = 0
    for element in root.iter(etree.Element):
        for key in element.attrib:
            if etree.QName(key).localname in _REFERENCES and element.get(key) in names:
                element.set(key, names[element.get(key)])
                count += 1
        text = (element.text or "").strip()
        if text in names and _local(element) in _NAMING:
            element.text = names[text]
            count += 1
    return count


# -- the process ---------------------------------------------------------------------------------


def _local(element: Tree) -> str:
    return str(etree.QName(element).localname)


def _find(root: Tree, identifier: str) -> Tree:
    found = (one for one in root.iter(etree.Element) if one.get("id") == identifier)
    return next(found, None)


def _known(process: Tree, identifier: str) -> Tree:
    node = _find(process, identifier)
    if node is None:
        raise _unknown(process, identifier)
    return node


def _flow(process: Tree, after: str) -> Tree:
    flows = list(process.iter(f"{_B}sequenceFlow"))
    named = [flow for flow in flows if flow.get("id") == after]
    leaving = [flow for flow in flows if flow.get("sourceRef") == after]
    if len(named or leaving) == 1:
        return (named or leaving)[0]
    if not leaving:
        raise _unknown(process, after)
    ways = "、".join(flow.get("id") for flow in leaving)
    message = f"{after} 后面有几条路（{ways}），请写其中一条。"
    raise EditError(message, english=f"Name one line after {after}: {ways}.")


def _unknown(process: Tree, name: str) -> EditError:
    """Nothing bears the id, or nothing follows it: the ids that look like it."""
    known = [one.get("id") for one in process.iter(etree.Element) if one.get("id")]
    alike = "、".join(get_close_matches(name, known, n=3, cutoff=0.6))
    hint = f"是不是 {alike}？" if alike else "编号用 hangji tasks 查。"
    english = f"Did you mean {alike}?" if alike else "`hangji tasks` lists the ids."
    return EditError(
        f"没有 {name}，或它后面没有连线。{hint}",
        english=f"There is no {name}, or nothing follows it. {english}",
    )


def _element(process: Tree, flow: Tree, step: NewStep, incoming: str, outgoing: str) -> Tree:
    node = etree.Element(f"{_B}{step.tag}", id=step.id, name=step.name)
    if step.properties:
        extension = etree.SubElement(node, f"{_B}extensionElements")
        listed = etree.SubElement(extension, f"{_X}properties")
        for name, value in step.properties.items():
            etree.SubElement(listed, f"{_X}property", name=name, value=value)
    etree.SubElement(node, f"{_B}incoming").text = incoming
    etree.SubElement(node, f"{_B}outgoing").text = outgoing
    etree.indent(node, space="  ", level=2)
    place = _find(process, flow.get("sourceRef"))
    place_beside(place, node)
    return node


def _replace_listed(node: Tree, tag: str, old: str, *new: str) -> None:
    for listed in list(node.findall(f"{_B}{tag}")):
        if (listed.text or "").strip() == old:
            for name in new:
                made = etree.Element(f"{_B}{tag}")
                made.text, made.tail = name, listed.tail
                listed.addprevious(made)
            node.remove(listed)


def _put_in_lane(process: Tree, step: NewStep, *, near: str) -> None:
    lanes = list(process.iter(f"{_B}lane"))
    names = [lane for lane in lanes if step.lane in {lane.get("name"), lane.get("id")}]
    if step.lane is not None and not names:
        known = "、".join(lane.get("name") or "" for lane in lanes)
        message = f"没有泳道“{step.lane}”；有：{known}。"
        raise EditError(message, english=f"There is no lane {step.lane}; known: {known}.")
    theirs = [lane for lane in lanes if near in nodes_of(lane)]
    for lane in (names or theirs)[-1:]:
        reference = etree.Element(f"{_B}flowNodeRef")
        reference.text = step.id
        last = next(reversed(lane.findall(f"{_B}flowNodeRef")), None)
        if last is None:
            lane.insert(0, reference)
        else:
            lane.insert(lane.index(last) + 1, reference)
            reference.tail, last.tail = last.tail, lane.text


def _drop(element: Tree) -> None:
    """Remove an element and what draws it; the text around it stays."""
    root = element.getroottree().getroot()
    shown = element.get("id")
    drawn = [one for one in root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge") if shown]
    for one in [element, *(one for one in drawn if one.get("bpmnElement") == shown)]:
        one.getparent().remove(one)


# -- tables --------------------------------------------------------------------------------------


def set_cell(root: Tree, row: str, column: str, value: str) -> str:
    """Write a cell of a decision table; what it held before.

    `column` is the name of an answer, or the expression of an input. Texts keep their quotes.

    Raises:
        EditError: there is no such row or column.
    """
    space = f"{{{etree.QName(root).namespace}}}"
    names = [one.get("name") or "" for one in root.iter(f"{space}output")]
    asked = [
        (one.findtext(f"{space}inputExpression/{space}text") or "").strip()
        for one in root.iter(f"{space}input")
    ]
    rule = next((one for one in root.iter(f"{space}rule") if one.get("id") == row), None)
    known = names if column in names else asked
    if rule is None:
        raise _missing("行", "row", row, [one.get("id") for one in root.iter(f"{space}rule")])
    if column not in known:
        raise _missing("列", "column", column, [*asked, *names])
    kind = "outputEntry" if column in names else "inputEntry"
    text = rule.findall(f"{space}{kind}")[known.index(column)].find(f"{space}text")
    before = (text.text or "").strip()
    if _is_number(before) and not _is_number(value):
        message = f"这一格写数（现在是 {before}），不能写 {value}。"
        raise EditError(message, english=f"The cell holds a number ({before}), not {value}.")
    text.text = f'"{value}"' if before.startswith('"') and not value.startswith('"') else value
    return before


def _missing(chinese: str, word: str, name: str, known: Sequence[str]) -> EditError:
    """The ones that look like it, else all there are."""
    close = get_close_matches(name, known, n=3, cutoff=0.6)
    if close:
        alike = "、".join(close)
        message = f"没有{chinese} {name}。是不是 {alike}？"
        return EditError(message, english=f"There is no {word} {name}. Did you mean {alike}?")
    all_of_them = "、".join(known)
    message = f"没有{chinese} {name}。有：{all_of_them}。"
    return EditError(message, english=f"There is no {word} {name}. There are {all_of_them}.")


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
