"""Deliveries, messages between cases, first answers, incidents: each once, none lost."""

from datetime import timedelta

import pytest

from storage.cases import incidents, messages
from storage.cases.steps import AwaitedMessage, NewDelivery, NewMessage, StoredAnswer
from storage.database.session import Database, Session
from storage.delivery import idempotency, outbox
from storage.errors import Conflict, FormInvalid, NotFound
from tests.build import MORNING, a_case, an_officer, stepped
from tests.delivering import claim_deliveries

LEASE = timedelta(minutes=5)


def a_delivery(key: str = "one") -> NewDelivery:
    return NewDelivery(key, "log", "platform", "case_closed", {"case": "1"}, MORNING)


def an_answer(body: str = "body", key: str = "key") -> StoredAnswer:
    return StoredAnswer("officer:1", key, body, 201, '{"number":"1"}', MORNING)


def claimed(session: Session, minutes: int = 0) -> list[int]:
    now = MORNING + timedelta(minutes=minutes)
    return [delivery.id for delivery in claim_deliveries(session, now=now, lease=LEASE)]


def test_a_delivery_is_claimed_sent_and_never_claimed_again(database: Database) -> None:
    with database.transaction() as session:
        outbox.add_delivery(session, a_delivery())
        outbox.add_delivery(session, a_delivery())
        [first] = claimed(session)

        assert claimed(session, 1) == []
        assert claimed(session, 6) == [first]
        outbox.mark_sent(session, first, at=MORNING)
        assert claimed(session, 60) == []
        assert outbox.count_pending(session) == (0, 0)


def test_a_delivery_that_fails_comes_again_and_then_rests_as_a_dead_letter(
    database: Database,
) -> None:
    with database.transaction() as session:
        outbox.add_delivery(session, a_delivery())
        [one] = claimed(session)
        again_at = MORNING + timedelta(minutes=30)
        outbox.mark_failed(session, one, error="no answer", again_at=again_at)

        assert outbox.find_next_at(session) == again_at
        assert claimed(session, 31) == [one]

        outbox.mark_failed(session, one, error="x" * 9000, again_at=None)
        [dead] = outbox.list_dead(session).items
        assert (dead.attempts, len(dead.last_error or "")) == (2, 500)
        assert outbox.count_pending(session) == (0, 1)
        assert outbox.requeue(session, one, at=MORNING)
        assert not outbox.requeue(session, one, at=MORNING)


def test_a_message_meets_the_case_that_waits_for_it(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session)
        stepped(session, case, awaiting=[AwaitedMessage("disputed", "disputes", '"20261"')])
        sent = [NewMessage("disputes", key, {"n": 1}, MORNING) for key in ('"20261"', '"other"')]
        first = messages.add_message(session, sent[0])
        messages.add_message(session, sent[1])

        [arrived] = messages.list_arrived(session, now=MORNING)
        assert (arrived.id, arrived.waiting.running_id) == (first, case.process.id)
        assert messages.list_waiting(session, name="disputes", correlation='"20261"') == [
            arrived.waiting
        ]

        assert messages.mark_delivered(session, first, at=MORNING)
        assert not messages.mark_delivered(session, first, at=MORNING)
        assert messages.list_arrived(session, now=MORNING) == []


def test_a_message_nobody_waited_for_expires(database: Database) -> None:
    end = MORNING + timedelta(days=30)
    with database.transaction() as session:
        messages.add_message(session, NewMessage("disputes", "1", {}, MORNING, end))
        stepped(session, a_case(session), awaiting=[AwaitedMessage("d", "disputes", "1")])

        assert len(messages.list_arrived(session, now=MORNING)) == 1
        assert messages.list_arrived(session, now=end) == []


def test_an_expired_message_is_taken_once(database: Database) -> None:
    end = MORNING + timedelta(days=30)
    with database.transaction() as session:
        taken = messages.add_message(session, NewMessage("disputes", "1", {}, MORNING, end))
        messages.add_message(session, NewMessage("disputes", "2", {}, MORNING, end + LEASE))

        assert [message.id for message in messages.take_expired(session, now=end)] == [taken]
        assert messages.take_expired(session, now=end) == []


def test_a_repeated_request_gets_the_first_answer(database: Database) -> None:
    """notes/reliability.md promise 3."""
    with database.transaction() as session:
        idempotency.add_answer(session, an_answer())

        answer = idempotency.find_answer(session, actor="officer:1", key="key", body_hash="body")
        assert answer is not None
        assert (answer.status, answer.answer) == (201, '{"number":"1"}')
        other = idempotency.find_answer(session, actor="officer:2", key="key", body_hash="body")
        assert other is None


def test_another_body_under_the_same_key_is_a_conflict(database: Database) -> None:
    with database.transaction() as session:
        idempotency.add_answer(session, an_answer())

        with pytest.raises(Conflict):
            idempotency.find_answer(session, actor="officer:1", key="key", body_hash="other")


def test_two_first_answers_under_one_key_cannot_both_be_kept(database: Database) -> None:
    with database.transaction() as session:
        idempotency.add_answer(session, an_answer())

    with pytest.raises(Conflict) as refused, database.transaction() as session:
        idempotency.add_answer(session, an_answer())
    assert refused.value.code == "key_in_use"


def test_old_answers_are_forgotten(database: Database) -> None:
    with database.transaction() as session:
        idempotency.add_answer(session, an_answer())

        assert idempotency.forget_before(session, MORNING) == 0
        assert idempotency.forget_before(session, MORNING + timedelta(seconds=1)) == 1


def test_an_incident_counts_its_attempts_until_somebody_resolves_it(database: Database) -> None:
    with database.transaction() as session:
        case, officer = a_case(session), an_officer(session)
        for message in ("first", "second"):
            number = incidents.add_incident(
                session,
                action={"due": "t0"},
                error_code="decision_failed",
                message=message,
                at=MORNING,
                case_id=case.case.id,
                running_id=case.process.id,
                element="t0",
            )

        [found] = incidents.list_incidents(session).items
        assert (found.id, found.attempts, found.message) == (number, 2, "second")
        assert found.case_number == case.case.number
        assert incidents.resolve(session, number, at=MORNING, by=officer.id)
        assert not incidents.resolve(session, number, at=MORNING)
        assert incidents.count_open(session) == 0
        assert incidents.get_incident(session, number).resolved_by == officer.id


def test_incidents_without_a_case_stay_apart(database: Database) -> None:
    with database.transaction() as session:
        for number in range(3):
            incidents.add_incident(
                session, action={"n": number}, error_code="dead_letter", message="", at=MORNING
            )

        page = incidents.list_incidents(session, limit=2)
        rest = incidents.list_incidents(session, limit=2, cursor=page.next)
        assert [len(page.items), len(rest.items), rest.next] == [2, 1, None]
        with pytest.raises(NotFound):
            incidents.get_incident(session, 999)
        with pytest.raises(FormInvalid):
            incidents.list_incidents(session, cursor="nonsense")
