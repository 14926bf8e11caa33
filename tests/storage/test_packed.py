"""Documents are stored compressed in a format that later releases still read."""

import base64
import zlib
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from storage.cases import cases, events
from storage.cases.events import NewEvent
from storage.database.session import Database
from storage.moments import canonical
from storage.packed import pack, pack_text, unpack
from tests.build import MORNING, a_case, a_chain, stepped

LATER = MORNING + timedelta(hours=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
STORED_BY_THE_FIRST_RELEASE_THAT_COMPRESSED = base64.b64decode(
    "eqsmwq9Kz9fuezZlGyggEeYm6iUpxSKZbV4LAA=="
)
ITS_DOCUMENT = {"form": {"answer": "accept", "reason": "签收"}, "passed": ["a.b"], "running": 7}


@given(JSON)
def test_a_document_comes_back_byte_by_byte(document: object) -> None:
    written = orjson.dumps(document)

    assert unpack(pack(written)) == written


@given(JSON)
def test_what_older_releases_stored_is_read_as_it_is(document: object) -> None:
    written = orjson.dumps(document)

    assert unpack(written) == written


def test_the_format_and_its_dictionary_stay() -> None:
    """A change of either makes every stored case file unreadable."""
    assert orjson.loads(unpack(STORED_BY_THE_FIRST_RELEASE_THAT_COMPRESSED)) == ITS_DOCUMENT


def test_a_damaged_document_is_not_read() -> None:
    stored = pack_text(canonical(ITS_DOCUMENT))

    with pytest.raises(zlib.error):
        unpack(stored[:-3])


def test_an_entry_is_stored_in_less_than_half_its_bytes_and_hashed_as_it_was_written(
    database: Database,
) -> None:
    entry = {"element": "a", "ended": False, "opened": [], "passed": ["a", "b"], "running": 1}
    with database.transaction() as session:
        case = a_case(session)
        written = stepped(session, case, events=[NewEvent("task_completed", LATER, "x", entry)])

    with database.reading() as session:
        found = events.list_events(session, case.case.id)
        size = "select octet_length(data), octet_length(hash), octet_length(previous)"
        if database.is_sqlite:
            size = size.replace("octet_length", "length")
        stored = session.exec_driver_sql(
            f"{size} from case_event where seq = {found[-1].seq}"
        ).one()

    assert events.verify(case.case.number, found) is None
    assert (found[-1].data, found[-1].hash) == (entry, written.head_hash)
    assert stored[0] < len(canonical(entry)) / 2
    assert tuple(stored[1:]) == (32, 32)


@pytest.mark.postgres
def test_a_step_that_changes_the_owner_writes_no_index_of_the_case(postgres: Database) -> None:
    updated = "select pg_stat_get_xact_tuples_{}('case_'::regclass)"
    with postgres.transaction() as session:
        chain = a_chain(session)
        owned = {
            "owner_post": chain["station"].post_ids[0],
            "owner_rank": 4,
            "owner_area": "350322100",
        }
        case = a_case(session)
        stepped(
            session, case, events=[NewEvent("owner_changed", LATER, "x", {})], case_changes=owned
        )
        changed, in_place = (
            session.execute(text(updated.format(kind))).scalar_one()
            for kind in ("updated", "hot_updated")
        )
        assert cases.get_case(session, case.case.id).owner_post == owned["owner_post"]

    assert changed == in_place > 0
