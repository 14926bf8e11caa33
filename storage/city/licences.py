"""How numbers of licences and filings are written: `licence_numbers.csv` of a city pack."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.numbers import check_digit

_COLUMNS: Final = ("prefix", "kind", "length", "check", "name_zh", "name_en")
KINDS: Final = ("licence", "filing", "approval", "registration")
_PREFIX: Final = re.compile(r"[A-Z]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class LicenceForm:
    """One kind of number: its prefix, how many digits follow, whether the last one checks them."""

    prefix: str
    kind: str
    length: int
    is_checked: bool
    name_zh: str


@dataclass(frozen=True, slots=True)
class LicenceNumbers:
    """The forms by their prefix."""

    forms: Mapping[str, LicenceForm]

    def form_of(self, number: str) -> LicenceForm | None:
        """Find the form of a number; None for numbers the city does not know."""
        found = _PREFIX.match(number)
        return None if found is None else self.forms.get(found.group())

    def has_form(self, number: str) -> bool:
        """Whether the prefix is unknown, or the right number of digits follows it."""
        form = self.form_of(number)
        digits = "" if form is None else number[len(form.prefix) :]
        return form is None or (
            digits.isascii() and digits.isdigit() and len(digits) == form.length
        )

    def check_digit(self, number: str) -> str | None:
        """Return the check digit a number should end with; None where nothing is checked."""
        form = self.form_of(number)
        if form is None or not form.is_checked or not self.has_form(number):
            return None
        return check_digit(number[len(form.prefix) : -1])


def read_licence_numbers(folder: Path) -> LicenceNumbers:
    """Read the forms of a city pack.

    Raises:
        Refused: the file is missing or a cell is wrong.
    """
    forms = {}
    for row in pack_rows(folder / "licence_numbers.csv", _COLUMNS):
        prefix = row.required("prefix")
        if not _PREFIX.fullmatch(prefix):
            row.refuse("prefix", "应为大写字母 (capitals)")
        forms[prefix] = LicenceForm(
            prefix,
            row.choice("kind", KINDS),
            row.number_of("length"),
            row.choice("check", ("mod11_10", "none")) == "mod11_10",
            row.required("name_zh"),
        )
    return LicenceNumbers(forms)
