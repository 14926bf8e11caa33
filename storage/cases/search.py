"""Searching cases by what people remember of them: text, business, place, number, matter, person.

One tokenizer cuts both stored texts and queries into words: a run of Chinese characters becomes
its overlapping pairs, Latin text and digits stay words. So 老鼠 is found inside a sentence,
which an index of three characters could not do. The words of a case are in its row; PostgreSQL
keeps a GIN index over them as an array, SQLite an FTS5 table that triggers of the database keep
up. The reporter's identity is in the vault and is never indexed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from unicodedata import normalize

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    column,
    false,
    literal_column,
    or_,
    select,
    table,
)

from storage.database.session import Session
from storage.moments import in_china
from storage.people.names import CaseNames, Codes, look_up
from storage.tables import case_, officer, task

SEARCHED: Final = ("number", "title", "description", "matter", "area_code", "business_id")
"""The columns of a case its words are made of."""

_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(f"(?P<chinese>[{_CHINESE}]+)|(?:(?![{_CHINESE}])[^\\W_])+")
_IS_CHINESE = re.compile(f"[{_CHINESE}]")
_LONGEST_WORD = 64
_LAST_DIGITS = range(3, 9)
_MOST_PERSONS = 20
_SHORTEST_AREA = 4
_SHORTEST_NAME = 2
_ARRAY = literal_column("string_to_array(case_.words, ' ')", type_=ARRAY(Text))
"""Written as the index of PostgreSQL has it, or it would not be used."""

_ROW = select(*(case_.c[name] for name in (*SEARCHED, "opened_at"))).where(
    case_.c.id == bindparam("case_id")
)


_COMMON_WORDS: dict[str, Collection[str]] = {}


def install_common_words(words: Mapping[str, Collection[str]]) -> None:
    """Make these the words people search for matters by, by code; called at start."""
    _COMMON_WORDS.clear()
    _COMMON_WORDS.update(words)


def cut(text: str) -> list[str]:
    """Cut a text into the words it is found by, each once."""
    words: dict[str, None] = {}
    for run in _RUNS.finditer(normalize("NFKC", text).lower()):
        whole = run.group()
        pieces = _pairs(whole) if run.group("chinese") else [whole[:_LONGEST_WORD]]
        words.update(dict.fromkeys(pieces))
    return list(words)


def words_of(case: Mapping[str, Any], names: CaseNames) -> str:
    """Make the words of a case from its columns; its business and place are called by name."""
    number, business = str(case["number"]), case["business_id"]
    texts = (
        number,
        *(number[-length:] for length in _LAST_DIGITS),
        case["matter"] or "",
        case["title"],
        names.businesses.get(business, ""),
        *(names.areas.get(code, "") for code in _above(case["area_code"])),
        case["description"],
    )
    return " ".join(cut(" ".join(texts)))


def look_up_words(session: Session, case: Mapping[str, Any]) -> str:
    """Make the words of a case that opens, its names looked up in one statement."""
    return words_of(case, names_behind(session, [case]))


def names_behind(session: Session, cases: Sequence[Mapping[str, Any]]) -> CaseNames:
    """Look up what the businesses and places of some cases are called now."""
    codes = Codes(
        on=max(in_china(case["opened_at"]).date() for case in cases),
        areas={code for case in cases for code in _above(case["area_code"])},
        businesses={case["business_id"] for case in cases if case["business_id"] is not None},
    )
    return look_up(session, codes)


def changed_words(session: Session, case_id: int, changes: Mapping[str, Any]) -> dict[str, str]:
    """Return the words of a case after these changes, nothing when they do not touch them."""
    if not changes.keys() & set(SEARCHED):
        return {}
    row = session.execute(_ROW, {"case_id": case_id}).mappings().one()
    return {"words": look_up_words(session, {**row, **changes})}


def ways_to_find(session: Session, text: str) -> list[ColumnElement[bool]]:
    """Return the ways a typed text finds cases: by their words, by who has to do with them.

    A list queries each way for its own first page, see `people.scope.ways_to_cases`.
    """
    persons = list_named(session, text)
    theirs = select(task.c.case_id).where(task.c.state == "open", task.c.officer_id.in_(persons))
    by_person = or_(case_.c.collector_officer.in_(persons), case_.c.id.in_(theirs))
    return [matching(session, text), *([by_person] if persons else [])]


def finds_task(session: Session, text: str) -> ColumnElement[bool]:
    """Filter tasks, joined with their case, by a typed text: as cases, and by who has them."""
    persons = list_named(session, text)
    is_found = matching(session, text)
    if not persons:
        return is_found
    return or_(is_found, task.c.officer_id.in_(persons), case_.c.collector_officer.in_(persons))


def matching(session: Session, text: str) -> ColumnElement[bool]:
    """Filter cases by the words of a typed text: each part of it is found, in whichever column.

    A part that is a common word of a matter also finds the cases of that matter.
    """
    parts = [(_wanted(part), _codes(part)) for part in normalize("NFKC", text).lower().split()]
    parts = [(words, codes) for words, codes in parts if words]
    if not parts:
        return false()
    if session.dialect.name == "sqlite":
        return case_.c.id.in_(_in_full_text(" AND ".join(_asked(*part) for part in parts)))
    return and_(*(_in_array(*part) for part in parts))


def list_named(session: Session, text: str) -> list[int]:
    """List the officers whose name holds the text, which is no number."""
    if len(text) < _SHORTEST_NAME or text.isdigit():
        return []
    question = select(officer.c.id).where(officer.c.display_name.contains(text, autoescape=True))
    return list(session.execute(question.order_by(officer.c.id).limit(_MOST_PERSONS)).scalars())


def _wanted(part: str) -> list[str]:
    """The words a part is found by: a character alone beside a digit is a half of a pair."""
    words = cut(part)
    return [word for word in words if len(word) > 1 or not _IS_CHINESE.match(word)] or words


def _above(area_code: str) -> list[str]:
    """The codes of an area and of all that hold it; prefixes that are none find no name."""
    return [area_code[:length] for length in range(_SHORTEST_AREA, len(area_code) + 1)]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _codes(part: str) -> list[str]:
    return [code.lower() for code, words in _COMMON_WORDS.items() if part in words]


def _asked(words: list[str], codes: list[str]) -> str:
    """One part in the language of FTS5; words hold no quotes."""
    alternatives = [" AND ".join(map(_quoted, words)), *map(_quoted, codes)]
    return f"({' OR '.join(f'({each})' for each in alternatives)})"


def _quoted(word: str) -> str:
    return f'"{word}"'


def _in_full_text(asked: str) -> Select[Any]:
    full_text = table("case_words", column("rowid"))
    # FTS5 takes the name of the table for all of its columns.
    is_found = literal_column("case_words").op("match")(bindparam(None, asked, Text))
    return select(full_text.c.rowid).where(is_found)


def _in_array(words: list[str], codes: list[str]) -> ColumnElement[bool]:
    holds_all = _ARRAY.op("@>")(bindparam(None, words, ARRAY(Text)))
    if not codes:
        return holds_all
    return or_(holds_all, _ARRAY.op("&&")(bindparam(None, codes, ARRAY(Text))))
