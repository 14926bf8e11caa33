"""Check digits catch what a hand gets wrong."""

import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from api.settings import ROOT
from bench import registry
from storage.numbers import (
    case_number,
    check_digit,
    credit_check_sign,
    is_case_number,
    is_credit_code,
)
from tests.build import MORNING
from tests.registry_files import field_survey, filing_list, licence_export

IDS = st.integers(min_value=1, max_value=10**9)


def test_a_number_starts_with_the_year_in_china() -> None:
    new_year_in_china = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)

    assert case_number(7, new_year_in_china)[:12] == "202700000007"


def test_the_check_digit_is_that_of_the_standard() -> None:
    """ISO/IEC 7064 MOD 11,10: the example of the standard."""
    assert check_digit("0794") == "5"


@given(IDS, st.data())
def test_one_wrong_digit_is_always_noticed(case_id: int, data: st.DataObject) -> None:
    number = case_number(case_id, MORNING)
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from([one for one in "0123456789" if one != number[place]]))

    assert is_case_number(number)
    assert not is_case_number(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "2026", "２０２６０００００００１１", "abcdefghijklm"])
def test_what_cannot_be_a_number_is_none(text: str) -> None:
    assert not is_case_number(text)


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
        ("91350100M000100I43", False),
        ("91350100M000100Y4", False),
    ],
)
def test_credit_codes_carry_the_check_sign_of_gb_32100(code: str, *, fits: bool) -> None:
    assert is_credit_code(code) is fits


def test_an_independent_library_agrees_on_every_credit_code_of_the_three_offices_files() -> None:
    """Also on those of the shipped sample and of the list a benchmark generates."""
    sheet = load_workbook(io.BytesIO(licence_export())).active
    assert sheet is not None
    texts = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    texts += [filing_list().decode("gb18030"), field_survey().decode("utf-8-sig")]
    texts.append((ROOT / "city/putian/sample/businesses.csv").read_text("utf-8"))
    texts += [registry.credit_code_of(number) for number in range(500)]
    codes = re.findall(r"\b9[0-9A-Z]{17}\b", "\n".join(texts))

    assert len(codes) >= 6 + 3 + 1 + 500
    assert [code for code in codes if not (uscc.is_valid(code) and is_credit_code(code))] == []


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18))
def test_an_independent_library_agrees_on_the_check_sign_of_every_credit_code(code: str) -> None:
    """GB 32100: python-stdnum is the oracle, for the sign and for what is refused."""
    sign = credit_check_sign(code[:-1])

    assert sign == uscc.calc_check_digit(code[:-1])
    if uscc.is_valid(code):
        assert is_credit_code(code)
    assert is_credit_code(code[:-1] + sign)


@given(st.text("0123456789", min_size=13, max_size=13))
def test_an_independent_library_agrees_on_the_check_digit_of_a_licence(digits: str) -> None:
    assert check_digit(digits) == mod_11_10.calc_check_digit(digits)
