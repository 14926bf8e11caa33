"""A foreign file as drafts: one file per process, with ids and tasks as they are drawn here.

Extensions of other tools are kept, they only have no effect. What cannot run here stays drawn, and
the check says what to draw instead.
"""

import copy
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from engine.diagrams.dialect import BPMN, BPMN_DI
from engine.diagrams.editing import read_drawing, rename_all
from engine.diagrams.foreign.encodings import in_utf8
from engine.diagrams.foreign.layout import draw
from engine.diagrams.reader import role_of_lane
from engine.diagrams.xml import Tree
from engine.errors import EditError
from engine.findings import Text

_B: Final = f"{{{BPMN}}}"
_DI: Final = f"{{{BPMN_DI}}}"
_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_NAMED: Final = frozenset({"process", "lane", "message", "error", "sequenceFlow"})
_ENDINGS: Final = ("Task", "Event", "Gateway", "Activity", "ubProcess")
_LENGTH: Final = 60
OWNER: Final = "承办岗"
"""The lane of a draft that has none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One process of a foreign file, and what was changed to bring it in."""

    process_id: str
    content: bytes
    changes: tuple[Text, ...]


@dataclass(slots=True)
class _Changes:
    said: list[Text] = field(default_factory=list)

    def note(self, zh: str, en: str) -> None:
        self.said.append(Text(zh, en))


def make_drafts(content: bytes, *, name: str) -> list[Draft]:
    """Bring a foreign file in.

    Raises:
        DiagramError: it is no XML that is read here, or has no process.
        EditError: its encoding is unknown, or nothing is drawn in it.
    """
    plain, encoding = in_utf8(content, name=name)
    root = read_drawing(plain, name=name)
    processes = _drawn_processes(root)
    if not processes:
        message = f"{name} 里没有画着东西的 BPMN 流程。"
        raise EditError(message, english=f"{name} holds no BPMN process with anything drawn.")
    return [
        _draft(root, place, len(processes), process.get("id"), encoding, name)
        for place, process in enumerate(processes)
    ]


def _draft(
    whole: Tree, place: int, count: int, process_id: str, encoding: str | None, name: str
) -> Draft:
    changes = _Changes()
    if encoding is not None:
        changes.note(f"编码由 {encoding} 改为 UTF-8。", f"From {encoding} to UTF-8.")
    root = copy.deepcopy(whole) if count > 1 else whole
    processes = _drawn_processes(root)
    process = processes[place]
    if count > 1:
        changes.note(
            f"文件里有 {count} 个流程，各成一个文件；这是 {process_id}。",
            f"{count} processes, a file each; this is {process_id}.",
        )
        _leave_out(root, [one for one in processes if one is not process])
    _put_first(root, process)
    if process.get("isExecutable") != "true":
        process.set("isExecutable", "true")
        changes.note("流程标为可执行。", "The process is marked as executable.")
    _make_user_tasks(process, changes)
    _put_in_lanes(process, changes)
    _name(root, process, changes, name)
    drawn = draw(root, process, _nodes(process))
    if drawn:
        changes.note(f"没有图形，按先后排了 {drawn} 个元素。", f"{drawn} elements were laid out.")
    written: bytes = etree.tostring(root, encoding="UTF-8")
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return Draft(process.get("id"), head + written.strip() + b"\n", tuple(changes.said))


def _put_first(root: Tree, process: Tree) -> None:
    """Leave out processes in which nothing is drawn; one that holds extensions stays behind."""
    for other in [one for one in root.findall(f"{_B}process") if one is not process]:
        if all(_is_standard(one) for one in other.iter(etree.Element)):
            _leave_out(root, [other])
        else:
            process.addnext(other)


def _is_standard(element: Tree) -> bool:
    names = (name for name in (element.tag, *element.attrib) if name.startswith("{"))
    return all(name[1:].startswith("http://www.omg.org/spec/") for name in names)


def _drawn_processes(root: Tree) -> list[Tree]:
    return [one for one in root.findall(f"{_B}process") if next(_nodes(one), None) is not None]


def _nodes(process: Tree) -> Iterator[Tree]:
    """What flows lead to, and events."""
    for one in process:
        is_ours = isinstance(one.tag, str) and one.tag.startswith(_B)
        if is_ours and _is_drawn(str(etree.QName(one).localname)):
            yield one


def _is_drawn(kind: str) -> bool:
    return kind.endswith(_ENDINGS) or kind in {"task", "transaction"}


def _make_user_tasks(process: Tree, changes: _Changes) -> None:
    """A task of no kind is what people draw first; here somebody does it."""
    tasks = list(process.iter(f"{_B}task"))
    for task in tasks:
        task.tag = f"{_B}userTask"
    if tasks:
        changes.note(
            f"{len(tasks)} 个没有种类的任务改成用户任务。", f"{len(tasks)} tasks became user tasks."
        )


