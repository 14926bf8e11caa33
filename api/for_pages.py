"""What pages are handed instead of the API: the caller, one read transaction, refusals in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from api.composition import Composition
from api.http import cursors, errors
from api.http import language as wording
from api.http.body import refuse_hostile
from api.http.request import present_request
from api.identity.tokens import Tokens
from api.settings import Settings
from engine.reads.reading import Reading
from engine.time.clock import Clock
from storage.database.session import Database
from storage.people.posts import Actor

Result = TypeVar("Result")

KEY = "hangji.pages"
"""Under this name of `app.extensions` pages find it."""


@dataclass(frozen=True, slots=True)
class ForPages:
    """The part of the composition pages use; `web.frame.contract` says what they rely on."""

    composition: Composition

    @property
    def database(self) -> Database:
        """Where sign-ins are kept."""
        return self.composition.database

    @property
    def clock(self) -> Clock:
        """What time it is."""
        return self.composition.clock

    @property
    def tokens(self) -> Tokens:
        """The signer of the API's tokens."""
        return self.composition.tokens

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.composition.settings

    def actor(self, officer_id: int) -> Actor:
        """The officer of a sign-in, kept for a few seconds; from here on the request is theirs.

        Raises:
            NotSignedIn: the account is gone or switched off.
        """
        actor = self.composition.actors.of(officer_id)
        present_request().actor = actor
        return actor

    def read(self, actor: Actor | None, look: Callable[[Reading], Result]) -> Result:
        """Read what a page shows in one transaction."""

        def once() -> Result:
            with self.composition.database.reading() as session:
                return look(self.composition.reading(session, actor))

        return errors.look_again(once)

    def refuse_hostile(self, typed: Mapping[str, str]) -> None:
        """Refuse input that holds characters nobody types, as the API does.

        Raises:
            FormInvalid: with the name of every such text.
        """
        refuse_hostile(typed)

    def problem(self, error: Exception, *, language: str) -> dict[str, Any]:
        """Say what went wrong in the language of the page; a fault of ours is left in the log."""
        with wording.spoken(language):
            return errors.document_of(error)

    def seal(self, cursor: str | None) -> str | None:
        """Sign where a page of a list ended, so that only what a page gave out comes back."""
        return cursors.sealed(cursor, secret=self.composition.settings.secret_key)

    def unseal(self, sealed: str | None) -> str | None:
        """Read what `seal` signed.

        Raises:
            FormInvalid: no page of this server gave it out.
        """
        return cursors.unsealed(sealed, secret=self.composition.settings.secret_key)


def use(app: Flask, composition: Composition) -> None:
    """Hand it to the pages of this application."""
    app.extensions[KEY] = ForPages(composition)
