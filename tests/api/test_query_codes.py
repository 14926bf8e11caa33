"""Codes a reporter looks a case up with: read aloud, typed on a phone, kept nowhere."""

import uuid
from itertools import product

import pytest
from sqlalchemy import text

from api.resources.reports.query_codes import ALPHABET, fits, query_code
from storage.cases.cases import find_query_salt
from tests.api.conftest import SECRET as TESTED
from tests.api.conftest import Api

SECRET = "codes-only-QwErTyUiOp-0123456789"
NUMBER = "2026000000079"
SALT = "6f0d3c5b9a81e274"
OTHER_SALT = "0a1b2c3d4e5f6071"
PUBLIC = {"kind": "tip", "description": "后厨有老鼠", "channel": "web", "area": "350322100001"}


def test_a_code_has_twelve_letters_nobody_takes_for_another() -> None:
    codes = [query_code(SECRET, str(number), SALT) for number in range(500)]

    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set("0O1IL") & set(ALPHABET)
    assert len(set(codes)) == 500


@pytest.mark.parametrize("way", ["lower", "groups", "full_width"])
def test_a_code_is_understood_as_people_type_it(way: str) -> None:
    code = query_code(SECRET, NUMBER, SALT)
    typed = {
        "lower": code.lower(),
        "groups": f" {code[:4]}-{code[4:8]} {code[8:]}",
        "full_width": "".join(chr(ord(letter) + 0xFEE0) for letter in code),
    }[way]

    assert fits(SECRET, NUMBER, SALT, typed)


def test_a_code_of_the_first_release_is_still_right_with_0_for_o_and_1_for_i() -> None:
    """The value was taken from the first release: base32 of 80 bits."""
    numbers = [f"2026{number:09}" for number in range(200)]
    former = {number: _former(number) for number in numbers}
    confused = {number: code.replace("O", "0").replace("I", "1") for number, code in former.items()}

    assert all(fits(SECRET, number, None, code) for number, code in former.items())
    assert all(fits(SECRET, number, None, code) for number, code in confused.items())
    assert any("0" in code for code in confused.values())


def test_a_code_of_another_number_secret_or_nothing_is_wrong() -> None:
    code = query_code(SECRET, NUMBER, SALT)

    for number, secret in product((NUMBER, "2026000000080"), (SECRET, "another")):
        assert fits(secret, number, SALT, code) == ((number, secret) == (NUMBER, SECRET))
    assert not fits(SECRET, NUMBER, SALT, "")


def test_a_number_that_comes_again_has_another_code() -> None:
    """After a restored backup numbers come again; who holds the former code sees nothing."""
    held = query_code(SECRET, NUMBER, OTHER_SALT)
    without_salt = query_code(SECRET, NUMBER, None)

    assert fits(SECRET, NUMBER, OTHER_SALT, held)
    assert not fits(SECRET, NUMBER, SALT, held)
    assert not fits(SECRET, NUMBER, SALT, without_salt)
    assert not fits(SECRET, NUMBER, SALT, _former(NUMBER))


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_every_report_has_a_salt_of_its_own_and_a_repeated_request_its_code(
    kind: str, request: pytest.FixtureRequest
) -> None:
    served: Api = request.getfixturevalue(kind)
    headers = {"X-Client-Id": str(uuid.UUID(int=7))}
    first, again, other = (
        served.post("/public/reports", PUBLIC, key=key, headers=headers).get_json()
        for key in ("k-1", "k-1", "k-2")
    )

    with served.database.reading() as session:
        salts = [find_query_salt(session, one["number"]) for one in (first, other)]

    assert again == first
    assert None not in salts
    assert len(set(salts)) == 2
    assert first["query_code"] == query_code(TESTED, first["number"], salts[0])
    assert first["query_code"] != query_code(TESTED, first["number"], None)


def test_codes_given_before_there_were_salts_stay_right(api: Api) -> None:
    number = api.post("/public/reports", PUBLIC).get_json()["number"]
    with api.database.transaction() as session:
        session.execute(
            text("update case_ set query_salt = null where number = :number"), {"number": number}
        )

    former = [query_code(TESTED, number, None), _former(number, TESTED)]

    for code in former:
        assert api.get(f"/public/reports/{number}?code={code}").status_code == 200, code


def _former(number: str, secret: str = SECRET) -> str:
    import base64  # noqa: PLC0415 - only to say once more how the first release did it
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    key = hashlib.sha256(b"hangji query code:" + secret.encode()).digest()
    mac = hmac.new(key, number.encode(), hashlib.sha256).digest()[:10]
    return base64.b32encode(mac).decode()