def _leave_out(root: Tree, processes: list[Tree]) -> None:
    """Remove other processes; their pools stay as black boxes, which messages lead to."""
    pools = {
        one.get("processRef"): one
        for one in root.iter(f"{_B}participant")
        if one.get("processRef") in {process.get("id") for process in processes}
    }
    pool_of: dict[str | None, str] = {}
    for process in processes:
        pool = pools.get(process.get("id"))
        name = "" if pool is None else pool.get("id") or ""
        pool_of |= {one.get("id"): name for one in process.iter(etree.Element) if one.get("id")}
        root.remove(process)
        if pool is not None:
            del pool.attrib["processRef"]
    gone = set(pool_of)
    for flow in list(root.iter(f"{_B}messageFlow", f"{_B}association")):
        for end in ("sourceRef", "targetRef"):
            if flow.get(end) in pool_of:
                flow.set(end, pool_of[flow.get(end)])
    for shape in list(root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge")):
        if shape.get("bpmnElement") in gone:
            shape.getparent().remove(shape)


def _put_in_lanes(process: Tree, changes: _Changes) -> None:
    lanes = list(process.iter(f"{_B}lane"))
    strange = [lane.get("name") or "" for lane in lanes if not role_of_lane(lane.get("name") or "")]
    if strange:
        listed = "、".join(strange)
        changes.note(f"这些泳道还不是角色：{listed}。", f"Lanes that are no roles yet: {listed}.")
    if lanes:
        return
    made = etree.Element(f"{_B}laneSet", id="drawn_lanes")
    lane = etree.SubElement(made, f"{_B}lane", id="lane_owner", name=OWNER)
    for node in _nodes(process):
        etree.SubElement(lane, f"{_B}flowNodeRef").text = node.get("id")
    etree.indent(made, space="  ", level=2)
    process.insert(_before_flow(process), made)
    changes.note(
        f"没有泳道，全部放进“{OWNER}”。", "It has no lane; everything stands in that of the owner."
    )


def _before_flow(process: Tree) -> int:
    """Where the schema wants lanes: behind what documents the process."""
    first = ("documentation", "extensionElements", "auditing", "monitoring", "property")
    before = (*first, "ioSpecification")
    return sum(
        1 for one in process if isinstance(one.tag, str) and etree.QName(one).localname in before
    )


def _name(root: Tree, process: Tree, changes: _Changes, file: str) -> None:
    """Give every element that is bound by its id one that people can read."""
    taken = {one.get("id") for one in root.iter(etree.Element) if one.get("id")}
    names: dict[str, str] = {}
    for one in root.iter(etree.Element):
        if not _is_bound(one, process):
            continue
        old = one.get("id")
        if not old:
            one.set("id", _free(_readable(one, "", file), taken))
            taken.add(one.get("id"))
        elif not _is_fine(old):
            new = _readable(one, old, file)
            names[old] = _free(new, taken)
            taken.add(names[old])
    if names:
        rename_all(root, names)
        shown = "、".join(f"{old} → {new}" for old, new in list(names.items())[:3])
        changes.note(
            f"{len(names)} 个编号改成 snake_case（{shown} …）。",
            f"{len(names)} ids became snake_case ({shown} …).",
        )


def _is_bound(element: Tree, process: Tree) -> bool:
    if not isinstance(element.tag, str) or not element.tag.startswith(_B):
        return False
    kind = etree.QName(element).localname
    return kind in _NAMED or _is_node(element, process)


def _is_node(element: Tree, process: Tree) -> bool:
    above = element.getparent()
    is_one = _is_drawn(str(etree.QName(element).localname))
    return is_one and (above is process or process in element.iterancestors())


def _is_fine(identifier: str) -> bool:
    return bool(_SNAKE.fullmatch(identifier)) and not keyword.iskeyword(identifier)


def _readable(element: Tree, old: str, file: str) -> str:
    """The name in English words where it has one, else the old id in small letters."""
    is_process = etree.QName(element).localname == "process"
    for text in (element.get("name") or "", old, file.rpartition(".")[0] if is_process else ""):
        found = _slug(text)
        if _is_fine(found) and not (text is not old and _is_partial(text, found)):
            return found
    kind = re.sub(r"(?<!^)([A-Z])", r"_\1", str(etree.QName(element).localname)).lower()
    return kind if _is_fine(kind) else f"{kind}_1"


def _slug(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower())
    slug = "_".join(words)[:_LENGTH].strip("_")
    return f"n_{slug}" if slug[:1].isdigit() else slug


def _is_partial(text: str, slug: str) -> bool:
    """Whether most of a name is no English, so that the rest would say nothing."""
    letters = sum(not one.isspace() for one in text)
    return len(slug) * 2 < letters


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
