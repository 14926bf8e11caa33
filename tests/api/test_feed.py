"""The feed of what happened to cases: what it holds, who reads it, and in which order (R31)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine.background.feed import publish_feed
from storage.city.exchange import read_feed
from storage.errors import Refused
from storage.feed import events
from storage.tables import case_, feed_event
from tests.api.conftest import RESOLVED, Api

CANARY = "金丝雀"


@pytest.fixture
def api(either_api: Api) -> Api:
    """Every story here is told on both kinds of database."""
    return either_api


def published(api: Api) -> None:
    """What the scheduler does each second."""
    publish_feed(api.database, api.clock)


def read(api: Api, who: str = "supervisor", **query: Any) -> Any:
    published(api)
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return api.get(f"/events?{asked}", who).get_json()


def kinds_of(part: Any) -> list[str]:
    return [event["type"] for event in part["items"]]


def test_a_case_is_told_from_its_filing_to_its_end(api: Api) -> None:
    number = api.report("grid_member")
    first = read(api)
    (opened,) = first["items"]
    api.complete(number, "grid_member", **RESOLVED)
    then = read(api, after=first["next"])

    assert (
        opened.items()
        >= {
            "specversion": "1.0",
            "source": "urn:hangji",
            "type": "hangji.case.opened.v1",
            "subject": number,
            "id": str(first["next"]),
        }.items()
    )
    assert opened["data"].items() >= {"matter": "L01", "source": "grid_patrol"}.items()
    assert kinds_of(then) == ["hangji.case.moved.v1"]
    nothing = {"items": [], "next": then["next"], "more": False}
    assert read(api, after=then["next"]) == nothing
    assert read(api, after=10**9) == nothing, "a number that was never given leads to the newest"


def test_nothing_partners_may_not_know_is_in_any_event(api: Api) -> None:
    """Who reports, what they wrote, where they stood, and which officer holds it."""
    body = {
        "kind": "complaint",
        "matter": "H02",
        "description": f"{CANARY}看见老鼠",
        "area": "350322100001",
        "reporter": {"name": CANARY, "phone": "13900001234"},
        "channel": "web",
    }
    assert api.post("/public/reports", body).status_code == 201
    number = api.report("grid_member", description=CANARY)
    api.complete(number, "grid_member", outcome="resolved", measures=CANARY)
    published(api)

    with api.database.reading() as session:
        told = [str(row) for row in session.execute(select(feed_event))]
    assert len(told) >= 3
    for secret in (CANARY, "13900001234", "officer", "网格员"):
        assert [text for text in told if secret in text] == []


def test_a_city_cannot_publish_a_column_that_holds_personal_data(tmp_path: Any) -> None:
    head = "kind,entry,column,value,fields,name_zh,name_en"
    for column in ("description", "collector_officer", "title", "words"):
        (tmp_path / "feed.csv").write_text(f"{head}\na.b,,status,closed,{column},甲,A\n")
        with pytest.raises(Refused, match=column):
            read_feed(tmp_path)


def test_each_account_reads_of_the_cases_it_sees_and_of_no_others(api: Api) -> None:
    api.report("grid_member")
    published(api)

    assert len(read(api, "grid_member")["items"]) == 1
    foreign = read(api, "foreign_grid_member")
    assert (foreign["items"], foreign["next"]) == ([], read(api)["next"])
    for who in ("business", "analyst", "admin_system"):
        assert api.get("/events", who).status_code == 403
    assert api.get("/events").status_code == 401


def test_a_hidden_case_is_in_no_feed_neither_at_once_nor_later(api: Api) -> None:
    """R21: what only some ranks may see is not published, and is taken from what was."""
    number = api.report("grid_member")
    assert len(read(api)["items"]) == 1
    with api.database.transaction() as session:
        hidden = update(case_).where(case_.c.number == number)
        session.execute(hidden.values(visible_from_rank=5))
    api.complete(number, "grid_member", **RESOLVED)

    assert read(api)["items"] == []
    with api.database.reading() as session:
        assert len(session.execute(select(feed_event)).all()) == 1


def test_kinds_are_chosen_and_pages_follow_each_other(api: Api) -> None:
    numbers = [api.report("grid_member") for _ in range(3)]
    api.complete(numbers[0], "grid_member", **RESOLVED)

    first = read(api, limit=2, kinds="case.opened")
    rest = read(api, limit=2, kinds="case.opened", after=first["next"])

    assert [event["subject"] for event in first["items"] + rest["items"]] == numbers
    assert (first["more"], rest["more"]) == (True, False)
    assert kinds_of(read(api, kinds="case.moved,case.closed")) == ["hangji.case.moved.v1"]
    refused = api.get("/events?kinds=case.sold", "supervisor")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "unknown_event_kind")
    assert api.get("/events?after=-1", "supervisor").status_code == 422


def test_one_reading_looks_at_so_many_events_however_few_are_its_reader_s(api: Api) -> None:
    number = api.report("grid_member")
    with api.database.transaction() as session:
        case_id = session.execute(select(case_.c.id).where(case_.c.number == number)).scalar_one()
        row = {"at": api.clock.now(), "kind": "case.moved", "subject": number, "data": {}}
        rows = [{**row, "case_id": case_id} for _ in range(events.LOOKED_AT)]
        session.execute(insert(feed_event), rows)
    read(api)

    part = read(api, kinds="case.closed")

    assert part == {"items": [], "next": events.LOOKED_AT, "more": True}
    assert read(api, kinds="case.closed", after=part["next"])["more"] is False


def test_events_past_their_time_go_and_who_missed_them_is_told(api: Api) -> None:
    for _ in range(3):
        api.report("grid_member")
    last = read(api)["next"]
    with api.database.transaction() as session:
        later = api.clock.now() + timedelta(seconds=1)
        assert events.count_before(session, before=later) == 2
        assert events.forget_events(session, before=later, limit=10) == 2

    missed = api.get("/events?after=1", "supervisor")
    assert (missed.status_code, missed.get_json()["code"]) == (409, "events_forgotten")
    assert [event["id"] for event in read(api)["items"]] == [str(last)]
    api.report("grid_member")
    assert read(api, after=last)["next"] == last + 1
