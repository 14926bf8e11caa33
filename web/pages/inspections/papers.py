"""Orders and records of inspections as PDF, and where pages lead to them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request, url_for

from engine.reads.file import FileEntry
from handlers.inspections.papers import papers_in
from storage.city.rules import installed
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask
from web.pages.cases.photos import photo_of
from web.pages.inspections.sheets import sheet_of

_KEY = re.compile(r"[0-9]{1,15}-[A-Za-z0-9_]{1,64}", re.ASCII)


@site.get("/tasks/<key>/paper.pdf")
@sessions.signed_in
def paper(key: str) -> Any:
    """The order or the record a task was completed with; on the audit log like an export."""
    answer = ask("inspection_papers.read", {"key": key}, {})
    if answer.is_problem:
        return problem_page(answer)
    said = answer.data
    response = Response(_drawn(said), mimetype="application/pdf")
    name = f"{said['kind']}-{said['case']}.pdf"
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _drawn(said: Mapping[str, Any]) -> bytes:
    """The paper as a PDF, in the words of the city and the language of the reader."""
    officer = sessions.actor()
    return sheet_of(
        said,
        installed().papers[said["kind"]],
        office=seen(lambda it: names_for(it, posts=[said["office"]])).post(said["office"]),
        by="" if officer is None else officer.name,
        now=hangji().clock.now(),
        read=photo_of,
    )


def paper_links(entries: Iterable[FileEntry], *, own: str = "") -> list[tuple[str, str]]:
    """Addresses and names of the papers of a file; a business reads its order by its `own` task."""
    known = installed().papers
    listed = [paper for paper in papers_in(entries) if paper.kind in known]
    if own:
        return [_link(own, t(*known[paper.kind].heading)) for paper in listed[-1:]]
    most = Counter(paper.kind for paper in listed)
    return [
        _link(
            paper.task,
            t(*known[paper.kind].heading)
            + (t(f"（第 {paper.nth} 次）", f" ({paper.nth})") if most[paper.kind] > 1 else ""),
        )
        for paper in listed
    ]


def paper_behind(key: str, form: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an address that lets the next page offer the paper of what was just done."""
    gives = form == "inspection_record" or values.get("order") == "ordered"
    return {"paper": key} if gives and installed().papers else {}


def offered_paper() -> str | None:
    """The address of the paper of what was just done."""
    key = request.args.get("paper", "")
    return url_for("web.paper", key=key) if _KEY.fullmatch(key) else None


def _link(task: str, name: str) -> tuple[str, str]:
    return url_for("web.paper", key=task), name
