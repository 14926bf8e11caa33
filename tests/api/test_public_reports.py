"""What the public files, looks up and disputes; who reported is nowhere but in the vault."""

import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.http import logs, openapi
from tests.api.conftest import Api

WRITER = "village_assistant"
NAME, PHONE = "金丝雀名字", "000-00009876"
PUBLIC = {
    "kind": "tip",
    "description": "后厨有老鼠",
    "channel": "web",
    "area": "350322100001",
    "reporter": {"name": NAME, "phone": PHONE},
}
EVERYBODY = (
    "unit_leader",
    "grid_member",
    "grid_leader",
    "village_center",
    "village_assistant",
    "station_officer",
    "county_officer",
    "city_officer",
    "triage",
    "supervisor",
    "business",
    "admin_audit",
)


def file(api: Api, **more: Any) -> dict[str, str]:
    """File a report and give number and code."""
    answer = api.post("/public/reports", {**PUBLIC, **more})
    assert answer.status_code == 201, answer.get_json()
    return dict(answer.get_json())


def resolve(api: Api, number: str) -> None:
    """Let the assistant resolve it, the station verify and write the public result."""
    api.accept(number, "village_assistant")
    api.complete(number, "village_assistant", outcome="resolved", measures="内部：已责令整改")
    api.complete(number, "station_officer", verify_result="passed")
    api.complete(number, WRITER, public_result="已经整改完毕。")


def test_the_right_code_shows_progress_and_nothing_internal(api: Api) -> None:
    """R51."""
    filed = file(api)

    answer = api.get(f"/public/reports/{filed['number']}?code={filed['query_code']}")

    told = answer.get_json()
    assert (answer.status_code, told["status"], told["result"]) == (200, "open", None)
    assert not any(
        word in answer.get_data(as_text=True) for word in (NAME, PHONE, "post", "officer")
    )


def test_a_code_may_be_typed_in_small_letters_and_groups(api: Api) -> None:
    filed = file(api)
    code = filed["query_code"].lower()

    answer = api.get(f"/public/reports/{filed['number']}?code={code[:4]}-{code[4:8]}%20{code[8:]}")

    assert answer.status_code == 200


def test_a_wrong_code_and_an_unknown_number_are_answered_alike(api: Api) -> None:
    filed = file(api)
    internal = api.report("grid_member")
    code = filed["query_code"]

    answers = [
        api.get(f"/public/reports/{number}?code={given}").get_json()
        for number, given in (
            (filed["number"], "A" * 16),
            (filed["number"], ""),
            (filed["number"], "错的"),
            ("2026999999998", code),
            (internal, code),
        )
    ]

    for told in answers:
        for of_this_request in ("instance", "request_id", "trace_id"):
            told.pop(of_this_request)
    assert {told["status"] for told in answers} == {404}
    assert all(told == answers[0] for told in answers)


def test_the_result_is_told_in_public_words_and_may_be_disputed(api: Api) -> None:
    filed = file(api)
    number, code = filed["number"], filed["query_code"]
    early = api.post(f"/public/reports/{number}/dispute", {"code": code, "reason": "没有整改"})
    resolve(api, number)

    told = api.get(f"/public/reports/{number}?code={code}").get_json()
    wrong = api.post(f"/public/reports/{number}/dispute", {"code": "A" * 16, "reason": "x"})
    disputed = api.post(f"/public/reports/{number}/dispute", {"code": code, "reason": "没有整改"})
    after = api.get(f"/public/reports/{number}?code={code}").get_json()

    assert (early.status_code, early.get_json()["code"]) == (409, "not_disputable")
    assert (told["result"], told["may_dispute"]) == ("已经整改完毕。", True)
    assert datetime.fromisoformat(told["dispute_until"]) - api.clock.now() > timedelta(days=6)
    assert (after["dispute_until"], after["earlier"]) == (None, ["已经整改完毕。"])
    assert wrong.status_code == 404
    assert disputed.status_code == 200, disputed.get_json()
    assert (after["may_dispute"], after["status"]) == (False, "open")
    assert api.task(number)["level"] == "station"


def test_until_somebody_takes_it_up_the_promise_of_the_receipt_stands(api: Api) -> None:
    filed = file(api)
    path = f"/public/reports/{filed['number']}?code={filed['query_code']}"
    promised = api.task(filed["number"])["due_at"]

    before = api.get(path).get_json()
    api.accept(filed["number"], "village_assistant")
    after = api.get(path).get_json()

    assert (before["take_by"], after["take_by"]) == (promised, None)


