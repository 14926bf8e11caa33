"""Subtypes of businesses an administrator added to those of the pack, or retired (R11)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from storage.database.session import Session
from storage.tables import business_category


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One subtype added here, or one of the pack that is retired."""

    code: str
    name_zh: str
    name_en: str
    added_at: datetime
    retired_at: datetime | None


_FIELDS = tuple(business_category.c[name] for name in CategoryRow.__slots__)


def list_rows(session: Session) -> list[CategoryRow]:
    """List them in order of code."""
    question = select(*_FIELDS).order_by(business_category.c.code)
    return [CategoryRow(*row) for row in session.execute(question)]


def add_row(session: Session, code: str, names: tuple[str, str], *, by: int, at: datetime) -> None:
    """Add a subtype, in Chinese and English."""
    zh, en = names
    session.execute(
        insert(business_category).values(
            code=code, name_zh=zh, name_en=en, added_by=by, added_at=at
        )
    )


def retire_row(
    session: Session, code: str, names: tuple[str, str], *, by: int, at: datetime
) -> None:
    """Retire a subtype; one of the pack gets its row now."""
    if code not in {row.code for row in list_rows(session)}:
        add_row(session, code, names, by=by, at=at)
    session.execute(
        update(business_category)
        .where(business_category.c.code == code)
        .values(retired_by=by, retired_at=at)
    )
