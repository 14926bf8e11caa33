"""Tables of measurements, printed as Markdown; nothing is measured here."""

from dataclasses import dataclass, field

Cell = float | int | str


@dataclass(slots=True)
class ReportTable:
    """One table of a report."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Add a row and show it at once: a bench takes minutes."""
        self.rows.append(cells)

    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [f"### {self.title}", "", _line(self.heads), _line(["---"] * len(self.heads))]
        lines += [_line([_shown(cell) for cell in row]) for row in self.rows]
        return "\n".join([*lines, ""])


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.2f}"  # noqa: PLR2004 - readable
    return str(cell)
