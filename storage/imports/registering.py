"""Writing rows of businesses: the row itself, its source, its changes, what is to be decided."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from storage.city.rules import installed
from storage.database.session import Session
from storage.imports.comparing import CREDENTIAL, DEFAULT_SOURCE, UPDATED
from storage.imports.outcomes import ImportAct, Judged, Value
from storage.moments import in_china
from storage.numbers import credit_check_sign, is_credit_code
from storage.registry import businesses, evidence, likeness, many, placing, reviews
from storage.registry.businesses import NewBusiness
from storage.registry.credentials import (
    credential_of,
    forget_credentials,
    put_credentials,
    remove_credentials,
)
from storage.registry.evidence import BusinessChange, BusinessSource
from storage.registry.names import keys_of_city
from storage.registry.reviews import NewReview

_FORMER: Final = "source"
_PLACES: Final = frozenset({"lat", "area_code", "status"})
"""What takes a business out of those that stand nowhere."""


@dataclass(frozen=True, slots=True)
class RegistryWriting:
    """Writes one chunk of rows."""

    session: Session
    act: ImportAct
    suffixes: tuple[str, ...]

    @property
    def origin(self) -> str:
        """The source of the batch."""
        return self.act.origin or DEFAULT_SOURCE

    def write(self, rows: Sequence[Judged]) -> list[Judged]:
        """Write rows; return those that were written with their subjects."""
        added = self._added([row for row in rows if row.outcome == "added"])
        changed = [self._changed(row) for row in rows if row.outcome == "changed"]
        disputed = [row for row in rows if row.outcome == "review" and row.subject]
        known = [*changed, *disputed]
        sources = {row.entry.place: self._source(row) for row in [*added, *known]}
        said = evidence.find_sources(
            self.session, [(one.kind, one.external_id) for one in sources.values()]
        )
        evidence.put_sources(self.session, list(sources.values()))
        self._put_credentials([*added, *changed])
        self._settle_placed(changed)
        questions = [question for row in [*added, *known] for question in self._questions(row)]
        reviews.add_reviews(self.session, questions, at=self.act.now)
        return [*added, *(_with_former(row, sources[row.entry.place], said) for row in known)]

    def _added(self, rows: Sequence[Judged]) -> list[Judged]:
        if not rows:
            return []
        new = [_new_business(row.entry.value) for row in rows]
        on = in_china(self.act.now).date()
        keys = keys_of_city(self.session, self.suffixes, on=on)
        made = many.add_businesses(
            self.session, new, keys=keys, origin=self.origin, at=self.act.now
        )
        changes = [
            self._change(made_id, "created", None, each.name, 1)
            for made_id, each in zip(made, new, strict=True)
        ]
        evidence.add_changes(self.session, changes)
        alike = likeness.find_duplicates(
            self.session, made, alike_from=installed().thresholds.alike_from
        )
        questions = [replace(question, batch_id=self.act.batch_id) for question in alike]
        questions += placing.ask_where_all(
            zip(made, new, strict=True), self.origin, batch_id=self.act.batch_id
        )
        reviews.add_reviews(self.session, questions, at=self.act.now)
        return [
            replace(row, subject=str(made_id), after={**row.entry.value, "version": 1})
            for row, made_id in zip(rows, made, strict=True)
        ]

    def _changed(self, row: Judged) -> Judged:
        subject, before, after = int(row.subject or 0), row.before or {}, row.after or {}
        values: Value = {name: after[name] for name in UPDATED if name in after}
        said = {CREDENTIAL: after[CREDENTIAL]} if CREDENTIAL in after else {}
        origins = {**(before.get("origins") or {}), **dict.fromkeys(values, self.origin)}
        version = businesses.update_business(
            self.session, subject, {**values, "origins": origins}, at=self.act.now
        )
        evidence.add_changes(
            self.session,
            [
                self._change(subject, name, before[name], value, version)
                for name, value in {**values, **said}.items()
            ],
        )
        return replace(row, after={**after, "version": version})

    def _settle_placed(self, rows: Sequence[Judged]) -> None:
        placed = [
            int(row.subject or 0)
            for row in rows
            if placing.is_placed(
                lat=(row.after or {}).get("lat"), area_code=(row.after or {}).get("area_code", "")
            )
        ]
        areas = {_former_area(row) for row in rows if (row.after or {}).keys() & _PLACES}
        placing.settle_placed(self.session, placed, areas, by=self.act.actor, at=self.act.now)

    def _put_credentials(self, rows: Sequence[Judged]) -> None:
        said = {
            (document["kind"], document["number"]): credential_of(int(row.subject or 0), document)
            for row in rows
            if (document := (row.after or {}).get(CREDENTIAL))
        }
        on = in_china(self.act.now).date()
        put_credentials(self.session, list(said.values()), on=on, batch_id=self.act.batch_id)

    def _questions(self, row: Judged) -> list[NewReview]:
        conflicts = (row.after or {}).get("conflicts") or {}
        subject = int(row.subject or 0)
        asked = [
            reviews.conflict(subject, field, both, source=self.origin, batch_id=self.act.batch_id)
            for field, both in conflicts.items()
        ]
        code = row.entry.value["credit_code"]
        if code is not None and not is_credit_code(code):
            asked.append(self._bad_code(subject, code))
        return asked

    def _bad_code(self, subject: int, code: str) -> NewReview:
        """An official list may hold a wrong digit: it is registered, and a keeper looks at it."""
        expected = f"{code[:-1]}{credit_check_sign(code[:-1])}"
        proposals = {"registered": code, "proposed": expected, "source": self.origin}
        return NewReview(
            "bad_code",
            f"bad_code:{subject}:{code}",
            subject,
            proposals,
            field="credit_code",
            batch_id=self.act.batch_id,
        )

    def _source(self, row: Judged) -> BusinessSource:
        value = row.entry.value
        named = f"{value['name']}|{value['area_code']}"[:400]
        external = value["licence_number"] or value["credit_code"] or named
        on = in_china(self.act.now).date()
        subject = int(row.subject or 0)
        return BusinessSource(self.origin, external, value, on, self.act.batch_id, subject)

    def _change(
        self, subject: int, field: str, before: Any, after: Any, version: int
    ) -> BusinessChange:
        act = self.act
        return BusinessChange(
            subject, act.now, field, before, after, act.actor, act.batch_id, version
        )


def _new_business(value: Value) -> NewBusiness:
    return NewBusiness(**{name: text for name, text in value.items() if name != CREDENTIAL})


def _former_area(row: Judged) -> str:
    """The area in which a business was registered before a row changed it."""
    disputed = (row.after or {}).get("conflicts", {}).get("area_code", {})
    areas = ((row.before or {}).get("area_code"), disputed.get("registered"))
    return next(filter(None, areas), str(row.entry.value["area_code"]))


def _with_former(
    row: Judged, source: BusinessSource, said: Mapping[tuple[str, str], BusinessSource]
) -> Judged:
    """Keep with a row what its source said before, for its undoing."""
    former = said.get((source.kind, source.external_id))
    kept = None if former is None else {**asdict(former), "seen_on": former.seen_on.isoformat()}
    return replace(row, before={**(row.before or {}), _FORMER: kept})


def undo_row(session: Session, row: Judged, act: ImportAct) -> str | None:
    """Remove what was added; give a changed business its former values, and take questions back."""
    subject, after = int(row.subject or 0), row.after or {}
    if row.outcome == "review":
        _take_back_evidence(session, row, act)
        return None
    known = businesses.find_business(session, subject)
    if known is None or known.version != after.get("version"):
        return f"主体 {subject} 已被再次更改 (changed since)"
    if row.outcome == "added":
        return _remove(session, subject)
    apart = (_FORMER, CREDENTIAL)
    before = {name: value for name, value in (row.before or {}).items() if name not in apart}
    _take_back_credential(session, row, act)
    version = businesses.update_business(session, subject, before, at=act.now)
    by, batch = act.actor, act.batch_id
    changes = [
        BusinessChange(subject, act.now, name, after.get(name), value, by, batch, version)
        for name, value in before.items()
        if name != "origins"
    ]
    evidence.add_changes(session, changes)
    _take_back_evidence(session, row, act)
    return None


def _take_back_credential(session: Session, row: Judged, act: ImportAct) -> None:
    """Restore what a credential said before; one that was new goes."""
    said = (row.after or {}).get(CREDENTIAL)
    if said is None:
        return
    former = (row.before or {}).get(CREDENTIAL)
    remove_credentials(session, [(said["kind"], said["number"])])
    if former is not None:
        known = credential_of(int(row.subject or 0), former)
        on = in_china(act.now).date()
        put_credentials(session, [known], on=on, batch_id=act.batch_id)


def _remove(session: Session, subject: int) -> str | None:
    if many.is_used(session, subject):
        return f"主体 {subject} 已在使用 (in use since)"
    forget_credentials(session, subject)
    evidence.forget_evidence(session, subject)
    reviews.forget_reviews(session, subject)
    many.remove_business(session, subject)
    return None


def _take_back_evidence(session: Session, row: Judged, act: ImportAct) -> None:
    kept, subject = (row.before or {}).get(_FORMER), int(row.subject or 0)
    former = None
    if kept is not None and businesses.find_business(session, kept["business_id"]) is not None:
        former = BusinessSource(**{**kept, "seen_on": date.fromisoformat(kept["seen_on"])})
    evidence.take_back_sources(session, subject, act.batch_id, former)
    reviews.withdraw_reviews(session, subject, act.batch_id)
