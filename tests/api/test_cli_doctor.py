"""`hangji doctor` finds what is misconfigured, and `hangji bench` says when it cannot measure."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.cli import doctor as cli_doctor
from api.composition import compose
from api.outgoing import channels
from api.settings import SettingsError, from_environment
from engine.actions.tasks import pause, resume
from engine.background.scheduler import beat
from engine.delivery.channels import Notices
from storage.cases import incidents, timers
from storage.cases.steps import NewDelivery
from storage.delivery import outbox
from storage.people import actors
from tests.api.terminal import Terminal, environment
from tests.delivering import claim_deliveries

SECRET = "0f9c3a5e7b1d8264-tests-only-QwErTyUiOp"
VAULT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

REPORT = {
    "matter": "L01",
    "area": "350322100001001",
    "description": "示例",
    "no_photo_reason": "无",
}


def found(terminal: Terminal, what: str) -> list[tuple[str, str]]:
    listed = terminal.run("doctor", "--json").json
    return [(one["level"], one["says"]) for one in listed if one["what"] == what]


def outgoing(terminal: Terminal, **told: Any) -> Path:
    path = terminal.var / "outgoing.json"
    path.write_bytes(orjson.dumps(told))
    path.chmod(0o600)
    return path


def test_a_demo_is_fine_with_warnings(terminal: Terminal) -> None:
    ended = terminal.run("doctor")

    assert ended.status == 0
    assert "demo sign-ins" in ended.out
    assert "never ran" in ended.out


def test_missing_secrets_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with environment(tmp_path):
        ended = Terminal(capsys, tmp_path).run("doctor", "--json")

    assert ended.status == 1
    assert ended.json[0]["what"] == "settings"


def test_an_empty_database_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with environment(tmp_path) as patch:
        patch.setenv("HANGJI_SECRET_KEY", SECRET)
        patch.setenv("HANGJI_VAULT_KEY", VAULT)
        terminal = Terminal(capsys, tmp_path)
        ended = terminal.run("doctor")

    assert ended.status == 1
    assert "upgrade-db" in ended.out


def test_demo_passwords_outside_a_demo_are_an_error(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANGJI_SECRET_KEY", SECRET)
    monkeypatch.setenv("HANGJI_VAULT_KEY", VAULT)

    assert [level for level, _ in found(terminal, "accounts")] == ["error"]


@pytest.mark.parametrize(("version", "level"), [((3, 51, 2), "warning"), ((3, 51, 3), "ok")])
def test_an_sqlite_that_can_damage_its_file_is_a_warning(
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, int, int],
    level: str,
) -> None:
    monkeypatch.setattr(cli_doctor.sqlite3, "sqlite_version_info", version)

    assert [one for one, _ in found(terminal, "sqlite")] == [level]


def test_a_living_scheduler_is_fine_and_a_clock_that_runs_behind_is_an_error(
    terminal: Terminal,
) -> None:
    composition = compose(from_environment())
    beat(composition.database, composition.runner)
    alive = found(terminal, "scheduler")
    with composition.database.transaction() as session:
        ahead = composition.clock.now() + timedelta(minutes=5)
        cli_doctor.sessions.beat(session, "elsewhere", at=ahead)
    composition.database.close()

    assert [level for level, _ in alive] == ["ok"]
    assert [level for level, _ in found(terminal, "clock")] == ["error"]


def test_what_is_stuck_is_named(terminal: Terminal) -> None:
    composition = compose(from_environment())
    now = composition.clock.now()
    with composition.database.transaction() as session:
        incidents.add_incident(session, action={}, error_code="x", message="x", at=now)
        outbox.add_delivery(session, NewDelivery("k", "log", "platform", "t", {}, now))
        claimed = claim_deliveries(session, now=now, lease=timedelta(0))
        (letter,) = [one for one in claimed if one.channel == "log" and one.template == "t"]
        outbox.mark_failed(session, letter.id, error="x", again_at=None)
        old = now - timedelta(hours=1)
        timers.arm(session, running_id=1, element="late", case_id=1, due_at=old)
    composition.database.close()

    assert [level for level, _ in found(terminal, "incidents")] == ["warning"]
    assert [level for level, _ in found(terminal, "deadlines")] == ["warning"]
    assert ("warning", "1 dead letters; retry their incidents") in found(terminal, "deliveries")


def test_tasks_nobody_will_ever_chase_are_named_with_the_way_out(terminal: Terminal) -> None:
    composition = compose(from_environment())
    with composition.database.transaction() as session:
        account = actors.find_officer(session, "grid_member")
        assert account is not None
        actor = actors.load_actor(session, account.id, at=composition.clock.now())
        case = composition.runner.start(session, "grid_report", REPORT, actor=actor)
    assert found(terminal, "reminders") == []

    with composition.database.transaction() as session:
        for timer in timers.list_timers(session, case.case_id):
            if timer.kind == "chase":
                timers.forget(session, timer.running_id, timer.element)
    ((level, says),) = found(terminal, "reminders")
    assert level == "error"
    assert f"1 open tasks are never chased ({case.number})" in says

    key = f"{case.running_id}-{case.next_tasks[0].token}"
    with composition.database.transaction() as session:
        pause(composition.runner, session, key, reason="等待", actor=actor)
    with composition.database.transaction() as session:
        resume(composition.runner, session, key, actor=actor)
    composition.database.close()
    assert found(terminal, "reminders") == []


def test_a_file_of_secrets_others_can_read_is_a_warning(terminal: Terminal) -> None:
    path = outgoing(terminal, mail={"host": "mail.example", "sender": "hangji@mail.example"})
    fine = found(terminal, "deliveries")
    path.chmod(0o644)

    assert [level for level, _ in fine] == ["ok"]
    assert found(terminal, "deliveries")[0][0] == "warning"


@pytest.mark.parametrize(
    "told",
    [
        {"pigeons": {}},
        {"mail": {"host": "mail.example"}},
        {"webhooks": {"hosts": "a.example"}},
        {
            "webhooks": {
                "hosts": [],
                "endpoints": {"p": {"url": "https://a.example", "secret": "s"}},
            }
        },
        {"webhooks": {"hosts": [], "inner_networks": ["nowhere"], "endpoints": {}}},
    ],
)
def test_ways_out_that_cannot_be_used_stop_the_start(
    terminal: Terminal, told: dict[str, Any]
) -> None:
    outgoing(terminal, **told)

    with pytest.raises(SettingsError):
        channels(from_environment())
    assert [level for level, _ in found(terminal, "deliveries")] == ["error"]
    assert terminal.run("worker", "--once").status == 2


def test_ways_out_go_by_receiver(terminal: Terminal) -> None:
    endpoint = {"url": "https://platform.example/told", "secret": "whsec_" + "QUJD" * 8}
    outgoing(
        terminal,
        mail={
            "host": "mail.example",
            "sender": "hangji@mail.example",
            "domain": "mail.example",
            "addresses": {"officer:7": "seven@mail.example"},
        },
        webhooks={"hosts": ["platform.example"], "endpoints": {"platform": endpoint}},
    )

    ways = channels(from_environment())

    notices = ways["notice"]
    assert isinstance(notices, Notices)
    assert notices.mail is not None
    address_of = notices.mail.address_of
    assert address_of("officer:7") == "seven@mail.example"
    assert address_of("station:ST-1") == "station-ST-1@mail.example"
    assert address_of("reporter") is None
    assert set(ways) == {"notice", "log", "mail", "smtp", "webhook"}


def test_one_round_of_the_scheduler_says_what_it_did(terminal: Terminal) -> None:
    ended = terminal.run("scheduler", "--once", "--json")

    assert ended.status == 0
    assert ended.json["fired"] == 0
    assert [level for level, _ in found(terminal, "scheduler")] == ["ok"]


def test_a_database_behind_the_release_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with environment(tmp_path) as patch:
        patch.setenv("HANGJI_SECRET_KEY", SECRET)
        patch.setenv("HANGJI_VAULT_KEY", VAULT)
        ended = Terminal(capsys, tmp_path).run("scheduler", "--once")

    assert ended.status == 1
    assert "upgrade-db" in ended.err


def test_a_proxy_the_settings_do_not_know_is_an_error_until_they_do(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (terminal.var / "unknown-proxy").touch()
    unknown = found(terminal, "proxies")
    monkeypatch.setenv("HANGJI_PROXIES", "1")
    known = found(terminal, "proxies")
    monkeypatch.delenv("HANGJI_PROXIES")

    assert [level for level, _ in unknown] == ["error"]
    assert "HANGJI_PROXIES" in unknown[0][1]
    assert known == found(terminal, "proxies") == []


def test_other_software_with_packages_of_our_names_is_an_error(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one installed overwrites files of the first, and pip does not say so."""
    alone = found(terminal, "packages")
    about = tmp_path / "shelves-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shelves\nVersion: 1.0\n")
    (about / "top_level.txt").write_text("storage\n")
    monkeypatch.syspath_prepend(tmp_path)

    ((level, says),) = found(terminal, "packages")

    assert alone == []
    assert level == "error"
    assert "shelves brings a package `storage`" in says


def test_a_broker_and_a_store_of_limits_that_are_away_are_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (found(terminal, "broker"), found(terminal, "rate limits")) == ([], [])

    monkeypatch.setenv("HANGJI_BROKER_URL", "redis://127.0.0.1:1/1")
    monkeypatch.setenv("HANGJI_RATE_STORAGE", "redis://127.0.0.1:1/0")

    ((broker, of_work),) = found(terminal, "broker")
    ((limits, of_callers),) = found(terminal, "rate limits")
    assert (broker, limits) == ("warning", "warning")
    assert "does not answer" in of_work
    assert "does not answer" in of_callers
