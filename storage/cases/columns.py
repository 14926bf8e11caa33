"""What follows from the declaration of a column of case or task in `tables.casework`."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Table

from storage.moments import Json, JsonText, MomentColumn, canonical, optional_canonical, to_text
from storage.tables import case_, task

BLANK_CASE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        str(column.name): column.info["blank"]
        for column in case_.c
        if column.info["written"] != "apart"
    }
)
"""The defaults of a new case; the start event's function fills it."""

KEPT_BY_STEPS: Final = frozenset(
    str(column.name) for column in case_.c if column.info["written"] == "by_step"
)
"""The columns of a case that every step writes anyway; its file does not name them."""


class Changeable(NamedTuple):
    """The columns of a table that a step may change, and those of them that hold documents."""

    names: frozenset[str]
    documents: frozenset[str]

    def row(self, changes: Mapping[str, Any]) -> dict[str, Json]:
        """The changes as text where the database holds text.

        Raises:
            ValueError: a column is unknown, or no step may change it.
        """
        unknown = changes.keys() - self.names
        if unknown:
            message = f"a step cannot change {', '.join(sorted(unknown))}"
            raise ValueError(message)
        return {
            name: optional_canonical(value)
            if name in self.documents
            else to_text(value)
            if isinstance(value, datetime)
            else value
            for name, value in changes.items()
        }


def _changeable(table: Table) -> Changeable:
    columns = [column for column in table.c if column.info["written"] == "by_changes"]
    return Changeable(
        frozenset(column.name for column in columns),
        frozenset(column.name for column in columns if isinstance(column.type, JsonText)),
    )


CASE_CHANGES: Final = _changeable(case_)
TASK_CHANGES: Final = _changeable(task)

TASK_KEYS: Final = ("running_id", "case_id", "state")
"""Columns of a new task that the statement of a step sets without a parameter."""


_WRITERS: Final[Mapping[type, Callable[[Any], Json]]] = {MomentColumn: to_text, JsonText: canonical}

OPENED_TASK: Final[Mapping[str, Callable[[Any], Json] | None]] = {
    str(column.name): _WRITERS.get(type(column.type))
    for column in task.c
    if column.name not in TASK_KEYS
}
"""The columns of a task that opens, without `TASK_KEYS`, and what writes those kept as text."""


class Equalities:
    """The fields of a filter that name a column: each is compared with it when it is given."""

    def __init__(self, filter_: type, *tables: Table) -> None:
        self._columns = [
            (field.name, next(table.c[field.name] for table in tables if field.name in table.c))
            for field in fields(filter_)
            if any(field.name in table.c for table in tables)
        ]

    def of(self, having: object) -> list[ColumnElement[bool]]:
        """The conditions of one search."""
        return [
            column == value
            for name, column in self._columns
            if (value := getattr(having, name)) is not None
        ]
