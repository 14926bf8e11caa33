"""`hangji doctor`: what is misconfigured on this machine; and `hangji bench`."""

import runpy
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta

import click

from api import deploying
from api.cli.machine import why_away
from api.cli.operating.looks import (
    Found,
    Level,
    look_at_base_map,
    look_at_codes,
    look_at_counts,
    look_at_names,
    look_at_retention,
    look_at_vault,
)
from api.cli.operating.reach import look_at_broker, look_at_rates
from api.cli.terminal import WRONG_USE, as_json, dump, end, fail, say
from api.composition import Composition, compose
from api.http.logs import UNKNOWN_PROXY
from api.identity.passwords import password_fits
from api.kitchens import vendors as vendors_of_cameras
from api.outgoing import FILE, channels
from api.settings import IS_CHECKOUT, ROOT, Settings, SettingsError, from_environment
from engine.casefile.signing import newest, read_keys
from engine.definitions import Definition
from engine.time.reminders import TABLE
from storage.cases import incidents, timers
from storage.database.ownership import owns_the_tables
from storage.database.schema import current_revision, fit_of
from storage.database.session import Session
from storage.delivery import outbox
from storage.errors import HangjiError
from storage.moments import CHINA
from storage.people import actors, sessions
from storage.places import calendar
from storage.processes import definitions

SAFE_SQLITE = (3, 51, 3)
"""From here on two connections that checkpoint at once cannot damage the file."""

DEMO_PASSWORD = "hangji-demo"  # noqa: S105 - printed on purpose, of a sample without real people
SAMPLE_ACCOUNT = "unit_leader"

_FITS = {
    "behind": ", older than this release: run `hangji upgrade-db`",
    "current": "",
    "newer": ", newer than this release, which may still run on it",
    "too_new": ", too new for this release: install the newer one",
}
_LEAST_DISK = 2 * 1024**3
_HORIZON = timedelta(days=60)
_NAMED = 5
_LATE = timedelta(minutes=5)
_SKEW = timedelta(seconds=5)


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(doctor)
    group.add_command(bench)


@click.command("doctor")
@as_json
def doctor(*, is_json: bool) -> None:
    """Report what is misconfigured: secrets, database, calendar, disk, clock, deliveries."""
    findings = list(_examine())
    if is_json:
        dump([asdict(finding) for finding in findings])
    else:
        signs = {"ok": "  ok     ", "warning": "! warning", "error": "✗ error  "}
        for finding in findings:
            say(f"{signs[finding.level]}  {finding.what}: {finding.says}")
    end(is_fine=all(finding.level != "error" for finding in findings))


