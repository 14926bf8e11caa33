"""What a person decides about a record that fits several cases: one of them, or none."""

from typing import Any

from api.syncing.platforms import Platforms
from engine.contract import Actor
from handlers.sync.mapping import UnreadableError
from storage.database.session import Session
from storage.errors import FormInvalid, Refused
from storage.sync import records, reviews
from storage.sync.records import KeptRecord
from storage.sync.reviews import SyncReview


def decide(
    platforms: Platforms, session: Session, review_id: int, number: str | None, *, actor: Actor
) -> None:
    """Close the question for good; without a number the record is a visit of its own.

    Raises:
        FormInvalid: the number is none of the candidates.
        Refused: it was decided before, the case was linked meanwhile, or no case can be made.
    """
    review = reviews.get_review(session, review_id)
    if review.state != "open":
        message = "这条记录已经裁定过了，请刷新列表。"
        raise Refused(message, code="sync_review_decided")
    record = records.get_record(session, review.record_id)
    taking = platforms.taking(record.source)
    now = platforms.composition.clock.now()
    if number is not None:
        chosen = _candidate(session, review, record, number)
        case_id: int | None = taking.link(session, record, chosen)
        reviews.decide_review(session, review_id, "linked", by=actor.id, at=now, case_id=case_id)
        return
    try:
        case_id = taking.create(session, record)
    except UnreadableError as error:
        message = f"这条记录还不能登记：{error}。"
        raise Refused(message, code="sync_record_unplaced") from error
    reviews.decide_review(session, review_id, "created", by=actor.id, at=now, case_id=case_id)


def _candidate(
    session: Session, review: SyncReview, record: KeptRecord, number: str
) -> dict[str, Any]:
    chosen = next((one for one in review.candidates if one["number"] == number), None)
    if chosen is None:
        raise FormInvalid.at("case", "请选候选事件中的一件。", clause="R30")
    held = records.list_of_subject(session, "case", int(chosen["case"]))
    theirs = (one for one in held if one.source == record.source and one.origin == "theirs")
    if any(not one.retired for one in theirs):
        message = f"事件 {number} 已经关联了对方的另一条记录，请选别的或按新检查登记。"
        raise Refused(message, code="sync_case_linked", clause="R30")
    return dict(chosen)
