"""Importing lists from the command line, and what is in the database then. Holds no test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from api.composition import compose
from api.settings import from_environment
from storage.database.session import Session
from storage.people import staffing
from storage.people.staffing import Account
from storage.places import areas, calendar
from storage.places.calendar import DayKind
from storage.registry import businesses
from storage.registry.businesses import Business
from tests.api.terminal import Ended, Terminal

CASES = Path(__file__).parent.parent / "cases" / "field"
FAR_OFF = datetime(2099, 1, 1, tzinfo=UTC)
VILLAGE = "350322100001"
GRID = f"{VILLAGE}099"
UNIT = f"{VILLAGE}001001"


@contextmanager
def database() -> Iterator[Session]:
    """What is in the database of this machine now."""
    kept = compose(from_environment()).database
    with kept.reading() as session:
        yield session
    kept.close()


def a_case(terminal: Terminal, kind: str, name: str, *options: str) -> Ended:
    """Import one of the kept files."""
    return terminal.run("import", kind, CASES / name, "--json", *options)


def a_file(terminal: Terminal, kind: str, content: bytes, *options: str) -> Ended:
    """Import a file with this content."""
    path = terminal.var / "list.csv"
    path.write_bytes(content)
    return terminal.run("import", kind, path, "--json", *options)


def lines(terminal: Terminal, kind: str, *rows: str, options: tuple[str, ...] = ()) -> Ended:
    """Import a file of these lines."""
    return a_file(terminal, kind, ("\n".join(rows) + "\n").encode(), *options)


def name_of(code: str) -> str | None:
    """What an area is called in the end."""
    with database() as session:
        area = areas.find_area(session, code, on=FAR_OFF.date())
    return None if area is None else area.name


def kinds() -> dict[date, DayKind]:
    """The kind of every day on file."""
    with database() as session:
        return calendar.day_kinds(session)


def shops(name: str = "") -> tuple[Business, ...]:
    """Businesses by a part of their name."""
    with database() as session:
        return businesses.list_businesses(session, q=name, limit=200).items


def account(username: str) -> Account | None:
    """An account with what it holds."""
    with database() as session:
        accounts = {one.username: one for one in staffing.list_accounts(session)}
    return accounts.get(username)


def posts_of(username: str) -> set[str]:
    """Which posts somebody holds."""
    found = account(username)
    assert found is not None
    return set(found.post_ids)