@click.command("bench", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure speed and size; needs the repository, not only the installed program."""
    folder = ROOT / "bench"
    if not (folder / "__main__.py").is_file():
        fail("bench/ is part of the repository, not of the installed program.", status=WRONG_USE)
    sys.argv = [str(folder), *arguments]
    runpy.run_path(str(folder), run_name="__main__")


def _examine() -> Iterator[Found]:
    try:
        settings = from_environment()
    except SettingsError as error:
        yield Found("error", "settings", error.message)
        return
    yield Found("ok", "settings", "secrets are there and strong enough")
    yield from look_at_names()
    yield from _machine(settings)
    composition = compose(settings)
    try:
        yield from look_at_broker(composition)
        yield from _database(composition)
    finally:
        composition.database.close()


def _machine(settings: Settings) -> Iterator[Found]:
    settings.var_folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.var_folder).free
    if not IS_CHECKOUT and settings.var_folder.resolve().is_relative_to(ROOT):
        says = "inside the installed package, gone with its next version: set HANGJI_VAR_FOLDER"
        yield Found("error", "var folder", says)
    level: Level = "ok" if free >= _LEAST_DISK else "warning"
    yield Found(level, "disk", f"{free / 1024**3:.1f} GB free for {settings.var_folder}")
    yield from _proxies(settings)
    yield _signing(settings)
    yield from _outgoing(settings)
    yield from _kitchens(settings)
    if settings.is_demo:
        yield Found("warning", "demo", "demo sign-ins with a known password are on")
    is_shared = not settings.database_url.startswith("sqlite")
    yield from look_at_rates(settings.rate_storage, is_shared=is_shared)


def _proxies(settings: Settings) -> Iterator[Found]:
    noticed = settings.var_folder / UNKNOWN_PROXY
    if settings.proxies:
        noticed.unlink(missing_ok=True)
    elif noticed.exists():
        says = (
            "requests come through a proxy, but HANGJI_PROXIES is 0: everybody counts as one "
            f"caller. Set it to the number of proxies in front; if there is none, remove {noticed}"
        )
        yield Found("error", "proxies", says)


def _signing(settings: Settings) -> Found:
    """The public key is printed so that it can be published; what it signed is then provable."""
    path = settings.signing_keys_file
    try:
        key = newest(read_keys(path))
    except HangjiError as error:
        return Found("error", "signing", error.message)
    if key is None:
        return Found("warning", "signing", "exports are not signed: run `hangji keys new`")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Found("error", "signing", f"others can read {path}, and it holds the secret key")
    return Found("ok", "signing", f"key {key.id}, public key {key.public}")


def _outgoing(settings: Settings) -> Iterator[Found]:
    path = settings.var_folder / FILE
    if not path.is_file():
        says = f"no {FILE}: reminders are written to the log only"
        yield Found("warning", "deliveries", says)
        return
    try:
        ways = channels(settings)
    except SettingsError as error:
        yield Found("error", "deliveries", error.message)
        return
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Found("warning", "deliveries", f"others can read {FILE}, and it holds secrets")
    yield Found("ok", "deliveries", ", ".join(sorted(ways)))


def _kitchens(settings: Settings) -> Iterator[Found]:
    """Vendors of cameras, where the city has any."""
    path = settings.var_folder / vendors_of_cameras.FILE
    if not path.is_file():
        return
    try:
        vendors = vendors_of_cameras.read_vendors(settings.var_folder)
    except SettingsError as error:
        yield Found("error", "kitchens", error.message)
        return
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Found("warning", "kitchens", f"others can read {path.name}, and it holds secrets")
    yield Found("ok", "kitchens", ", ".join(sorted(vendors)))


def _database(composition: Composition) -> Iterator[Found]:
    if composition.database.is_sqlite:
        yield _sqlite()
    try:
        found = current_revision(composition.database)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is the finding
        yield Found("error", "database", f"does not answer: {why_away(error)}")
        return
    with composition.database.reading() as session:
        fit = fit_of(session)
    says = f"at {found or 'nothing'}{_FITS[fit]}"
    yield Found("error" if fit in {"behind", "too_new"} else "ok", "database", says)
    if fit in {"behind", "too_new"}:
        return
    now = composition.clock.now()
    for look in _LOOKS:
        with composition.database.reading() as session:
            yield from look(session, composition, now)


def _sqlite() -> Found:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return Found("ok", "sqlite", version)
    safe = ".".join(str(part) for part in SAFE_SQLITE)
    says = f"{version} is older than {safe}: let one process write, as `hangji serve` does"
    return Found("warning", "sqlite", says)


def _roles(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    del now
    if composition.database.is_sqlite:
        return
    if owns_the_tables(session):
        says = (
            "the application's role owns the tables and could switch their guards off: "
            "give it one of its own, see HANGJI_OWNER_DATABASE_URL in docs/settings.md"
        )
        yield Found("warning", "database roles", says)
    else:
        yield Found("ok", "database roles", "the application's role does not own the tables")


def _accounts(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    del now
    sample = actors.find_officer(session, SAMPLE_ACCOUNT)
    if composition.settings.is_demo or sample is None:
        return
    if password_fits(sample.password_hash, DEMO_PASSWORD):
        yield Found("error", "accounts", "the demo sign-ins exist, with their known password")


def _published(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    versions = definitions.list_published(session, at=now)
    if not versions:
        yield Found("error", "diagrams", "none is published: run `hangji deploy`")
    for version in versions:
        _, files = definitions.get_files(session, version.digest)
        raw = {name: text.encode() for name, text in files.items()}
        findings = deploying.check(raw, composition.functions, composition.policies, is_whole=False)
        gaps = [finding.element for finding in findings if finding.rule == "not_written"]
        name = f"{version.process_id} v{version.version}"
        if gaps:
            yield Found("error", "diagrams", f"{name}: no function for {', '.join(gaps)}")
        else:
            yield Found("ok", "diagrams", f"{name}: every task has its function")


def _calendar(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    del composition
    last = calendar.last_announced_year(session)
    if last is None:
        yield Found("error", "calendar", "empty: run `hangji import calendar FILE`")
        return
    left = date(last, 12, 31) - now.astimezone(CHINA).date()
    says = f"announced until the end of {last}"
    if left < _HORIZON:
        says += "; later limits are provisional until the next year is imported"
    yield Found("ok" if left >= _HORIZON else "warning", "calendar", says)


def _scheduler(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    beats = sessions.list_beats(session)
    if not beats:
        yield Found("warning", "scheduler", "never ran on this database")
        return
    age = now - max(beats.values())
    if age < -_SKEW:
        yield Found("error", "clock", f"{-age} behind the last sign of life in the database")
    is_late = age.total_seconds() > composition.settings.heartbeat_seconds
    says = f"last sign of life {max(age, timedelta())} ago"
    yield Found("warning" if is_late else "ok", "scheduler", says)


def _unchased(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    del now
    keys = [
        number
        for number, digest in timers.list_unchased(session)
        if TABLE in _definition(session, composition, digest).decisions
    ]
    if keys:
        named = ", ".join(keys[:_NAMED]) + (" …" if len(keys) > _NAMED else "")
        says = f"{len(keys)} open tasks are never chased ({named}); pause and resume each task"
        yield Found("error", "reminders", says)


def _definition(session: Session, composition: Composition, digest: str) -> Definition:
    return composition.definitions.get(
        digest, lambda wanted: definitions.get_files(session, wanted)
    )


def _left_over(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    del composition
    waiting, oldest = timers.count_overdue(session, now=now)
    if oldest is not None and now - oldest > _LATE:
        yield Found("warning", "deadlines", f"{waiting} are due, the oldest since {oldest}")
    _, dead = outbox.count_pending(session)
    if dead:
        yield Found("warning", "deliveries", f"{dead} dead letters; retry their incidents")
    stuck = incidents.count_open(session)
    if stuck:
        yield Found("warning", "incidents", f"{stuck} cases wait for a supervisor")


_LOOKS = (
    _roles,
    _accounts,
    look_at_vault,
    look_at_codes,
    look_at_retention,
    look_at_counts,
    look_at_base_map,
    _published,
    _calendar,
    _scheduler,
    _unchased,
    _left_over,
)
