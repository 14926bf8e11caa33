"""比对：whether a record of theirs is a visit that stands here already (R30)."""

from dataclasses import dataclass
from typing import Literal

from handlers.sync.protocol import PulledRecord
from storage.database.session import Session
from storage.moments import Json

Relating = Literal["create", "link", "review"]


@dataclass(frozen=True, slots=True)
class Relation:
    """比对结果：create a case, link it to `case_id`, or let a person choose of `candidates`.

    `reason` is kept with the record: the scores that spoke for it.
    """

    relating: Relating
    case_id: int | None = None
    candidates: tuple[Json, ...] = ()
    reason: Json = None


CREATE = Relation("create")


def relation_of(session: Session, record: PulledRecord, *, business_id: int) -> Relation:  # noqa: ARG001 - the rules ask
    """比对一条记录：同一主体、相差不超过一天的本平台事件。"""
    return CREATE
