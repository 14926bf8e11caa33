"""Which drawn elements and which rows of tables the scenarios of a folder reach."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.decisions.tables import DecisionTable
from engine.diagrams.model import Diagram
from engine.scenarios.playing import Played


@dataclass(frozen=True, slots=True)
class Covered:
    """One diagram or table: how often each of its parts was reached."""

    name: str
    file: str
    times: Mapping[str, int]

    @property
    def missed(self) -> list[str]:
        """What no scenario reaches."""
        return [part for part, count in self.times.items() if not count]

    @property
    def reached(self) -> int:
        """How many parts some scenario reaches."""
        return len(self.times) - len(self.missed)


def cover(
    played: Iterable[Played],
    diagrams: Iterable[Diagram],
    tables: Mapping[str, DecisionTable],
) -> tuple[list[Covered], list[Covered]]:
    """Count the elements of every diagram and the rows of every table that were reached."""
    passed, rows = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in played:
        passed.update(one.passed)
        rows.update(one.rows)
    drawn = [
        Covered(
            diagram.process_id,
            diagram.name,
            {node: passed[diagram.process_id, node] for node in diagram.nodes},
        )
        for diagram in diagrams
    ]
    decided = [
        Covered(table.id, file, {rule.id: rows[table.id, rule.id] for rule in table.rules})
        for file, table in tables.items()
    ]
    return drawn, decided
