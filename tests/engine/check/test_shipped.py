"""The diagrams, tables and forms of the repository keep every rule, handlers included."""

from pathlib import Path

from api.composition import handler_modules
from engine.binding import collect
from engine.check import check_bundle
from handlers.policy import POLICIES

BPMN = Path(__file__).parents[3] / "bpmn"


def shipped() -> dict[str, bytes]:
    """Every file of the analysts' folder by its name there."""
    paths = [path for kind in ("*.bpmn", "*.dmn", "forms/*.json") for path in BPMN.glob(kind)]
    return {path.relative_to(BPMN).as_posix(): path.read_bytes() for path in sorted(paths)}


def test_what_is_shipped_has_neither_error_nor_warning() -> None:
    functions = collect(handler_modules())
    findings = check_bundle(
        shipped(), policies=POLICIES, functions=functions.table(), declared=functions.declared()
    )

    assert [str(finding) for finding in findings] == []
