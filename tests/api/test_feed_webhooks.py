"""Webhooks of the feed: registered, signed, rotated, paused, sent again (R31)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from api.operating import ways
from api.outgoing import FILE
from engine.background.feed import publish_feed
from engine.background.outbox import ATTEMPTS
from engine.time.clock import SystemClock
from storage.audit.log import AuditFilter, list_audit
from storage.tables import outbox, webhook
from tests.api.conftest import FOREIGN_TOWN, RESOLVED, Api
from tests.delivering import deliver_due
from tests.engine.receivers import WebReceiver, web_receiver

COUNTY = "350322"
ADMIN = "admin_system"


@pytest.fixture
def api(either_api: Api) -> Api:
    """Every story here is told on both kinds of database."""
    return either_api


@pytest.fixture
def receiver(api: Api) -> Iterator[WebReceiver]:
    """A receiver of a partner, on a host that is allowed."""
    allowed = {"hosts": ["127.0.0.1"], "inner_networks": ["127.0.0.0/8"], "plain_http": True}
    path = api.composition.settings.var_folder / FILE
    path.write_bytes(orjson.dumps({"webhooks": allowed}))
    api.clock.set(SystemClock().now())  # the library verifies by the clock of the machine
    with web_receiver() as made:
        yield made


def register(api: Api, receiver: WebReceiver, *kinds: str, area: str = COUNTY) -> Any:
    body = {"url": f"http://127.0.0.1:{receiver.port}/events", "kinds": kinds, "area": area}
    answer = api.post("/webhooks", body, ADMIN)
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def send(api: Api) -> None:
    """What the scheduler does each second, until nothing is due."""
    publish_feed(api.database, api.clock)
    deliver_due(api.database, ways(api.composition), api.clock)


def deliveries(api: Api, hook: Any) -> list[Any]:
    answer = api.get(f"/webhooks/{hook['id']}/deliveries", ADMIN)
    assert answer.status_code == 200, answer.get_json()
    return list(answer.get_json()["items"])


def ids(receiver: WebReceiver) -> list[str]:
    return [orjson.loads(body)["id"] for body in receiver.bodies]


def test_a_partner_is_sent_what_the_feed_says_and_the_library_verifies_it(
    api: Api, receiver: WebReceiver
) -> None:
    hook = register(api, receiver)
    number = api.report("grid_member")
    send(api)
    (told,) = api.get("/events", "supervisor").get_json()["items"]

    verified = Webhook(hook["secret"]).verify(receiver.bodies[0], receiver.headers[0])
    assert verified == told
    assert told["subject"] == number
    (delivery,) = deliveries(api, hook)
    assert (delivery["state"], delivery["kind"], delivery["last_error"]) == (
        "sent",
        "case.opened",
        None,
    )
    assert receiver.headers[0]["webhook-id"] == delivery["key"]


def test_the_secret_is_shown_once_and_kept_sealed(api: Api, receiver: WebReceiver) -> None:
    body = {"url": f"http://127.0.0.1:{receiver.port}/", "area": COUNTY}
    first = api.post("/webhooks", body, ADMIN, key="k-1").get_json()
    again = api.post("/webhooks", body, ADMIN, key="k-1").get_json()

    assert first == again, "a request whose answer was lost registers no second one"
    assert "secret" not in str(api.get("/webhooks", ADMIN).get_json())
    with api.database.reading() as session:
        kept = session.execute(select(webhook)).one()
        acts = list_audit(session, AuditFilter(subject_kind="webhook")).items
    assert first["secret"][6:].encode() not in bytes(kept.sealed)
    assert [act.action for act in acts] == ["webhook_added"]
    assert first["secret"] not in str(acts)


def test_a_new_secret_signs_beside_the_former_one_for_a_day(
    api: Api, receiver: WebReceiver
) -> None:
    hook = register(api, receiver)
    new = api.post(f"/webhooks/{hook['id']}/rotate", {}, ADMIN).get_json()["secret"]
    api.report("grid_member")
    send(api)
    for secret in (hook["secret"], new):
        Webhook(secret).verify(receiver.bodies[0], receiver.headers[0])

    later = Api(api.app, api.composition, api.clock)
    api.clock.set(api.clock.now() + timedelta(days=1, seconds=1))
    later.report("grid_member")
    send(api)
    signatures = receiver.headers[1]["webhook-signature"].split()
    assert len(receiver.headers[0]["webhook-signature"].split()) == 2
    assert len(signatures) == 1
    with pytest.raises(WebhookVerificationError):
        Webhook(hook["secret"]).verify(receiver.bodies[1], receiver.headers[1])


def test_a_webhook_gets_its_kinds_of_its_area_and_nothing_from_before(
    api: Api, receiver: WebReceiver
) -> None:
    before = api.report("grid_member")
    publish_feed(api.database, api.clock)
    register(api, receiver, area=FOREIGN_TOWN)
    chosen = register(api, receiver, "case.moved")
    after = api.report("grid_member")
    api.complete(after, "grid_member", **RESOLVED)
    send(api)

    assert [orjson.loads(body)["subject"] for body in receiver.bodies] == [after]
    assert [one["kind"] for one in deliveries(api, chosen)] == ["case.moved"]
    assert before != after


def test_only_the_administrator_registers_and_only_what_the_fence_allows(
    api: Api, receiver: WebReceiver
) -> None:
    fine = {"url": f"http://127.0.0.1:{receiver.port}/", "kinds": [], "area": COUNTY}
    for wrong, code in (
        ({"url": "https://elsewhere.example/"}, "url_not_allowed"),
        ({"url": "http://a:b@127.0.0.1/"}, "url_not_allowed"),
        ({"kinds": ["case.sold"]}, "unknown_event_kind"),
        ({"area": "999999"}, None),
    ):
        answer = api.post("/webhooks", {**fine, **wrong}, ADMIN)
        assert (answer.status_code, code) in ((422, code), (422, None)), answer.get_json()
        assert code is None or answer.get_json()["code"] == code
    for who in ("supervisor", "grid_member", "foreign_county"):
        assert api.post("/webhooks", fine, who).status_code == 403
        assert api.get("/webhooks", who).status_code == 403


def test_who_takes_nothing_is_paused_in_the_open_and_gets_what_was_missed(
    api: Api, receiver: WebReceiver
) -> None:
    hook, other = register(api, receiver), register(api, receiver, "case.closed")
    receiver.status = 500
    api.report("grid_member")
    for _ in range(ATTEMPTS):
        send(api)
        api.clock.set(api.clock.now() + timedelta(hours=1))
    send(api)

    shown = api.get(f"/webhooks/{hook['id']}", ADMIN).get_json()
    assert (shown["state"], shown["pause_reason"]) == ("paused", "The receiver answered 500.")
    assert api.get(f"/webhooks/{other['id']}", ADMIN).get_json()["state"] == "active"
    told = Api(api.app, api.composition, api.clock).get("/messages", ADMIN).get_json()["items"]
    assert [message["template"] for message in told] == ["webhook_paused"]
    assert len(receiver.bodies) == ATTEMPTS

    receiver.status = 200
    api = Api(api.app, api.composition, api.clock)
    api.report("grid_member")
    send(api)
    assert len(receiver.bodies) == ATTEMPTS, "nothing is sent while it is paused"
    assert api.post(f"/webhooks/{hook['id']}/test", {}, ADMIN).status_code == 409
    answer = api.send("PATCH", f"/webhooks/{hook['id']}", ADMIN, json={"state": "active"})
    assert answer.status_code == 200, answer.get_json()
    send(api)
    assert ids(receiver)[ATTEMPTS:] == ["1", "2"]


def test_a_delivery_is_sent_again_under_its_key_and_a_trial_shows_the_way(
    api: Api, receiver: WebReceiver
) -> None:
    hook, other = register(api, receiver), register(api, receiver, "case.closed")
    api.report("grid_member")
    send(api)
    (delivery,) = deliveries(api, hook)
    again = {"delivery": delivery["id"]}
    assert api.post(f"/webhooks/{other['id']}/redeliver", again, ADMIN).status_code == 404
    assert api.post(f"/webhooks/{hook['id']}/redeliver", again, ADMIN).status_code == 200
    assert api.post(f"/webhooks/{hook['id']}/test", {}, ADMIN).status_code == 204
    send(api)

    keys = [headers["webhook-id"] for headers in receiver.headers]
    assert keys[0] == keys[1]
    assert orjson.loads(receiver.bodies[2])["type"] == "hangji.webhook.test.v1"


def test_a_removed_webhook_is_sent_nothing_more_and_its_secret_is_gone(
    api: Api, receiver: WebReceiver
) -> None:
    hook = register(api, receiver)
    api.report("grid_member")
    publish_feed(api.database, api.clock)
    assert api.send("DELETE", f"/webhooks/{hook['id']}", ADMIN).status_code == 204
    send(api)

    assert receiver.bodies == []
    assert api.get(f"/webhooks/{hook['id']}/deliveries", ADMIN).status_code == 404
    with api.database.reading() as session:
        assert bytes(session.execute(select(webhook.c.sealed)).scalar_one()) == b""


def test_publishing_that_dies_at_any_statement_queues_each_event_once(
    api: Api, receiver: WebReceiver
) -> None:
    hooks = [register(api, receiver), register(api, receiver)]
    for _ in range(3):
        api.report("grid_member")

    deaths = 0
    while _dies(api, at=deaths + 1):
        deaths += 1

    assert deaths > 8
    with api.database.reading() as session:
        keys = session.execute(select(outbox.c.key).where(outbox.c.channel == "feed"))
        queued = sorted(keys.scalars())
    assert queued == sorted(f"feed:{hook['id']}:{seq}" for hook in hooks for seq in (1, 2, 3))


def _dies(api: Api, *, at: int) -> bool:
    """Publish, and die before that statement; False when there were fewer."""
    left = at

    def hear(statement: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise RuntimeError(statement)

    with api.database.interrupted(hear):
        try:
            publish_feed(api.database, api.clock)
        except RuntimeError:
            return True
    return False
