"""What the calendar starts in a city: `recurring.csv` and quotas, a start for every post."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.database.session import Session
from storage.people.posts import list_posts
from storage.people.roles import ROLES
from storage.processes.recurring import NewRecurring
from storage.video.rules import QUOTAS, VIDEO_PATROL

_COLUMNS: Final = ("process_id", "role", "period", "offset_days")
_MOST_POSTS: Final = 1_000


def starts_of_city(session: Session, folder: Path) -> Iterator[NewRecurring]:
    """List the starts of a city pack; a pack without the file has none."""
    for rule in QUOTAS.values():
        for post in list_posts(session, role=rule.unit, limit=_MOST_POSTS):
            yield NewRecurring(
                process_id=VIDEO_PATROL,
                subject_kind="post",
                subject=post.id,
                period=rule.period,
            )
    path = folder / "recurring.csv"
    for row in pack_rows(path, _COLUMNS) if path.is_file() else ():
        role = row.choice("role", tuple(ROLES))
        for post in list_posts(session, role=role, limit=_MOST_POSTS):
            yield NewRecurring(
                process_id=row.required("process_id"),
                subject_kind="post",
                subject=post.id,
                period=row.required("period"),
                offset_days=row.number_of("offset_days"),
            )
