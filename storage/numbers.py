"""Numbers with a check digit: of cases, of businesses; nothing else is computed here."""

from datetime import datetime

from storage.moments import CHINA

_ID_DIGITS = 8
_YEAR_DIGITS = 4

# GB 32100: digits and letters without I, O, S, V, Z, which look like digits.
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_LENGTH = 18
_CREDIT_BASE = 31


def case_number(case_id: int, at: datetime) -> str:
    """Return the public number of a case: year, id in at least eight digits, check digit."""
    body = f"{at.astimezone(CHINA).year}{case_id:0{_ID_DIGITS}d}"
    return f"{body}{check_digit(body)}"


def is_case_number(number: str) -> bool:
    """Return whether a text can be a case number; catches a mistyped digit before any query."""
    return (
        number.isascii()
        and number.isdigit()
        and len(number) > _YEAR_DIGITS + _ID_DIGITS
        and check_digit(number[:-1]) == number[-1]
    )


def check_digit(body: str) -> str:
    """Compute the check digit of ISO/IEC 7064 MOD 11,10 over decimal digits."""
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def is_credit_code(code: str) -> bool:
    """Return whether a text can be a unified social credit code (GB 32100), check sign included."""
    return has_credit_code_form(code) and credit_check_sign(code[:-1]) == code[-1]


def has_credit_code_form(code: str) -> bool:
    """Return whether a text has the length and characters of a credit code; no check digit test."""
    return len(code) == _CREDIT_LENGTH and all(sign in _CREDIT_SIGNS for sign in code)


def credit_check_sign(body: str) -> str:
    """Compute the check sign of the first 17 signs of a unified social credit code."""
    total = sum(
        _CREDIT_SIGNS.index(sign) * pow(3, place, _CREDIT_BASE) for place, sign in enumerate(body)
    )
    return _CREDIT_SIGNS[-total % _CREDIT_BASE]
