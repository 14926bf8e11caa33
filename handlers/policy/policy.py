"""一条规则：名称、出处、怎样检查；各城市可以在 pack.json 的 policies_off 里停用。"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.check.face import Bundle, Drawing, Expression, ExpressionError, Finding, Json
from storage.city.rules import find_installed

BY_PEOPLE: Final = frozenset({"user", "manual"})
"""Kinds of tasks that a person does; the engine carries out both alike."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule of the city; `name` is that of its page in `docs/rules` and of its findings."""

    name: str
    clauses: tuple[str, ...]
    of_drawing: Callable[[Drawing, Bundle], Iterator[Finding]] | None = None
    of_bundle: Callable[[Bundle], Iterator[Finding]] | None = None

    @property
    def is_on(self) -> bool:
        """Whether the city keeps this rule."""
        city = find_installed()
        return city is None or self.name not in city.policies_off

    def judge_drawing(self, drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
        """Violations of the rule in one diagram."""
        if self.of_drawing is not None and self.is_on:
            yield from self.of_drawing(drawing, bundle)

    def judge_bundle(self, bundle: Bundle) -> Iterator[Finding]:
        """Violations of the rule across all files."""
        if self.of_bundle is not None and self.is_on:
            yield from self.of_bundle(bundle)


def constant(cell: Expression) -> Json:
    """The value of an output cell without names; None when it cannot be evaluated."""
    try:
        return cell.evaluate({})
    except ExpressionError:
        return None