def test_a_complaint_and_a_tip_in_one_have_one_number_and_show_both(api: Api) -> None:
    filed = file(api, kind=["complaint", "tip"])

    told = api.get(f"/public/reports/{filed['number']}?code={filed['query_code']}").get_json()
    cases = api.get("/cases?kind=public_report", "supervisor").get_json()["items"]

    assert len(cases) == 2
    assert len(told["parts"]) == 1
    for case in cases:
        identity = api.post(
            f"/cases/{case['number']}/reporter", {"purpose": "核实举报"}, "supervisor"
        )
        assert identity.get_json() == {"name": NAME, "phone": PHONE}


@pytest.mark.parametrize(
    "reporter", [None, {"anonymous": True}, {"anonymous": True, "name": NAME}, {}]
)
def test_an_anonymous_report_leaves_no_identity(api: Api, reporter: Any) -> None:
    """A7."""
    filed = file(api, reporter=reporter)

    answer = api.post(f"/cases/{filed['number']}/reporter", {"purpose": "核实举报"}, "supervisor")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "reporter_anonymous")


def test_reading_who_reported_needs_the_right_and_a_purpose(api: Api) -> None:
    number = file(api)["number"]

    without = api.post(f"/cases/{number}/reporter", {"purpose": "核实举报"}, "station_officer")
    no_purpose = api.post(f"/cases/{number}/reporter", {}, "supervisor")
    blank = api.post(f"/cases/{number}/reporter", {"purpose": "   "}, "supervisor")
    told = api.post(f"/cases/{number}/reporter", {"purpose": "核实举报"}, "supervisor")

    assert without.status_code == 403
    assert (no_purpose.status_code, blank.status_code) == (422, 422)
    assert told.get_json() == {"name": NAME, "phone": PHONE}
    with api.database.reading() as session:
        read = session.execute(text("select purpose from vault_access")).scalars().all()
    entries = api.get(f"/cases/{number}/events", "supervisor").get_json()["items"]
    assert list(read) == ["核实举报"]
    assert entries[-1]["kind"] == "reporter_identity_read"
    assert (entries[-1]["actor_name"], entries[-1]["data"]["purpose"]) == ("演示督办01", "核实举报")


@pytest.mark.parametrize(
    "body",
    [
        {**PUBLIC, "kind": "gossip"},
        {**PUBLIC, "kind": []},
        {**PUBLIC, "channel": "pigeon"},
        {**PUBLIC, "matter": "Z99"},
        {**PUBLIC, "area": "abc"},
        {**PUBLIC, "level": "city"},
        {**PUBLIC, "status": "closed"},
        {**PUBLIC, "reporter": {"name": NAME, "identity_number": "x"}},
        {**PUBLIC, "reporter": {"name": "x" * 101}},
        {**PUBLIC, "reporter": "text"},
        {"kind": "tip"},
    ],
)
def test_what_does_not_fit_the_form_is_refused_and_nothing_is_filed(
    api: Api, body: dict[str, Any]
) -> None:
    answer = api.post("/public/reports", body)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "form_invalid")
    assert NAME not in answer.get_data(as_text=True)
    assert api.get("/cases", "supervisor").get_json()["items"] == []


def test_who_reported_is_in_no_answer_no_log_no_export_and_no_row(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """`reliability.md` section 6: the canary."""
    logs.configure()
    filed = file(api)
    resolve(api, filed["number"])
    whole = api.get("/openapi.json").get_json()

    said = [
        plain(
            api.get(
                operation.path.replace("{number}", filed["number"]).replace("{key}", "1-1"), who
            )
        )
        for who in EVERYBODY
        for operation in openapi.operations(whole)
        if operation.method == "GET"
    ]
    said.append(plain(api.get(f"/cases/{filed['number']}/file?format=json", "supervisor")))
    said += [everything_stored(api), "".join(capsys.readouterr())]

    assert len(said) > 200
    written = (NAME, PHONE, NAME.encode().decode("latin-1"))
    for secret in (*written, NAME.encode("unicode_escape").decode()):
        assert not any(secret in one for one in said)


def plain(answer: Any) -> str:
    """All that an answer says, the insides of a zip included."""
    content = answer.get_data()
    if answer.content_type == "application/zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    return content.decode("latin-1")


def everything_stored(api: Api) -> str:
    """Every row of every table, sealed identities included."""
    with api.database.reading() as session:
        names = session.execute(
            text("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
        ).scalars()
        return "".join(
            str(session.execute(text(f'select * from "{name}"')).all())  # noqa: S608 - our tables
            for name in names.all()
        )
