"""Who has left a post reads what was on file until then, nothing later, and writes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.delivery.channels import LogChannel, Notices
from storage.delivery.notifications import count_unread
from storage.people.actors import find_officer, load_actor
from storage.tables import holding
from tests.api.conftest import RESOLVED, Api
from tests.delivering import deliver_due

PASSED_UP = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "无权处置"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest) -> Api:
    """The application on both databases."""
    name = "api" if request.param == "sqlite" else "postgres_api"
    made: Api = request.getfixturevalue(name)
    return made


def leave(api: Api, who: str) -> None:
    """End every post somebody holds, now."""
    with api.database.transaction() as session:
        officer = find_officer(session, who)
        assert officer is not None
        ended = update(holding).where(holding.c.officer_id == officer.id)
        session.execute(ended.values(until=api.clock.now()))
    api.composition.actors.forget()


def kinds(api: Api, number: str, who: str) -> list[str]:
    """What of the file somebody reads."""
    answer = api.get(f"/cases/{number}/events", who)
    assert answer.status_code == 200, answer.get_json()
    return [entry["kind"] for entry in answer.get_json()["items"]]


def test_a_former_holder_reads_the_file_until_they_left_and_nothing_later(served: Api) -> None:
    number = served.report("grid_member")
    served.accept(number, "grid_member")
    served.clock.advance(timedelta(hours=1))
    before = kinds(served, number, "grid_member")
    leave(served, "grid_member")
    served.post(f"/cases/{number}/note", {"text": "以后的备注"}, "supervisor")

    assert kinds(served, number, "grid_member") == before
    assert kinds(served, number, "supervisor") != before
    page = served.get(f"/cases/{number}/events?cursor=1&limit=1", "grid_member").get_json()
    assert [entry["seq"] for entry in page["items"]] == [2]


def test_a_former_holder_sees_nothing_else_of_the_case_and_writes_nothing(served: Api) -> None:
    number = served.report("grid_member")
    task = served.task(number)["id"]
    served.post(f"/tasks/{task}/claim", {}, "grid_member")
    served.clock.advance(timedelta(hours=1))
    leave(served, "grid_member")
    version = served.get(f"/cases/{number}", "supervisor").get_json()["version"]

    looks = [f"/cases/{number}", f"/cases/{number}/export", f"/cases/{number}/diagram", "/cases"]
    looked = [served.get(path, "grid_member") for path in looks]
    form = {"form": RESOLVED}
    writes = [
        served.post(f"/cases/{number}/note", {"text": "还想补充"}, "grid_member"),
        *(served.post(f"/tasks/{task}/{act}", {}, "grid_member") for act in ("claim", "release")),
        served.post(f"/tasks/{task}/complete", form, "grid_member"),
        served.send("PUT", f"/tasks/{task}/draft", "grid_member", json=form),
    ]

    assert [one.status_code for one in looked] == [404, 404, 404, 200]
    assert looked[-1].get_json()["items"] == []
    assert {one.status_code for one in writes} <= {403, 404}
    assert served.get(f"/cases/{number}", "supervisor").get_json()["version"] == version


def test_who_never_had_the_case_reads_nothing_of_it_after_leaving(served: Api) -> None:
    number = served.report("grid_member")
    served.clock.advance(timedelta(hours=1))
    leave(served, "unit_leader")
    leave(served, "village_center")

    for who in ("unit_leader", "village_center", "foreign_grid_member"):
        assert served.get(f"/cases/{number}/events", who).status_code == 404


def test_the_message_box_follows_the_same_rule(served: Api) -> None:
    """Number, title and text of a hidden case: kept as told while in post, nothing of the rest."""
    had, hidden = served.report("grid_member"), served.report("unit_leader")
    served.complete(hidden, "unit_leader", **PASSED_UP)
    for number in (had, hidden):
        served.post(f"/cases/{number}/chase", {"text": "在岗时的话"}, "supervisor")
    deliver(served)
    served.clock.advance(timedelta(hours=1))
    for who in ("grid_member", "grid_leader"):
        leave(served, who)
    served.post(f"/cases/{had}/chase", {"text": "离岗后的话"}, "supervisor")
    deliver(served)

    (told,) = served.get("/messages", "grid_member").get_json()["items"]
    nothing = served.get("/messages", "grid_leader").get_json()["items"]

    assert (told["case"], told["text"], told["is_open"]) == (had, "在岗时的话", False)
    assert nothing == []
    assert [unread(served, who) for who in ("grid_member", "grid_leader")] == [1, 0]


def deliver(api: Api) -> None:
    """Put what is queued into the boxes."""
    while deliver_due(api.database, {"notice": Notices(LogChannel())}, api.clock).sent:
        pass


def unread(api: Api, who: str) -> int:
    """What the badge of somebody counts."""
    with api.database.reading() as session:
        officer = find_officer(session, who)
        assert officer is not None
        return count_unread(session, load_actor(session, officer.id, at=api.clock.now()))
