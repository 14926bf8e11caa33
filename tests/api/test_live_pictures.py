"""Live pictures: a ticket for one camera and two minutes, which the gateway asks back (R12)."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from tests import vendor
from tests.api.conftest import Api
from tests.api.test_snapshots import a_camera

GATEWAY = Path(__file__).parents[1] / "fake_gateway" / "gateway.py"


@pytest.fixture
def gateway(api: Api) -> Iterator[str]:
    """A gateway as a process of its own, in front of a server of this city."""
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    check = f"http://127.0.0.1:{server.server_port}/api/v1/live-tickets/check"
    process = subprocess.Popen(
        [sys.executable, str(GATEWAY), check], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
    vendor.configure(api.composition.settings.var_folder, gateway=address)
    yield address
    process.terminate()
    process.wait()
    process.stdout.close()
    server.shutdown()


def played(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - of this test
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, ""


def test_a_live_picture_opens_by_a_ticket_the_gateway_asks_about(api: Api, gateway: str) -> None:
    """R12: credentials never reach the browser, and no stream passes through hangji."""
    camera = a_camera(api)
    path = f"/cameras/{camera['id']}/live"

    answer = api.post(path, None, "station_officer")
    ticket = answer.get_json()
    others = {who: api.post(path, None, who).status_code for who in ("foreign_station", "business")}
    forbidden = api.post(path, None, "admin_system")

    assert answer.status_code == 200, ticket
    assert set(ticket) == {"url", "expires_at"}
    assert ticket["url"].startswith(f"{gateway}/kitchen-1/?token=")
    assert played(ticket["url"]) == (200, "playing kitchen-1")
    assert played(ticket["url"].replace("kitchen-1", "kitchen-2"))[0] == 401
    assert played(f"{gateway}/kitchen-1/?token=guessed")[0] == 401
    api.clock.advance(timedelta(minutes=3))
    assert played(ticket["url"])[0] == 401, "two minutes to begin"
    assert others == {"foreign_station": 404, "business": 403}
    assert forbidden.get_json()["code"] == "kitchen_not_yours"
    acts = [
        row["action"]
        for row in api.get("/audit", "admin_audit").get_json()["items"]
        if row["subject_kind"] == "camera"
    ]
    assert sorted(acts) == ["camera_added", "camera_watched", "live_ticket_used"]


def test_a_camera_without_gateway_or_out_of_use_has_no_live_picture(api: Api) -> None:
    vendor.configure(api.composition.settings.var_folder)
    live = a_camera(api)
    single = a_camera(api, "kitchen-2", kind="snapshot")

    without = api.post(f"/cameras/{live['id']}/live", None, "station_officer")
    pictures_only = api.post(f"/cameras/{single['id']}/live", None, "station_officer")

    assert (without.status_code, without.get_json()["code"]) == (404, "no_gateway")
    assert pictures_only.status_code == 422
