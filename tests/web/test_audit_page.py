"""Pages of the audit administrator and the system administrator: what is on file, what begins."""

import orjson

from engine.background.scheduler import seal_audit
from tests.web.town import Town


def test_the_auditor_reads_narrows_and_takes_out_a_day(town: Town) -> None:
    number = town.file()
    town.visitor("grid_member").get(f"/cases/{number}/file.zip")
    seal_audit(town.composition.database)
    auditor = town.visitor("admin_audit")

    everything = auditor.page("/audit")
    exports = auditor.page("/audit?action=case_exported")
    nothing = auditor.page("/audit?subject=404")
    day = auditor.get(f"/audit/days/{town.clock.now():%Y-%m-%d}")

    assert "审计日志" in everything
    assert 'href="/audit"' in auditor.page("/home")
    assert number in exports
    assert "演示网格员01（" in exports
    assert "格式 zip" in exports
    assert "没有符合的记录" in nothing
    assert [entry["subject"] for entry in orjson.loads(day.data)["entries"]].count(number) == 1


def test_nobody_else_is_led_to_the_log_or_reads_it(town: Town) -> None:
    for who in ("admin_system", "supervisor", "grid_member"):
        visitor = town.visitor(who)
        assert 'href="/audit"' not in visitor.page("/home")
        assert visitor.get("/audit").status_code == 403
        assert visitor.get("/audit/days/2026-03-02").status_code == 403
    assert town.visitor("admin_audit").get("/audit/days/2026-13-99").status_code == 404


def test_the_administrator_sees_and_ends_what_begins_by_the_calendar(town: Town) -> None:
    form = {"side_kind": "assist", "posts": ["station:ST-350322100"], "question": "情况"}
    planned = {
        "process_id": "side_task",
        "subject_kind": "area",
        "subject": "350322100",
        "period": "month",
        "form": {**form, "side_due_at": "2026-04-20T09:00:00+08:00"},
    }
    administrator = town.visitor("admin_system")
    town.ask("POST", "/recurring", "admin_system", json=planned)

    listed = administrator.page("/recurring")
    ended = administrator.submit("/recurring/1/end", on="/recurring")

    assert "每月" in listed
    assert "2026-04-01 00:00" in listed
    assert ended.status_code == 303
    too_long = administrator.client.post("/recurring/99999999999999999999/end")
    assert too_long.status_code == 404
    assert "没有定期发起的流程" in administrator.page("/recurring")
    assert town.visitor("supervisor").get("/recurring").status_code == 403
