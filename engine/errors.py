"""The engine's error classes; their base classes are in `storage.errors`."""

from collections.abc import Sequence
from typing import Final

from engine.findings import Finding
from storage.errors import HangjiError

_SHOWN: Final = 120


class DiagramError(HangjiError):
    """A diagram, table or form breaks a rule; `findings` says which, where, and the way out."""

    code = "diagram"

    def __init__(
        self, message: str, *, code: str | None = None, findings: Sequence[Finding] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.findings = tuple(findings)


class BindingError(HangjiError):
    """Diagrams and handlers differ; `gaps` lists every one, and the start is refused."""

    code = "binding"

    def __init__(self, gaps: Sequence[str]) -> None:
        super().__init__("diagrams and handlers differ:\n" + "\n".join(gaps))
        self.gaps = tuple(gaps)


class ExpressionError(HangjiError):
    """An expression of a diagram or table is not allowed, or cannot be evaluated.

    `code` is the stable word for what is wrong, `reason` the sentence, `column` counts
    characters of `source` from 1.
    """

    code = "expression"

    def __init__(self, code: str, reason: str, *, source: str, column: int) -> None:
        shown = source if len(source) <= _SHOWN else source[:_SHOWN] + "…"
        super().__init__(f"{shown!r}: {reason} (column {column})", code=code)
        self.reason = reason
        self.source = source
        self.column = column
        self.element = ""
        """Where it was evaluated, once that is known."""


class DecisionError(HangjiError):
    """A decision table cannot be read, or two rows of a UNIQUE table fit the same case."""

    code = "decision"

    def __init__(
        self, message: str, *, code: str | None = None, table: str = "", rules: Sequence[str] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.table = table
        self.rules = tuple(rules)


class EngineFault(HangjiError):
    """An action that a running diagram does not wait for, or a diagram no longer sound."""

    code = "engine_fault"

    def __init__(self, message: str, *, code: str | None = None, element: str = "") -> None:
        super().__init__(message, code=code)
        self.element = element


class DrawnFault(HangjiError):
    """A published diagram cannot go on: what is wrong, where it is drawn, and what to do.

    The case is as it was. `case_id` and `running_id` are what is on file already, for an incident.
    """

    code = "diagram_fault"

    def __init__(
        self,
        message: str,
        *,
        english: str,
        code: str | None = None,
        element: str = "",
        case_id: int | None = None,
        running_id: int | None = None,
    ) -> None:
        super().__init__(message, code=code, english=english, element=element)
        self.element = element
        self.case_id = case_id
        self.running_id = running_id


class ScenarioError(HangjiError):
    """A scenario table cannot be used; the message names file and line."""

    code = "scenario"

    def __init__(self, file: str, line: int, message: str, english: str) -> None:
        super().__init__(f"{file} 第 {line} 行：{message}", english=f"{file}:{line}: {english}")
        self.file = file
        self.line = line


class EditError(HangjiError):
    """A drawing cannot be changed as asked; nothing was written."""

    code = "edit"
