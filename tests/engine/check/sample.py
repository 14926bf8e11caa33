"""What the tests of the rules share: a sound bundle to spoil, and short forms of its check."""

from collections.abc import Mapping

from engine.check import check_bundle
from engine.findings import Finding
from handlers.policy import POLICIES
from tests.engine import drawing as d

NOTE = d.form(
    "note",
    {"name": "note", "type": "text"},
    {
        "name": "outcome",
        "type": "choice",
        "options": [{"value": "done", "label": {"zh": "办结", "en": "Done"}}],
    },
    {"name": "posts", "type": "posts"},
    {"name": "due_at", "type": "datetime"},
)
LIMITS = d.table(
    "deadlines",
    ["step"],
    ["limit", "unit"],
    [(['"handle"'], ["2", '"working_day"'])],
    allowed={"step": '"handle"'},
)
MESSAGE = '<bpmn:message id="m_withdrawn" name="withdrawn"/>'

Functions = Mapping[str, Mapping[str, str]]


def check(
    *parts: str,
    functions: Functions | None = None,
    files: Mapping[str, bytes] | None = None,
    **more: str,
) -> list[Finding]:
    """Check one diagram `p` with a form and a table of limits beside it."""
    drawn = d.diagram(*parts, outside=more.pop("outside", MESSAGE), **more)
    known = {"forms/note.json": NOTE, "deadlines.dmn": LIMITS, "p.bpmn": drawn, **(files or {})}
    return check_bundle(known, policies=POLICIES, functions=functions)


def rules(findings: list[Finding]) -> set[tuple[str, str]]:
    """Rule and element of every finding."""
    return {(finding.rule, finding.element) for finding in findings}


def line(*nodes: str) -> str:
    """Start, user tasks one after another, end."""
    tasks = "".join(d.user(node) for node in nodes)
    return d.start() + tasks + d.end() + d.path("reported", *nodes, "closed")


def flat(*nodes: str) -> str:
    """Start, the given nodes one after another, end; the nodes are drawn by the caller."""
    return d.start() + d.end() + d.path("reported", *nodes, "closed")


def some(
    split: str, join: str, *, condition: str | None = "outcome == 'done'", onward: str = "asked"
) -> str:
    """One is asked, another, both, or nobody; the first leads on to `onward`."""
    drawn = d.start() + d.user("look") + split + join + d.user("accept") + d.user("handle")
    drawn += d.path("reported", "look", "who") + d.path("accept", onward)
    drawn += d.flow("who", "accept", condition) + d.flow("who", "handle", "outcome != 'done'")
    drawn += d.flow("who", "asked", identifier="nobody") + d.end() + d.path("asked", "closed")
    if onward == "asked":
        return drawn + d.path("handle", "asked")
    return drawn + d.xor(onward) + d.path("handle", onward, "asked")
