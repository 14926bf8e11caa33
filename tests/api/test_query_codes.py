"""Codes a reporter looks a case up with: read aloud, typed on a phone, kept nowhere."""

from itertools import product

import pytest

from api.resources.reports.query_codes import ALPHABET, fits, query_code

SECRET = "codes-only-QwErTyUiOp-0123456789"
NUMBER = "2026000000079"


def test_a_code_has_twelve_letters_nobody_takes_for_another() -> None:
    codes = [query_code(SECRET, str(number)) for number in range(500)]

    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set("0O1IL") & set(ALPHABET)
    assert len(set(codes)) == 500


@pytest.mark.parametrize("way", ["lower", "groups", "full_width"])
def test_a_code_is_understood_as_people_type_it(way: str) -> None:
    code = query_code(SECRET, NUMBER)
    typed = {
        "lower": code.lower(),
        "groups": f" {code[:4]}-{code[4:8]} {code[8:]}",
        "full_width": "".join(chr(ord(letter) + 0xFEE0) for letter in code),
    }[way]

    assert fits(SECRET, NUMBER, typed)


def test_a_code_of_the_first_release_is_still_right_with_0_for_o_and_1_for_i() -> None:
    """The value was taken from the first release: base32 of 80 bits."""
    numbers = [f"2026{number:09}" for number in range(200)]
    former = {number: _former(number) for number in numbers}
    confused = {number: code.replace("O", "0").replace("I", "1") for number, code in former.items()}

    assert all(fits(SECRET, number, code) for number, code in former.items())
    assert all(fits(SECRET, number, code) for number, code in confused.items())
    assert any("0" in code for code in confused.values())


def test_a_code_of_another_number_secret_or_nothing_is_wrong() -> None:
    code = query_code(SECRET, NUMBER)

    for number, secret in product((NUMBER, "2026000000080"), (SECRET, "another")):
        assert fits(secret, number, code) == ((number, secret) == (NUMBER, SECRET))
    assert not fits(SECRET, NUMBER, "")


def _former(number: str) -> str:
    import base64  # noqa: PLC0415 - only to say once more how the first release did it
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    key = hashlib.sha256(b"hangji query code:" + SECRET.encode()).digest()
    mac = hmac.new(key, number.encode(), hashlib.sha256).digest()[:10]
    return base64.b32encode(mac).decode()
