"""One's own account: another password, and the end of every other sign-in."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.request import Sent, composition
from api.http.routes import Ask, Gives, Resource, Takes
from api.identity import rate_limits as limits
from api.identity.passwords import hash_password, password_fits
from api.resources.people.tokens import Token, put_on_file, warn_of_guessing
from storage.errors import FormInvalid, NotSignedIn
from storage.people import actors, sessions, staffing
from storage.people.actors import Officer

routes = Resource("account", "One's own account.")


class ChangedPassword(ma.Schema):
    """The present password, and the one that takes its place."""

    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000))
    new_password = ma.fields.String(required=True, validate=ma.validate.Length(10, 200))


def _hashed(sent: Sent, body: dict[str, Any]) -> str:
    """Compare and hash before any transaction: both take long on purpose.

    Raises:
        FormInvalid: the present password is wrong, or the new one is no other or the user name.
        Overloaded: too many were wrong, those of signing in included.
    """
    officer = _own(sent)
    tries = limits.tries_of(officer.username, sent.remote_addr)
    composition().limits.check_all(tries)
    if not password_fits(officer.password_hash, body["password"]):
        composition().limits.count_all(tries)
        warn_of_guessing(officer.username, officer)
        with composition().database.transaction() as session:
            at = composition().clock.now()
            put_on_file(session, "password_change_refused", officer, at=at)
        message, english = (
            "原密码不对，请重新输入。",
            "The present password is wrong; type it again.",
        )
        raise FormInvalid.at("password", message, english=english)
    if body["new_password"].casefold() in {
        body["password"].casefold(),
        officer.username.casefold(),
    }:
        message = "新密码不能和原密码或用户名相同，请换一个。"
        english = "The new password must be neither the present one nor the user name."
        raise FormInvalid.at("new_password", message, english=english)
    return hash_password(body["new_password"])


def _own(sent: Sent) -> Officer:
    if sent.actor is None:
        message = "Sign in first."
        raise NotSignedIn(message)
    with composition().database.reading() as session:
        officer = actors.find_officer(session, sent.actor.username)
    if officer is None or not officer.active:
        message = "Sign in first."
        raise NotSignedIn(message)
    return officer


@routes.post(
    "/me/password",
    needs=SIGNED_IN,
    takes=Takes(
        ChangedPassword,
        example={"password": "hangji-demo", "new_password": "ten-letters-or-more"},
        prepare=_hashed,
    ),
    gives=Gives(Token, is_secret=True),
)
def change_password(ask: Ask) -> dict[str, Any]:
    """Change one's own password; every token and sign-in ends, the answer holds a fresh token."""
    # On file first: afterwards the sign-in of the request is void as well.
    ask.keep_on_file("password_changed", "officer", ask.actor.id)
    staffing.set_password(ask.session, ask.actor.id, ask.prepared)
    return _begun_again(ask)


@routes.post("/me/sign-outs", needs=SIGNED_IN, gives=Gives(Token, is_secret=True))
def end_other_sign_ins(ask: Ask) -> dict[str, Any]:
    """End every token and sign-in of one's own; the answer holds a fresh token."""
    ask.keep_on_file("sign_ins_ended", "officer", ask.actor.id)
    staffing.revoke_tokens(ask.session, ask.actor.id)
    return _begun_again(ask)


def _begun_again(ask: Ask) -> dict[str, Any]:
    sessions.end_sign_ins_of(ask.session, ask.actor.id)
    ask.composition.actors.distrust(ask.actor.id)
    version = actors.find_token_version(ask.session, ask.actor.id)
    tokens = ask.composition.tokens
    return {
        "access_token": tokens.issue(ask.actor.id, version or 0, now=ask.now),
        "token_type": "Bearer",
        "expires_in": tokens.seconds,
    }
