"""One look at the database: who looks, when, and the names looked up so far."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.contract import Actor
from engine.definitions import Definition
from engine.run.runner import Runner
from storage.database.session import Session
from storage.errors import NotSignedIn
from storage.moments import CHINA
from storage.people.names import CaseNames, Codes, look_up
from storage.people.posts import list_holder_ids
from storage.places.matters import Matter

__all__ = ["CaseNames", "Reading"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The context of every read: one transaction, one actor, one time.

    `names` holds what was looked up already, so that a page asks for a name once.
    """

    session: Session
    someone: Actor | None
    now: datetime
    runner: Runner
    matters_of: Callable[[Session], Sequence[Matter]]
    """The published matters in their order, cached by the caller."""
    names: CaseNames = field(default_factory=CaseNames)
    asked: set[tuple[str, str | int]] = field(default_factory=set)
    present: dict[str, Collection[int]] = field(default_factory=dict)
    """Who holds the posts asked about so far."""

    @property
    def actor(self) -> Actor:
        """Who is signed in.

        Raises:
            NotSignedIn: nobody is.
        """
        if self.someone is None:
            message = "Sign in first."
            raise NotSignedIn(message)
        return self.someone

    def definition(self, digest: str) -> Definition:
        """The published bundle a case is pinned to."""
        return self.runner.definition(self.session, digest)

    def holders(self, post_ids: Iterable[str]) -> Mapping[str, Collection[int]]:
        """Look up who holds these posts now, each post once."""
        new = set(post_ids) - self.present.keys()
        if new:
            self.present.update(dict.fromkeys(new, ()))
            self.present.update(list_holder_ids(self.session, new, at=self.now))
        return self.present

    def learn(
        self,
        *,
        posts: Iterable[str | None] = (),
        areas: Iterable[str | None] = (),
        officers: Iterable[int | None] = (),
        businesses: Iterable[int | None] = (),
        spots: Iterable[int | None] = (),
    ) -> CaseNames:
        """Look up the names not looked up before, in one statement at most."""
        codes = Codes(
            on=self.now.astimezone(CHINA).date(),
            posts={code for code in posts if code and self._is_new("post", code)},
            areas={code for code in areas if code and self._is_new("area", code)},
            officers=self._new_ids("officer", officers),
            businesses=self._new_ids("company", businesses),
            spots=self._new_ids("spot", spots),
        )
        names = look_up(self.session, codes)
        self.names.posts.update(names.posts)
        self.names.areas.update(names.areas)
        self.names.officers.update(names.officers)
        self.names.businesses.update(names.businesses)
        self.names.spots.update(names.spots)
        return self.names

    def _new_ids(self, kind: str, ids: Iterable[int | None]) -> Collection[int]:
        return {ident for ident in ids if ident is not None and self._is_new(kind, ident)}

    def _is_new(self, kind: str, code: str | int) -> bool:
        if (kind, code) in self.asked:
            return False
        self.asked.add((kind, code))
        return True
