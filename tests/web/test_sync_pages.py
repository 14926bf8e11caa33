"""Whoever looks after other platforms sees how far they are read and decides what is left over."""

from datetime import date, timedelta

from sqlalchemy import select

from storage.cases.steps import NewDelivery
from storage.delivery.outbox import add_delivery, mark_failed
from storage.sync.dead import NewDead, add_dead
from storage.sync.records import NewRecord, add_record
from storage.sync.reviews import add_review
from storage.sync.runs import Reconciliation, put_reconciliation
from storage.sync.sources import ensure_source, update_source
from storage.tables import outbox
from tests.web.town import Town, words

SOURCE = "smart_supervision"
TODAY = date(2026, 3, 2)


def a_waiting_record(town: Town, ident: str, *numbers: str) -> int:
    """A record of theirs that fits these cases."""
    now = town.clock.now()
    body = {
        "visited_at": now.isoformat(),
        "unit": "station",
        "business_name": "示例小吃店",
        "found_problem": True,
        "handled": True,
        "area_code": "350322100001",
        "matter": "L01",
        "description": "流动摊贩",
    }
    with town.composition.database.transaction() as session:
        ensure_source(session, SOURCE, "rest_json", at=now)
        record = add_record(
            session,
            NewRecord(
                source=SOURCE,
                external_id=ident,
                version=1,
                body_hash="",
                kind="inspection",
                origin="theirs",
                relation="waiting",
                day=TODAY,
                body=body,
                changed_at=now,
            ),
            at=now,
        )
        fitting = [
            {"case": int(number[4:-1]), "number": number, "score": 70, "same_day": True}
            | {"same_matter": True, "same_inspector": False}
            for number in numbers
        ]
        return add_review(session, record, fitting, at=now)


def test_the_board_says_how_far_behind_what_failed_and_what_differs(town: Town) -> None:
    """R29: the administrator reads it, pauses with a reason and goes on."""
    review = a_waiting_record(town, "JC7")
    now = town.clock.now()
    with town.composition.database.transaction() as session:
        update_source(session, SOURCE, newest_at=now - timedelta(minutes=7), last_ok=now)
        compared = Reconciliation(
            source=SOURCE,
            day=TODAY,
            theirs=3,
            ours=2,
            missing=["JC9"],
            extra=[],
            differing=["JC7"],
            compared_at=now,
        )
        put_reconciliation(session, compared)
    admin = town.visitor("admin_system")

    board = words(admin.page("/sync"))
    paused = admin.submit(f"/sync/{SOURCE}/pause", on="/sync", reason="对方升级")
    halted = words(admin.page("/sync"))
    resumed = admin.submit(f"/sync/{SOURCE}/resume", on="/sync")
    record = admin.get(f"/sync/{SOURCE}/record?id=JC7")

    assert review
    assert "7 分钟前" in board
    assert "JC9" in board
    assert (paused.status_code, resumed.status_code) == (303, 303)
    assert "暂停原因：对方升级" in halted
    assert "等人裁定" in words(admin.page(record.headers["Location"]))


def test_a_record_that_fits_two_cases_is_decided_by_a_person_and_the_file_says_so(
    town: Town,
) -> None:
    """R30: linked it makes no case and is noted on; none of them makes one; both only once."""
    first, second = town.file("station_officer"), town.file("station_officer")
    linked = a_waiting_record(town, "JC1", first, second)
    apart = a_waiting_record(town, "JC2", first, second)
    taken = a_waiting_record(town, "JC3", first, second)
    admin = town.visitor("admin_system")
    queue = words(admin.page("/sync/reviews"))

    decided = admin.submit(f"/sync/reviews/{linked}/decide", on="/sync/reviews", case=first)
    created = admin.submit(f"/sync/reviews/{apart}/decide", on="/sync/reviews", case="")
    refused = admin.submit(f"/sync/reviews/{taken}/decide", on="/sync/reviews", case=first)
    cases = town.ask("GET", "/cases", "supervisor")["items"]

    assert "同一主体、同一天、事项相同（70 分）" in queue
    assert (decided.status_code, created.status_code) == (303, 303)
    assert refused.status_code == 409
    assert "已经关联了对方的另一条记录" in words(refused.text)
    assert [case["source"] for case in cases].count("external_sync") == 1
    assert len(cases) == 3
    assert "外部平台记录 JC1 是同一次检查。" in words(
        town.visitor("station_officer").page(f"/cases/{first}")
    )
    shown = words(admin.page("/sync/records/1"))
    assert "由人裁定：同一主体、同一天、事项相同（70 分）" in shown
    assert first in shown
    assert "您无权查看这件事件" in shown
    assert "流动摊贩" not in shown.rpartition("本平台")[2]


def test_what_was_refused_is_told_in_words_and_discarded_and_no_stranger_sees_it(
    town: Town,
) -> None:
    now = town.clock.now()
    new = NewDead(
        source=SOURCE,
        direction="push",
        external_id="2026000000019",
        version=None,
        body={},
        error="push_refused",
        message="事项代码不在清单",
    )
    with town.composition.database.transaction() as session:
        ensure_source(session, SOURCE, "rest_json", at=now)
        ident = add_dead(session, new, key=town.composition.vault_keys[0], at=now)
    admin, officer = town.visitor("admin_system"), town.visitor("station_officer")

    home = words(admin.page("/home"))
    before = words(admin.page(f"/sync/{SOURCE}/dead"))
    done = admin.submit(f"/sync/dead/{ident}/discard", on=f"/sync/{SOURCE}/dead", source=SOURCE)
    after = words(admin.page(f"/sync/{SOURCE}/dead"))
    strangers = [
        officer.get(path).status_code
        for path in ("/sync", f"/sync/{SOURCE}/dead", "/sync/reviews", "/sync/records/1")
    ]

    assert "对接记录没有接收" in home
    assert "事项代码不在清单" in before
    assert done.status_code == 303
    assert "没有未能处理的记录" in after
    assert set(strangers) <= {403, 404}
    assert "/sync" not in officer.page("/home")


def test_what_was_given_up_stands_on_the_board_with_the_button_that_sends_it_again(
    town: Town,
) -> None:
    """R31."""
    now = town.clock.now()
    with town.composition.database.transaction() as session:
        ensure_source(session, SOURCE, "rest_json", at=now)
        new = NewDelivery(
            key="sync:given-up",
            channel="sync",
            receiver=f"sync:{SOURCE}",
            template="case_closed",
            payload={"case": "2026000000019"},
            at=now,
        )
        add_delivery(session, new)
        (waiting,) = session.execute(select(outbox.c.id).where(outbox.c.key == new.key)).scalars()
        mark_failed(session, waiting, error="对方平台没有接收", again_at=None)
    admin = town.visitor("admin_system")

    board, left = words(admin.page("/sync")), words(admin.page(f"/sync/{SOURCE}/dead"))
    sent = admin.submit(f"/sync/{SOURCE}/resend", on="/sync")

    assert "没有送达 1 条" in board
    assert "2026000000019 办结 对方平台没有接收" in left
    assert sent.status_code == 303
    assert "没有送达" not in words(admin.page("/sync"))
