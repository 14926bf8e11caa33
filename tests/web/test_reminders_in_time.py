"""A reminder that a digest would bring too late goes out by mail before it."""

from datetime import timedelta

from engine.delivery.channels import LogChannel, MailChannel, MailServer, Notices
from storage.cases.steps import NewDelivery
from storage.delivery import outbox
from storage.moments import to_text
from tests.delivering import deliver_due
from tests.engine.receivers import MailReceiver, mail_receiver
from tests.web.town import GRID, NOW, Town


def deliver(town: Town, mail: MailReceiver) -> None:
    """Deliver what is due, until nothing is."""
    server = MailServer("127.0.0.1", mail.port, sender="hangji@mail.example", has_tls=False)
    channels = {"notice": Notices(LogChannel()), "mail": MailChannel(server, lambda _: None)}
    while deliver_due(town.composition.database, channels, town.clock).sent:
        pass


def test_a_reminder_of_what_ends_before_the_next_digest_goes_out_at_once(town: Town) -> None:
    """At nine in the morning the next digest goes out at half past four."""
    address = {"email": "officer@mail.example", "phone": "13800000000"}
    town.ask("PUT", "/me/address", "grid_member", json=address)
    with town.composition.database.transaction() as session:
        for name, hours in (("soon", 2), ("later", 9)):
            due = town.clock.now() + timedelta(hours=hours)
            payload = {"case": name, "title": name, "due_at": to_text(due)}
            receiver = f"grid_member:{GRID}"
            one = NewDelivery(name, "notice", receiver, "chase_remind", payload, town.clock.now())
            outbox.add_delivery(session, one)

    with mail_receiver() as mail:
        deliver(town, mail)
        at_once = [str(sent["Subject"]) for sent in mail.mails]
        town.clock.set(NOW.replace(hour=16, minute=30))
        deliver(town, mail)

        assert [len(at_once), len(mail.mails)] == [1, 2]
        assert "催办提醒" in at_once[0]
        assert "soon" in at_once[0]
