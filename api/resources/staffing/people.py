"""The directory and its accounts: found by area, entered and suspended by their department."""

from typing import Any

import marshmallow as ma

from api.http.auth import ANYONE, SIGNED_IN
from api.http.request import Sent
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import AreaCode, Written
from api.http.shapes.staffing import ClaimShown, HoldingShown
from api.identity.links import void_link
from api.identity.passwords import hash_password
from handlers.staffing import accounts
from handlers.staffing.appointing import require_managing
from storage.people import staffing
from storage.people.actors import find_token_version
from storage.staffing.people import Employee, PeopleFilter, get_person, list_people

routes = Resource("people", "People: who they are, which posts they hold, their accounts.")

_PHONE = ma.validate.Regexp(r"\+?[0-9][0-9 -]{4,24}", error="请填写电话号码 (a telephone number)")
_NAME = Written(1, 60)


class PersonShown(ma.Schema):
    """One person; the telephone number only for who works in the same area."""

    id = ma.fields.Integer()
    username = ma.fields.String()
    name = ma.fields.String()
    phone = ma.fields.String(allow_none=True)
    business = ma.fields.Integer(attribute="business_id", allow_none=True)
    employer_unit = ma.fields.String(allow_none=True)
    field_officer = ma.fields.Boolean()
    active = ma.fields.Boolean()
    holdings = ma.fields.List(ma.fields.Nested(HoldingShown))


class People(ma.Schema):
    """People in order of their number."""

    items = ma.fields.List(ma.fields.Nested(PersonShown))
    next = ma.fields.String(allow_none=True)


class PeopleSearch(ma.Schema):
    """Which people."""

    q = ma.fields.String(validate=ma.validate.Length(1, 100))
    role = ma.fields.String(validate=ma.validate.Length(1, 40))
    area = AreaCode(metadata={"description": "Of its subtree and the units responsible for it"})
    field_officer = ma.fields.Boolean()
    cursor = ma.fields.String(validate=ma.validate.Length(1, 500))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class NewPerson(ma.Schema):
    """An account; its password is set by the person, through the link that is answered."""

    username = ma.fields.String(required=True, validate=Written(1, 60))
    name = ma.fields.String(required=True, validate=_NAME)
    phone = ma.fields.String(validate=_PHONE)
    email = ma.fields.Email(validate=ma.validate.Length(max=200))
    employer_unit = ma.fields.String(validate=ma.validate.Length(1, 40))
    field_officer = ma.fields.Boolean()
    business = ma.fields.Integer(validate=ma.validate.Range(1, 10**15))


class Correction(ma.Schema):
    """What is to be changed; what is left out stays."""

    name = ma.fields.String(validate=_NAME)
    phone = ma.fields.String(validate=_PHONE, allow_none=True)
    email = ma.fields.Email(validate=ma.validate.Length(max=200), allow_none=True)
    employer_unit = ma.fields.String(validate=ma.validate.Length(1, 40))
    field_officer = ma.fields.Boolean()


class Linked(ma.Schema):
    """The link by which the person sets their password; it is shown this once."""

    person = ma.fields.Nested(PersonShown)
    link = ma.fields.String()


class Why(ma.Schema):
    """Why an account is suspended."""

    reason = ma.fields.String(required=True, validate=Written(1, 500))


class Suspended(ma.Schema):
    """The suspended account and the tasks it had taken."""

    person = ma.fields.Nested(PersonShown)
    claims = ma.fields.List(ma.fields.Nested(ClaimShown))


class NewPassword(ma.Schema):
    """The link and the password chosen."""

    link = ma.fields.String(required=True, validate=ma.validate.Length(1, 500))
    password = ma.fields.String(required=True, validate=ma.validate.Length(10, 200))


@routes.get("/people", needs=SIGNED_IN, gives=Gives(People), query=PeopleSearch)
def search(ask: Ask) -> Any:
    """Search the people of one's areas and of the units responsible for them."""
    query = dict(ask.query)
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    wanted = PeopleFilter(**query)
    return list_people(ask.session, wanted, actor=ask.actor, at=ask.now, cursor=cursor, limit=limit)


@routes.get("/people/<row:person_id>", needs=SIGNED_IN, gives=Gives(PersonShown))
def read(ask: Ask, person_id: int) -> Employee:
    """Show one person with what they hold."""
    return get_person(ask.session, person_id, actor=ask.actor, at=ask.now)


