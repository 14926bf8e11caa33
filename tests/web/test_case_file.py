"""A case file as a supervisor reads it: who did what, why, and where the case went."""

import csv
import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from storage.moments import CHINA
from tests.city import CITY, ROOT
from tests.web.town import Town, words
from web.frame.naming import Names
from web.frame.words import word
from web.pages.cases.remarks import remark_on, rule_applied

CODES = (
    "grid_member",
    "pass_up",
    "needs_enforcement",
    "task_completed",
    "ST-350322100",
    "officer:",
)


def told(town: Town, number: str) -> str:
    """The file of a case, as its page tells it."""
    page = town.visitor("supervisor").page(f"/cases/{number}")
    return words(page[page.index('class="file"') : page.index('class="case-diagram"')])


def test_steps_are_told_in_words_and_not_in_codes(town: Town) -> None:
    """R04, R44: who, in which capacity, what, why, to whom it went and until when."""
    number = town.file()
    town.reach_the_station(number)

    file = told(town, number)

    assert "演示网格员01 协管 处置或上报 解决不了，上报一级" in file
    assert "上报原因 需要行政执法 理由 多次劝导无效。" in file
    assert "→ 学士社区第1网格长：签收 ，期限 2026-03-03 23:59" in file
    assert "演示市管所01 执法 签收" in file
    assert "依据：办理期限表 处置 → 7 个工作日" in file
    assert "没有照片的原因 无" in file
    assert [code for code in CODES if code in file] == []


def test_what_the_clock_did_is_told_too(town: Town) -> None:
    """R41: chased, passed up automatically, the superior told."""
    number = town.file()
    town.wait_until(datetime(2026, 3, 16, 9, 0, tzinfo=CHINA))

    file = told(town, number)

    assert "提醒办理人：处置或上报，期限 2026-03-04 23:59" in file
    assert "期限已到：超时上报" in file
    assert "学士社区第1网格员逾期未办结，自动流转上一级" in file
    assert "告知上级：签收" in file
    assert [code for code in CODES if code in file] == []


def test_every_entry_of_the_file_is_counted(town: Town) -> None:
    number = town.file()
    town.reach_the_station(number)
    entries = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]

    file = told(town, number)

    assert "案卷第 1–3 条" in file
    assert f"案卷第 {len(entries)} 条" in file


def test_in_english_tasks_and_answers_are_english(town: Town) -> None:
    number = town.file()
    town.reach_the_station(number)

    page = words(town.visitor("supervisor", language="en").page(f"/cases/{number}"))

    assert "Resolve or pass up Cannot resolve: pass up" in page
    assert "licence or certificate expired" in page
    assert "By: Table of limits to handle → 7 working day(s)" in page


NAMES = Names(
    posts={"station:S1": "甲所", "county:C1": "乙局"},
    officers={7: "演示人员07"},
    matters={"L01": "无证", "L02": "过期"},
)
SENTENCES: list[tuple[str, dict[str, Any], str]] = [
    ("owner_changed", {"owner": "county:C1", "previous": "station:S1"}, "承办岗：甲所 → 乙局"),
    ("owner_changed", {"owner": "county:C1", "previous": None}, "承办岗：乙局"),
    (
        "post_stepped_over",
        {"level": "grid_leader", "post": None, "reason": "vacant"},
        "跨过网格长（岗位空缺）",
    ),
    ("superior_informed", {"told": "county:C1"}, "已告知上级：乙局"),
    ("alerted", {"posts": ["station:S1", "county:C1"]}, "已通知：甲所、乙局"),
    ("reclassified", {"previous": "L01", "matter": "L02"}, "改列事项：无证 → 过期"),
    ("verification_failed", {"times": 1, "to_level": "station"}, "回到市场监管所办理"),
    ("task_delegated", {"to": "officer:7", "reason": "培训"}, "委派给演示人员07：培训"),
    ("task_taken_back", {"from": "officer:7"}, "从演示人员07收回"),
    ("task_extended", {"due_at": "2026-03-03T15:59:59+00:00"}, "延期至 2026-03-03 23:59"),
    ("note_added", {"text": "已电话联系"}, "已电话联系"),
    (
        "minutes_written",
        {"participants": "甲所、乙局", "text": "周五复查"},
        "参加：甲所、乙局。周五复查",
    ),
    ("possible_duplicates", {"cases": [{"case": "20260001"}]}, "可能重复的事件：20260001"),
    ("split", {"track": "tip"}, "拆分办理"),
]


