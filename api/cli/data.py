"""Commands about what is in the database: create it, load a sample, import lists."""

import csv
from dataclasses import asdict
from pathlib import Path

import click

from api import deploying, deriving, importing
from api.cli.doctor import DEMO_PASSWORD
from api.cli.machine import machine, ready_machine, revision, upgrade_tables
from api.cli.terminal import as_json, counted, dump, fail, hint, say, table, working
from api.cli.walk import walk
from api.cli.work.operations import ordered_here, watch_here
from api.composition import Composition
from api.identity.passwords import hash_password
from engine.background.recounting import known_calendar, ordered
from engine.casefile.signing import add_key, read_keys
from engine.definitions import read_folder
from storage.city.pack import Loaded, add_city_posts, load_city, load_sample
from storage.database.schema import knows, newest_revision
from storage.database.session import Session
from storage.people import posts as people

KINDS = tuple(importing.COLUMNS)


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (init_db, upgrade_db, bring_city_in, demo, bring_in, recompute):
        group.add_command(command)


@click.command("init-db")
def init_db() -> None:
    """Make the tables in an empty database; the same as upgrade-db."""
    _upgrade(machine())


@click.command("upgrade-db")
def upgrade_db() -> None:
    """Bring the database to the tables of this release; running it again changes nothing."""
    _upgrade(machine())


@click.command("load-city")
@as_json
def bring_city_in(*, is_json: bool) -> None:
    """Load the city pack: areas, units, matters, calendar, posts every city has; no sample."""
    composition = ready_machine()
    with working("loading the city"), composition.database.transaction() as session:
        loaded = load_city(session, composition.settings.city_folder, at=composition.clock.now())
    if is_json:
        dump(asdict(loaded))
        return
    say(f"{loaded.areas} areas, {loaded.units} units, {loaded.matters} matters added or changed")
    hint("Accounts come next: `hangji import people FILE`.")


@click.command("demo")
@click.option("--walk", "is_walk", is_flag=True, help="Tell two reports as a story instead.")
@as_json
def demo(*, is_walk: bool, is_json: bool) -> None:
    """Load the Putian sample and print its sign-ins; running it again changes nothing."""
    if is_walk:
        walk(is_json=is_json)
        return
    composition = machine(for_demo=True)
    with working("loading the sample"):
        upgrade_tables(composition)
        loaded = _load(composition)
        keys_file = composition.settings.signing_keys_file
        if not read_keys(keys_file):
            add_key(keys_file, at=composition.clock.now())
    accounts = sign_ins(composition)
    if is_json:
        dump({"url": composition.settings.base_url, "sign_ins": accounts, "loaded": asdict(loaded)})
        return
    rows = [
        (account["username"], DEMO_PASSWORD, account["name"], account["posts"])
        for account in accounts
    ]
    table(("username", "password", "name", "posts"), rows)
    say()
    say(f"{composition.settings.base_url}  (hangji serve)")


@click.command("recompute")
@as_json
def recompute(*, is_json: bool) -> None:
    """Derive the statistics of every closed case again from the case files."""
    composition = ready_machine()
    with working("deriving the statistics"):
        derived = deriving.recompute(composition)
    if is_json:
        dump({"derived": derived})
    else:
        say(f"{derived} closed cases derived / 已从案卷重算 {derived} 件")


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row, write nothing.")
@as_json
def bring_in(kind: str, file: Path, *, dry_run: bool, is_json: bool) -> None:
    """Import a CSV FILE: areas, businesses, the working-day calendar, or people.

    UTF-8, GB18030 and UTF-16 are read, with commas, tabs or semicolons, Chinese or English heads.
    """
    composition = ready_machine()
    # A reading transaction is rolled back, which is all a dry run needs.
    opened = composition.database.reading if dry_run else composition.database.transaction
    recounting = None
    try:
        with opened() as session:
            before = known_calendar(session)
            done = importing.import_file(
                session,
                kind,
                file.read_bytes(),
                city_folder=composition.settings.city_folder,
                source=file.name,
                now=composition.clock.now(),
                progress=lambda items: counted(items, f"importing {kind}"),
            )
            if kind == "calendar" and not dry_run:
                # In the same transaction: after a kill the scheduler counts the limits again.
                new = ordered(before, now=composition.clock.now(), started_by=None)
                recounting = ordered_here(session, composition, new)
    except importing.ImportRefusedError as refused:
        problems = [f"{file}: {problem}" for problem in refused.problems]
        fail("\n".join([*problems, "没有写入任何内容。Nothing was written."]))
    moved = 0 if recounting is None else _recounted(composition, recounting)
    if is_json:
        dump({**asdict(done), "dry_run": dry_run, "limits_moved": moved})
        return
    _report(done, moved, dry_run=dry_run)


def _report(done: importing.Imported, moved: int, *, dry_run: bool) -> None:
    for text in [*done.changes, *done.warnings]:
        say(text)
    say(f"{done.rows} rows: {done.added} added, {done.changed} changed")
    if moved:
        say(f"{moved} open limits moved; each shift is on file and its holder told")
    if dry_run:
        say("试运行，没有写入任何内容。A dry run: nothing was written.")
        return
    for username, password in done.passwords.items():
        say(f"{username}  {password}")
    if done.passwords:
        hint("These passwords are shown once.")


def _recounted(composition: Composition, operation_id: int) -> int:
    """Recompute every open limit with the current calendar; return how many moved."""
    done = watch_here(composition, operation_id)
    if done.state != "done":
        fail(
            f"日历已导入，期限重算未完成（任务 {done.id}：{done.message or done.state}）。"
            f"The calendar is imported; see `hangji operation show {done.id}`."
        )
    moved: int = done.result["moved"]
    return moved


def sign_ins(composition: Composition) -> list[dict[str, str]]:
    """The accounts of the sample, one per role."""
    path = composition.settings.city_folder / "sample" / "officers.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_demo(session: Session, composition: Composition) -> Loaded:
    """Load the city, its sample and the shipped diagrams; a second run changes nothing."""
    settings, now = composition.settings, composition.clock.now()
    city = load_city(session, settings.city_folder, at=now)
    sample = load_sample(
        session,
        settings.city_folder / "sample",
        password_hash=hash_password(DEMO_PASSWORD),
        at=now,
    )
    deploying.publish(session, read_folder(settings.bpmn_folder), by="demo", now=now)
    return Loaded(**{name: value + getattr(sample, name) for name, value in asdict(city).items()})


def _load(composition: Composition) -> Loaded:
    first = sign_ins(composition)[0]["username"]
    with composition.database.transaction() as session:
        is_fresh = not people.list_posts(session, limit=1)
        if not is_fresh and people.find_officer(session, first) is None:
            fail("This database holds another city: the sample does not go into it.")
        return load_demo(session, composition)


def _upgrade(composition: Composition) -> None:
    before = revision(composition)
    if before is not None and not knows(before):
        composition.database.close()
        fail(f"The database is at {before}, made by a newer release: nothing to upgrade to.")
    with working("upgrading the database"):
        upgrade_tables(composition)
        with composition.database.transaction() as session:
            posts = add_city_posts(session, at=composition.clock.now())
    say(f"{before or 'empty'} -> {newest_revision()}")
    if posts:
        say(f"new posts: {', '.join(posts)}; appoint somebody: `hangji import people FILE`")
