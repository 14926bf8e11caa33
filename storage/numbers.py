"""Public numbers with a check digit; nothing else is computed here."""

from datetime import datetime

from storage.moments import CHINA

_ID_DIGITS = 8
_YEAR_DIGITS = 4


def case_number(case_id: int, at: datetime) -> str:
    """Give the public number of a case: year, id in at least eight digits, check digit."""
    body = f"{at.astimezone(CHINA).year}{case_id:0{_ID_DIGITS}d}"
    return f"{body}{check_digit(body)}"


def is_case_number(number: str) -> bool:
    """Say whether a text can be a case number at all: catches a mistyped digit before any query."""
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
