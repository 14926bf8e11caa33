"""The interface of the pages in place of the API: caller, reads, writes, problem documents.

A write of a page is the declared write of a route: the same checks, key, limits, transaction and
answer, without a request of its own.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

import orjson
from flask import Flask, Response, current_app
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound as NoRoute

from api.composition import Composition
from api.http import cursors, errors
from api.http import language as wording
from api.http.body import refuse_hostile
from api.http.declared import Read, Write, declared_of
from api.http.request import Typed, present_request
from api.identity.tokens import Tokens
from api.settings import Settings
from engine.reads.reading import Reading
from engine.time.clock import Clock
from storage.database.session import Database
from storage.errors import FormInvalid, NotFound
from storage.people.actors import Actor

Result = TypeVar("Result")

KEY = "hangji.pages"
"""Under this name of `app.extensions` pages find it."""


@dataclass(frozen=True, slots=True)
class ForPages:
    """The part of the composition pages use; `web.frame.contract` declares the interface."""

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

    def write(
        self,
        actor: Actor | None,
        key: str | None,
        body: Mapping[str, Any],
        action: str,
        at: Mapping[str, str],
    ) -> Any:
        """Do the write of a route, None for the public, once per key; return its answer.

        `action` is the name the route is declared under, `at` the values of its address. A body
        with files is sent as a form.
        """
        declared, sent, path = _route(actor, key, action, at)
        if not isinstance(declared, Write):
            raise TypeError(action)
        if declared.takes.location == "files":
            texts = {name: text for name, text in body.items() if isinstance(text, str)}
            sent.form, sent.files = MultiDict(texts), MultiDict(body.items() - texts.items())
            told = declared.tells.load(dict(body))
        else:
            sent.document = _as_json(body)
            told = declared.tells.typed(sent.document)
        given = declared.perform(sent, told, path)
        present_request().is_replayed = given.is_replayed
        return given.body

    def rehearse(
        self,
        actor: Actor | None,
        body: Mapping[str, Any],
        action: str,
        at: Mapping[str, str],
    ) -> Any:
        """Do the write of a route and take it back, as `dry_run` does; return its answer."""
        declared, sent, path = _route(actor, None, action, at)
        if not isinstance(declared, Write):
            raise TypeError(action)
        sent.is_dry, sent.document = True, _as_json(body)
        return declared.perform(sent, declared.tells.typed(sent.document), path).body

    def ask(
        self,
        actor: Actor | None,
        query: Mapping[str, str],
        action: str,
        at: Mapping[str, str],
        *,
        language: str,
    ) -> Any:
        """Read through a route with checks of its own: files, and reads limited by address."""
        declared, sent, path = _route(actor, None, action, at)
        if not isinstance(declared, Read):
            raise TypeError(action)
        with wording.spoken(language):
            given = declared.perform(sent, declared.asks.typed(query), path)
        return given if isinstance(given, Response) else given.body

    def refuse_hostile(self, typed: Mapping[str, str]) -> None:
        """Refuse input that holds characters nobody types, as the API does.

        Raises:
            FormInvalid: with the name of every such text.
        """
        refuse_hostile(typed)

    def problem(self, error: Exception, *, language: str) -> dict[str, Any]:
        """Return the problem document in the language of the page; log an internal error."""
        with wording.spoken(language):
            return errors.document_of(error)

    def seal(self, cursor: str | None) -> str | None:
        """Sign the cursor of a list, so that only cursors of this server are accepted."""
        return cursors.sealed(cursor, secret=self.composition.settings.secret_key)

    def unseal(self, sealed: str | None) -> str | None:
        """Read what `seal` signed.

        Raises:
            FormInvalid: this server did not sign it.
        """
        return cursors.unsealed(sealed, secrets=self.composition.settings.secret_keys)


def _route(
    actor: Actor | None, key: str | None, action: str, at: Mapping[str, str]
) -> tuple[Read | Write, Typed, dict[str, Any]]:
    """Find a route by its name, authorize the caller, and build the address.

    Raises:
        NotFound: a value cannot be part of an address.
    """
    asked, adapter = present_request(), current_app.url_map.bind("")
    declared = declared_of(current_app.view_functions[action])
    method = declared.method if isinstance(declared, Write) else "GET"
    address = unquote(adapter.build(action, dict(at), method=method))
    try:
        _, path = adapter.match(address, method=method)
    except NoRoute:
        message = "There is nothing at this address."
        raise NotFound(message, code="no_such_address") from None
    declared.needs.check(actor)
    return declared, Typed(actor, method, address, asked.remote_addr, key), dict(path)


def _as_json(body: Mapping[str, Any]) -> Any:
    """Read values back from JSON, so that a body is the same whoever sends it.

    Raises:
        FormInvalid: JSON has no such value.
    """
    try:
        return orjson.loads(json.dumps(body))
    except orjson.JSONDecodeError:
        message = "The body is not valid JSON."
        raise FormInvalid(message, code="bad_json") from None


def use(app: Flask, composition: Composition) -> None:
    """Make the interface available to the pages of this application."""
    app.extensions[KEY] = ForPages(composition)
