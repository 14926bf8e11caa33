"""The stop before an emergency is reported: whom to call first, and whether it is filed as one.

A matter that is an emergency, or a word for one in the text, opens it; the report goes on once
whoever writes has said that help was called, or that nobody needs any.
"""

import re
from collections.abc import Collection, Mapping

from flask import request

from web.frame.fields import Sheet
from web.frame.language import t

ANSWER = "emergency"
"""The field of the page that says how it goes on: `yes` or `no`."""

Words = Mapping[str, frozenset[str]]
"""The words by which each matter that is an emergency is recognized."""


def stops(sheet: Sheet, known: Words) -> bool:
    """Whether the report waits for an answer; one that is filed as an emergency gets its matter."""
    matter = _meant(sheet, known)
    answer = request.form.get(ANSWER)
    if matter is None or (answer == "no" and sheet.values.get("matter") not in known):
        sheet.values.pop("people_ill", None)
        return False
    if answer == "yes":
        sheet.values["matter"] = matter
        return False
    message = t("先看红色的提示，再选怎么继续。", "Read what stands in red, then say how to go on.")
    sheet.errors = {"": message, ANSWER: message}
    return True


def _meant(sheet: Sheet, known: Words) -> str | None:
    """The emergency that was chosen, or that the text speaks of."""
    chosen = sheet.values.get("matter")
    if chosen in known:
        return str(chosen)
    text = str(sheet.values.get("description") or "").lower()
    return next((code for code, words in known.items() if says(text, words)), None)


def says(text: str, words: Collection[str]) -> bool:
    """Whether a text speaks of one of these; words of the Latin script stand alone in it."""
    return any(
        re.search(rf"\b{re.escape(word)}\b", text) if word.isascii() else word in text
        for word in words
    )
