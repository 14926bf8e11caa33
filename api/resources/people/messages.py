"""The message box: notifications, read and acknowledged; and addresses for other channels."""

from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Nothing, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from engine.actions import messages as acts
from engine.reads import messages
from storage.delivery import notifications

routes = Resource("messages", "Notifications of the caller.")


CLOCK = ma.validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")


class MessageSearch(Paged):
    """Filter of notifications."""

    unread = ma.fields.Boolean(load_default=False)


class MessageShape(ma.Schema):
    """One notification."""

    id = ma.fields.Integer()
    template = ma.fields.String(metadata={"example": "case_chased"})
    name_zh = ma.fields.String(metadata={"example": "催办"})
    name_en = ma.fields.String()
    is_urgent = ma.fields.Boolean()
    case = ma.fields.String(allow_none=True)
    title = ma.fields.String(allow_none=True)
    is_open = ma.fields.Boolean()
    text = ma.fields.String()
    label = ma.fields.String(allow_none=True)
    created_at = Moment()
    read_at = Moment(allow_none=True)
    needs_acknowledgement = ma.fields.Boolean()
    acknowledged_at = Moment(allow_none=True)


class MessagePage(ma.Schema):
    """Notifications, the newest first."""

    items = ma.fields.List(ma.fields.Nested(MessageShape))
    next = ma.fields.String(allow_none=True)


class Address(ma.Schema):
    """Addresses of an officer; an empty value removes one."""

    email = ma.fields.Email(load_default=None, allow_none=True, validate=ma.validate.Length(3, 254))
    phone = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.Regexp(r"\+?[0-9]{5,15}\Z")
    )


class QuietHours(ma.Schema):
    """Hours in which only what is urgent leaves the message box; null has those of the city."""

    quiet_from = ma.fields.String(allow_none=True, required=True, validate=CLOCK)
    quiet_to = ma.fields.String(allow_none=True, required=True, validate=CLOCK)

    @ma.validates_schema
    def check_both(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a beginning without an end."""
        missing = [name for name in ("quiet_from", "quiet_to") if data.get(name) is None]
        if len(missing) == 1:
            message = "Field may not be null."
            raise ma.ValidationError(message, missing[0])


@routes.get("/messages", needs=SIGNED_IN, gives=Gives(MessagePage), query=MessageSearch)
def list_messages(ask: Ask) -> dict[str, Any]:
    """List one's own notifications, the newest first."""
    page = messages.list_messages(
        ask.reading,
        unread=ask.query["unread"],
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.post("/messages/read", needs=SIGNED_IN, gives=Gives(Nothing, status=204))
def read_all(ask: Ask) -> Reply:
    """Mark everything as read."""
    notifications.mark_read(ask.session, ask.actor.id, at=ask.now)
    return Reply(None)


@routes.post("/messages/<row:ident>/read", needs=SIGNED_IN, gives=Gives(MessageShape))
def read_message(ask: Ask, ident: int) -> messages.MessageShown:
    """Mark a notification, and what else was told of its case, as read; the first time counts."""
    told = notifications.get_notification(ask.session, ask.actor, ident)
    notifications.mark_entry_read(ask.session, told, at=ask.now)
    return messages.show_message(notifications.get_notification(ask.session, ask.actor, ident))


@routes.post("/messages/<row:ident>/acknowledge", needs=SIGNED_IN, gives=Gives(MessageShape))
def acknowledge_message(ask: Ask, ident: int) -> messages.MessageShown:
    """Acknowledge a chase or a supervision; the case file records it."""
    return messages.show_message(
        acts.acknowledge_notice(ask.runner, ask.session, ident, actor=ask.actor)
    )


@routes.get("/me/address", needs=SIGNED_IN, gives=Gives(Address))
def read_address(ask: Ask) -> dict[str, Any]:
    """Show one's own addresses for notifications outside the message box."""
    email, phone = notifications.find_address(ask.session, ask.actor.id)
    return {"email": email, "phone": phone}


@routes.put(
    "/me/address",
    needs=SIGNED_IN,
    takes=Takes(Address, example={"email": "somebody@mail.example", "phone": "13800000000"}),
    gives=Gives(Address),
)
def put_address(ask: Ask) -> dict[str, Any]:
    """Set one's own addresses for notifications outside the message box."""
    given = {"email": ask.body["email"], "phone": ask.body["phone"]}
    before = dict(zip(given, notifications.find_address(ask.session, ask.actor.id), strict=True))
    notifications.put_address(ask.session, ask.actor.id, **given)
    changed = [name for name, value in given.items() if value != before[name]]
    ask.keep_on_file("address_set", "officer", ask.actor.id, {"changed": changed})
    return given


@routes.get("/me/quiet-hours", needs=SIGNED_IN, gives=Gives(QuietHours))
def read_quiet_hours(ask: Ask) -> dict[str, Any]:
    """Show one's own quiet hours; null where those of the city hold."""
    quiet_from, quiet_to = notifications.find_quiet_hours(ask.session, ask.actor.id)
    return {"quiet_from": quiet_from, "quiet_to": quiet_to}


@routes.put(
    "/me/quiet-hours",
    needs=SIGNED_IN,
    takes=Takes(QuietHours, example={"quiet_from": "22:00", "quiet_to": "06:30"}),
    gives=Gives(QuietHours),
)
def put_quiet_hours(ask: Ask) -> dict[str, Any]:
    """Set one's own quiet hours; equal times have none, and urgent ones come at any time."""
    given = {"quiet_from": ask.body["quiet_from"], "quiet_to": ask.body["quiet_to"]}
    notifications.put_quiet_hours(ask.session, ask.actor.id, **given)
    ask.keep_on_file("quiet_hours_set", "officer", ask.actor.id, given)
    return given
