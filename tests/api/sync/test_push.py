"""What is entered here reaches the supervision platform once, and its echo makes no copy (R31)."""

from datetime import timedelta

from api.operating import ways
from api.syncing.platforms import platforms
from engine.background.outbox import Delivered
from engine.delivery.partners import OPENED, key_of
from handlers.sync.protocol import Push
from handlers.sync.sending import body_for
from storage.sync.sending import find_outgoing
from tests.api.conftest import RESOLVED, Api
from tests.delivering import deliver_due
from tests.supervision import SOURCE, Supervision, an_inspection, differences, pulled

SHOP = 1


def sent(api: Api) -> Delivered:
    """One round of deliveries, a while later."""
    api.clock.advance(timedelta(minutes=2))
    (channel,) = (ways(api.composition)[name] for name in ("sync",))
    return deliver_due(api.database, {"sync": channel}, api.clock)


def test_a_report_goes_round_through_an_outage_and_keeps_its_id(
    api: Api, platform: Supervision
) -> None:
    """R31: down, then failing now and then; in the end one record there and one case here."""
    number = api.report("station_officer", business=SHOP)

    platform.control(down=True)
    down = sent(api)
    platform.control(down=False, fail_every=2)
    rounds = [sent(api), sent(api), sent(api)]
    platform.control(fail_every=0)
    echoes = [pulled(api), pulled(api)]
    (held,) = platform.held()
    differing = differences(api)

    assert down.failed >= 1
    assert sum(done.sent for done in rounds) >= 1
    assert number in held["bz"]
    assert (held["jcdw"], held["sfcz"]) == ("SCS", "0")
    assert echoes == [{"read": 1, "same": 1}] * 2
    assert differing == 0
    assert numbers(api) == [number]


def sent_and_died(api: Api, platform: Supervision) -> str:
    """A process told of a case and ended before it kept their answer; the number of the case."""
    number = api.report("station_officer", business=SHOP, matter="P03")
    platform.put_clock(api.clock.now())
    known = platforms(api.composition)
    with api.database.reading() as session:
        case = find_outgoing(session, SOURCE, number)
    assert case is not None
    body = body_for(known.mappings[SOURCE], case)
    push = Push(key=key_of(SOURCE, number, OPENED), kind=OPENED, external_id=None, body=body)
    (answer,) = known.adapter(SOURCE).push([push])
    assert answer.verdict == "accepted"
    return number


def closed_and_told(api: Api, number: str) -> None:
    """Handle a case to its end, and tell them."""
    api.complete(number, "station_officer", **RESOLVED)
    order = {"order": "on_the_spot", "reason": "当场改正，没有照片"}
    api.complete(number, "station_officer", **order)
    api.complete(number, "station_officer2", check_result="passed")
    for _ in range(2):
        sent(api)


def numbers(api: Api) -> list[str]:
    """The cases there are."""
    return [case["number"] for case in api.get("/cases", "supervisor").get_json()["items"]]


def test_an_echo_that_is_read_before_the_answer_is_kept_stays_ours(
    api: Api, platform: Supervision
) -> None:
    """R31: what happens to the case later still changes its one record there."""
    number = sent_and_died(api, platform)

    echo = pulled(api)
    closed_and_told(api, number)
    again = pulled(api)
    (held,) = platform.held()

    assert echo == {"read": 1, "linked": 1}
    assert (held["sfcz"], held["bbh"]) == ("1", 5), (
        "created, then four changes: three of ours, one of its finding"
    )
    assert again == {"read": 1, "same": 1}
    assert differences(api) == 0


def test_a_visit_told_there_and_entered_there_as_well_is_linked_and_both_stay_right(
    api: Api, platform: Supervision
) -> None:
    """R30, R31: the record we made is no second visit; theirs counts nothing, ours is changed."""
    number = sent_and_died(api, platform)
    platform.control(inspections=[an_inspection("OWN", gxsj="2026-03-02 08:59:00")])

    first = pulled(api)
    closed_and_told(api, number)
    ours = next(one for one in platform.held() if one["jcbh"] != "OWN")
    theirs = next(one for one in platform.held() if one["jcbh"] == "OWN")

    assert first == {"read": 2, "linked": 2}
    assert numbers(api) == [number]
    assert (ours["sfcz"], theirs["bbh"]) == ("1", 1)


def test_what_is_entered_there_after_we_told_it_is_linked_and_not_counted(
    api: Api, platform: Supervision
) -> None:
    """R30: the usual order, for a case is told within seconds."""
    number = api.report("station_officer", business=SHOP, matter="P03")
    sent(api)
    platform.inspection("OWN", gxsj="2099-03-02 08:59:00")

    counts = pulled(api)

    assert counts == {"read": 2, "same": 1, "linked": 1}
    assert numbers(api) == [number]


def test_what_they_deleted_before_the_answer_was_kept_is_retired_here(
    api: Api, platform: Supervision
) -> None:
    """R31: the deletion was read while nobody knew the record, and is not read again."""
    sent_and_died(api, platform)
    (record,) = platform.held()
    platform.control(deletes=[record["jcbh"]])
    pulled(api)

    sent(api)

    assert differences(api) == 0


def given_up(api: Api, platform: Supervision) -> str:
    """A case whose opening nobody took in twelve tries."""
    number = api.report("station_officer", business=SHOP, matter="P03")
    platform.control(down=True)
    for _ in range(12):
        sent(api)
        api.clock.advance(timedelta(hours=1))
    platform.control(down=False)
    return number


def test_what_was_given_up_is_seen_and_sent_again_by_a_person(
    api: Api, platform: Supervision
) -> None:
    """R31: nothing is lost by an outage of a day."""
    number = given_up(api, platform)
    (before,) = api.get("/sync/sources", "admin_system").get_json()["items"]
    (listed,) = api.get(f"/sync/{SOURCE}/undelivered", "admin_system").get_json()["items"]
    stranger = api.post(f"/sync/{SOURCE}/resend", {}, "supervisor")

    again = api.post(f"/sync/{SOURCE}/resend", {}, "admin_system")
    sent(api)
    (held,) = platform.held()

    assert before["undelivered"] == 1
    assert (listed["number"], listed["event"], listed["attempts"]) == (number, "case_opened", 12)
    assert stranger.status_code == 403
    assert again.get_json()["undelivered"] == 0
    assert number in held["bz"]
    assert api.get("/incidents", "supervisor").get_json()["items"] == []
    acts = api.get("/audit", "admin_audit", query_string={"subject_kind": "sync"}).get_json()
    assert acts["items"][0]["action"] == "sync_resent"


def test_a_platform_that_was_paused_for_long_is_told_everything_once_it_goes_on(
    api: Api, platform: Supervision
) -> None:
    """R31: twelve tries are over after some hours; a pause lasts as long as it has to."""
    api.post(f"/sync/{SOURCE}/pause", {"reason": "对方升级"}, "admin_system")
    number = api.report("station_officer", business=SHOP, matter="P03")
    for _ in range(12):
        sent(api)
        api.clock.advance(timedelta(hours=1))

    api.post(f"/sync/{SOURCE}/resume", {}, "admin_system")
    sent(api)

    assert [number in one["bz"] for one in platform.held()] == [True]
