"""A database that goes away and comes back: nobody gets a fault, nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from api.settings import Settings
from engine.time.clock import VirtualClock
from storage.database.session import Database
from tests.api.conftest import UNIT, Api, served
from tests.cluster import Cluster

pytestmark = pytest.mark.postgres

REPORT = {"matter": "L01", "area": UNIT, "description": "流动摊贩", "no_photo_reason": "无"}


def drop_connections(api: Api) -> None:
    """Let the server close every connection that is kept, as a restart does."""
    with Database(api.database.url.render_as_string(), pooled=False).reading() as session:
        session.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )


def warm(api: Api) -> None:
    """Leave two connections to be closed, as two requests at once do."""
    both = Barrier(2)

    def read() -> None:
        with api.database.reading():
            both.wait()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(read) for _ in range(2)]:
            done.result()


def test_a_read_over_a_closed_connection_is_read_again(postgres_api: Api) -> None:
    postgres_api.get("/me", "grid_member")
    warm(postgres_api)
    drop_connections(postgres_api)

    answers = [postgres_api.get("/tasks", "grid_member").status_code for _ in range(3)]

    assert answers == [200, 200, 200]


def test_a_keyed_write_over_a_closed_connection_is_done_once(postgres_api: Api) -> None:
    postgres_api.get("/me", "grid_member")
    warm(postgres_api)
    drop_connections(postgres_api)

    answers = [
        postgres_api.post("/reports", REPORT, "grid_member", key=f"k-{one}") for one in (1, 1, 2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(postgres_api.get("/cases", "grid_member").get_json()["items"]) == 2


def test_without_a_database_one_is_told_to_come_back(
    cluster: Cluster, postgres_city: str, settings: Settings, clock: VirtualClock
) -> None:
    url = cluster.create("going_away", template=postgres_city)
    values = {one: getattr(settings, one) for one in Settings.__slots__}
    for api in served(Settings(**{**values, "database_url": url}), clock, None):
        api.get("/me", "grid_member")
        cluster.drop("going_away")

        answers = [
            api.get("/health/ready"),
            api.get("/tasks", "grid_member"),
            api.post("/reports", REPORT, "grid_member"),
        ]

        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert api.get("/health/live").status_code == 200
