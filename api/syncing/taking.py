"""What one record of another platform becomes here, in the transaction of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from api.syncing.pushing import push_state
from engine.run.record import Act, Entry, write_entry
from engine.run.runner import Runner
from handlers.staffing.flags import SYNC_OPENS_CASES
from handlers.sync.businesses import business_of
from handlers.sync.external_inspection import KIND, SOURCE
from handlers.sync.mapping import SourceMapping, UnreadableError, body_of, hash_of, restored
from handlers.sync.matching import relation_of
from handlers.sync.protocol import PulledRecord, ReportedVisit
from handlers.sync.sending import number_we_sent
from handlers.video.watching import OnFile, Watched, record_patrol
from storage.cases.cases import list_processes, lock_case_for_step
from storage.cases.related import link_cases
from storage.database.session import Session
from storage.moments import Json
from storage.people.posts import Staffing, find_staffing
from storage.places.matters import OTHER
from storage.processes.recurring import keep_start_key
from storage.registry.businesses import Business
from storage.staffing.flags import is_on
from storage.sync import records, reviews
from storage.sync.dead import resolve_dead
from storage.sync.records import KeptRecord, NewRecord
from storage.sync.runs import Outcome
from storage.video.patrols import key_of
from storage.video.rules import VIDEO_PATROL

OPEN_KIND: Final = "grid_report"
_NO_PHOTO: Final = "外部平台同步，照片见原记录。"
_FUTURE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a record stands for here, and how it came to."""

    relation: str
    kind: str | None
    id: int | None
    reason: Json = None
    candidates: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes in the records of one platform."""

    runner: Runner
    mapping: SourceMapping

    def take(self, session: Session, record: PulledRecord) -> Outcome:
        """Take in one record; the same one twice changes nothing.

        Raises:
            UnreadableError: it cannot be placed here; the reason is for people.
            HangjiError: a rule of a case refuses it.
        """
        known = records.find_record(session, self.mapping.id, record.external_id)
        if known is not None and record.version < known.version:
            return "older"
        now = self.runner.clock.now()
        resolve_dead(session, self.mapping.id, "pull", record.external_id, at=now)
        if known is None:
            return "same" if record.visit is None else self._add(session, record, record.visit)
        if record.deleted:
            return self._retire(session, known, record)
        if record.version == known.version and not known.retired:
            return "same"
        return self._update(session, known, record)

    def create(self, session: Session, kept: KeptRecord) -> int | None:
        """Make a case of a waiting record, as a person decided; return the id of the case, if any.

        Raises:
            UnreadableError: it cannot be placed here.
        """
        record = restored(kept)
        if record.visit is None:
            return None
        business = self._business(session, record.visit)
        subject = self._made(session, record, record.visit, business)
        values = {"subject_kind": subject.kind, "subject_id": subject.id}
        records.update_record(session, kept.id, relation=subject.relation, **values)
        return subject.id if subject.kind == "case" else None

    def link(self, session: Session, kept: KeptRecord, candidate: Mapping[str, Any]) -> int:
        """Make a waiting record the case a person chose; the case changes in nothing but a note."""
        case_id = int(candidate["case"])
        reason = {**candidate, "by": "person"}
        values = {"subject_kind": "case", "subject_id": case_id, "reason": reason}
        records.update_record(session, kept.id, relation="linked", **values)
        self._note(session, case_id, _linked_text(kept.external_id))
        return case_id

    # -- new -------------------------------------------------------------------------------------

    def _add(self, session: Session, record: PulledRecord, visit: ReportedVisit) -> Outcome:
        now = self.runner.clock.now()
        if visit.visited_at > now + _FUTURE:
            raise UnreadableError("in_the_future", "检查时间在将来，请核对对方的时钟")
        subject = self._subject(session, record, visit)
        sent = self._number_we_sent(subject, visit)
        kept = records.add_record(
            session,
            NewRecord(
                source=self.mapping.id,
                external_id=record.external_id,
                version=record.version,
                body_hash=hash_of(record),
                kind=record.kind,
                origin="theirs" if sent is None else "ours",
                relation=subject.relation,
                day=record.day,
                body=body_of(record),
                changed_at=record.changed_at,
                subject_kind=subject.kind,
                subject_id=subject.id,
                reason=subject.reason,
            ),
            at=now,
        )
        if sent is not None:
            push_state(session, self.mapping.id, sent, at=now)
        if subject.relation == "waiting":
            reviews.add_review(session, kept, list(subject.candidates), at=now)
            return "review"
        return "linked" if subject.relation == "linked" else "created"

    def _number_we_sent(self, subject: Subject, visit: ReportedVisit) -> str | None:
        """The number of the case a record is an echo of: we created it, its answer was lost."""
        is_known = subject.kind == "case" and subject.reason == {"by": "number"}
        return number_we_sent(visit.remark) if is_known else None

    def _subject(self, session: Session, record: PulledRecord, visit: ReportedVisit) -> Subject:
        business = self._business(session, visit)
        patrol = None
        if record.kind == VIDEO_PATROL:
            patrol = self._watched(session, record, visit, business)
            if patrol.has_case or not visit.found_problem:
                return Subject(patrol.relation, VIDEO_PATROL, patrol.patrol_id)
        relation = relation_of(session, record, business_id=business.id)
        if relation.relating == "review":
            return Subject("waiting", None, None, relation.reason, relation.candidates)
        if relation.relating == "link" and relation.case_id is not None:
            self._note(session, relation.case_id, _linked_text(record.external_id))
            return Subject("linked", "case", relation.case_id, relation.reason)
        made = self._made(session, record, visit, business)
        if patrol is not None and made.id is not None:
            self._belongs(session, made.id, patrol)
        return made

    def _belongs(self, session: Session, case_id: int, patrol: OnFile) -> None:
        """The case of a problem stands with its entry and with the quota it was watched for."""
        keep_start_key(session, case_id, key_of(patrol.patrol_id))
        if patrol.period.case_id is not None:
            now = self.runner.clock.now()
            link_cases(session, case_id, patrol.period.case_id, kind=VIDEO_PATROL, at=now)

    def _made(
        self, session: Session, record: PulledRecord, visit: ReportedVisit, business: Business
    ) -> Subject:
        if not visit.found_problem:
            return Subject("created", "business", business.id)
        unit = self._unit(session, visit, business)
        columns: dict[str, Any] = {
            "collector_post": unit.post.id,
            "source": SOURCE,
            "floor_rank": unit.post.rank,
            "visible_from_rank": unit.post.rank,
        }
        if not visit.handled and is_on(session, SYNC_OPENS_CASES, business.area_code):
            return self._opened(session, record, visit, business, columns)
        form = {
            "business": business.id,
            "area": business.area_code,
            "matter": visit.matter or OTHER,
            "description": _described(visit),
            "result": visit.result,
            "visited_at": visit.visited_at.isoformat(),
            "external_id": record.external_id,
        }
        made = self.runner.start(session, KIND, form, actor=None, columns=columns)
        return Subject("created", "case", made.case_id)

    def _opened(
        self,
        session: Session,
        record: PulledRecord,
        visit: ReportedVisit,
        business: Business,
        columns: dict[str, Any],
    ) -> Subject:
        form = {
            "business": business.id,
            "area": business.area_code,
            "matter": visit.matter or OTHER,
            "description": f"{_described(visit)}（外部编号 {record.external_id}）",
            "photos": [],
            "no_photo_reason": _NO_PHOTO,
        }
        if record.kind == VIDEO_PATROL:
            # The city bureau has it first, and the station is asked to assist (R27).
            columns = {**columns, "source": VIDEO_PATROL}
        made = self.runner.start(session, OPEN_KIND, form, actor=None, columns=columns)
        return Subject("created", "case", made.case_id)

    def _watched(
        self, session: Session, record: PulledRecord, visit: ReportedVisit, business: Business
    ) -> OnFile:
        """The entry of a video patrol: counted once for the unit that watched (R35)."""
        watched = Watched(
            business_id=business.id,
            unit=visit.unit,
            watched_at=visit.visited_at,
            items=dict(visit.items or {}),
            problem=visit.description if visit.found_problem else None,
            remark=visit.remark or None,
            source="sync",
            external_id=record.external_id,
        )
        limits = self.runner.calendar(session)
        return record_patrol(session, watched, limits=limits, now=self.runner.clock.now())

    def _business(self, session: Session, visit: ReportedVisit) -> Business:
        return business_of(
            session,
            visit,
            source=self.mapping.id,
            category=self.mapping.category,
            now=self.runner.clock.now(),
        )

    def _unit(self, session: Session, visit: ReportedVisit, business: Business) -> Staffing:
        """The post of the unit that looked, whoever typed it (R35)."""
        now = self.runner.clock.now()
        found = find_staffing(session, visit.unit, business.area_code, at=now)
        if found is None:
            message = f"{business.area_code} 没有岗位 {visit.unit}，不知道是谁检查的"
            raise UnreadableError("unknown_unit", message)
        return found

    # -- known -----------------------------------------------------------------------------------

    def _update(self, session: Session, known: KeptRecord, record: PulledRecord) -> Outcome:
        """Keep a later version; a case it made or was linked to gets a note of what changed."""
        digest = hash_of(record)
        now = self.runner.clock.now()
        values: dict[str, Any] = {
            "version": record.version,
            "changed_at": record.changed_at,
            "seen_at": now,
            "retired": False,
        }
        if digest == known.body_hash and not known.retired:
            records.update_record(session, known.id, **values)
            return "same"
        body = body_of(record)
        records.update_record(
            session, known.id, **values, body=body, body_hash=digest, day=record.day
        )
        if known.subject_kind == "case" and known.subject_id is not None:
            self._note(session, known.subject_id, _changed_text(known, record))
        elif record.visit is not None and _waits_for_a_problem(known, record.visit):
            self._settle(session, known, record, record.visit)
        return "updated"

    def _settle(
        self, session: Session, known: KeptRecord, record: PulledRecord, visit: ReportedVisit
    ) -> None:
        """A visit without a problem stands for its business or its entry until they add one."""
        subject = self._subject(session, record, visit)
        if subject.relation == "waiting":
            now = self.runner.clock.now()
            reviews.add_review(session, known.id, list(subject.candidates), at=now)
        records.update_record(
            session,
            known.id,
            relation=subject.relation,
            subject_kind=subject.kind,
            subject_id=subject.id,
            reason=subject.reason,
        )

    def _retire(self, session: Session, known: KeptRecord, record: PulledRecord) -> Outcome:
        """Keep that they deleted it: nothing is deleted here."""
        if known.retired:
            return "same"
        now = self.runner.clock.now()
        records.update_record(
            session,
            known.id,
            version=record.version,
            changed_at=record.changed_at,
            seen_at=now,
            retired=True,
        )
        reviews.withdraw_review(session, known.id, at=now)
        if known.subject_kind == "case" and known.subject_id is not None:
            self._note(session, known.subject_id, f"外部平台删除了记录 {known.external_id}。")
        return "retired"

    def _note(self, session: Session, case_id: int, text: str) -> None:
        processes = list_processes(session, case_id)
        main = [process for process in processes if process.asked_by is None][-1]
        locked = lock_case_for_step(session, running_id=main.id)
        entry = Entry(Act("note_added", {"text": text}, None))
        write_entry(session, locked, None, entry, actor=None, now=self.runner.clock.now())


def _waits_for_a_problem(known: KeptRecord, visit: ReportedVisit) -> bool:
    is_business = known.relation == "created" and known.subject_kind == "business"
    return is_business or (known.subject_kind == VIDEO_PATROL and visit.found_problem)


def _linked_text(external_id: str) -> str:
    return f"外部平台记录 {external_id} 是同一次检查。"


def _described(visit: ReportedVisit) -> str:
    """What they wrote, with their own code of the matter where our list has none."""
    parts = [visit.description or "（外部平台没有写明情况）"]
    if visit.matter_note:
        parts.append(f"对方事项代码：{visit.matter_note}")
    if visit.inspector:
        parts.append(f"检查人员：{visit.inspector}")
    return "；".join(parts)


def _changed_text(known: KeptRecord, record: PulledRecord) -> str:
    visit = record.visit
    said = "" if visit is None else f"：{visit.description}；处置结果：{visit.result or '无'}"
    return f"外部平台记录 {known.external_id} 更新为第 {record.version} 版{said}"
