"""Writing rows of businesses: the row itself, its source, its changes, what is to be decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from storage.database.session import Session
from storage.imports.comparing import DEFAULT_SOURCE, UPDATED
from storage.imports.outcomes import ImportAct, Judged, Value
from storage.moments import in_china
from storage.places import areas
from storage.places.levels import AreaLevel
from storage.registry import businesses, evidence, likeness, many, reviews
from storage.registry.businesses import NewBusiness
from storage.registry.evidence import BusinessChange, BusinessSource
from storage.registry.names import NameKeys, area_words
from storage.registry.reviews import NewReview

_LARGE_AREAS = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.TOWN)


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
        every = [*added, *changed, *disputed]
        evidence.put_sources(self.session, [self._source(row) for row in every])
        questions = [question for row in every for question in self._questions(row)]
        reviews.add_reviews(self.session, questions, at=self.act.now)
        return [*added, *changed]

    def _added(self, rows: Sequence[Judged]) -> list[Judged]:
        if not rows:
            return []
        new = [NewBusiness(**row.entry.value) for row in rows]
        keys = self._keys()
        made = many.add_businesses(
            self.session, new, keys=keys, origin=self.origin, at=self.act.now
        )
        changes = [
            self._change(made_id, "created", None, each.name)
            for made_id, each in zip(made, new, strict=True)
        ]
        evidence.add_changes(self.session, changes)
        alike = likeness.find_duplicates(self.session, made)
        questions = [replace(question, batch_id=self.act.batch_id) for question in alike]
        reviews.add_reviews(self.session, questions, at=self.act.now)
        return [
            replace(row, subject=str(made_id), after={**row.entry.value, "version": 1})
            for row, made_id in zip(rows, made, strict=True)
        ]

    def _changed(self, row: Judged) -> Judged:
        subject, before, after = int(row.subject or 0), row.before or {}, row.after or {}
        values: Value = {name: after[name] for name in UPDATED if name in after}
        origins = {**(before.get("origins") or {}), **dict.fromkeys(values, self.origin)}
        businesses.update_business(
            self.session, subject, {**values, "origins": origins}, at=self.act.now
        )
        evidence.add_changes(
            self.session,
            [self._change(subject, name, before[name], value) for name, value in values.items()],
        )
        version = businesses.get_business(self.session, subject).version
        return replace(row, after={**after, "version": version})

    def _questions(self, row: Judged) -> list[NewReview]:
        conflicts = (row.after or {}).get("conflicts") or {}
        subject = int(row.subject or 0)
        return [
            NewReview(
                "conflict",
                f"conflict:{subject}:{field}:{self.origin}:{both['proposed']}"[:400],
                subject,
                {**both, "source": self.origin},
                field=field,
                batch_id=self.act.batch_id,
            )
            for field, both in conflicts.items()
        ]

    def _source(self, row: Judged) -> BusinessSource:
        value = row.entry.value
        named = f"{value['name']}|{value['area_code']}"[:400]
        external = value["licence_number"] or value["credit_code"] or named
        on = in_china(self.act.now).date()
        subject = int(row.subject or 0)
        return BusinessSource(self.origin, external, value, on, self.act.batch_id, subject)

    def _change(self, subject: int, field: str, before: Any, after: Any) -> BusinessChange:
        act = self.act
        return BusinessChange(subject, act.now, field, before, after, act.actor, act.batch_id)

    def _keys(self) -> NameKeys:
        on = in_china(self.act.now).date()
        names = [
            area.name
            for level in _LARGE_AREAS
            for area in areas.list_areas(self.session, on=on, level=level, limit=10_000)
        ]
        return NameKeys(area_words(names), self.suffixes)


def undo_row(session: Session, row: Judged, act: ImportAct) -> str | None:
    """Remove what was added, and give a changed business its former values."""
    subject, after = int(row.subject or 0), row.after or {}
    known = businesses.find_business(session, subject)
    if known is None or known.version != after.get("version"):
        return f"主体 {subject} 已被再次更改 (changed since)"
    if row.outcome == "added":
        if many.is_used(session, subject):
            return f"主体 {subject} 已在使用 (in use since)"
        evidence.forget_evidence(session, subject)
        reviews.forget_reviews(session, subject)
        many.remove_business(session, subject)
        return None
    before = row.before or {}
    businesses.update_business(session, subject, before, at=act.now)
    changes = [
        BusinessChange(subject, act.now, name, after.get(name), value, act.actor, act.batch_id)
        for name, value in before.items()
        if name != "origins"
    ]
    evidence.add_changes(session, changes)
    return None
