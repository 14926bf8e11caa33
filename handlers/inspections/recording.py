"""The record of an inspection: the lines of its checklist, edited by two inspectors at once.

A line that only one of them touched is taken; one that both touched is not, and is answered with
what the other wrote, so that both stand side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.cases.attachments import find_free, take_attachments
from storage.cases.cases import Case, get_visible_case
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, Refused
from storage.inspections.checklists import ChecklistLine, checklist_of
from storage.inspections.records import Inspection, Item, get_inspection, list_items, put_item
from storage.people.actors import Actor


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands, with what there is to look at."""

    case: Case
    inspection: Inspection
    lines: tuple[ChecklistLine, ...]
    items: list[Item]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What was taken, and what the other inspector had changed meanwhile."""

    saved: list[Item] = field(default_factory=list)
    conflicts: list[Item] = field(default_factory=list)


def look(session: Session, number: str, *, actor: Actor) -> Record:
    """Return the record of a case the actor may see.

    Raises:
        NotFound: there is no such case for them, or it is no inspection.
    """
    case = get_visible_case(session, number, actor=actor)
    inspection = get_inspection(session, case.id)
    lines = checklist_of(installed().checklists, inspection.checklist)
    may_edit = actor.holds(case.owner_post) and inspection.ended_at is None
    return Record(case, inspection, lines, list_items(session, case.id), may_edit)


def keep(
    session: Session,
    number: str,
    lines: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> RecordAnswer:
    """Write the lines nobody else changed since `base`, the version each was edited from.

    Raises:
        NotAllowed: the inspection is that of another office.
        Refused: it has ended.
        FormInvalid: a line is not on the checklist, or a photo is not the actor's.
    """
    record = look(session, number, actor=actor)
    if not actor.holds(record.case.owner_post):
        message = "只有承办检查的单位可以填写检查表。"
        raise NotAllowed(message, code="not_the_owner", clause="R21")
    if record.inspection.ended_at is not None:
        message = "检查已经结束，检查表不能再改；新的情况请写备注。"
        raise Refused(message, code="inspection_ended", clause="R21")
    known = {line.item for line in record.lines}
    there = {item.item: item for item in record.items}
    kept = RecordAnswer()
    for line in lines:
        if line["item"] not in known:
            message = f"检查表里没有 {line['item']} 这一项，请刷新后再填。"
            raise FormInvalid.at("items", message, clause="R21")
        _keep_line(session, record.case.id, line, there.get(line["item"]), kept, actor, now)
    return kept


def _keep_line(
    session: Session,
    case_id: int,
    line: Mapping[str, Any],
    there: Item | None,
    kept: RecordAnswer,
    actor: Actor,
    now: datetime,
) -> None:
    version, had = (0, []) if there is None else (there.version, there.photos)
    answer, remark = str(line["answer"]), line.get("remark") or None
    photos = list(dict.fromkeys(line.get("photos", had)))
    is_same = there is not None and (there.answer, there.remark) == (answer, remark)
    if there is not None and line["base"] != version:
        if not is_same:
            kept.conflicts.append(there)
            return
        # Both say the same: what either of them photographed stays.
        photos = [*had, *(photo for photo in photos if photo not in had)]
    if there is not None and is_same and photos == had:
        kept.saved.append(there)
        return
    _take_photos(session, case_id, [photo for photo in photos if photo not in had], actor)
    new = Item(str(line["item"]), version + 1, answer, remark, photos, actor.id, now)
    put_item(session, case_id, new)
    kept.saved.append(new)


def _take_photos(session: Session, case_id: int, photos: Sequence[str], actor: Actor) -> None:
    """Let the case take photos the actor uploaded; one taken off a line stays in the case."""
    free = find_free(session, photos, uploaded_by=actor.id)
    if len(free) < len(photos) or take_attachments(session, photos, case_id=case_id) < len(photos):
        message = "照片不存在、已用于其他案件，或不是您上传的。请重新上传。"
        raise FormInvalid.at("items", message, clause="R38")
