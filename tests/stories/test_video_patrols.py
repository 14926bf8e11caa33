"""Quotas of video patrols: proposed, watched, counted once, missed in the open (R32-R35)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from api.deriving import look_after_quotas
from engine.background.recurring import plan
from engine.time.periods import period_of
from handlers.video.counting import close_over, differences
from handlers.video.proposing import in_line, propose
from handlers.video.watching import Watched, record_patrol
from storage.city.video import load_quotas
from storage.kitchens.cameras import NewCamera, add_camera, follow_cameras, note_seen
from storage.people import staffing
from storage.processes.recurring import NewRecurring
from storage.tables import camera, quota_period
from storage.video.kitchens import WatchedKitchen, list_kitchens
from storage.video.patrols import list_watched
from storage.video.periods import days_of
from storage.video.quota_periods import find_period, list_periods
from storage.video.quotas import find_quota, put_quota
from storage.video.rules import QUOTAS, QuotaRule
from tests.build import an_officer
from tests.stories.pictures import upload
from tests.stories.world import BEGAN, World, at

SECTION, CENTER = "catering_section", "emergency_center"
SEEN: dict[str, Any] = {"mask": "yes", "work_clothes": "yes", "work_cap": "yes"}


@pytest.fixture
def world(either_world: World) -> World:
    """Every story here is told on both kinds of database."""
    return either_world


@pytest.fixture(autouse=True)
def kitchens(world: World) -> list[int]:
    """Seven bright kitchens, both units, and what the calendar starts for them."""
    return settle(world, 7)


def equipped(world: World, many: int) -> list[int]:
    """So many kitchens, each with a camera that is seen at work."""
    shops = [world.business(name=f"示例饭店{number}") for number in range(many)]
    with world.database.transaction() as session:
        for shop in shops:
            new = NewCamera(
                business_id=shop,
                vendor="example",
                stream_ref=f"kitchen-{shop}",
                kind="live",
                position_in_kitchen="切配间",
            )
            made = add_camera(session, new, at=world.clock.now())
            note_seen(session, made, at=at(2027, 12, 31))
            follow_cameras(session, shop, by="test", at=world.clock.now())
    return shops


def settle(world: World, many: int) -> list[int]:
    shops = equipped(world, many)
    with world.database.transaction() as session:
        for unit in (SECTION, CENTER):
            post = staffing.add_post(session, unit, "3503")
            officer = an_officer(session)
            staffing.hold(session, post.id, officer.id, since=BEGAN)
            world.people[unit] = officer
            world._reload(session, unit)  # noqa: SLF001 - the posts were given just now
        load_quotas(session, at=world.clock.now())
        for unit, period in ((SECTION, "month"), (CENTER, "week")):
            new_start = NewRecurring(
                process_id="video_patrol",
                subject_kind="post",
                subject=f"{unit}:3503",
                period=period,
            )
            plan(world.composition.runner, session, new_start)
    return shops


def watch(world: World, business: int, who: str = SECTION, **more: Any) -> TestResponse:
    body = {
        "business": business,
        "watched_from": world.clock.now().isoformat(),
        "items": SEEN,
        **({"unit": SECTION} if who == SECTION else {}),
        **more,
    }
    given = {name: value for name, value in body.items() if value is not None}
    return world.ask("POST", "/video-patrols", who, json=given)


def card(world: World, unit: str, key: str, who: str = "city") -> dict[str, Any]:
    return world.done(world.ask("GET", f"/quotas/{unit}/{key}", who))


def number_of(world: World, unit: str, status: str = "open") -> str:
    path = f"/cases?kind=video_patrol&status={status}"
    found = world.done(world.ask("GET", path, unit))["items"]
    return str(next(case["number"] for case in found))


def refused(answer: TestResponse, status: int = 422) -> str:
    body = answer.get_json()
    assert answer.status_code == status, body
    return str((body.get("errors") or [body])[0].get("code") or body["code"])


def test_five_different_kitchens_meet_a_month_and_the_same_one_twice_counts_once(
    world: World,
) -> None:
    """R32, R34: form by form; a problem is a case of the city bureau, the station assists."""
    world.until(at(2026, 4, 1, 9))
    number = number_of(world, SECTION)
    drawn = card(world, SECTION, "2026-04")
    listed = [entry["business"] for entry in drawn["proposed"]]
    assert (len(set(listed)), drawn["owed"], drawn["left"]) == (5, 5, 5)
    for day, shop in enumerate([listed[0], *listed[:4]]):
        world.until(at(2026, 4, 2 + day, 10))
        world.do(
            number,
            SECTION,
            "inspect",
            business=shop,
            watched_from=at(2026, 4, 2 + day).isoformat(),
            **SEEN,
        )
    four = card(world, SECTION, "2026-04")
    world.until(at(2026, 4, 8, 10))
    bad = {**SEEN, "mask": "no", "problem": "两名厨师未戴口罩"}
    world.do(
        number,
        SECTION,
        "inspect",
        business=listed[4],
        watched_from=at(2026, 4, 8).isoformat(),
        **bad,
    )
    done = card(world, SECTION, "2026-04")

    assert (four["met"], four["left"], len(four["entries"])) == (4, 1, 5)
    assert (done["met"], done["left"], done["state"]) == (5, 0, "met")
    assert world.case(number)["outcome"] == "quota_met"
    case = world.case(str(done["entries"][0]["case"]))
    assert (case["matter"], case["source"]) == ("P03", "video_patrol")
    assert str(case["owner_post"]).startswith("city:")
    assert "answer" in {task["name"] for task in case["tasks"]}, "the station is asked to assist"
    assert [link["kind"] for link in case["links"]] == ["video_patrol"]


def test_each_point_of_the_checklist_has_its_own_snapshot(
    world: World, kitchens: list[int]
) -> None:
    """R34: by the form of the task and over HTTP; a problem takes them along."""
    world.until(at(2026, 4, 1, 9))
    number = number_of(world, SECTION)
    masks, caps, room = (upload(world, SECTION, shade) for shade in (10, 90, 170))
    when = at(2026, 4, 1).isoformat()
    form = {**SEEN, "mask_snapshot": [masks], "business": kitchens[0], "watched_from": when}
    world.do(number, SECTION, "inspect", **form)
    bad = {"items": {**SEEN, "work_cap": "no"}, "problem": "没有戴帽子", "snapshots": [room]}
    posted = watch(world, kitchens[1], **bad, item_snapshots={"work_cap": caps})
    again = watch(world, kitchens[2], item_snapshots={"work_cap": caps})
    spare, *others = (upload(world, SECTION, shade) for shade in range(200, 210))
    unasked = watch(world, kitchens[2], item_snapshots={"bin_covered": spare})
    many = watch(world, kitchens[2], item_snapshots={"mask": spare}, snapshots=others)

    entries = card(world, SECTION, "2026-04")["entries"]
    case = world.case(str(world.done(posted)["case"]))
    assert [entry["item_snapshots"] for entry in entries] == [{"work_cap": caps}, {"mask": masks}]
    assert set(case["photos"]) == {caps, room}
    assert masks in world.case(number)["photos"]
    assert refused(again) == "snapshot_used"
    assert (refused(unasked), refused(many)) == ("video_item_missing", "too_many_snapshots")


def test_a_month_with_four_of_five_is_missed_on_file_and_reminded_before(world: World) -> None:
    """R32: reminded twice, told above, closed for good; a late entry counts with its mark."""
    world.until(at(2026, 4, 1, 9))
    number = number_of(world, SECTION)
    shops = [entry["business"] for entry in card(world, SECTION, "2026-04")["proposed"]]
    for shop in shops[:4]:
        world.done(watch(world, shop))
    world.until(at(2026, 5, 1, 9))
    missed = card(world, SECTION, "2026-04")
    with world.database.reading() as session:
        period = find_period(session, SECTION, "2026-04")
    late = world.done(watch(world, shops[4], watched_from=at(2026, 4, 30).isoformat()))
    after = card(world, SECTION, "2026-04")
    world.until(at(2026, 5, 20, 9))
    locked = watch(world, shops[4], watched_from=at(2026, 4, 29).isoformat())
    with world.database.reading() as session:
        kept, different = find_period(session, SECTION, "2026-04"), differences(session)

    assert world.case(number)["outcome"] == "quota_missed"
    assert period is not None
    assert (period.distinct_count, period.missed) == (4, True)
    reminded = world.notes(number, "video_reminded")
    assert [note["template"] for note in reminded] == ["video_quota_left", "video_quota_at_risk"]
    assert [note["told"][1:] for note in reminded] == [[], [world.post("city")]]
    assert [note["left"] for note in reminded] == [1, 1]
    assert (missed["state"], after["state"], late["late"]) == ("missed", "met_late", True)
    assert (after["met"], after["late"]) == (5, 1)
    assert refused(locked) == "period_locked"
    assert (kept, different) == (period, []), "a closed period never changes"
    with pytest.raises(DBAPIError), world.database.transaction() as session:
        session.execute(update(quota_period).values(met=True))


def test_entries_count_for_the_unit_that_watched_whoever_typed_them(world: World) -> None:
    """R33, R35: typed by the section for the centre, and the same visit by sync: one."""
    world.until(at(2026, 3, 9, 9))
    shops = [entry["business"] for entry in card(world, CENTER, "2026-W11")["proposed"]]
    answers = [world.done(watch(world, shop, unit=CENTER)) for shop in shops]
    same = Watched(
        business_id=shops[0],
        unit=CENTER,
        watched_at=world.clock.now(),
        items=SEEN,
        source="sync",
        external_id="zhjg-1",
    )
    with world.database.transaction() as session:
        limits = world.composition.runner.calendar(session)
        synced = record_patrol(session, same, limits=limits, now=world.clock.now())
        again = record_patrol(session, same, limits=limits, now=world.clock.now())
    done = card(world, CENTER, "2026-W11", CENTER)
    number = number_of(world, CENTER)
    assert look_after_quotas(world.composition) == 1
    assert look_after_quotas(world.composition) == 0

    assert {answer["unit"] for answer in answers} == {CENTER}
    assert (synced.relation, again.patrol_id) == ("linked", answers[0]["id"])
    assert (done["met"], len(done["entries"]), done["state"]) == (3, 3, "met")
    assert [entry["external_id"] for entry in done["entries"]].count("zhjg-1") == 1
    assert world.case(number)["outcome"] == "quota_met", "entries made elsewhere end the task"
    assert card(world, SECTION, "2026-03")["met"] == 0
    assert world.ask("GET", f"/quotas/{CENTER}/2026-W11", "grid_member").status_code == 404


def test_a_week_over_the_end_of_a_year_is_one(world: World) -> None:
    """R33: Monday to Sunday; the keys are those the calendar starts by."""
    days = [at(2026, 12, 28), at(2027, 1, 3)]
    keys = {days_of("week", day.date()) for day in days}
    kinds = [(kind, day.date()) for kind in ("week", "month") for day in days]

    assert len(keys) == 1
    assert [tuple(days_of(*each)) for each in kinds] == [tuple(period_of(*each)) for each in kinds]
    world.until(at(2026, 12, 31, 9))
    shops = [entry["business"] for entry in card(world, CENTER, "2026-W53")["proposed"]]
    world.done(watch(world, shops[0], CENTER))
    world.until(at(2027, 1, 2, 9))
    world.done(watch(world, shops[1], CENTER))
    assert card(world, CENTER, "2026-W53")["met"] == 2


def test_a_changed_number_starts_with_the_next_period(world: World) -> None:
    """R33: five become six in the middle of a month."""
    world.until(at(2026, 4, 15, 9))
    rule = QUOTAS[SECTION]
    six = QuotaRule(
        rule.unit, rule.name_zh, rule.name_en, period=rule.period, n=6, entered_by=rule.entered_by
    )
    with world.database.transaction() as session:
        today = world.clock.now().date()
        assert put_quota(session, six, on=today, at=world.clock.now())
        assert not put_quota(session, six, on=today, at=world.clock.now())
        april = find_quota(session, SECTION, on=at(2026, 4, 30).date())
        may = find_quota(session, SECTION, on=at(2026, 5, 1).date())
    world.until(at(2026, 5, 1, 9))

    assert (april and april.n, may and may.n) == (5, 6)
    assert card(world, SECTION, "2026-05")["owed"] == 6
    assert card(world, SECTION, "2026-04")["state"] == "missed"


def test_without_a_camera_in_sight_nothing_is_proposed_and_nothing_is_missed(world: World) -> None:
    """R33: the alert goes up; the reason stands in the period."""
    with world.database.transaction() as session:
        long_ago = world.clock.now() - timedelta(days=90)
        session.execute(update(camera).values(created_at=long_ago, last_seen=None))
    world.until(at(2026, 4, 1, 9))
    drawn = card(world, SECTION, "2026-04")
    number = number_of(world, SECTION, "closed")
    world.until(at(2026, 5, 1, 9))
    look_after_quotas(world.composition)

    assert (drawn["proposed"], drawn["owed"], drawn["state"]) == ([], 0, "excused")
    assert len(drawn["offline"]) == 7
    assert world.case(number)["outcome"] == "not_watchable"
    assert card(world, SECTION, "2026-04")["state"] == "excused"


def test_fewer_kitchens_than_are_owed_are_all_owed_and_offline_ones_reported(
    world: World, kitchens: list[int]
) -> None:
    """R33: four of seven cameras are silent; three are owed instead of five, and it is said."""
    silent = set(kitchens[:4])
    with world.database.transaction() as session:
        long_ago = world.clock.now() - timedelta(days=90)
        off = update(camera).where(camera.c.business_id.in_(silent))
        session.execute(off.values(created_at=long_ago, last_seen=None))
    world.until(at(2026, 4, 1, 9))
    drawn = card(world, SECTION, "2026-04")
    number = number_of(world, SECTION)
    (told,) = world.notes(number, "video_proposed")

    assert {entry["business"] for entry in drawn["proposed"]} == set(kitchens[4:])
    assert (drawn["n"], drawn["population"], drawn["owed"], drawn["left"]) == (5, 3, 3, 3)
    assert (told["template"], set(told["offline"])) == ("video_camera_offline", silent)
    assert "应查 3 家（应查 5 家，能看的只有这些）" in world.case(number)["description"]
    for shop in kitchens[4:]:
        world.done(watch(world, shop))
    assert card(world, SECTION, "2026-04")["state"] == "met"


def test_a_proposal_is_two_statements_however_many_kitchens_there_are(world: World) -> None:
    """R33."""
    seen = []
    for more in (0, 20):
        equipped(world, more)
        with world.database.counting() as count, world.database.reading() as session:
            without = list_watched(session, SECTION, "2026-04")
            known = list_kitchens(session)
            propose(known, 5, seed="a", now=world.clock.now(), without=without)
        seen.append((len(known), len([text for text in count.statements if text != "begin"])))

    assert seen == [(7, 2), (27, 2)]


def test_what_cannot_be_right_is_refused_by_field(world: World, kitchens: list[int]) -> None:
    """R34: three answers, a reason when nothing is seen, no time to come, a known unit."""
    world.until(at(2026, 4, 1, 9))
    tomorrow = (world.clock.now() + timedelta(days=1)).isoformat()
    two = dict.fromkeys(("mask", "work_cap"), "yes")
    nothing = dict.fromkeys(SEEN, "not_visible")
    shop = kitchens[0]

    assert refused(watch(world, shop, items=two)) == "video_item_missing"
    assert refused(watch(world, shop, items={**SEEN, "hat": "yes"})) == "video_item_unknown"
    assert refused(watch(world, shop, items=nothing)) == "nothing_visible"
    assert refused(watch(world, shop, watched_from=tomorrow)) == "watched_in_the_future"
    assert refused(watch(world, shop, unit="station")) == "unit_without_quota"
    assert refused(watch(world, shop, unit=None)) == "unit_required"
    assert refused(watch(world, 99999)) == "unknown_business"
    assert refused(watch(world, world.business(name="示例小店"))) == "not_bright_kitchen"
    assert refused(watch(world, shop, problem="有问题")) == "matter_missing"
    assert refused(watch(world, shop, CENTER, unit=SECTION), 403) == "not_your_unit"
    assert refused(watch(world, shop, "grid_member"), 403) == "not_a_watching_unit"
    assert watch(world, shop, items=nothing, remark="镜头起雾").status_code == 201
    assert watch(world, shop).status_code == 200, "the same day again is linked"
    assert card(world, SECTION, "2026-04")["met"] == 1


def test_the_draw_can_be_repeated_and_a_kitchen_is_swapped_with_a_reason(world: World) -> None:
    """R33: weights and seed are on file; the next in line takes the place."""
    world.until(at(2026, 4, 1, 9))
    drawn = card(world, SECTION, "2026-04")
    listed = [entry["business"] for entry in drawn["proposed"]]
    with world.database.reading() as session:
        period = find_period(session, SECTION, "2026-04")
        assert period is not None
        line = [each.id for each in in_line(period.seed, list_kitchens(session), period.opened_at)]
    path = f"/quotas/{SECTION}/2026-04/swap"
    body = {"business": listed[1], "reason": "当日停业"}
    swapped = world.done(world.ask("POST", path, SECTION, json=body))
    again = world.ask("POST", path, SECTION, json=body)
    foreign = world.ask("POST", path, CENTER, json=body)
    after = {one["business"]: one for one in card(world, SECTION, "2026-04")["proposed"]}

    assert listed == line[:5]
    assert swapped["business"] == line[5]
    assert (after[listed[1]]["state"], after[listed[1]]["reason"]) == ("swapped", "当日停业")
    assert after[line[5]]["state"] == "proposed"
    assert (refused(again, 409), refused(foreign, 403)) == ("not_proposed", "not_your_unit")


def test_kitchens_nobody_watched_for_long_are_drawn_more_often() -> None:
    """R33: the weight is the days since somebody watched."""
    now = at(2026, 4, 1)
    fresh = [WatchedKitchen(one, now, now - timedelta(days=2)) for one in range(50)]
    old = [WatchedKitchen(one, now, now - timedelta(days=200)) for one in range(50, 100)]
    drawn = [
        candidate.id
        for seed in range(40)
        for candidate in propose([*fresh, *old], 5, seed=str(seed), now=now).chosen
    ]

    assert sum(one >= 50 for one in drawn) > 180, "of 200, some two would be fresh"


def test_a_year_of_periods_counts_the_same_again(world: World, kitchens: list[int]) -> None:
    """R32, R33: every period of a year is closed once; counted again it is equal byte by byte."""
    moment = at(2026, 3, 9, 9)
    while moment < at(2027, 3, 9, 9):
        with world.database.transaction() as session:
            limits = world.composition.runner.calendar(session)
            for shop in kitchens[: moment.day % 5]:
                for unit in (SECTION, CENTER):
                    seen = Watched(business_id=shop, unit=unit, watched_at=moment, items=SEEN)
                    record_patrol(session, seen, limits=limits, now=moment)
            close_over(session, now=moment)
        moment += timedelta(days=9)
    with world.database.reading() as session:
        closed = [one for one in list_periods(session) if one.closed_at is not None]
        counted = differences(session)

    assert len(closed) > 55
    assert {one.missed for one in closed} == {True, False}
    assert counted == []
