"""Whatever the supervision platform does, nothing is lost and nothing arrives twice (R29)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.syncing.platforms import platforms
from api.syncing.pulling import DEAD_IN_A_ROW
from engine.delivery import webhooks
from storage.errors import Conflict
from storage.sync import sources
from storage.sync.runs import SyncRun, list_runs
from storage.tables import incident
from tests.api.conftest import Api
from tests.supervision import (
    SOURCE,
    Supervision,
    an_inspection,
    cases,
    dead_letters,
    differences,
    kept,
    pulled,
    source,
)


def test_a_day_down_is_caught_up_without_a_difference(api: Api, platform: Supervision) -> None:
    platform.control(down=True)
    pulled(api)
    failed = source(api)
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(130)])
    platform.control(down=False, slow=0.01, fail_every=7)
    for _ in range(8):
        pulled(api)
    platform.control(slow=0, fail_every=0)
    pulled(api)

    assert failed.last_error == "the platform answered 503"
    assert failed.cursor is None
    assert len(cases(api)) == 130
    assert source(api).failures == 0
    assert differences(api) == 0


def test_a_kill_between_two_transactions_loses_and_doubles_nothing(
    api: Api, platform: Supervision
) -> None:
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(5)])
    for step in range(6):
        left = iter(range(step))
        pulling = platforms(api.composition).pulling(SOURCE)
        pulling.between = lambda left=left: stop_after(left)
        with pytest.raises(Killed):
            pulling.run()
        assert len(cases(api)) == min(step, 5)
        lapse(api)

    pulled(api)

    assert len(cases(api)) == 5
    assert differences(api) == 0


def test_a_changed_schema_pauses_reading_and_nothing_is_lost(
    api: Api, platform: Supervision
) -> None:
    platform.inspection("JC1")
    pulled(api)
    before = source(api).cursor
    platform.control(renamed=True)
    platform.inspection("JC2", gxsj="2026-03-02 08:50:00")

    pulled(api)

    paused = source(api)
    assert paused.paused
    assert "external_id" in (paused.paused_reason or "")
    assert paused.cursor == before
    assert [one["error_code"] for one in incidents(api)] == ["sync_paused"]
    platform.control(renamed=False)
    (told,) = incidents(api)
    api.post(f"/incidents/{told['id']}/retry", {}, "supervisor")
    assert not source(api).paused
    api.post(f"/sync/{SOURCE}/pause", {"reason": "再看看"}, "admin_system")
    answer = api.post(f"/sync/{SOURCE}/resume", {}, "admin_system")
    assert answer.get_json()["paused"] is False
    pulled(api)
    assert len(cases(api)) == 2
    assert incidents(api) == []


def test_twenty_refused_records_in_a_row_pause_reading_and_the_cursor_stays(
    api: Api, platform: Supervision
) -> None:
    """What was refused waits for a person; what came before is in, what comes after is not lost."""
    bad = [
        an_inspection(f"JC{n:02d}", jcdw="YYY", gxsj="2026-03-02 08:40:00")
        for n in range(DEAD_IN_A_ROW)
    ]
    after = an_inspection("LAST", gxsj="2026-03-02 08:50:00")
    platform.control(inspections=[an_inspection("FIRST"), *bad, after])

    counts = pulled(api)
    paused = source(api)
    told = incidents(api)
    api.post(f"/sync/{SOURCE}/resume", {}, "admin_system")
    platform.control(inspections=[{**body, "jcdw": "SCS"} for body in bad])
    pulled(api)

    assert counts == {"created": 1, "dead": DEAD_IN_A_ROW}
    assert (paused.paused, paused.cursor) == (True, None)
    assert [one["error_code"] for one in told] == ["sync_paused"]
    assert len(cases(api)) == DEAD_IN_A_ROW + 2
    assert (dead_letters(api), differences(api)) == ([], 0)


def test_comparing_names_what_is_missing_what_is_too_much_and_what_differs(
    api: Api, platform: Supervision
) -> None:
    platform.control(inspections=[an_inspection(f"JC{n}") for n in (1, 2)])
    pulled(api)
    platform.control(deletes=["JC1"])
    platform.inspection("JC2", bbh=2, ms="又去了一次")
    platform.inspection("JC3")

    counted = differences(api)
    (day, *others) = api.get(f"/sync/{SOURCE}/reconciliation", "admin_system").get_json()["items"]
    pulled(api)

    assert counted == 3
    assert (day["day"], day["theirs"], day["ours"]) == ("2026-03-02", 2, 2)
    assert (day["missing"], day["extra"], day["differing"]) == (["JC3"], ["JC1"], ["JC2"])
    assert not any(one["missing"] or one["extra"] or one["differing"] for one in others)
    assert differences(api) == 0


def test_a_platform_that_is_too_slow_moves_nothing_and_is_read_again(
    api: Api, platform: Supervision, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.inspection("JC1")
    platform.control(slow=5)
    with monkeypatch.context() as patience:
        patience.setattr(webhooks, "TIMEOUT_SECONDS", 0.2)
        pulled(api)
    waited = source(api)
    platform.control(slow=0)
    pulled(api)

    assert waited.last_error
    assert (waited.cursor, waited.failures) == (None, 1)
    assert len(cases(api)) == 1


@pytest.mark.parametrize(
    "switch", [{"half": True}, {"large": 40 << 20}, {"fail_every": 1}, {"encoding": "utf-16"}]
)
def test_a_broken_answer_moves_nothing_and_is_read_again(
    api: Api, platform: Supervision, switch: dict[str, Any]
) -> None:
    platform.inspection("JC1")
    platform.control(**switch)
    pulled(api)
    broken = source(api)
    platform.control(**dict.fromkeys(switch, 0))
    pulled(api)

    assert broken.last_error
    assert broken.cursor is None
    assert len(cases(api)) == 1


def test_duplicates_disorder_gbk_a_lost_token_and_a_wrong_clock_change_nothing(
    api: Api, platform: Supervision
) -> None:
    platform.control(duplicate=True, shuffled=True, encoding="gbk")
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(8)])
    platform.put_clock(api.clock.now() + timedelta(minutes=7))
    platform.enter_by_their_clock("AHEAD")
    by_small_pages(api, between=platform.forget_tokens)
    platform.put_clock(api.clock.now() - timedelta(seconds=90))
    platform.enter_by_their_clock("LATE")

    for _ in range(2):
        pulled(api)

    apart = kept(api)["AHEAD"].changed_at - kept(api)["LATE"].changed_at
    assert timedelta(minutes=8) < apart < timedelta(minutes=9), "what came late is older by theirs"
    assert len(cases(api)) == 10
    assert source(api).failures == 0
    assert differences(api) == 0


def test_one_process_reads_a_platform_at_a_time(api: Api, platform: Supervision) -> None:
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(3)])
    first = platforms(api.composition).pulling(SOURCE)
    said = []

    def meanwhile() -> None:
        with pytest.raises(Conflict) as busy:
            platforms(api.composition).pulling(SOURCE).run()
        said.append(busy.value.code)

    first.between = meanwhile
    counts = first.run()
    late = platforms(api.composition).pulling(SOURCE)
    late.between = lambda: take_over(api)
    late.run()

    assert counts["created"] == 3
    assert set(said) == {"sync_busy"}
    assert runs_of(api)[0].error == "lease_lost"


def by_small_pages(api: Api, *, between: Callable[[], None]) -> None:
    """One run by pages of four; something happens before each record."""
    pulling = platforms(api.composition).pulling(SOURCE)
    object.__setattr__(pulling.taking.mapping, "page_size", 4)
    pulling.between = between
    pulling.run()


class Killed(BaseException):
    """The process ends here."""


def stop_after(left: Iterator[int]) -> None:
    if next(left, None) is None:
        raise Killed


def lapse(api: Api) -> None:
    """Let the lease of a killed process run out."""
    api.clock.set(api.clock.now() + sources.LEASE)


def incidents(api: Api) -> list[dict[str, Any]]:
    with api.database.reading() as session:
        rows = session.execute(select(incident).where(incident.c.state == "open")).mappings()
        return [dict(row) for row in rows]


def take_over(api: Api) -> None:
    """Another process takes the lease of one that was too slow."""
    lapse(api)
    with api.database.transaction() as session:
        sources.take_lease(session, SOURCE, "another", now=api.clock.now())


def runs_of(api: Api) -> list[SyncRun]:
    with api.database.reading() as session:
        return list(list_runs(session, SOURCE).items)
