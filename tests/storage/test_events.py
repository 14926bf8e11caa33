"""The case file: a chain in which no entry can be altered, moved or left out unnoticed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.cases import events
from storage.cases.events import ALTERED, MOVED, UNLINKED, CaseEvent, NewEvent
from storage.database.session import Database
from storage.moments import canonical
from storage.numbers import case_number
from tests.build import MORNING, a_case, locked_again, stepped

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53), max_value=2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc中"), inner, max_size=3)
    ),
    max_leaves=6,
)


def a_file(database: Database) -> tuple[str, list[CaseEvent]]:
    """A case of four entries: its number and its file."""
    with database.transaction() as session:
        case = a_case(session)
        for number in range(3):
            new = NewEvent("note", MORNING + timedelta(hours=number), "officer:1", {"n": number})
            stepped(session, locked_again(session, case), events=[new])
        return case.case.number, events.list_events(session, case.case.id)


def test_a_file_is_as_it_was_written(database: Database) -> None:
    number, entries = a_file(database)

    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert events.verify(number, entries) is None
    assert events.verify(number, []) is None


ATTACKS: dict[str, tuple[Callable[[list[CaseEvent]], list[CaseEvent]], events.Fault]] = {
    "data": (
        lambda file: [file[0], replace(file[1], data={"n": 9}), *file[2:]],
        events.Fault(2, ALTERED),
    ),
    "actor": (
        lambda file: [*file[:3], replace(file[3], actor="officer:2")],
        events.Fault(4, ALTERED),
    ),
    "time": (
        lambda file: [file[0], replace(file[1], at=file[1].at - timedelta(hours=1)), *file[2:]],
        events.Fault(2, ALTERED),
    ),
    "order": (lambda file: [file[0], file[2], file[1], file[3]], events.Fault(2, MOVED)),
    "left out": (lambda file: [file[0], *file[2:]], events.Fault(2, MOVED)),
    "renumbered": (
        lambda file: [file[0], *(replace(one, seq=one.seq - 1) for one in file[2:])],
        events.Fault(2, UNLINKED),
    ),
    "first left out": (
        lambda file: [replace(one, seq=one.seq - 1) for one in file[1:]],
        events.Fault(1, UNLINKED),
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_tampering_names_the_entry(database: Database, attack: str) -> None:
    """R44, reliability section 6: edit, delete, reorder any row, the verifier names it."""
    number, entries = a_file(database)
    change, fault = ATTACKS[attack]

    assert events.verify(number, change(entries)) == fault


def test_a_file_does_not_fit_another_case(database: Database) -> None:
    _, entries = a_file(database)

    assert events.verify(case_number(9, MORNING), entries) == events.Fault(1, UNLINKED)


def test_entries_are_listed_from_where_the_reader_stopped(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)
        new = NewEvent("note", MORNING, "system", {})
        stepped(session, case, events=[new, new, new])

        found = events.list_events(session, case.case.id, after=2, limit=1)

    assert [one.seq for one in found] == [3]


def test_the_hash_does_not_depend_on_the_offset_a_time_is_written_with() -> None:
    rows = [
        events.chain([NewEvent("k", at, "a", {})], last_seq=0, head_hash="h")[0]
        for at in (MORNING, MORNING.astimezone(UTC))
    ]

    assert rows[0] == rows[1]


@given(JSON)
def test_equal_documents_are_equal_text(value: object) -> None:
    text = canonical({"b": value, "a": 1})

    assert canonical(orjson.loads(text)) == text
