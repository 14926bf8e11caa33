"""What two sides wrote into one form, field beside field: mine, and what is there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.contract import Actor
from engine.reads.forms import TOUCHED_BY_BOTH, compare
from engine.reads.whole import WholeTask
from web.frame.fields import Sheet
from web.frame.language import pick
from web.frame.naming import Names
from web.frame.values import shown


@dataclass(frozen=True, slots=True)
class BothSides:
    """One field that two sides filled in differently; the values as they are, and in words."""

    name: str
    label: str
    mine: Any
    theirs: Any
    my_words: str
    their_words: str


def both_sides(whole: WholeTask, sheet: Sheet, code: str, names: Names) -> list[BothSides]:
    """The fields to compare after a refusal; the sheet takes over what only they touched.

    A draft saved elsewhere may be decided on and sent again, a completed task only be compared.
    """
    if code == TOUCHED_BY_BOTH and whole.form is not None:
        theirs = whole.form.values
        compared = compare(sheet.base or {}, sheet.values, theirs)
        rows = _rows(sheet, theirs, compared.touched, names)
        sheet.values = compared.taken
        # Sent again, what now stands in the form is meant: nobody is asked twice.
        sheet.base = dict(theirs)
        return rows
    theirs = completed_with(whole)
    filled = [name for name in theirs if sheet.values.get(name) not in (None, "", [])]
    touched = compare({}, sheet.values, theirs).touched if filled else []
    return _rows(sheet, theirs, touched, names)


def _rows(
    sheet: Sheet, theirs: Mapping[str, Any], touched: list[str], names: Names
) -> list[BothSides]:
    fields = [one for one in sheet.fields if one["name"] in touched and one["type"] != "photos"]
    return [
        BothSides(
            one["name"],
            pick(one["label"]),
            mine := sheet.values.get(one["name"]),
            other := theirs.get(one["name"]),
            _words(one, mine, names),
            _words(one, other, names),
        )
        for one in fields
    ]


def _words(field: dict[str, Any], value: Any, names: Names) -> str:
    return "" if value in (None, "", []) else shown(field, value, names)


def was_sent_before(whole: WholeTask, sheet: Sheet, actor: Actor) -> bool:
    """Whether the same officer completed the task with the same answer, say from another tab."""
    if whole.done_by is None or whole.done_by.actor_id != actor.id:
        return False
    return _filled(sheet.values) == _filled(completed_with(whole))


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def completed_with(whole: WholeTask) -> dict[str, Any]:
    """The form the task was completed with; nothing while it is open or not for the reader."""
    if whole.done_by is None or whole.is_about_them:
        return {}
    running, _, token = whole.shown.id.partition("-")
    for entry in whole.entries:
        data = entry.data
        if entry.kind == "task_completed" and (
            str(data.get("running")),
            str(data.get("token")),
        ) == (
            running,
            token,
        ):
            return dict(data.get("form") or {})
    return {}
