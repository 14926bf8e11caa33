"""What breaks a step at a chosen point, and every row a step writes, to compare; no test."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import event, select

from storage.database.session import Database
from storage.tables import metadata

FURTHEST = 200
UNTOUCHED = frozenset(
    {"area", "calendar_day", "holding", "matter", "org_unit", "post", "process_definition"}
)
"""What no step writes; reading it after each break would cost more than the breaks."""

Rows = dict[str, list[tuple[Any, ...]]]


class BlownError(Exception):
    """The machine stopped here."""


class Fuse:
    """Lets a number of statements and commits pass, then none at all until it is mended."""

    def __init__(self) -> None:
        self._left: int | None = None
        self.is_blown = False

    def set(self, points: int) -> None:
        """Blow at that many points from now."""
        self._left = points
        self.is_blown = False

    def mend(self) -> bool:
        """Let everything pass again; whether it had blown."""
        self._left = None
        return self.is_blown

    def __call__(self, *_: object) -> None:
        """Hear of a statement or a commit that is about to happen."""
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            self.is_blown = True
            raise BlownError


@contextmanager
def fused(database: Database) -> Iterator[Fuse]:
    """A fuse in front of every statement and every commit of a database."""
    fuse = Fuse()
    engine = database._connections.opener  # noqa: SLF001 - nobody but a fault may stand before a commit
    event.listen(engine, "commit", fuse)
    try:
        with database.interrupted(fuse):
            yield fuse
    finally:
        event.remove(engine, "commit", fuse)


def break_everywhere(
    database: Database, press: Callable[[], object], *, untouched: Collection[str] = UNTOUCHED
) -> tuple[int, object]:
    """Press once for every point at which the step can break, until nothing breaks any more.

    After each break every row is as it was. Returns the number of points and the last answer.
    """
    before = every_row(database, untouched)
    with fused(database) as fuse:
        for point in count(1):
            assert point < FURTHEST, "a step without end"
            fuse.set(point)
            answer = press()
            if not fuse.mend():
                return point - 1, answer
            after = every_row(database, untouched)
            changed = {name for name in after if after[name] != before[name]}
            assert not changed, f"broken at point {point}, {changed} changed"
    raise AssertionError  # count never ends


def every_row(database: Database, untouched: Collection[str] = UNTOUCHED) -> Rows:
    """Everything a step may write."""
    with database.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in untouched
        }
