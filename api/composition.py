"""The one place that puts settings, database, engine, handlers and clock together."""

import pkgutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, Generic, TypeVar

import handlers
from api.identity.links import PasswordLinks
from api.identity.rate_limits import RateLimits
from api.identity.tokens import Actors, Tokens
from api.outgoing import sync_ways
from api.settings import Settings, SettingsError
from api.telemetry.meters import Meters
from api.uploads.turns import Turns
from engine.binding import Functions, collect
from engine.casefile.signing import Key, newest, read_keys
from engine.check import Policies
from engine.definitions import DefinitionCache
from engine.errors import BindingError
from engine.reads.reading import Reading
from engine.run.runner import Runner
from engine.time.calendar import WorkCalendar
from engine.time.clock import Clock, SystemClock
from handlers.handling.side_task import BESIDE
from handlers.map.locating import Villages, load_villages
from handlers.policy import POLICIES
from storage.city import rules
from storage.database.session import Database, Session
from storage.map.points import first_zoom_of_points
from storage.moments import in_china
from storage.people import actors
from storage.people.actors import Actor
from storage.places import calendar
from storage.places.matters import Matter, list_matters
from storage.sync.partners import Partner

_KEPT_SECONDS: Final = 60.0
HOME: Final = "home"
"""The module of a capability that adds to everybody's first page: see `engine.slots`."""

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything an entry point needs; created once per process."""

    settings: Settings
    database: Database
    clock: Clock
    functions: Functions
    policies: Policies
    definitions: DefinitionCache
    runner: Runner
    tokens: Tokens
    actors: Actors
    links: PasswordLinks
    limits: RateLimits
    decoding: Turns
    meters: Meters
    matters: Callable[[Session], Sequence[Matter]]
    first_zoom_of_points: Callable[[Session], int]
    """From which zoom on the map shows businesses one by one."""
    villages: Callable[[Session], Villages]
    """The outlines of the villages in force, to be looked up by position."""

    def reading(self, session: Session, someone: Actor | None) -> Reading:
        """Read access to the cases of the city, in a transaction the caller opened."""
        return Reading(session, someone, self.clock.now(), self.runner, self.matters)

    @property
    def blobs(self) -> Path:
        """The folder attachments are kept in, by digest."""
        return self.settings.blob_folder

    @property
    def vault_keys(self) -> tuple[bytes, ...]:
        """The key that seals a reporter's identity, then former keys that still open one."""
        return self.settings.vault_keys

    def signing_key(self) -> Key | None:
        """The key that signs exports, read each time: `hangji keys new` needs no restart."""
        return newest(read_keys(self.settings.signing_keys_file))


def compose(
    settings: Settings,
    *,
    clock: Clock | None = None,
    database: Database | None = None,
    modules: Mapping[str, ModuleType] | None = None,
    definitions: DefinitionCache | None = None,
) -> Composition:
    """Build the composition; tests pass their own clock, database, handlers and definitions."""
    rules.install(rules.read_rules(settings.city_folder))
    clock = clock or SystemClock()
    layers = settings.speed_layers
    database = database or Database(
        settings.database_url,
        pool_size=settings.database_pool,
        has_fast_rows="rows" in layers,
    )
    functions = collect(handler_modules() if modules is None else modules)
    definitions = definitions or DefinitionCache()
    meters = Meters()
    runner = Runner(
        cache=definitions,
        functions=functions,
        clock=clock,
        calendar=_Kept(_calendar).of,
        vault_keys=settings.vault_keys,
        beside=BESIDE,
        is_memoized="memo" in layers,
        observe=meters.observe,
        partners=_partners(settings),
    )
    return Composition(
        settings=settings,
        database=database,
        clock=clock,
        functions=functions,
        policies=POLICIES,
        definitions=definitions,
        runner=runner,
        tokens=Tokens(settings.secret_keys, hours=settings.token_hours),
        actors=Actors(_loader(database, clock), seconds=settings.actor_cache_seconds),
        links=PasswordLinks(settings.secret_keys),
        limits=RateLimits(settings.rate_storage, is_on=settings.rate_limits),
        decoding=Turns(settings.photos_at_once),
        meters=meters,
        matters=_Kept(list_matters).of,
        first_zoom_of_points=_Kept(first_zoom_of_points).of,
        villages=_Kept(partial(_villages, clock)).of,
    )


def _partners(settings: Settings) -> tuple[Partner, ...]:
    """The platforms of the city that are told of its cases, of those `outgoing.json` reaches."""
    try:
        reached = sync_ways(settings)
    except SettingsError:
        return ()  # who opens the channels reports it; commands that mend it have to start
    return tuple(one for one in rules.installed().partners if one.source in reached)


def handler_modules() -> dict[str, ModuleType]:
    """Find the handler modules of every capability: file stem = process id.

    Modules without a bound function hold a capability's rules; they bind nothing. Every package
    may have one called `home`, for the first page.
    """
    found: dict[str, ModuleType] = {}
    for package in pkgutil.iter_modules(handlers.__path__, "handlers."):
        capability = import_module(package.name)
        for entry in pkgutil.iter_modules(capability.__path__):
            if entry.name == HOME:
                continue
            if entry.name in found:
                raise BindingError([f"{entry.name}: stands in two packages of handlers"])
            found[entry.name] = import_module(f"{package.name}.{entry.name}")
    return found


class _Kept(Generic[Kept]):
    """A value that only imports change; reloaded after a minute, so that a change is noticed."""

    def __init__(self, load: Callable[[Session], Kept]) -> None:
        self._load = load
        self._known: tuple[float, Kept] | None = None

    def of(self, session: Session) -> Kept:
        """Return the value, at most a minute old."""
        known, now = self._known, time.monotonic()
        if known is None or now >= known[0]:
            known = (now + _KEPT_SECONDS, self._load(session))
            self._known = known
        return known[1]


def _calendar(session: Session) -> WorkCalendar:
    kinds = calendar.day_kinds(session, is_whole=False)
    return WorkCalendar(kinds, calendar.announced_years(session))


def _villages(clock: Clock, session: Session) -> Villages:
    return load_villages(session, on=in_china(clock.now()).date())


def _loader(database: Database, clock: Clock) -> Callable[[int], Actor]:
    def load(officer_id: int) -> Actor:
        with database.reading() as session:
            return actors.load_actor(session, officer_id, at=clock.now())

    return load
