"""What the record of an inspection has to say before the inspection ends (R21, R24, R38)."""

from collections.abc import Sequence
from typing import Final

from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FieldMessage, FormInvalid
from storage.inspections.checklists import ChecklistLine, checklist_of
from storage.inspections.records import Item, find_inspection

NOT_LOOKED_AT: Final = {"na": ("不适用", "not applicable"), "not_visible": ("看不到", "not seen")}
"""Answers that say nothing of the line itself: where nothing was found, they need a reason."""


def check_record(session: Session, case_id: int, found: str, lines: Sequence[Item]) -> None:
    """Refuse a result that the lines of the record do not carry.

    A city without a checklist for the category asks for no line, and neither does a scenario,
    whose case has no record.

    Raises:
        FormInvalid: nothing was found although a line is wrong, not answered, or not looked at
            without a reason; a line that is wrong and wants a photo has neither photo nor remark.
    """
    inspection = find_inspection(session, case_id)
    listed = checklist_of(installed().checklists, inspection.checklist) if inspection else ()
    if found == "nothing":
        _check_nothing_wrong(lines)
        _check_answered(listed, lines)
    _check_photos(listed, lines)


def _check_nothing_wrong(lines: Sequence[Item]) -> None:
    bad = sum(line.answer == "no" for line in lines)
    if bad:
        message = f"检查表里有 {bad} 项不符合，检查结果不能是“未发现问题”。"
        raise FormInvalid.at("found", message, clause="R24")


def _check_answered(listed: Sequence[ChecklistLine], lines: Sequence[Item]) -> None:
    there = {line.item: line for line in lines}
    errors: list[tuple[str, str]] = [
        (f"/{line.item}", message)
        for line in listed
        if (message := _missing(line, there.get(line.item))) is not None
    ]
    if errors:
        refusal = (
            f"检查表还有 {len(errors)} 项没有填完，检查结果不能是“未发现问题”。请先填好检查表。"
        )
        english = (
            f"{len(errors)} lines of the checklist are not complete, so that the result cannot be "
            "“Nothing”. Fill in the checklist first."
        )
        raise FormInvalid(refusal, errors=errors, clause="R24", english=english)


def _missing(line: ChecklistLine, there: Item | None) -> FieldMessage | None:
    """What a line still needs before it can be said that nothing was wrong."""
    if there is None:
        return FieldMessage(
            f"“{line.name_zh}”还没有填；不适用的选“不适用”，写明原因。",
            f"“{line.name_en}” is not answered; where it does not apply, say so with a reason.",
        )
    if there.answer in NOT_LOOKED_AT and not there.remark:
        zh, en = NOT_LOOKED_AT[there.answer]
        return FieldMessage(
            f"“{line.name_zh}”选了“{zh}”：请在说明里写原因。",
            f"“{line.name_en}” is {en}: remark why.",
        )
    return None


def _check_photos(listed: Sequence[ChecklistLine], lines: Sequence[Item]) -> None:
    """Refuse a line that is wrong, wants a photo, and has neither photo nor remark (R38)."""
    pictured = {line.item: line.name_zh for line in listed if line.wants_photo}
    for line in lines:
        if line.answer == "no" and line.item in pictured and not (line.photos or line.remark):
            message = f"“{pictured[line.item]}”不符合：请在检查表里附照片，拍不了的在说明里写原因。"
            raise FormInvalid.at("found", message, clause="R38")
