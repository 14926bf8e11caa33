"""Signing in: user name and password against a bearer token."""

from datetime import datetime
from typing import Any

import marshmallow as ma
import structlog

from api.http.auth import ANYONE, SIGNED_IN
from api.http.request import Sent, composition
from api.http.routes import Ask, Gives, Resource, Takes
from api.identity import rate_limits as limits
from api.identity.passwords import password_fits
from engine.background.incidents import note_guessing
from storage.audit.log import PUBLIC, add_audit
from storage.database.session import Session
from storage.errors import NotSignedIn
from storage.people import actors
from storage.people.actors import Officer
from storage.people.posts import reference_of
from storage.places.levels import LEVEL_OF_LENGTH

_log = structlog.get_logger("hangji.api.sign_in")

routes = Resource("tokens", "Signing in.")


class SignIn(ma.Schema):
    """User name and password."""

    username = ma.fields.String(required=True, validate=ma.validate.Length(1, 100))
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000))


class Token(ma.Schema):
    """What to send as `Authorization: Bearer`."""

    access_token = ma.fields.String(required=True)
    token_type = ma.fields.String(required=True)
    expires_in = ma.fields.Integer(required=True, metadata={"description": "Seconds"})


class PostShown(ma.Schema):
    """A post somebody holds."""

    id = ma.fields.String()
    role = ma.fields.String()
    place = ma.fields.String()
    title = ma.fields.String()


class Me(ma.Schema):
    """Who is signed in."""

    id = ma.fields.Integer()
    username = ma.fields.String()
    name = ma.fields.String()
    posts = ma.fields.List(ma.fields.Nested(PostShown))
    rights = ma.fields.List(ma.fields.String())
    areas = ma.fields.List(ma.fields.String())


def _recognised(sent: Sent, body: dict[str, Any]) -> Officer:
    """Find the officer, before any transaction: comparing a password takes long on purpose."""
    username, rates = body["username"], composition().limits
    tries = limits.tries_of(username, sent.remote_addr)
    rates.check_all(tries)
    with composition().database.reading() as session:
        officer = _named(session, username)
    usable = officer if officer is not None and officer.active else None
    kept = usable.password_hash if usable is not None else None
    if not password_fits(kept, body["password"]) or usable is None:
        rates.count_all(tries)
        warn_of_guessing(username, officer)
        with composition().database.transaction() as session:
            put_on_file(session, "sign_in_refused", officer, at=composition().clock.now())
        message = "User name or password is wrong."
        raise NotSignedIn(message, code="wrong_password")
    return usable


def _named(session: Session, username: str) -> Officer | None:
    """The account of a name as typed, else of the same name in small letters: phones capitalise.

    The limits of guessing count both as one name.
    """
    officer = actors.find_officer(session, username)
    return officer or actors.find_officer(session, username.lower())


def put_on_file(session: Session, action: str, officer: Officer | None, *, at: datetime) -> None:
    """Write an act about a sign-in to the audit log."""
    # The name typed for an unknown account is not stored: it may be a password.
    actor = PUBLIC if officer is None else reference_of(officer.id)
    add_audit(session, at=at, actor=actor, action=action, subject_kind="account", subject=actor)


def warn_of_guessing(username: str, known: Officer | None) -> None:
    """Warn of an account with many failed sign-ins; no user name is logged."""
    made, account = composition(), username.casefold()
    if not made.limits.allows(limits.SIGN_IN_ACCOUNT, account):
        _log.warning("account_under_guessing", officer=known.id if known else None)
    failures = made.limits.used(limits.SIGN_IN_ACCOUNT, account)
    if known is not None and failures >= made.settings.sign_in_alarm:
        named, now = (known.id, known.username), made.clock.now()
        made.database.run(lambda session: note_guessing(session, *named, failures, now=now))


@routes.post(
    "/tokens",
    needs=ANYONE,
    takes=Takes(
        SignIn,
        example={"username": "grid_member", "password": "hangji-demo"},
        prepare=_recognised,
    ),
    gives=Gives(Token, is_secret=True),
)
def sign_in(ask: Ask) -> dict[str, Any]:
    """Exchange user name and password for a bearer token."""
    officer: Officer = ask.prepared
    tokens = ask.composition.tokens
    put_on_file(ask.session, "signed_in", officer, at=ask.now)
    return {
        "access_token": tokens.issue(officer.id, officer.token_version, now=ask.now),
        "token_type": "Bearer",
        "expires_in": tokens.seconds,
    }


@routes.get("/me", needs=SIGNED_IN, gives=Gives(Me))
def me(ask: Ask) -> dict[str, Any]:
    """Show who is signed in, with posts, rights and areas."""
    actor = ask.actor
    return {
        "id": actor.id,
        "username": actor.username,
        "name": actor.name,
        "posts": actor.posts,
        "rights": sorted(actor.rights),
        "areas": [code for code in actor.prefixes if len(code) in LEVEL_OF_LENGTH],
    }
