"""What operations ask: alive, ready, and the numbers."""

from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.composition import compose
from api.http import logs
from api.settings import Settings
from engine.background import firing
from storage.cases.steps import NewDelivery
from storage.delivery import outbox
from storage.people import sessions
from storage.tables import process_definition
from tests.api.conftest import NOW, Api
from tests.delivering import claim_deliveries


def beat(api: Api) -> None:
    """A scheduler ticked just now."""
    with api.database.transaction() as session:
        sessions.beat(session, "scheduler-1", at=api.clock.now())


def test_alive_asks_nothing_of_the_database(api: Api) -> None:
    with api.database.counting() as count:
        answer = api.get("/health/live")

    assert (answer.status_code, len(count)) == (200, 0)


def test_deadlines_depend_on_a_ticking_scheduler(api: Api) -> None:
    never = api.get("/health/deadlines")
    beat(api)
    on_time = api.get("/health/deadlines")
    api.clock.set(NOW + timedelta(seconds=61))
    late = api.get("/health/deadlines")

    assert (never.status_code, never.get_json()["scheduler"]) == (503, "never")
    assert (on_time.status_code, on_time.get_json()["status"]) == (200, "on_time")
    assert (late.status_code, late.get_json()["scheduler"]) == (503, "late")


def test_a_late_scheduler_takes_no_web_server_out_of_service(api: Api) -> None:
    """After an outage the scheduler is late for a while; a balancer must not take pages away."""
    beat(api)
    api.clock.set(NOW + timedelta(hours=1))

    answer = api.get("/health/ready")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")


def test_tables_or_diagrams_that_are_missing_take_a_server_out_of_service(api: Api) -> None:
    with api.database.transaction() as session:
        session.execute(update(process_definition).values(state="retired"))
    none = api.get("/health/ready")
    with api.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001_ground'"))
    behind = api.get("/health/ready")
    with api.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ahead = api.get("/health/ready")

    assert (none.status_code, none.get_json()["diagrams"]) == (503, "none")
    assert (behind.status_code, behind.get_json()["tables"]) == (503, "behind")
    assert (ahead.status_code, ahead.get_json()["tables"]) == (503, "newer")


@pytest.fixture
def alone(api: Api) -> Api:
    """An application that answered nobody before: its counts begin here."""
    return Api(create_app(api.composition), api.composition, api.clock)


def test_forwarded_requests_without_proxies_are_noticed_once(
    alone: Api,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A logger keeps the stream it wrote to first, which was that of another test.
    monkeypatch.setattr(logs, "_log", structlog.get_logger("hangji.api.logs"))
    capsys.readouterr()
    forwarded = {"X-Forwarded-For": "192.0.2.1"}
    alone.get("/health/live", headers=forwarded, environ_overrides={"REMOTE_ADDR": "8.8.8.8"})
    assert not (settings.var_folder / "unknown-proxy").exists()
    for _ in range(2):
        alone.get("/health/live", headers=forwarded)

    assert capsys.readouterr().err.count("forwarded_without_proxies") == 1
    assert (settings.var_folder / "unknown-proxy").exists()


def test_metrics_behind_a_proxy_want_a_token(api: Api) -> None:
    """A proxy on this machine makes everybody look like this machine."""
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        answer = api.get("/metrics", headers={name: "for=192.0.2.1"})

        assert answer.status_code == 401, name


def test_metrics_count_requests_by_route_and_steps_by_action(alone: Api) -> None:
    number = alone.report(matter="L03")
    alone.accept(number, "station_officer")

    page = alone.get("/metrics").get_data(as_text=True)

    assert 'hangji_steps_total{action="tasks.complete_task"} 1.0' in page
    assert 'route="/api/v1/tasks/<task:key>/complete",status="200"' in page
    assert "hangji_open_incidents 0.0" in page
    assert number not in page


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_metrics_say_what_waits_and_since_when(kind: str, request: pytest.FixtureRequest) -> None:
    served: Api = request.getfixturevalue(kind)
    number = served.report()
    with served.database.transaction() as session:
        outbox.add_delivery(session, NewDelivery("k", "log", "platform", "t", {}, NOW))
    served.clock.set(NOW + timedelta(days=30))

    page = served.get("/metrics").get_data(as_text=True)

    read = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    assert read["hangji_open_tasks", "grid_member", "grid_member"] == 1
    assert read["hangji_overdue_tasks",] == 1
    assert read["hangji_oldest_due_timer_seconds",] > 20 * 86_400
    assert read["hangji_outbox_pending",] >= 1
    assert read["hangji_outbox_oldest_seconds",] == 30 * 86_400
    assert (read["hangji_dead_letters",], read["hangji_open_incidents",]) == (0, 0)
    assert read["hangji_scheduler_heartbeat_age_seconds",] == -1
    assert number not in page


def test_invented_methods_are_one_line_of_the_metrics(api: Api) -> None:
    """Nobody signed out grows what is kept for each."""
    client = api.app.test_client()
    for name in ("BREW", "SHOUT"):
        client.open("/nothing", method=name)

    page = api.get("/metrics").get_data(as_text=True)

    assert 'method="other"' in page
    assert "BREW" not in page


def test_metrics_are_for_this_machine_or_who_has_the_token(
    api: Api, tmp_path: Path, settings: Settings
) -> None:
    from_afar = api.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    values = {one: getattr(settings, one) for one in Settings.__slots__}
    told = Settings(**{**values, "metrics_token": "collector", "var_folder": tmp_path})
    other = create_app(compose(told, clock=api.clock, database=api.database)).test_client()

    without = other.get("/metrics")
    right = other.get("/metrics", headers={"Authorization": "Bearer collector"})

    assert (from_afar.status_code, without.status_code, right.status_code) == (401, 401, 200)


def test_without_a_database_the_counters_are_shown_and_its_gauges_are_missing(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.get("/health/live")
    monkeypatch.setattr("storage.cases.timers.count_overdue", gone)

    page = api.get("/metrics").get_data(as_text=True)

    assert "hangji_database_up 0.0" in page
    assert 'route="/health/live",status="200"' in page
    assert "hangji_overdue_tasks" not in page


def gone(*_args: object, **_kwargs: object) -> None:
    """What a read of a stopped database does."""
    raise OperationalError("", {}, ConnectionRefusedError())


def test_what_nobody_claimed_has_an_age_and_what_is_claimed_has_none(api: Api) -> None:
    api.report()
    with api.database.transaction() as session:
        outbox.add_delivery(session, NewDelivery("k", "log", "platform", "t", {}, NOW))
    api.clock.set(NOW + timedelta(days=30))
    unclaimed = api.get("/metrics").get_data(as_text=True)
    firing.claim(api.database, now=api.clock.now())
    with api.database.transaction() as session:
        claim_deliveries(session, now=api.clock.now(), lease=timedelta(minutes=5), limit=100)
    claimed = api.get("/metrics").get_data(as_text=True)

    for name in ("timer", "delivery"):
        assert f"hangji_oldest_unclaimed_{name}_seconds 0.0" not in unclaimed
        assert f"hangji_oldest_unclaimed_{name}_seconds 0.0" in claimed
