"""Signing in to the pages: cookies, forged forms, where one is sent afterwards."""

from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from storage.people.sessions import find_sign_in
from tests.web.town import PASSWORD, Town, Visitor

OUTSIDE = [
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "/\t/elsewhere.example",
    "javascript:alert(1)",
    "elsewhere",
    "",
]


def cookie_of(answer: TestResponse) -> str:
    """The cookie a sign-in sets."""
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if "hangji" in one]
    return cookie


def posts(app: Flask) -> list[str]:
    """An address for every form of the pages."""
    parts = {
        "number": "2026000000011",
        "key": "1-1",
        "action": "note",
        "act": "reset",
        "photo": "x",
        "process": "grid_report",
        "post_id": "station:ST-350322100",
    }
    return [
        rule.build({name: parts.get(name, "1") for name in rule.arguments}, append_unknown=False)[1]  # type: ignore[index]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and "POST" in (rule.methods or ())
    ]


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(town: Town) -> None:
    cookie = cookie_of(town.visitor().sign_in("grid_member"))

    assert cookie.startswith("hangji=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_over_tls_the_cookie_is_bound_to_this_host(town: Town) -> None:
    form = {"username": "grid_member", "password": PASSWORD}
    answer = town.app.test_client().post("/sign-in", data=form, base_url="https://localhost")

    cookie = cookie_of(answer)
    assert cookie.startswith("__Host-hangji=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_signing_out_revokes_the_sign_in_itself(town: Town) -> None:
    visitor = town.visitor("grid_member")
    stolen = visitor.client.get_cookie("hangji")
    assert stolen is not None

    assert visitor.submit("/sign-out", on="/inbox").status_code == 303

    thief = town.visitor()
    thief.client.set_cookie("hangji", stolen.value)
    assert thief.get("/inbox").status_code == 303
    with town.composition.database.reading() as session:
        assert find_sign_in(session, stolen.value, at=town.clock.now()) is None


def test_signing_in_again_ends_the_earlier_sign_in(town: Town) -> None:
    visitor = town.visitor("grid_member")
    earlier = visitor.client.get_cookie("hangji")
    assert earlier is not None

    visitor.sign_in("grid_leader")

    with town.composition.database.reading() as session:
        assert find_sign_in(session, earlier.value, at=town.clock.now()) is None


def test_a_sign_in_ends_by_itself(town: Town) -> None:
    visitor = town.visitor("grid_member")

    town.clock.set(town.clock.now() + timedelta(hours=13))

    assert visitor.get("/inbox").headers["Location"] == "/sign-in?next=/inbox"


def test_a_wrong_password_keeps_the_name_and_says_so(town: Town) -> None:
    form = {"username": "grid_member", "password": "wrong"}
    answer = town.visitor().client.post("/sign-in", data=form)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "用户名或密码不对" in page
    assert 'value="grid_member"' in page
    assert "wrong" not in page


def test_a_capital_a_phone_wrote_first_is_the_same_account(town: Town) -> None:
    form = {"username": "Grid_member", "password": PASSWORD}

    answer = town.visitor().client.post("/sign-in", data=form)

    assert answer.status_code == 303


def test_every_form_refuses_a_post_another_site_made(town: Town) -> None:
    visitor = town.visitor("supervisor")

    answers = {
        path: visitor.client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        for path in posts(town.app)
    }

    assert len(answers) > 8
    assert set(answers.values()) == {403}


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://[", "http://[x]/"])
def test_a_browser_that_says_only_where_it_comes_from_is_believed(town: Town, origin: str) -> None:
    path = "/public/query"

    refused = town.visitor().client.post(path, headers={"Origin": origin})
    taken = town.visitor().client.post(path, headers={"Origin": "http://localhost"})

    assert (refused.status_code, taken.status_code) == (403, 200)


def test_an_officers_form_needs_the_token_of_the_very_sign_in(town: Town) -> None:
    number = town.file()
    other, own = town.visitor("grid_leader"), town.visitor("grid_member")
    foreign = other.page("/inbox").split('name="csrf" value="')[1].split('"')[0]

    for token in ("", "x", foreign, "凭"):
        form = {"csrf": token, "text": "伪造"}
        assert own.client.post(f"/cases/{number}/note", data=form).status_code == 403
    assert own.submit(f"/cases/{number}/note", on=f"/cases/{number}", text="真").status_code == 303


@pytest.mark.parametrize("form", ["/sign-in", "/language"])
def test_no_form_leads_to_another_site(town: Town, form: str) -> None:
    visitor = town.visitor()
    fields = {"username": "grid_member", "password": PASSWORD, "language": "en"}

    answers = [
        visitor.client.post(form, data={**fields, "next": path, "back": path}) for path in OUTSIDE
    ]

    assert {answer.headers["Location"] for answer in answers} == {"/"}


def test_who_was_sent_to_sign_in_comes_back_to_the_page(town: Town) -> None:
    visitor = Visitor(town.app.test_client())

    sent = visitor.get("/inbox?view=team").headers["Location"]
    page = visitor.page(sent)

    assert sent == "/sign-in?next=/inbox?view%3Dteam"
    assert 'name="next" value="/inbox?view=team"' in page
    assert visitor.sign_in("grid_member", next="/inbox?view=team").headers["Location"] == (
        "/inbox?view=team"
    )


def test_a_form_sent_after_the_sign_in_ended_leads_to_a_page_that_can_be_opened(
    town: Town,
) -> None:
    number = town.file()

    answer = town.visitor().client.post(f"/cases/{number}/note")

    assert answer.headers["Location"] == "/sign-in?next=/"


def test_an_officer_who_is_switched_off_is_signed_out(town: Town) -> None:
    visitor = town.visitor("grid_member")
    visitor.client.set_cookie("hangji", "not a sign-in")

    assert visitor.get("/inbox").status_code == 303
