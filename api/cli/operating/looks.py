"""Checks of `hangji doctor` beyond the machine itself: keys, periods, clashes of names."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from api import outgoing
from api.composition import Composition
from api.retaining import list_due
from api.settings import SettingsError
from storage.city.maps import BaseMap
from storage.city.retention import read_periods
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import Refused
from storage.feed import webhooks
from storage.map.counts import differences
from storage.people import seals, vault
from storage.people.personal import count_unconcealed

__all__ = [
    "Found",
    "Level",
    "look_at_base_map",
    "look_at_codes",
    "look_at_counts",
    "look_at_names",
    "look_at_retention",
    "look_at_vault",
]

_OWN: Final = "hangji"
_ROOMS: Final = ("api", "engine", "handlers", "storage", "web")

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Found:
    """The result of one check."""

    level: Level
    what: str
    says: str


def look_at_names() -> Iterator[Found]:
    """Whether other software in this environment brings packages of the same names."""
    claimed = packages_distributions()
    for room in _ROOMS:
        others = sorted(set(claimed.get(room, ())) - {_OWN})
        if others:
            says = (
                f"{', '.join(others)} brings a package `{room}`, too, and may have replaced ours: "
                "install hangji alone (`pipx install`)"
            )
            yield Found("error", "packages", says)


def look_at_vault(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    """Whether every sealed identity opens, and whether former keys are still needed."""
    del now
    current, *former = [seals.key_id(key) for key in composition.vault_keys]
    counted = Counter(vault.count_by_key(session)) + Counter(webhooks.count_by_key(session))
    unknown = sum(number for name, number in counted.items() if name not in {current, *former})
    waiting = sum(counted.get(name, 0) for name in former)
    if unknown:
        says = (
            f"{unknown} identities or webhooks are sealed with keys"
            " that HANGJI_VAULT_KEY does not list"
        )
        yield Found("error", "vault", says)
    if waiting:
        says = f"{waiting} identities or webhooks need a former key: run `hangji rekey`"
        yield Found("warning", "vault", says)
    if former and not waiting:
        yield Found("ok", "vault", "no former key is needed: take them out of HANGJI_VAULT_KEY")
    elif not unknown and not waiting:
        yield Found("ok", "vault", f"key {current} opens every identity")


def look_at_retention(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    """Whether personal data are past their period, and what can never be deleted."""
    try:
        periods = read_periods(composition.settings.city_folder)
    except Refused as error:
        yield Found("error", "retention", error.message)
        return
    if not periods:
        says = "the city pack has no retention.csv: nothing is ever deleted"
        yield Found("warning", "retention", says)
    late = [one for one in list_due(session, periods, now=now) if one.count]
    for one in late:
        says = f"{one.count} of {one.period.kind} are past {one.period.days} days: `hangji retain`"
        yield Found("warning", "retention", says)
    if old := count_unconcealed(session):
        says = f"{old} reports of an earlier release keep their words in the case file for good"
        yield Found("warning", "retention", says)
    if periods and not late:
        yield Found("ok", "retention", "no personal data are past their period")


def look_at_counts(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    """Whether the numbers of the map are those of the registry."""
    del composition, now
    wrong = len(differences(session))
    if wrong:
        says = f"{wrong} counts differ from the registry: report it, then `hangji recount`"
        yield Found("error", "map", says)
    else:
        yield Found("ok", "map", "the counts are those of the registry")


def look_at_codes(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    """Whether the secret key may be changed without the reporters' codes."""
    del session, now
    settings = composition.settings
    if not settings.query_code_keys and not settings.is_demo:
        says = (
            "they are made with HANGJI_SECRET_KEY and change with it: "
            "set HANGJI_QUERY_CODE_KEY, see docs/operations.md"
        )
        yield Found("warning", "query codes", says)


def look_at_base_map(session: Session, composition: Composition, now: datetime) -> Iterator[Found]:
    """What lies below the map, and whether it can be read (审图号 is required by the pack)."""
    del session, now
    base = installed().map.base
    try:
        way = outgoing.base_map(composition.settings)
    except SettingsError as error:
        yield Found("error", "base map", error.message)
        return
    yield _base_map(base, way)


def _base_map(base: BaseMap, way: outgoing.BaseMapWay) -> Found:
    if base.kind == "none":
        return Found("ok", "base map", "none; the map is drawn without one")
    host = urlsplit(base.url).hostname
    if base.kind == "pmtiles" and not Path(base.file).is_file():
        return Found("error", "base map", f"there is no file {base.file}: correct basemap.json")
    if base.kind == "raster" and host not in way.fence.hosts:
        says = f"{host} is not among the hosts of base_map in {outgoing.FILE}: no tile is read"
        return Found("error", "base map", says)
    if "{key}" in base.url and not way.key:
        says = f"its address wants a key: write it into base_map of {outgoing.FILE}"
        return Found("warning", "base map", says)
    return Found("ok", "base map", f"{base.kind}, {base.attribution} {base.review_number}")
