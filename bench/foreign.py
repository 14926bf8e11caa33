"""`python -m bench.foreign PATH...`: how many foreign files below PATH come in as drafts.

A file comes in when each of its processes becomes a draft that is read again, with ids of the house
and nothing of other tools lost. What in it cannot run yet is counted as well.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from api.settings import city_folder
from engine.check import check_bundle
from engine.diagrams.foreign.drafts import Draft, make_drafts
from engine.diagrams.foreign.encodings import in_utf8
from engine.diagrams.reader import BPMN, read_diagram
from engine.diagrams.xml import parse_xml
from engine.errors import DiagramError, EditError
from handlers.policy import POLICIES
from storage.city import rules

_OWN = ("http://www.omg.org/spec/", "http://www.w3.org/")


@dataclass
class Measured:
    """The counts over all files."""

    files: int = 0
    came_in: int = 0
    lost: int = 0
    clean: int = 0
    slowest: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    elements: Counter[str] = field(default_factory=Counter)

    def take(self, path: Path) -> None:
        """Bring one file in."""
        content, began = path.read_bytes(), time.perf_counter()
        self.files += 1
        try:
            drafts = make_drafts(content, name=path.name)
        except DiagramError as error:
            self.refused[error.code] += 1
            return
        except EditError as error:
            self.refused[str(error.attributes.get("english", error))[:60]] += 1
            return
        finally:
            self.slowest = max(self.slowest, time.perf_counter() - began)
        lost = foreign_parts(in_utf8(content, name=path.name)[0]) - joined(drafts)
        self.lost += sum(lost.values())
        self.came_in += not lost and all(is_readable(draft) for draft in drafts)
        named = {element for draft in drafts for element in not_runnable(draft)}
        self.clean += not named
        self.elements.update(named)


def foreign_parts(content: bytes) -> Counter[str]:
    """Every element and attribute of another tool, by name."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    found: Counter[str] = Counter()
    for element in root.iter(etree.Element):
        names = [element.tag, *element.attrib]
        found.update(name for name in names if name[0] == "{" and not name[1:].startswith(_OWN))
    return found


def joined(drafts: list[Draft]) -> Counter[str]:
    """The same of the drafts of one file together."""
    return sum((foreign_parts(draft.content) for draft in drafts), Counter())


def is_readable(draft: Draft) -> bool:
    """Whether a draft is read as one executable process with ids of the house."""
    root = parse_xml(draft.content, name="draft.bpmn")
    diagram = read_diagram(root, name="draft.bpmn")
    named = (*diagram.nodes, *diagram.flows, diagram.process_id)
    return all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) for name in named)


def not_runnable(draft: Draft) -> Iterator[str]:
    """Elements the check refuses."""
    for finding in check_bundle({"draft.bpmn": draft.content}, policies=POLICIES):
        match = re.search(r"(?:不支持 |（)(\w+)", finding.message.zh)
        if finding.rule in {"element", "script"} and match:
            yield match[1]


def main(paths: list[str]) -> int:
    """Measure every diagram below the paths and print the counts."""
    rules.install(rules.read_rules(city_folder()))
    measured = Measured()
    for path in paths:
        for file in sorted(Path(path).rglob("*.bpmn")):
            measured.take(file)
    share = measured.came_in / max(measured.files, 1)
    print(f"{measured.files} files; {measured.came_in} ({share:.0%}) came in as drafts")
    print(f"{measured.lost} elements and attributes of other tools lost; BPMN is {BPMN}")
    print(f"{measured.clean} hold nothing that cannot run here; slowest {measured.slowest:.1f} s")
    print("refused:", measured.refused.most_common(12))
    print("elements that cannot run:", measured.elements.most_common(20))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
