"""What a city's rules see of the check, and how they are handed to it; they import nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.binding import owner_of
from engine.check.bundle import Bundle, Drawing, TableFile
from engine.check.data.domains import compared
from engine.check.structure import main_way, path_to, reach, steps
from engine.decisions.cells import Cell, key_of
from engine.decisions.tables import DecisionTable
from engine.diagrams.model import ACTIVITIES, Diagram, Node
from engine.errors import ExpressionError
from engine.expressions.language import Expression
from engine.expressions.values import Json
from engine.findings import Finding, Text

__all__ = [
    "ACTIVITIES",
    "Bundle",
    "Cell",
    "DecisionTable",
    "Diagram",
    "Drawing",
    "Expression",
    "ExpressionError",
    "Finding",
    "Json",
    "Node",
    "Policies",
    "TableFile",
    "Text",
    "compared",
    "key_of",
    "main_way",
    "owner_of",
    "path_to",
    "reach",
    "steps",
]


@dataclass(frozen=True, slots=True)
class Policies:
    """Rules of a city: those that judge each drawing, and those that judge all files together."""

    of_drawings: tuple[Callable[[Drawing, Bundle], Iterator[Finding]], ...] = ()
    of_bundles: tuple[Callable[[Bundle], Iterator[Finding]], ...] = ()
