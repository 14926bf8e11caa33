"""Declaration of columns, each with its data class."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Text

LABELS = ("public", "internal", "personal", "sensitive", "reporter_secret")
"""The data classes of domain-defaults section 9; exports honour them."""

Written: TypeAlias = Literal["once", "by_changes", "by_step", "apart"]
"""When a column of a case or task is written: with its row and never again, by what a handler or
an action changes, by every step itself, or apart from the others and never read with them."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(constraint_name)s",
    }
)

BigInt = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows automatically only when the key is exactly INTEGER."""

# Codes and keys are compared byte by byte, so that a prefix is one range of the index.
Code = Text().with_variant(Text(collation="C"), "postgresql")


def _labelled(label: str) -> Callable[..., Column[Any]]:
    def column(
        name: str,
        type_: Any = Text,
        *rest: Any,
        optional: bool = False,
        blank: Any = None,
        written: Written = "by_changes",
        **options: Any,
    ) -> Column[Any]:
        info = {"label": label, "blank": blank, "written": written}
        return Column(name, type_, *rest, nullable=optional, info=info, **options)

    return column


public = _labelled("public")
internal = _labelled("internal")
personal = _labelled("personal")
sensitive = _labelled("sensitive")
reporter_secret = _labelled("reporter_secret")


def row_id() -> Column[Any]:
    """Declare the usual numbered key."""
    return internal("id", BigInt, Identity(), primary_key=True, written="once")
