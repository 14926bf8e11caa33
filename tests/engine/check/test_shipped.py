"""The diagrams, tables and forms of the repository keep every rule, handlers included."""

import importlib
from pathlib import Path

from engine.binding import collect
from engine.check import check_bundle

BPMN = Path(__file__).parents[3] / "bpmn"


def shipped() -> dict[str, bytes]:
    """Every file of the analysts' folder by its name there."""
    paths = [path for kind in ("*.bpmn", "*.dmn", "forms/*.json") for path in BPMN.glob(kind)]
    return {path.relative_to(BPMN).as_posix(): path.read_bytes() for path in sorted(paths)}


def test_what_is_shipped_has_no_error() -> None:
    names = [path.stem for path in BPMN.glob("*.bpmn")]
    modules = {name: importlib.import_module(f"handlers.{name}") for name in names}

    findings = check_bundle(shipped(), functions=collect(modules).table())

    assert [str(one) for one in findings if one.severity == "error"] == []
