"""Reading XML that somebody sent: bounded, without DOCTYPE, entities, network or surprises.

What the elements mean is known to `engine.diagrams.reader` and `engine.decisions.tables`.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any, Final, NoReturn, Protocol

from lxml import etree

from engine.errors import DiagramError
from engine.findings import Finding, Text

SIZE_LIMIT: Final = 2_000_000
DEPTH_LIMIT: Final = 40
ELEMENT_LIMIT: Final = 50_000

Tree = Any
"""An lxml element of a file that is changed: it is written to in more ways than `Element` says."""


class Element(Protocol):
    """As much of an lxml element as hangji uses; lxml ships no types of its own."""

    tag: str
    text: str | None
    attrib: MutableMapping[str, str]

    def __iter__(self) -> Iterator["Element"]: ...
    def get(self, key: str) -> str | None: ...
    def find(self, path: str) -> "Element | None": ...
    def findall(self, path: str) -> list["Element"]: ...
    def iter(self, *tags: str) -> Iterator["Element"]: ...
    def getparent(self) -> "Element | None": ...
    def remove(self, child: "Element") -> None: ...
    def iterancestors(self, *tags: str) -> Iterator["Element"]: ...


def parse_xml(content: bytes, *, name: str) -> Element:
    """Parse one file into its root element; comments and processing instructions are gone.

    Raises:
        DiagramError: too large, not UTF-8, with a DOCTYPE, nested too deeply, or no XML at all.
    """
    _check_bytes(content, name)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Element = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(error)[:200]
        _refuse(
            "xml_not_readable",
            name,
            Text(f"不是完整的 XML：{reason}。", f"is not well-formed XML: {reason}."),
            Text("请用流程编辑器重新导出。", "Export it from the editor again."),
        )
    document = etree.ElementTree(root).docinfo
    if document.doctype or document.internalDTD is not None:
        _refuse_doctype(name)
    _check_shape(root, name)
    return root


def local_name(element: Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Namespace of an element, empty when it has none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def _check_bytes(content: bytes, name: str) -> None:
    if len(content) > SIZE_LIMIT:
        _refuse(
            "xml_too_large",
            name,
            Text("文件超过 2 MB。", "The file is larger than 2 MB."),
            Text("请拆成几个流程，用调用活动连接。", "Cut it into several called processes."),
        )
    if b"<!DOCTYPE" in content:
        _refuse_doctype(name)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        _refuse(
            "xml_not_utf8",
            name,
            Text("文件不是 UTF-8 编码。", "The file is not UTF-8."),
            Text("请另存为 UTF-8。", "Save it as UTF-8."),
        )


def _check_shape(root: Element, name: str) -> None:
    events: Iterator[tuple[str, Element]] = etree.iterwalk(root, events=("start", "end"))
    depth = count = 0
    for event, _element in events:
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > DEPTH_LIMIT or count > ELEMENT_LIMIT:
            _refuse(
                "xml_too_deep" if depth > DEPTH_LIMIT else "xml_too_many",
                name,
                Text("XML 嵌套过深或元素过多。", "The XML is nested too deeply or has too much."),
                Text("请用流程编辑器重新导出。", "Export it from the editor again."),
            )


def _refuse_doctype(name: str) -> NoReturn:
    _refuse(
        "xml_doctype",
        name,
        Text("文件带有 DOCTYPE。", "The file has a DOCTYPE."),
        Text("请删去 DOCTYPE 声明。", "Remove the DOCTYPE declaration."),
    )


def _refuse(code: str, name: str, message: Text, way_out: Text) -> NoReturn:
    finding = Finding("error", code, name, "", message, way_out)
    text = f"{name}: {message.zh}{way_out.zh}"
    raise DiagramError(text, code=code, findings=[finding])
