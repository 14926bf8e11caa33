"""What operations ask: alive, ready, and the numbers."""

from datetime import timedelta

from storage import sessions
from tests.api.conftest import NOW, Api


def beat(api: Api) -> None:
    """A scheduler ticked just now."""
    with api.database.transaction() as session:
        sessions.beat(session, "scheduler-1", at=api.clock.now())


def test_alive_asks_nothing_of_the_database(api: Api) -> None:
    with api.database.counting() as count:
        answer = api.get("/health/live")

    assert (answer.status_code, len(count)) == (200, 0)


def test_ready_depends_on_a_ticking_scheduler(api: Api) -> None:
    never = api.get("/health/ready")
    beat(api)
    ready = api.get("/health/ready")
    api.clock.set(NOW + timedelta(seconds=61))
    late = api.get("/health/ready")

    assert (never.status_code, never.get_json()["scheduler"]) == (503, "never")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "ready")
    assert (late.status_code, late.get_json()["scheduler"]) == (503, "late")


def test_metrics_count_requests_by_route_and_steps_by_action(api: Api) -> None:
    number = api.report()
    api.complete(number, "grid_member", answer="accept")

    page = api.get("/metrics").get_data(as_text=True)

    assert 'hangji_steps_total{action="tasks.complete_task"} 1.0' in page
    assert 'route="/api/v1/tasks/<task:key>/complete",status="200"' in page
    assert "hangji_open_incidents 0.0" in page
    assert number not in page