@pytest.mark.parametrize(("kind", "data", "sentence"), SENTENCES)
def test_a_single_fact_is_one_sentence(kind: str, data: dict[str, Any], sentence: str) -> None:
    with Flask(__name__).test_request_context("/"):
        remark = remark_on(kind, data, NAMES, str)

    assert remark == sentence


def test_a_table_without_a_fitting_row_is_said_too() -> None:
    with Flask(__name__).test_request_context("/"):
        said = rule_applied({"decision": "matters", "rule": None}, NAMES)

    assert said == "事项清单：没有适用的一行"


def test_a_repeat_says_that_it_repeats_and_the_first_does_not(town: Town) -> None:
    """Two reports alike go two ways: the file names the input that made the difference."""
    (business, *_) = town.ask("GET", "/businesses", "station_officer")["items"]
    first, again = (town.file(matter="S01", business=business["id"]) for _ in range(2))

    way = "事项清单 销售超过保质期食品（90 天内同一主体、同一事项再次发生） → 市场监管部门直接办理"
    assert way in told(town, again)
    assert "再次发生" not in told(town, first)
    assert "办理期限表 处置（加急时限） →" in told(town, first)
    assert "again within 90 days) → Department directly" in words(
        town.visitor("supervisor", language="en").page(f"/cases/{again}")
    )


@pytest.mark.parametrize(
    ("compared", "said"),
    [
        (["matter"], "事项清单 无证 → 市场监管部门直接办理 · 市场监管所 · 较重"),
        (
            ["matter", "is_repeat"],
            (
                "事项清单 无证（90 天内同一主体、同一事项再次发生）"
                " → 市场监管部门直接办理 · 市场监管所 · 较重"
            ),
        ),
    ],
)
def test_what_a_row_did_not_compare_made_no_difference(compared: list[str], said: str) -> None:
    outputs = {"accepting_party": "MSA_DIRECT", "accepting_level": "station", "priority": "high"}
    decision = {
        "decision": "matters",
        "rule": "L01",
        "inputs": {"matter": "L01", "is_repeat": True},
        "outputs": outputs,
        "compared": compared,
    }
    with Flask(__name__).test_request_context("/"):
        assert rule_applied(decision, NAMES) == said


def test_what_the_step_says_already_is_not_said_twice() -> None:
    said: list[tuple[str, dict[str, Any]]] = [
        ("handled", {}),
        ("passed_up", {"reason_code": "other"}),
    ]
    with Flask(__name__).test_request_context("/"):
        assert [remark_on(kind, data, NAMES, str) for kind, data in said] == ["", ""]


def test_every_step_and_table_a_file_names_has_a_word(town: Town) -> None:
    rows = (CITY / "deadlines.csv").read_text(encoding="utf-8").splitlines()
    steps = {row["step"] for row in csv.DictReader(rows)}
    tables = {path.stem for path in (ROOT / "bpmn").glob("*.dmn")}
    keys = [*(f"step_{step}" for step in steps), *(f"table_{table}" for table in tables)]

    with town.app.test_request_context():
        assert [key for key in keys if word(key) == key] == []


def test_an_alert_says_that_the_system_raised_it(town: Town) -> None:
    town.report(matter="X01", area="350322")
    visitor = town.visitor("county_officer")
    pages = [
        visitor.page(path) for path in set(re.findall(r"/tasks/[\d-]+", visitor.page("/inbox")))
    ]
    (alert,) = [page for page in pages if "<h1>签收告警" in page]

    assert "由系统同时告知" in alert
    assert "指名" not in alert
