"""Pages of the audit administrator and the system administrator: what is on file, what begins."""

import ast
from collections.abc import Iterator

import orjson

from api.deriving import check_staffing
from engine.background.scheduler import seal_audit
from tests.architecture.tree import ROOMS, parsed, python_files
from tests.web.town import Town
from web.frame.words import AUDIT_ACTS


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
    assert "枫亭镇" in listed
    assert "side_task" not in listed
    assert "2026-04-01 00:00" in listed
    assert ended.status_code == 303
    too_long = administrator.client.post("/recurring/99999999999999999999/end")
    assert too_long.status_code == 404
    assert "没有定期发起的流程" in administrator.page("/recurring")
    assert town.visitor("supervisor").get("/recurring").status_code == 403


def test_the_auditor_reads_words_and_names_instead_of_stored_keys(town: Town) -> None:
    check_staffing(town.composition)
    person = town.ask("GET", "/people?q=grid_leader", "county_officer")["items"][0]["id"]
    village, officers = (
        "350322100001",
        [town.ask("GET", "/me", who)["id"] for who in ("station_officer", "station_officer2")],
    )
    path = f"/villages/{village}/supervisors"
    town.ask("PUT", path, "station_officer", json={"officers": officers})
    phone = {"phone": "13800000007"}
    town.ask("PATCH", f"/people/{person}", "county_officer", json=phone)
    flag = {"area": village, "is_on": True}
    town.ask("PUT", "/flags/hard_two", "station_officer", json=flag)
    auditor = town.visitor("admin_audit")

    page = auditor.page("/audit")

    for words in ("全市人员", "系统定时", "人员 演示市管所01", "变更 电话", "开启 是"):
        assert words in page
    for key in ("staffing<", ">changed", "is_on", "scheduler", "hard_two", ">officers "):
        assert key not in page
    county = town.ask("GET", "/me", "county_officer")["id"]
    theirs = auditor.page(f"/audit?actor={county}")
    assert "变更 电话" in theirs, "somebody is looked up by the number behind their name"
    assert "全市人员" not in theirs
    english = town.visitor("admin_audit", language="en").page("/audit")
    assert "no village below two officers" in english
    assert "officers 演示市管所01" in english


def literals(tree: ast.AST) -> Iterator[str]:
    """The acts a module puts on the audit log, as far as they are written out."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = {one.arg: one.value for one in node.keywords}
        acts = [named.get("audits")]
        acts += node.args[:1] if name == "keep_on_file" else []
        acts += [named.get("action")] if name == "add_audit" else []
        yield from (
            act.value
            for act in acts
            if isinstance(act, ast.Constant) and isinstance(act.value, str)
        )


def test_every_act_of_the_audit_log_has_its_words() -> None:
    """A new act gets its words in `AUDIT_ACTS` of `web/frame/words.py`."""
    acts = {act for path in python_files(*ROOMS) for act in literals(parsed(path))}

    assert "post_given" in acts
    assert acts - AUDIT_ACTS.keys() == set()
