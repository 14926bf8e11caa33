"""Commands about what is in the database: create it, load a sample."""

import csv
from dataclasses import asdict

import click

from api import deploying, deriving
from api.cli.doctor import DEMO_PASSWORD
from api.cli.machine import machine, ready_machine, revision, upgrade_tables
from api.cli.samples import supervision
from api.cli.samples.kitchens import add_kitchens
from api.cli.samples.self_inspections import add_self_inspections
from api.cli.samples.telephones import add_telephones
from api.cli.samples.video import add_video_patrols
from api.cli.terminal import as_json, dump, fail, hint, say, table, working
from api.cli.walk import walk
from api.composition import Composition
from api.identity.passwords import hash_password
from api.resources.patrols.planning import plan_obligations
from engine.background.recurring import plan_missing
from engine.casefile.signing import add_key, read_keys
from engine.definitions import read_folder
from handlers.map.invented import CITY, LEADER, Invented, invent_city
from handlers.video.counting import Difference, differences
from storage.city.pack import Loaded, add_city_posts, load_city, load_sample
from storage.city.starts import starts_of_city
from storage.city.video import load_quotas
from storage.database.schema import knows, newest_revision
from storage.database.session import Session
from storage.errors import Refused
from storage.moments import in_china
from storage.patrols.watching import list_represented
from storage.people import actors
from storage.people import posts as people
from storage.registry.businesses import get_business


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (init_db, upgrade_db, bring_city_in, demo, recompute):
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
@click.option(
    "--with-boundaries",
    "has_boundaries",
    is_flag=True,
    help="Add an invented city with invented outlines, and its leader.",
)
@click.option(
    "--with-supervision",
    "has_supervision",
    is_flag=True,
    help="Add a stand-in of the supervision platform with a few visits, read once.",
)
@as_json
def demo(*, is_walk: bool, has_boundaries: bool, has_supervision: bool, is_json: bool) -> None:
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
        if has_boundaries:
            _invent(composition)
        if has_supervision:
            _add_supervision(composition)
    accounts = sign_ins(composition)
    if has_boundaries:
        accounts.append({"username": LEADER, "name": "演示虚构市领导", "posts": f"city:{CITY}"})
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


def _add_supervision(composition: Composition) -> None:
    try:
        counts = supervision.add_supervision(composition)
    except Refused as refused:
        fail(refused.message)
    hint(f"the supervision platform: {counts.get('created', 0)} visits arrived; start it again by")
    hint(" ".join(supervision.command(composition)))


@click.command("recompute")
@as_json
def recompute(*, is_json: bool) -> None:
    """Derive the statistics of closed cases again; count closed quota periods again."""
    composition = ready_machine()
    with working("deriving the statistics"):
        derived = deriving.recompute(composition)
        with composition.database.reading() as session:
            different = [_named(one) for one in differences(session)]
    if is_json:
        dump({"derived": derived, "quota_periods_differ": different})
    else:
        say(f"{derived} closed cases derived / 已从案卷重算 {derived} 件")
        say(
            f"{len(different)} quota periods differ / 视频巡查 {len(different)} 期对不上",
            *different,
        )
    if different:
        fail("Closed quota periods count otherwise today; look at who changed their entries.")


def _named(found: Difference) -> str:
    period = f"{found.period.unit} {found.period.period_key}"
    return f"{period}: {found.stored.decode()} != {found.counted.decode()}"


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
    if sample.officers:
        add_telephones(session, (row["username"] for row in sign_ins(composition)))
    deploying.publish(session, read_folder(settings.bpmn_folder), by="demo", now=now)
    plan_missing(composition.runner, session, starts_of_city(session, settings.city_folder))
    for ident in list_represented(session):
        plan_obligations(composition.runner, session, get_business(session, ident))
    return Loaded(**{name: value + getattr(sample, name) for name, value in asdict(city).items()})


def _invent(composition: Composition) -> Invented:
    now = composition.clock.now()
    hashed, today = hash_password(DEMO_PASSWORD), in_china(now).date()
    return composition.database.run(
        lambda session: invent_city(session, password_hash=hashed, on=today, at=now)
    )


def _load(composition: Composition) -> Loaded:
    first = sign_ins(composition)[0]["username"]
    with composition.database.transaction() as session:
        is_fresh = not people.list_posts(session, limit=1)
        if not is_fresh and actors.find_officer(session, first) is None:
            fail("This database holds another city: the sample does not go into it.")
        loaded = load_demo(session, composition)
        add_kitchens(session, composition)
        add_video_patrols(session, composition)
        add_self_inspections(session, composition)
        return loaded


def _upgrade(composition: Composition) -> None:
    before = revision(composition)
    if before is not None and not knows(before):
        composition.database.close()
        fail(f"The database is at {before}, made by a newer release: nothing to upgrade to.")
    with working("upgrading the database"):
        upgrade_tables(composition)
        with composition.database.transaction() as session:
            posts = add_city_posts(session, at=composition.clock.now())
            load_quotas(session, at=composition.clock.now())
    say(f"{before or 'empty'} -> {newest_revision()}")
    if posts:
        say(f"new posts: {', '.join(posts)}; appoint somebody: `hangji import people FILE`")