@routes.post(
    "/people",
    needs=SIGNED_IN,
    takes=Takes(
        NewPerson,
        example={
            "username": "wang01",
            "name": "演示人员09",
            "employer_unit": "ST-350322100",
        },
    ),
    gives=Gives(Linked, status=201, is_secret=True),
)
def enter(ask: Ask) -> dict[str, Any]:
    """Enter a person of one's own department or below; the answer holds the password link."""
    person = accounts.enter(ask.session, ask.body, actor=ask.actor, now=ask.now)
    ask.keep_on_file("person_entered", "officer", person.id, {"unit": person.employer_unit})
    return {"person": person, "link": _link(ask, person.id, person.token_version)}


@routes.post(
    "/people/<row:person_id>",
    method="PATCH",
    needs=SIGNED_IN,
    takes=Takes(Correction, example={"field_officer": True}),
    gives=Gives(PersonShown),
)
def correct(ask: Ask, person_id: int) -> Employee:
    """Correct what is on file of a person of one's own department or below."""
    person = _managed(ask, person_id)
    changed = accounts.correct(ask.session, person, ask.body, actor=ask.actor)
    ask.keep_on_file("person_corrected", "officer", person.id, {"changed": changed})
    return get_person(ask.session, person.id, actor=ask.actor, at=ask.now)


@routes.post(
    "/people/<row:person_id>/suspend",
    needs=SIGNED_IN,
    takes=Takes(Why, example={"reason": "辞退"}),
    gives=Gives(Suspended),
)
def suspend(ask: Ask, person_id: int) -> accounts.Suspension:
    """Suspend an account: no sign-in any more, tokens and sign-ins are void at once."""
    suspended = accounts.suspend(ask.session, _managed(ask, person_id), now=ask.now)
    ask.keep_on_file("account_suspended", "officer", person_id, ask.body)
    ask.composition.actors.distrust(person_id)
    return suspended


@routes.post("/people/<row:person_id>/resume", needs=SIGNED_IN, gives=Gives(PersonShown))
def resume(ask: Ask, person_id: int) -> Employee:
    """Let a suspended account sign in again; its former tokens stay void."""
    accounts.resume(ask.session, _managed(ask, person_id), now=ask.now)
    ask.keep_on_file("account_resumed", "officer", person_id)
    ask.composition.actors.distrust(person_id)
    return get_person(ask.session, person_id, actor=ask.actor, at=ask.now)


@routes.post(
    "/people/<row:person_id>/reset-password",
    needs=SIGNED_IN,
    gives=Gives(Linked, is_secret=True),
)
def reset_password(ask: Ask, person_id: int) -> dict[str, Any]:
    """Void the password, tokens and sign-ins of an account; answer the link to set a new one."""
    person = _managed(ask, person_id)
    version = accounts.void_password(ask.session, person)
    ask.keep_on_file("password_reset", "officer", person_id)
    ask.composition.actors.distrust(person_id)
    return {"person": person, "link": _link(ask, person_id, version)}


def _hashed(_: Sent, body: dict[str, Any]) -> str:
    """Hash before any transaction: it takes long on purpose."""
    return hash_password(body["password"])


@routes.post(
    "/passwords",
    needs=ANYONE,
    takes=Takes(
        NewPassword,
        example={"link": "WzEsMSwxXQ.abc", "password": "ten-letters-or-more"},
        prepare=_hashed,
    ),
    gives=Gives(status=204, is_secret=True),
)
def set_password(ask: Ask) -> None:
    """Set one's own password by a link; the link is void afterwards."""
    officer_id, version = ask.composition.links.read(ask.body["link"], now=ask.now)
    if find_token_version(ask.session, officer_id) != version:
        raise void_link()
    staffing.set_password(ask.session, officer_id, ask.prepared)
    ask.keep_on_file("password_set", "officer", officer_id)
    ask.composition.actors.distrust(officer_id)


def _managed(ask: Ask, person_id: int) -> Employee:
    person = get_person(ask.session, person_id, actor=ask.actor, at=ask.now)
    require_managing(ask.session, ask.actor, person)
    return person


def _link(ask: Ask, officer_id: int, version: int) -> str:
    return ask.composition.links.path(officer_id, version, now=ask.now)
