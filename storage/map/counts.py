"""How many businesses stand in each area: read, folded, and compared with the registry.

Triggers of the database append a change for every business that comes, goes or moves; the
scheduler folds them into one row for each group and each area above. Reading sums both, so that a
number is right at once and costs the same however many businesses there are.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database.session import Session
from storage.people.scope import under_areas
from storage.places.levels import LEVEL_OF_LENGTH
from storage.registry.businesses import BRIGHT, BusinessFilter, conditions, is_marked
from storage.tables import area_count, area_count_change, business

BATCH: Final = 2_000
"""Changes folded in one transaction."""


class Group(NamedTuple):
    """Businesses that count alike."""

    area_code: str
    category: str
    status: str
    bright: bool


Counts = dict[Group, int]

_GROUP = (
    area_count.c.area_code,
    area_count.c.category,
    area_count.c.status,
    area_count.c.bright,
)
_CHANGED = (
    area_count_change.c.area_code,
    area_count_change.c.category,
    area_count_change.c.status,
    area_count_change.c.bright,
)


def read_counts(session: Session, areas: Sequence[str]) -> Counts:
    """Count the businesses of some areas with all below them; none of the areas in another."""
    folded = select(*_GROUP, area_count.c.n).where(area_count.c.area_code.in_(areas))
    counts: Counter[Group] = Counter()
    for *group, n in session.execute(folded):
        counts[Group._make(group)] += n
    changed = select(*_CHANGED, func.sum(area_count_change.c.n)).where(
        under_areas(area_count_change.c.area_code, areas)
    )
    for code, *group, n in session.execute(changed.group_by(*_CHANGED)):
        around = next(one for one in areas if code.startswith(one))
        counts[Group(around, *group)] += int(n)
    return {group: n for group, n in counts.items() if n}


def count_found(session: Session, having: BusinessFilter) -> Counts:
    """Count the businesses a filter finds, by the area each stands in."""
    bright = case((is_marked(BRIGHT), 1), else_=0)
    group = (business.c.area_code, business.c.category, business.c.status, bright)
    question = select(*group, func.count()).where(*conditions(having)).group_by(*group)
    return {
        Group(code, category, status, bool(is_bright)): int(n)
        for code, category, status, is_bright, n in session.execute(question)
    }


def version_of(session: Session, areas: Sequence[str] | None) -> int:
    """Return how many changes the businesses of some areas have had; None is everywhere.

    It grows with every commit that changes a count or a position, in whatever order they end.
    """
    folded = select(func.sum(area_count.c.version))
    changed = select(func.count()).select_from(area_count_change)
    if areas is None:
        length = min(LEVEL_OF_LENGTH)
        folded = folded.where(func.length(area_count.c.area_code) == length)
    else:
        folded = folded.where(area_count.c.area_code.in_(areas))
        changed = changed.where(under_areas(area_count_change.c.area_code, areas))
    return int(session.execute(folded).scalar() or 0) + int(session.execute(changed).scalar_one())


def fold(session: Session) -> int:
    """Fold the oldest changes into the counts of their areas and all above; how many."""
    oldest = select(area_count_change.c.id).order_by(area_count_change.c.id).limit(BATCH)
    gone = session.execute(
        delete(area_count_change)
        .where(area_count_change.c.id.in_(oldest.with_for_update(skip_locked=True)))
        .returning(*_CHANGED, area_count_change.c.n)
    ).all()
    sums: Counter[Group] = Counter()
    changes: Counter[Group] = Counter()
    for code, category, status, bright, n in gone:
        for around in _around(code):
            group = Group(around, category, status, bright)
            sums[group] += n
            changes[group] += 1
    # In one order, so that two schedulers never wait for each other.
    rows = [
        {**group._asdict(), "n": sums[group], "version": changes[group]} for group in sorted(sums)
    ]
    _add(session, rows)
    return len(gone)


def differences(session: Session) -> Counts:
    """Return where the kept counts differ from the registry: what is kept, less what is there."""
    kept: Counter[Group] = Counter()
    for *group, n in session.execute(select(*_GROUP, area_count.c.n)):
        kept[Group._make(group)] += n
    changed = select(*_CHANGED, func.sum(area_count_change.c.n)).group_by(*_CHANGED)
    for code, *group, n in session.execute(changed):
        for around in _around(code):
            kept[Group(around, *group)] += int(n)
    kept.subtract(_registered(session))
    return {group: n for group, n in kept.items() if n}


def rebuild(session: Session) -> int:
    """Count everything again from the registry; how many numbers were wrong."""
    if session.dialect.name == "postgresql":
        # Nobody writes a business meanwhile: its change and its row are counted both or neither.
        session.exec_driver_sql("lock table business in share mode")
    wrong = len(differences(session))
    passed = version_of(session, None) + 1
    session.execute(delete(area_count_change))
    session.execute(delete(area_count))
    rows = [
        {**group._asdict(), "n": n, "version": passed}
        for group, n in sorted(_registered(session).items())
    ]
    if rows:
        session.execute(insert(area_count), rows)
    return wrong


def _registered(session: Session) -> Counts:
    counts: Counter[Group] = Counter()
    for group, n in count_found(session, BusinessFilter()).items():
        for around in _around(group.area_code):
            counts[group._replace(area_code=around)] += n
    return counts


def _around(code: str) -> Iterator[str]:
    return (code[:length] for length in sorted(LEVEL_OF_LENGTH) if length <= len(code))


def _add(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if not listed:
        return
    put = sqlite_insert if session.dialect.name == "sqlite" else postgresql_insert
    new = put(area_count)
    added = {name: area_count.c[name] + new.excluded[name] for name in ("n", "version")}
    session.execute(new.on_conflict_do_update(index_elements=list(_GROUP), set_=added), listed)
