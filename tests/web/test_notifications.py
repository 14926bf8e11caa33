"""Notifications: into the box of everybody they are for, out to where people are, acknowledged."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message

import orjson
import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from engine.delivery.channels import Channel, LogChannel, MailChannel, MailServer, Notices
from engine.delivery.gateways import GatewayChannel
from engine.delivery.webhooks import Endpoint, Fence, read_networks
from storage.moments import CHINA
from storage.people import staffing
from storage.people.actors import find_officer
from storage.tables import case_, holding
from tests.delivering import deliver_due
from tests.engine.receivers import MailReceiver, WebReceiver, mail_receiver, web_receiver
from tests.web.town import Town, words

GRID_POST = "grid_member:350322100001001"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
EVENING = datetime(2026, 3, 2, 22, 30, tzinfo=CHINA)
OFFICER = {"email": "officer@mail.example", "phone": "13800000000"}


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with mail_receiver() as made:
        yield made


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with web_receiver() as made:
        yield made


def by_mail(mail: MailReceiver) -> MailChannel:
    server = MailServer("127.0.0.1", mail.port, sender="hangji@mail.example", has_tls=False)
    return MailChannel(server, lambda _: None)


def deliver(town: Town, **ways: Channel) -> None:
    """Deliver what is due, until nothing is."""
    channels = {"notice": Notices(LogChannel()), **ways}
    while deliver_due(town.composition.database, channels, town.clock).sent:
        pass


def box(town: Town, who: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = town.ask("GET", "/messages", who)["items"]
    return items


def chased(town: Town, text: str = "请尽快办理") -> str:
    number = town.file()
    town.ask("POST", f"/cases/{number}/chase", "supervisor", json={"text": text})
    return number


def subjects(mails: list[Message]) -> list[str]:
    return [str(one["Subject"]) for one in mails]


def test_a_business_in_a_grid_post_is_not_told_of_a_case_about_itself(town: Town) -> None:
    """R54: it would learn that somebody reported it."""
    with town.composition.database.transaction() as session:
        shopkeeper = find_officer(session, "business")
        assert shopkeeper is not None
        staffing.hold(session, "grid_leader:350322100001001", shopkeeper.id, since=town.clock.now())
    about_itself = town.file("unit_leader", business=shopkeeper.business_id)
    other = town.file("unit_leader")
    for number in (about_itself, other):
        town.accept(number, "unit_leader")
        town.do(number, "unit_leader", outcome="pass_up", reason_code="beyond_powers", reason="无")
        town.ask("POST", f"/cases/{number}/chase", "supervisor", json={"text": "请尽快办理"})

    deliver(town)

    assert {told["case"] for told in box(town, "business")} == {other}
    assert {told["case"] for told in box(town, "grid_leader")} == {about_itself, other}


def test_who_signs_an_alert_has_read_of_it_and_nobody_else(town: Town) -> None:
    number = town.file(matter="X01")
    deliver(town)
    unread = {who: len(box(town, who)) for who in ("station_officer", "county_officer")}
    alert = next(
        each
        for each in town.ask("GET", "/tasks?mine=true", "station_officer")["items"]
        if each["case"]["number"] == number and each["form"] == "acknowledge"
    )
    town.ask("POST", f"/tasks/{alert['id']}/complete", "station_officer", json={"form": {}})

    (signed,), (other,) = box(town, "station_officer"), box(town, "county_officer")

    assert unread == {"station_officer": 1, "county_officer": 1}
    assert signed["read_at"] is not None
    assert other["read_at"] is None


def test_a_chase_stands_in_the_box_of_its_receiver_and_in_no_other(town: Town) -> None:
    """Check 9 of the ranked list: it reaches the person."""
    number = chased(town)
    deliver(town)
    deliver(town)

    (told,) = box(town, "grid_member")
    assert (told["name_zh"], told["case"], told["text"]) == ("催办", number, "请尽快办理")
    assert (told["read_at"], told["needs_acknowledgement"]) == (None, True)
    assert box(town, "station_officer") == []


def test_an_acknowledgement_is_on_file_and_a_second_one_changes_nothing(town: Town) -> None:
    number = chased(town)
    deliver(town)
    (told,) = box(town, "grid_member")
    path = f"/messages/{told['id']}/acknowledge"

    first, again = (town.ask("POST", path, "grid_member") for _ in range(2))

    assert first["acknowledged_at"] == again["acknowledged_at"] is not None
    entries = town.ask("GET", f"/cases/{number}/events", "supervisor")["items"]
    acknowledged = [one for one in entries if one["kind"] == "notice_acknowledged"]
    assert [one["data"]["notice"] for one in acknowledged] == ["case_chased"]
    assert acknowledged[0]["actor_name"] == "演示网格员01"


def test_nobody_reads_or_acknowledges_what_somebody_else_was_told(town: Town) -> None:
    chased(town)
    deliver(town)
    (told,) = box(town, "grid_member")
    headers = {"Authorization": f"Bearer {town.token('station_officer')}"}
    for act in ("read", "acknowledge"):
        path = f"/api/v1/messages/{told['id']}/{act}"
        assert town.app.test_client().post(path, headers=headers).status_code == 404
    assert box(town, "grid_member")[0]["read_at"] is None


def test_the_badge_counts_what_is_unread_and_opening_it_leads_to_the_case(town: Town) -> None:
    number = chased(town)
    deliver(town)
    visitor = town.visitor("grid_member")

    before = visitor.page("/inbox")
    (told,) = box(town, "grid_member")
    opened = visitor.submit(f"/messages/{told['id']}/open", on="/messages")
    after = visitor.page("/messages")

    assert "消息 1 条未读" in before
    assert opened.headers["Location"] == f"/cases/{number}"
    assert ("条未读" in after, "请尽快办理" in after) == (False, True)
    visitor.submit(f"/messages/{told['id']}/acknowledge", on="/messages")
    assert "已签收" in visitor.page("/messages")
    assert "签收通知" in visitor.page(f"/cases/{number}")


def test_a_chase_goes_on_by_mail_to_the_address_of_the_officer(
    town: Town, mail: MailReceiver
) -> None:
    town.ask("PUT", "/me/address", "grid_member", json=OFFICER)
    number = chased(town)

    deliver(town, mail=by_mail(mail))

    (letter,) = mail.mails
    assert letter["To"] == "officer@mail.example"
    assert subjects(mail.mails) == [f"夯基 催办 Chased by a superior {number}"]


def test_in_the_quiet_hours_only_what_is_urgent_goes_out(town: Town, mail: MailReceiver) -> None:
    """What waited goes out as one mail in the morning."""
    for who in ("grid_member", "station_officer"):
        town.ask("PUT", "/me/address", who, json={"email": f"{who}@mail.example"})
    town.wait_until(EVENING)
    deliver(town)
    mail.mails.clear()
    chased(town, "第一次")
    chased(town, "第二次")
    town.file(matter="X01", description="上吐下泻")

    deliver(town, mail=by_mail(mail))
    at_night = [(str(one["To"]), str(one["Subject"])) for one in mail.mails]
    town.clock.set(EVENING + timedelta(hours=9))
    deliver(town, mail=by_mail(mail))

    assert {to for to, _ in at_night} == {"station_officer@mail.example"}
    assert all("突发" in subject for _, subject in at_night)
    theirs = [one for one in mail.mails if one["To"] == "grid_member@mail.example"]
    assert [str(one["Subject"]) for one in theirs] == ["夯基 待办消息汇总 Summary of your messages"]
    assert theirs[0].get_content().count("催办") == 2
    assert len(box(town, "grid_member")) == 2


def test_an_officer_with_hours_of_their_own_is_left_alone_in_them_only(
    town: Town, mail: MailReceiver
) -> None:
    """Equal times leave nobody alone; else the hours of the officer hold, not those of the city."""
    town.ask("PUT", "/me/address", "grid_member", json=OFFICER)
    town.wait_until(EVENING)
    deliver(town)
    hours = {"quiet_from": "12:00", "quiet_to": "12:00"}
    town.ask("PUT", "/me/quiet-hours", "grid_member", json=hours)
    chased(town, "夜里")

    deliver(town, mail=by_mail(mail))
    at_night = len(mail.mails)
    asleep = {"quiet_from": "20:00", "quiet_to": "08:00"}
    town.ask("PUT", "/me/quiet-hours", "grid_member", json=asleep)
    chased(town, "还是夜里")
    deliver(town, mail=by_mail(mail))
    town.clock.set(EVENING + timedelta(hours=9))
    deliver(town, mail=by_mail(mail))
    after_the_citys = len(mail.mails)
    town.clock.set(EVENING + timedelta(hours=11))
    deliver(town, mail=by_mail(mail))

    assert (at_night, after_the_citys, len(mail.mails)) == (1, 1, 2)


@pytest.mark.parametrize(
    ("way", "to"), [("sms", "13800000000"), ("wechat", "grid_member"), ("app", "grid_member")]
)
def test_a_supervision_goes_on_over_the_gateway_signed(
    town: Town, web: WebReceiver, way: str, to: str
) -> None:
    town.ask("PUT", "/me/address", "grid_member", json=OFFICER)
    number = town.file()
    town.ask("POST", f"/cases/{number}/supervise", "supervisor", json={"text": "限期办结"})
    fence = Fence(frozenset({"127.0.0.1"}), read_networks(["127.0.0.0/8"]), has_plain_http=True)
    endpoint = Endpoint(f"http://127.0.0.1:{web.port}/{way}", SECRET)

    deliver(town, **{way: GatewayChannel(way, endpoint, fence)})

    # The platform centre of the town reads of it, too (R67).
    sent = {orjson.loads(body)["to"]: place for place, body in enumerate(web.bodies)}
    body, heads = web.bodies[sent[to]], web.headers[sent[to]]
    told = orjson.loads(body)
    assert (told["way"], told["case"]) == (way, number)
    assert "督办" in told["title"]
    at = datetime.fromtimestamp(int(heads["webhook-timestamp"]), UTC)
    signed = Webhook(SECRET).sign(heads["webhook-id"], at, body.decode())
    assert heads["webhook-signature"] == signed


def test_a_way_out_that_fails_keeps_the_message_in_the_box(town: Town, mail: MailReceiver) -> None:
    town.ask("PUT", "/me/address", "grid_member", json=OFFICER)
    mail.is_refusing = True
    chased(town)

    deliver(town, mail=by_mail(mail))
    mail.is_refusing = False
    town.clock.set(town.clock.now() + timedelta(minutes=10))
    deliver(town, mail=by_mail(mail))

    assert len(mail.mails) == 1
    assert len(box(town, "grid_member")) == 1


def leave(town: Town, who: str) -> None:
    """End every post somebody holds, now."""
    with town.composition.database.transaction() as session:
        officer = find_officer(session, who)
        assert officer is not None
        ended = update(holding).where(holding.c.officer_id == officer.id)
        session.execute(ended.values(until=town.clock.now()))
    town.composition.actors.forget()


def test_who_has_left_the_post_keeps_what_they_were_told_and_learns_nothing_more(
    town: Town,
) -> None:
    """They read it as it was: neither the title of today nor a word that came later."""
    number = town.file()
    town.ask("POST", f"/cases/{number}/chase", "supervisor", json={"text": "还在岗时"})
    deliver(town)
    town.clock.advance(timedelta(hours=1))
    leave(town, "grid_member")
    with town.composition.database.transaction() as session:
        session.execute(update(case_).where(case_.c.number == number).values(title="后来的标题"))
    town.ask("POST", f"/cases/{number}/chase", "supervisor", json={"text": "离岗以后"})
    deliver(town)

    (told,) = box(town, "grid_member")
    assert (told["text"], told["is_open"], told["needs_acknowledgement"]) == (
        "还在岗时",
        False,
        False,
    )
    assert "后来的标题" not in str(told)
    headers = {"Authorization": f"Bearer {town.token('grid_member')}"}
    path = f"/api/v1/messages/{told['id']}/acknowledge"
    assert town.app.test_client().post(path, headers=headers).status_code == 409


def test_who_has_left_without_having_had_the_case_finds_nothing_of_it(town: Town) -> None:
    """The list, one message, the badge; who holds the post now has it all."""
    number = chased(town, "给岗位的话")
    deliver(town)
    (told,) = box(town, "unit_leader") or box(town, "grid_member")
    who = "grid_member"
    with town.composition.database.transaction() as session:
        session.execute(
            update(case_).where(case_.c.number == number).values(collector_officer=None)
        )
    assert "消息 1 条未读" in town.visitor(who).page("/inbox")
    leave(town, who)

    assert box(town, who) == []
    assert "条未读" not in town.visitor(who).page("/home")
    headers = {"Authorization": f"Bearer {town.token(who)}"}
    for act in ("read", "acknowledge"):
        path = f"/api/v1/messages/{told['id']}/{act}"
        assert town.app.test_client().post(path, headers=headers).status_code == 404


@pytest.mark.parametrize("way", ["mail", "app"])
def test_what_waited_for_the_morning_does_not_reach_who_left_in_the_night(
    town: Town, mail: MailReceiver, web: WebReceiver, way: str
) -> None:
    """By mail as one digest and over a gateway; what they may still know goes out."""
    fence = Fence(frozenset({"127.0.0.1"}), read_networks(["127.0.0.0/8"]), has_plain_http=True)
    endpoint = Endpoint(f"http://127.0.0.1:{web.port}/{way}", SECRET)
    ways = {"mail": by_mail(mail), "app": GatewayChannel("app", endpoint, fence)}
    town.ask("PUT", "/me/address", "grid_member", json=OFFICER)
    town.wait_until(EVENING)
    chased(town, "第一次")
    chased(town, "第二次")
    deliver(town, **{way: ways[way]})
    leave(town, "grid_member")
    town.clock.set(EVENING + timedelta(hours=9))

    deliver(town, **{way: ways[way]})

    assert [one for one in mail.mails if one["To"] == OFFICER["email"]] == []
    assert [body for body in web.bodies if b'"to":"grid_member"' in body] == []


def test_an_address_set_up_for_an_officer_gets_nothing_once_they_have_left(
    town: Town, mail: MailReceiver
) -> None:
    """The addresses of `outgoing.json` are no way around the rule."""
    with town.composition.database.reading() as session:
        officer = find_officer(session, "grid_member")
    assert officer is not None
    known = {f"officer:{officer.id}": "set-up@mail.example"}
    server = MailServer("127.0.0.1", mail.port, sender="hangji@mail.example", has_tls=False)
    notices = Notices(LogChannel(), mail=MailChannel(server, known.get))
    chased(town)
    while deliver_due(town.composition.database, {"notice": notices}, town.clock).sent:
        pass
    before = len(mail.mails)
    chased(town)
    leave(town, "grid_member")
    while deliver_due(town.composition.database, {"notice": notices}, town.clock).sent:
        pass

    assert before == 1
    assert len(mail.mails) == before


def test_the_end_of_a_case_is_told_to_the_post_of_a_collector_who_has_left(town: Town) -> None:
    """Closed by its last step, and by a merge: one way of addressing for both."""
    number, repeat, original = town.file(), town.file(), town.file("unit_leader")
    leave(town, "grid_member")
    with town.composition.database.transaction() as session:
        successor = find_officer(session, "analyst")
        assert successor is not None
        staffing.hold(session, GRID_POST, successor.id, since=town.clock.now())
    town.composition.actors.forget()
    town.do(number, "analyst", outcome="resolved", measures="已改正")
    town.do(number, "grid_leader", verify_result="passed")
    into = {"into": original, "reason": "同一件事"}
    town.ask("POST", f"/cases/{repeat}/merge", "supervisor", json=into)

    deliver(town)

    closed = {told["case"] for told in box(town, "analyst") if told["template"] == "case_closed"}
    assert closed == {number, repeat}
    assert "case_closed" not in {told["template"] for told in box(town, "grid_member")}


def test_reading_all_leaves_nothing_unread(town: Town) -> None:
    chased(town)
    chased(town)
    deliver(town)
    visitor = town.visitor("grid_member")

    visitor.submit("/messages/read", on="/messages")

    assert town.ask("GET", "/messages?unread=true", "grid_member")["items"] == []
    assert "没有未读消息" in visitor.page("/messages?show=unread")


def test_an_alert_nobody_signed_is_one_entry_that_names_every_post(town: Town) -> None:
    """Three posts are alerted: three messages of one case, said in one sentence."""
    number, _ = town.report(matter="X01", area="350322")
    town.wait_until(town.clock.now() + timedelta(hours=3))

    deliver(town)
    page = town.visitor("supervisor").page("/messages")

    told = [
        each for each in box(town, "supervisor") if each["template"] == "alert_not_acknowledged"
    ]
    (line,) = re.findall(r"<span>突发告警逾期未签收：([^<]*)没有签收<", page)
    assert len(line.split("、")) == len(told) > 1
    assert "仙游县市场监督管理局" in line
    assert len(re.findall(rf"<strong>[^<]*{number[-4:]}", page)) == 1


def test_the_entry_of_an_emergency_says_who_has_signed_since_and_who_has_not(town: Town) -> None:
    """Read from the case, not from the message; each case on its own."""
    number = town.file(matter="X01")
    town.file(matter="X02")
    deliver(town)
    boss = town.visitor("supervisor")
    before = boss.page("/messages")
    alert = next(
        each
        for each in town.ask("GET", "/tasks?mine=true", "station_officer")["items"]
        if each["case"]["number"] == number and each["form"] == "acknowledge"
    )
    town.ask("POST", f"/tasks/{alert['id']}/complete", "station_officer", json={"form": {}})

    entries = re.findall(
        r"<strong>([^<]*)</strong>.*?<p>(.*?签收：[^<]*)</p>", boss.page("/messages"), re.DOTALL
    )
    of = {title: words(said) for title, said in entries}
    ((signed),) = [said for title, said in of.items() if number[-4:] in title]
    ((other),) = [said for title, said in of.items() if number[-4:] not in title]

    assert "已签收" not in before
    assert "未签收：" in before
    at = f"{town.clock.now().astimezone(CHINA):%H:%M}"
    assert re.search(
        rf"已签收：枫亭市场监管所 今天 {at}；未签收：[^；]*仙游县市场监督管理局", signed
    )
    assert "已签收" not in other


def test_what_was_told_of_one_case_is_one_entry_and_is_acknowledged_as_one(town: Town) -> None:
    """Fourteen alarms of five cases are five entries; the badge counts entries as they stand."""
    twice, once = chased(town, "请尽快办理"), chased(town, "请回复")
    for text in ("请尽快办理", "今天必须到店"):
        town.ask("POST", f"/cases/{twice}/chase", "supervisor", json={"text": text})
    deliver(town)
    reader = town.visitor("grid_member")

    before = reader.page("/messages")
    entries = re.findall(r'<li class="unread.*?</li>', before, flags=re.DOTALL)
    (ident,) = set(re.findall(r"/messages/(\d+)/acknowledge", entries[0]))
    acknowledged = {"of": re.findall(r'name="of" value="(\d+)"', entries[0])}
    reader.submit(f"/messages/{ident}/acknowledge", on="/messages", **acknowledged)
    after = reader.page("/messages")

    assert len(entries) == 2
    assert "消息 2 条未读" in before
    assert (entries[0].count("请尽快办理"), entries[0].count("今天必须到店")) == (1, 1)
    assert "共 3 条" in entries[0]
    assert "消息 1 条未读" in after
    told = [each for each in box(town, "grid_member") if each["case"] == twice]
    assert all(each["acknowledged_at"] and each["read_at"] for each in told)
    kinds = [
        entry["kind"] for entry in town.ask("GET", f"/cases/{twice}/events", "supervisor")["items"]
    ]
    assert kinds.count("notice_acknowledged") == 3
    assert [each["read_at"] for each in box(town, "grid_member") if each["case"] == once] == [None]
