"""One self-contained page: drawings with findings on their elements, or with what was reached.

It needs no network and no server; its own policy refuses everything that is not in it.
"""

import hashlib
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from engine.diagrams.picture import draw_svg
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from engine.errors import DiagramError
from engine.findings import Finding
from engine.scenarios.coverage import Covered

_FOLDER: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pictured:
    """One drawing on the page."""

    file: str
    label: str
    svg: Markup
    visited: Sequence[str] = ()
    missed: Sequence[str] = ()
    says: str = ""


def page_of_findings(files: Mapping[str, bytes], findings: Sequence[Finding]) -> str:
    """The page of a check; what has findings comes first."""
    errors = sum(finding.severity == "error" for finding in findings)
    wanted = {finding.file for finding in findings}
    drawings = sorted(_pictures(files), key=lambda one: (one.file not in wanted, one.file))
    return _page(
        title="流程检查 · hangji check",
        summary=f"{errors} 个错误 errors，{len(findings) - errors} 个警告 warnings",
        fine="没有发现问题。Nothing is wrong.",
        findings=findings,
        drawings=drawings,
        tables=(),
    )


def page_of_coverage(
    files: Mapping[str, bytes],
    summary: str,
    findings: Sequence[Finding],
    drawn: Iterable[Covered],
    decided: Collection[Covered],
) -> str:
    """The page of scenarios: green was reached, yellow was not."""
    covered = {one.file: one for one in drawn}
    drawings = [
        Pictured(
            one.file,
            one.label,
            one.svg,
            [name for name, times in covered[one.file].times.items() if times],
            covered[one.file].missed,
            f"{covered[one.file].reached}/{len(covered[one.file].times)}",
        )
        for one in _pictures(files)
    ]
    return _page(
        title="场景覆盖 · hangji scenario run",
        summary=summary,
        fine="每个场景都照写的走。Every scenario goes as written.",
        findings=findings,
        drawings=drawings,
        tables=decided,
    )


def _pictures(files: Mapping[str, bytes]) -> Iterable[Pictured]:
    for name, content in files.items():
        if name.endswith(".bpmn"):
            try:
                root = parse_xml(content, name=name)
                diagram = read_diagram(root, name=name)
            except DiagramError:
                continue  # a finding says why
            # Every text in the picture is escaped where it is written.
            svg = Markup(draw_svg(root, diagram))  # noqa: S704 - see above
            yield Pictured(name, diagram.label or diagram.process_id, svg)


def _page(**parts: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=select_autoescape(["html"])
    )
    style, script = (
        (_FOLDER / name).read_text("utf-8").strip() for name in ("checked.css", "checked.js")
    )
    return environment.get_template("checked.html").render(
        style=Markup(style),  # noqa: S704 - a file of ours
        script=Markup(script),  # noqa: S704 - a file of ours
        style_hash=_hash(style),
        script_hash=_hash(script),
        **parts,
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
