"""The case file as it is read: entries in order, with the names of who acted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any, Protocol, TypeVar

from engine.reads.reading import Reading
from storage.cases import cases, events
from storage.cases.cases import Case
from storage.cases.events import ADDITIONS, CaseEvent
from storage.cases.tasks import Task
from storage.errors import NotFound
from storage.people.personal import is_erased

__all__ = [
    "FileEntry",
    "Mentioned",
    "acts_of",
    "asked_of",
    "entries_of",
    "last_act",
    "list_entries",
    "mentioned_in",
    "officer_of",
    "officers_in",
    "show_entries",
]

ERASED = "（已到保存期限，已删除 deleted after its period）"
BY_THE_CLOCK = frozenset({"timer_fired", "chased"})
_ACTS = ("task_", "case_", "note_", "chased", "reporter_identity_")
_LONGEST_POST = 80
_DIGITS = 15


class Filed(Protocol):
    """An entry, as it is kept or as it is shown."""

    @property
    def at(self) -> datetime:
        """When it was written."""
        ...

    @property
    def actor(self) -> str:
        """Who acted."""
        ...

    @property
    def kind(self) -> str:
        """What it is about."""
        ...

    @property
    def data(self) -> dict[str, Any]:
        """What it holds."""
        ...


AnyEntry = TypeVar("AnyEntry", bound=Filed)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """The codes entries name: posts, and officers besides those who acted."""

    posts: set[str]
    officers: set[int]


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of a case file."""

    seq: int
    at: datetime
    actor: str
    actor_name: str | None
    capacity: str | None
    kind: str
    data: dict[str, Any]
    previous: str
    hash: str


def list_entries(reading: Reading, number: str, *, after: int, limit: int) -> list[FileEntry]:
    """List entries of a case the actor may see, those after number `after`.

    Who had the case in a post they have left reads what was on file until then, and nothing later.
    """
    session, actor = reading.session, reading.actor
    try:
        case = cases.get_visible_case(session, number, actor=actor)
    except NotFound:
        left = cases.find_left_behind(session, number, actor=actor)
        if left is None:
            raise
        case_id, at = left
        entries = _entries(reading, case_id, after=after, limit=limit)
        return show_entries(reading, takewhile(lambda entry: entry.at < at, entries))
    return show_entries(reading, entries_of(reading, case, after=after, limit=limit))


def entries_of(
    reading: Reading, case: Case, *, after: int = 0, limit: int | None = None
) -> list[CaseEvent]:
    """The entries of a case that was read already, as they are kept."""
    return _entries(reading, case.id, after=after, limit=limit)


def asked_of(reading: Reading, own: Sequence[Task]) -> dict[str, dict[str, Any]]:
    """What a business is asked by each of its tasks, and by which post, in one statement (R54).

    That is what was filled in last before it in the same diagram; personal values stay out.
    """
    if not own:
        return {}
    last = {
        (done.case_id, events.run_of(done.element)): done
        for done in events.list_completions(reading.session, (task.case_id for task in own))
    }
    found = {task.key: last.get((task.case_id, events.run_of(task.element))) for task in own}
    reading.learn(posts=(done.owner_post for done in found.values() if done is not None))
    return {
        key: {"asked": done.form, "asked_by": done.owner_post}
        for key, done in found.items()
        if done is not None
    }


def _entries(reading: Reading, case_id: int, *, after: int, limit: int | None) -> list[CaseEvent]:
    kept = events.list_events(reading.session, case_id, after=after, limit=limit)
    return [replace(entry, data=_readable(entry.data)) for entry in kept]


def show_entries(reading: Reading, entries: Iterable[CaseEvent]) -> list[FileEntry]:
    """Show entries with the names of who acted, looked up once for all."""
    every = list(entries)
    names = reading.learn(officers=officers_in(every)).officers
    return [
        FileEntry(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            actor_name=names.get(officer_of(entry.actor) or 0),
            capacity=entry.capacity,
            kind=entry.kind,
            data=entry.data,
            previous=entry.previous,
            hash=entry.hash,
        )
        for entry in every
    ]


def officers_in(entries: Iterable[CaseEvent]) -> set[int]:
    """The officers who acted."""
    ids = (officer_of(entry.actor) for entry in entries)
    return {ident for ident in ids if ident is not None}


def officer_of(reference: str) -> int | None:
    """The id behind `officer:12`."""
    kind, _, ident = reference.partition(":")
    is_id = ident.isdecimal() and len(ident) <= _DIGITS
    return int(ident) if kind == "officer" and is_id else None


def mentioned_in(entries: Iterable[CaseEvent]) -> Mentioned:
    """Find the posts and officers named in what entries hold, and who acted."""
    every = list(entries)
    strings = {text for entry in every for text in _strings(entry.data)}
    named = {ident for text in strings if (ident := officer_of(text)) is not None}
    posts = {text for text in strings if ":" in text and len(text) <= _LONGEST_POST}
    return Mentioned(posts, named | officers_in(every))


def acts_of(entries: Iterable[AnyEntry]) -> list[list[AnyEntry]]:
    """Group entries by act, oldest first: the act itself and the facts that came of it."""
    acts: list[list[AnyEntry]] = []
    for entry in entries:
        if not acts or _is_an_act(entry, acts[-1][0]):
            acts.append([])
        acts[-1].append(entry)
    return acts


def last_act(entries: Iterable[AnyEntry]) -> list[AnyEntry]:
    """The entries of the last act that somebody did, not the clock; none when there is none.

    What whoever reported added is no step: it is read beside all of them.
    """
    acts = reversed(acts_of(entries))
    return next((act for act in acts if act[0].kind not in BY_THE_CLOCK | ADDITIONS), [])


def _is_an_act(entry: Filed, head: Filed) -> bool:
    """Whether an entry is an act of its own and not a fact that came of the one before."""
    if (entry.at, entry.actor) != (head.at, head.actor):
        return True
    return "passed" in entry.data or entry.kind.startswith(_ACTS)


def _readable(value: Any) -> Any:
    """Return a sentence in place of a value deleted at the end of its period."""
    if is_erased(value):
        return ERASED
    if isinstance(value, dict):
        return {name: _readable(each) for name, each in value.items()}
    return [_readable(each) for each in value] if isinstance(value, list) else value


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
