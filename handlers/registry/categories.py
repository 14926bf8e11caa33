"""Categories of food businesses: eight are fixed, subtypes open where the plan says 等 (R11)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from storage.city.categories import Categories
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import Conflict, FormInvalid, NotFound, Refused
from storage.people.actors import Actor
from storage.registry.categories import add_row, list_rows, retire_row

_SUBTYPE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Category:
    """One category as it stands."""

    code: str
    parent: str | None
    name_zh: str
    name_en: str
    is_open: bool
    """Whether subtypes may be added below it."""
    is_retired: bool


def categories_of(session: Session) -> Categories:
    """The categories in force: those of the pack, with what an administrator changed."""
    return installed().categories.with_rows(list_rows(session))


def list_categories(session: Session) -> list[Category]:
    """List every category, the retired ones too, subtypes behind their top."""
    known = categories_of(session)
    return [_category(known, code) for code in known.names]


def add_category(
    session: Session, code: str, names: tuple[str, str], *, actor: Actor, now: datetime
) -> Category:
    """Add a subtype below a category that is open to it.

    Raises:
        FormInvalid: the code does not begin with such a category.
        Conflict: there is one of this code or name.
    """
    known = categories_of(session)
    parent, _, subtype = code.partition(".")
    if parent not in known.open_to_subtypes or not _SUBTYPE.fullmatch(subtype):
        opened = "、".join(sorted(known.open_to_subtypes))
        message = f"编码应为“大类.小类”，只有这些大类可以增加小类：{opened}。"
        english = f"The code is top.subtype; subtypes may be added below: {opened}."
        raise FormInvalid.at("code", message, clause="R11", english=english)
    if code in known.names or known.find(names[0]) is not None:
        message = "已经有这个编码或名称的类别。"
        raise Conflict(message, code="category_exists")
    add_row(session, code, names, by=actor.id, at=now)
    return _category(categories_of(session), code)


def retire_category(session: Session, code: str, *, actor: Actor, now: datetime) -> Category:
    """Retire a subtype: businesses keep it, no list or form takes it any more.

    Raises:
        NotFound: there is no such category.
        Refused: the work plan fixes it.
    """
    known = categories_of(session)
    if code not in known.names:
        message = "没有这个类别。"
        raise NotFound(message, code="category_not_found")
    if code.partition(".")[0] not in known.open_to_subtypes or "." not in code:
        message = "这个类别由工作方案规定，不能停用。"
        raise Refused(message, code="category_fixed", clause="R11")
    if code not in known.retired:
        retire_row(session, code, (known.names[code], known.english[code]), by=actor.id, at=now)
    return _category(categories_of(session), code)


def _category(known: Categories, code: str) -> Category:
    top, _, subtype = code.partition(".")
    return Category(
        code=code,
        parent=top if subtype else None,
        name_zh=known.names[code],
        name_en=known.english[code],
        is_open=code in known.open_to_subtypes,
        is_retired=code in known.retired,
    )
