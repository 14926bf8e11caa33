"""What was typed and could not be taken: kept for who typed it, shown again, sent by a press."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from flask import url_for
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.web.town import UNIT, VILLAGE, Town, Visitor, a_photo, hidden_fields, without
from web.frame.contract import hangji
from web.frame.unsent import LIFE

TYPED = "后厨有鼠迹，已拍照。\n请执法队到场。"
REPORT = {"matter": "L02", "area": UNIT, "description": TYPED, "no_photo_reason": "店主不同意"}
HANDLED = {"outcome": "resolved", "measures": TYPED}


def shown(answer: TestResponse) -> str:
    """The page, with its characters as they are."""
    return unescape(answer.get_data(as_text=True))


def kept_in(answer: TestResponse) -> str:
    """The sealed part of a sign-in page."""
    (sealed,) = re.findall(r'name="kept" value="([^"]*)"', answer.get_data(as_text=True))
    return str(sealed)


def opened(town: Town, who: str, path: str) -> tuple[Visitor, dict[str, str]]:
    """Somebody who has opened a page with a form, and what the form hides."""
    visitor = town.visitor(who)
    return visitor, hidden_fields(visitor.page(path), path)


def night_falls(town: Town) -> None:
    """Every sign-in ends."""
    town.clock.set(town.clock.now() + timedelta(hours=13))


def accepted(town: Town) -> tuple[str, str]:
    """A case, and the address of its task of the grid member with a form to fill in."""
    number = town.file()
    town.accept(number, "grid_member")
    return number, f"/tasks/{town.task(number)}"


def sign_in(visitor: Visitor, page: TestResponse, who: str, **more: str) -> TestResponse:
    """Fill in the sign-in form of a page."""
    hidden = hidden_fields(page.get_data(as_text=True), "/sign-in")
    return visitor.sign_in(who, **{**hidden, **more})


def test_what_was_typed_comes_back_after_signing_in_and_one_press_sends_it(town: Town) -> None:
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)

    asked = visitor.client.post(path, data={**hidden, **HANDLED})
    again = sign_in(visitor, asked, "grid_member")
    form = hidden_fields(again.get_data(as_text=True), path)
    done = visitor.client.post(path, data={**form, **HANDLED})

    assert asked.status_code == 401
    assert "内容已经保留" in shown(asked)
    assert again.status_code == 200
    assert "请核对后再提交" in shown(again)
    assert f">{TYPED}</textarea>" in shown(again)
    assert re.search(r'value="resolved"\s+checked', shown(again))
    assert form["key"] == hidden["key"]
    assert form["csrf"] != hidden["csrf"]
    assert done.headers["Location"].startswith("/inbox?done=completed&of=")
    # Where it went is said, and is no filter of the inbox.
    assert "清除条件" not in visitor.page(done.headers["Location"])


def test_what_travels_tells_nobody_anything(town: Town) -> None:
    """Neither the text nor a token stands in the page, in an address, or is logged or stored."""
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)

    asked = visitor.client.post(path, data={**hidden, **HANDLED})

    page = shown(asked)
    assert "鼠迹" not in page
    assert "鼠迹" not in unquote(asked.headers.get("Location", ""))
    assert hidden["csrf"] not in page
    assert asked.headers["Cache-Control"] == "no-store"
    with town.composition.database.reading() as session:
        tables = session.execute(text("select name from sqlite_master where type = 'table'"))
        for (table,) in tables.all():
            assert "鼠迹" not in str(session.execute(text(f'select * from "{table}"')).all())  # noqa: S608 - names of our own tables


def test_another_officer_sees_nothing_of_it_and_sends_nothing(town: Town) -> None:
    number, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)
    asked = visitor.client.post(path, data={**hidden, **HANDLED})

    answer = sign_in(visitor, asked, "grid_leader")

    inbox = visitor.page(answer.headers["Location"])
    assert answer.headers["Location"] == "/inbox?done=of_another"
    assert "由另一位工作人员填写，没有提交" in inbox
    assert "鼠迹" not in inbox
    assert "鼠迹" not in town.visitor("supervisor").page(f"/cases/{number}")


def test_a_page_of_somebody_else_is_not_sent_in_ones_own_name(town: Town) -> None:
    """Two officers share a tablet: the page of the first is sent while the second is signed in."""
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    visitor.sign_in("grid_leader")

    asked = visitor.client.post(path, data={**hidden, **HANDLED})
    again = sign_in(visitor, asked, "grid_member")

    assert asked.status_code == 403
    assert "另一位工作人员打开的" in shown(asked)
    assert "鼠迹" not in shown(asked)
    assert TYPED in shown(again)


def test_a_page_from_before_signing_in_again_is_looked_at_first(town: Town) -> None:
    """The same officer signed in again in another tab; photos come along."""
    visitor, hidden = opened(town, "grid_member", "/report")
    visitor.sign_in("grid_member")
    photo = {"photos.files": (a_photo(), "一.jpg")}

    seen = visitor.client.post("/report", data={**hidden, **REPORT, **photo})
    form = hidden_fields(seen.get_data(as_text=True), "/report")
    photos = re.findall(r'name="photos" value="(\w+)"', shown(seen))
    done = visitor.client.post("/report", data={**form, **REPORT, "photos": photos})

    assert seen.status_code == 403
    assert TYPED in shown(seen)
    assert len(photos) == 1
    assert form["key"] == hidden["key"]
    assert f"/photos/{photos[0]}" in visitor.page(done.headers["Location"])


def test_nothing_is_done_by_a_page_of_an_earlier_sign_in(town: Town) -> None:
    number, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    visitor.sign_in("grid_member")
    posts = [
        path,
        f"{path}/pause",
        f"{path}/release",
        f"/cases/{number}/note",
        "/report",
        "/sign-out",
    ]
    typed = {**HANDLED, **REPORT, "reason": "等店主", "text": "备注", "draft": "yes"}
    before = town.ask("GET", f"/cases/{number}", "supervisor")

    answers = [visitor.client.post(post, data={**typed, **hidden}).status_code for post in posts]

    assert answers == [403] * len(posts)
    assert town.ask("GET", f"/cases/{number}", "supervisor") == before
    assert visitor.get("/inbox").status_code == 200


def test_no_page_that_keeps_what_was_typed_acts_before_it_was_looked_at(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    visitor.sign_in("grid_member")
    with town.app.app_context():
        city = hangji()
    done: list[str] = []
    monkeypatch.setattr(
        type(city), "write", lambda _, __, ___, ____, action, _at: done.append(action)
    )
    kept = [
        rule
        for rule in town.app.url_map.iter_rules()
        if getattr(town.app.view_functions[rule.endpoint], "keeps_typed", False)
        and not rule.rule.startswith("/public/")
    ]
    with town.app.test_request_context():
        at = {"number": number, "key": path.rsplit("/", 1)[-1]}
        acts = {"/cases": "note", "/tasks": "pause"}
        addresses = [
            url_for(
                rule.endpoint,
                **{name: at.get(name) or acts.get(rule.rule[:6], "1") for name in rule.arguments},
            )
            for rule in kept
        ]
    typed = {**HANDLED, **REPORT, "reason": "等店主", "text": "催一下", "case": number}

    answers = [visitor.client.post(one, data={**typed, **hidden}) for one in addresses]

    assert len(answers) > 15
    assert done == []
    assert {answer.status_code for answer in answers} <= {403, 404, 422}


def test_what_one_press_does_waits_for_another_after_signing_in(town: Town) -> None:
    number = town.file()
    page = "/boards/chase"
    town.clock.set(town.clock.now() + timedelta(days=5))
    visitor = town.visitor("supervisor")
    hidden = {"csrf": hidden_fields(visitor.page("/inbox"), "/sign-out")["csrf"]}
    night_falls(town)

    asked = visitor.client.post(page, data={**hidden, "case": number, "text": "请今天办理。"})
    again = sign_in(visitor, asked, "supervisor")
    chases = chased(town, number)
    form = hidden_fields(again.get_data(as_text=True), page)
    sent = visitor.client.post(page, data=form)

    assert "还没有提交" in shown(again)
    assert chases == 0
    assert sent.status_code == 200
    assert chased(town, number) == 1


def chased(town: Town, number: str) -> int:
    """How often a case was chased."""
    events = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    return [one["kind"] for one in events].count("case_chased")


def test_what_was_typed_beside_the_form_is_kept_too(town: Town) -> None:
    number, path = accepted(town)
    for address, page, typed in (
        (f"{path}/pause", path, {"reason": TYPED}),
        (f"/cases/{number}/note", f"/cases/{number}", {"text": TYPED}),
    ):
        visitor = town.visitor("grid_member")
        hidden = hidden_fields(visitor.page(page), address)
        night_falls(town)

        asked = visitor.client.post(address, data={**hidden, **typed})
        again = sign_in(visitor, asked, "grid_member")

        assert f">{TYPED}</textarea>" in shown(again)
        assert re.search(r"<details class=\"act\"[^>]* open>", shown(again))
        form = hidden_fields(again.get_data(as_text=True), address)
        assert form["key"] == hidden["key"]
        assert visitor.client.post(address, data={**form, **typed}).status_code == 303


def test_photos_are_said_to_be_left_behind(town: Town) -> None:
    visitor, hidden = opened(town, "grid_member", "/report")
    night_falls(town)
    photos = {"photos.files": [(a_photo(), "一.jpg"), (a_photo(side=8), "二.jpg")]}

    asked = visitor.client.post("/report", data={**hidden, **REPORT, **photos})
    wrong = sign_in(visitor, asked, "grid_member", password="wrong")
    again = sign_in(visitor, wrong, "grid_member")

    for page in (asked, wrong, again):
        assert "照片没有保留，需要重新选择" in shown(page)
    assert wrong.status_code == 401
    assert TYPED in shown(again)


@pytest.mark.parametrize("sealed", ["", "x", "凭", None])
def test_a_sign_in_with_nothing_or_nonsense_kept_is_a_sign_in(town: Town, sealed: str) -> None:
    visitor = town.visitor()

    more = {"next": "/cases", **({} if sealed is None else {"kept": sealed})}
    answer = visitor.sign_in("grid_member", **more)

    assert answer.headers["Location"] == ("/inbox?done=too_old" if sealed else "/cases")


def test_it_is_kept_for_days_and_not_for_ever(town: Town) -> None:
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)
    asked = visitor.client.post(path, data={**hidden, **HANDLED})

    town.clock.set(town.clock.now() + LIFE - timedelta(minutes=1))
    in_time = sign_in(visitor, asked, "grid_member")
    town.clock.set(town.clock.now() + timedelta(minutes=2))
    too_late = sign_in(visitor, asked, "grid_member")

    assert TYPED in shown(in_time)
    assert "保留时间已过" in visitor.page(too_late.headers["Location"])


def test_no_more_is_carried_than_a_form_can_hold(town: Town) -> None:
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)
    most = {"outcome": "resolved", **dict.fromkeys(("measures", "reason"), "长" * 4000)}

    fits = visitor.client.post(path, data={**hidden, **most})
    too_much = visitor.client.post(path, data={**hidden, "measures": "长" * 50_000})

    assert shown(sign_in(visitor, fits, "grid_member")).count("长" * 4000) >= 2
    assert "内容太长，无法保留" in shown(too_much)
    assert kept_in(too_much) == ""


def test_a_page_nobody_of_us_drew_is_not_kept(town: Town) -> None:
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)
    forged = [{}, {"csrf": "x"}, {"csrf": "x" + hidden["csrf"]}]

    answers = [visitor.client.post(path, data={**HANDLED, **one}) for one in forged]
    from_elsewhere = visitor.client.post(
        path, data={**hidden, **HANDLED}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    for answer in (*answers, from_elsewhere):
        assert answer.headers["Location"] == f"/sign-in?next={path}"


def test_a_page_nobody_of_us_drew_shows_nothing_it_brought(town: Town) -> None:
    """Another site must not place its words on a page of ours."""
    _, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    words = {**HANDLED, "measures": "别处写来的话"}
    cross = {"Sec-Fetch-Site": "cross-site"}

    answers = [
        visitor.client.post(path, data=words),
        visitor.client.post(path, data={**words, "csrf": "x" + hidden["csrf"]}),
        visitor.client.post("/public/report", data={"description": "别处写来的话"}, headers=cross),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert not any("别处写来的话" in answer.get_data(as_text=True) for answer in answers)


def test_a_task_that_was_taken_away_leaves_the_text_for_copying(town: Town) -> None:
    number, path = accepted(town)
    visitor, hidden = opened(town, "grid_member", path)
    night_falls(town)
    asked = visitor.client.post(path, data={**hidden, **HANDLED})
    town.do(number, "grid_member", outcome="resolved", measures="已办")

    again = sign_in(visitor, asked, "grid_member")
    fresh = hidden_fields(visitor.page("/report"), "/report")
    refused = visitor.client.post(path, data={**fresh, **HANDLED})

    for page in (again, refused):
        assert "您填写的内容（没有提交，可以复制）" in shown(page)
        assert TYPED in shown(page)


def test_a_fault_of_ours_leaves_the_form_filled_in_with_its_key(town: Town) -> None:
    visitor, hidden = opened(town, "grid_member", "/report")
    with without("idempotency", town):
        failed = visitor.client.post("/report", data={**hidden, **REPORT})
    form = hidden_fields(failed.get_data(as_text=True), "/report")

    assert failed.status_code == 500
    assert TYPED in shown(failed)
    assert form["key"] == hidden["key"]
    assert visitor.client.post("/report", data={**form, **REPORT}).status_code == 303


@pytest.mark.parametrize("table", ["idempotency", "process_definition"])
def test_a_citizens_report_survives_a_fault_of_ours(town: Town, table: str) -> None:
    """Where not even the form can be read, the page holds the draft and sends it again."""
    visitor, path = town.visitor(), "/public/report"
    hidden = hidden_fields(visitor.page(path), path)
    typed = {"kind": "tip", "description": TYPED, "area": VILLAGE, "reporter_name": "演示举报人赵"}
    with without(table, town):
        failed = visitor.client.post(path, data={**hidden, **typed})

    form = hidden_fields(failed.get_data(as_text=True), path)
    assert failed.status_code >= 500
    assert TYPED in shown(failed)
    assert "演示举报人赵" in shown(failed)
    assert form["key"] == hidden["key"]
    filed = visitor.client.post(path, data={**typed, **form})
    assert "已收到，谢谢您" in shown(filed)


def test_a_citizens_report_survives_a_wrong_field(town: Town) -> None:
    visitor, path = town.visitor(), "/public/report"
    typed = {"description": TYPED, "area": VILLAGE, "reporter_name": "赵", "reporter_phone": "1"}

    refused = visitor.submit(path, **typed)

    assert refused.status_code == 422
    for part in (TYPED, 'name="reporter_name" autocomplete="name" maxlength="100" value="赵"'):
        assert part in shown(refused)
    assert f'value="{VILLAGE}" selected' in shown(refused)


def test_a_dispute_that_is_refused_keeps_its_reason(town: Town) -> None:
    number, code = town.report()
    form = {"number": number, "code": code, "reason": TYPED}

    early = town.visitor().client.post("/public/dispute", data=form)
    unknown = town.visitor().client.post("/public/dispute", data={**form, "code": "A" * 16})

    for answer in (early, unknown):
        assert answer.status_code >= 400
        assert TYPED in shown(answer)


def test_the_same_press_once_more_does_nothing_twice(town: Town) -> None:
    """The answer was lost on its way; what was changed since is asked about."""
    visitor, hidden = opened(town, "grid_member", "/report")
    first = visitor.client.post("/report", data={**hidden, **REPORT})

    second = visitor.client.post("/report", data={**hidden, **REPORT})
    changed = visitor.client.post("/report", data={**hidden, **REPORT, "description": "改过"})

    assert second.headers["Location"] == first.headers["Location"]
    assert changed.status_code == 409
    assert "这份内容刚才已经提交过一次" in shown(changed)
    assert "改过" in shown(changed)
    assert hidden_fields(changed.get_data(as_text=True), "/report")["key"] != hidden["key"]


def test_a_script_is_told_where_to_go(town: Town) -> None:
    visitor, hidden = opened(town, "grid_member", "/report")

    answer = visitor.client.post(
        "/report", data={**hidden, **REPORT}, headers={"X-Sent-By": "script"}
    )

    assert answer.status_code == 204
    assert answer.headers["X-Go-To"].startswith("/cases/")
    assert "Location" not in answer.headers
