"""Guessing and flooding are slowed down, and only them."""

import io
import json
from pathlib import Path

import pytest

from api.http import logs
from api.identity.rate_limits import PUBLIC_REPORT, RateLimits
from api.settings import Settings
from storage.errors import HangjiError
from storage.people.actors import find_officer
from tests.api.conftest import PASSWORD, Api
from tests.fault.lives import free_port

PUBLIC = {"kind": "tip", "description": "后厨有老鼠", "channel": "web", "area": "350322100001"}


@pytest.fixture
def settings(tmp_path: Path, settings: Settings) -> Settings:
    """Settings with the limits on."""
    values = {one: getattr(settings, one) for one in Settings.__slots__}
    return Settings(**{**values, "rate_limits": True, "var_folder": tmp_path})


def test_guessing_a_code_ends_after_five_tries_a_minute(api: Api) -> None:
    filed = api.post("/public/reports", PUBLIC).get_json()
    path = f"/public/reports/{filed['number']}?code="
    wrong = [api.get(f"{path}{'A' * 15}{last}").status_code for last in "ABCDEFG"]

    right = api.get(f"{path}{filed['query_code']}")

    assert wrong == [404] * 5 + [429] * 2
    assert (right.status_code, right.get_json()["code"]) == (429, "too_many_requests")
    assert int(right.headers["Retry-After"]) > 0


def test_guessing_a_password_ends_after_five_tries_a_minute(api: Api) -> None:
    wrong = {"username": "grid_member", "password": "x"}
    statuses = [api.post("/tokens", wrong).status_code for _ in range(6)]

    right = api.post("/tokens", {"username": "grid_member", "password": PASSWORD})
    other = api.post("/tokens", {"username": "grid_leader", "password": PASSWORD})

    assert statuses == [401] * 5 + [429]
    assert (right.status_code, other.status_code) == (429, 200)


def test_right_passwords_are_not_counted(api: Api) -> None:
    body = {"username": "grid_member", "password": PASSWORD}

    assert {api.post("/tokens", body).status_code for _ in range(8)} == {200}


def test_one_address_files_at_most_sixty_anonymous_reports_an_hour(api: Api) -> None:
    statuses = [api.post("/public/reports", PUBLIC).status_code for _ in range(61)]

    assert statuses == [201] * 60 + [429]


def test_additions_count_with_the_reports_of_an_address(api: Api) -> None:
    filed = api.post("/public/reports", PUBLIC).get_json()
    for _ in range(59):
        api.composition.limits.count(PUBLIC_REPORT, "report", "127.0.0.1")

    added = api.post(f"/public/reports/{filed['number']}/add", {"code": "A" * 12, "added": "x"})

    assert added.status_code == 429


def test_an_address_somebody_claims_is_not_believed_without_a_proxy_of_ours(api: Api) -> None:
    wrong = {"username": "grid_member", "password": "x"}

    statuses = [
        api.post("/tokens", wrong, headers={"X-Forwarded-For": f"10.0.0.{last}"}).status_code
        for last in range(6)
    ]

    assert statuses == [401] * 5 + [429]


def test_one_account_is_not_guessed_from_many_addresses(api: Api) -> None:
    """A new address for every try used to be a new set of tries."""
    wrong = {"username": "grid_member", "password": "x"}
    statuses = [
        api.post("/tokens", wrong, environ_overrides={"REMOTE_ADDR": f"192.0.2.{last}"}).status_code
        for last in range(1, 41)
    ]

    assert statuses == [401] * 30 + [429] * 10


def test_guessing_one_account_leaves_one_warning_with_the_officer_and_no_name(api: Api) -> None:
    """Whoever watches the log learns that an account is being tried, not the password."""
    stream = io.StringIO()
    logs.configure(stream)
    wrong = {"username": "grid_member", "password": "canary-password"}
    for last in range(1, 33):
        api.post("/tokens", wrong, environ_overrides={"REMOTE_ADDR": f"192.0.2.{last}"})
    logs.configure()
    with api.database.reading() as session:
        officer = find_officer(session, "grid_member")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    warnings = [line for line in lines if line["event"] == "account_under_guessing"]

    assert officer is not None
    assert [(warning["level"], warning["officer"]) for warning in warnings] == [
        ("warning", officer.id)
    ]
    assert "canary" not in stream.getvalue()
    assert "grid_member" not in stream.getvalue()


def test_a_network_of_ipv6_counts_as_one_address(api: Api) -> None:
    """A customer has 2^64 addresses."""
    statuses = [
        api.post(
            "/public/reports", PUBLIC, environ_overrides={"REMOTE_ADDR": f"2001:db8::{last:x}"}
        ).status_code
        for last in range(1, 62)
    ]
    neighbour = {"REMOTE_ADDR": "2001:db8:0:1::1"}

    assert statuses == [201] * 60 + [429]
    assert api.post("/public/reports", PUBLIC, environ_overrides=neighbour).status_code == 201


def test_guessing_an_account_stands_in_the_list_of_the_administrator(api: Api) -> None:
    def guess(times: int) -> None:
        for at in range(times):
            wrong = {"username": "Grid_Member" if at % 2 else "grid_member", "password": "x"}
            address = {"REMOTE_ADDR": f"10.1.{at // 200}.{len(tried)}"}
            tried.append(api.post("/tokens", wrong, environ_base=address).status_code)

    tried: list[int] = []
    guess(19)
    before = api.get("/incidents", "admin_system").get_json()["items"]
    guess(2)
    api.post("/tokens", {"username": "nobody", "password": "x"})

    listed = api.get("/incidents", "admin_system").get_json()["items"]
    seen = api.get("/incidents", "supervisor").get_json()["items"]
    done = api.post(f"/incidents/{listed[0]['id']}/retry", {}, "admin_system")
    assert tried == [401] * 21
    assert before == []
    assert [one["error_code"] for one in listed] == ["account_under_guessing"]
    assert "grid_member" in listed[0]["message"]
    assert (seen, done.get_json()["state"]) == (listed, "resolved")
    assert api.get("/incidents", "grid_member").status_code == 403


def test_limits_go_on_in_each_process_while_the_shared_store_is_away() -> None:
    limits = RateLimits(f"redis://127.0.0.1:{free_port()}/0")

    for _ in range(2):
        limits.count("2 per minute", "somebody")

    assert not limits.allows("2 per minute", "somebody")
    assert limits.allows("2 per minute", "somebody else")


def test_a_store_nobody_knows_is_refused_in_words() -> None:
    with pytest.raises(HangjiError, match="HANGJI_RATE_STORAGE"):
        RateLimits("cupboard://1")
