"""The platforms of a city: mapping files of its pack, and how `outgoing.json` says to reach them.

{"sync": {"smart_supervision": {"url": "https://supervision.example", "client": "hangji",
                                "secret": "...", "hosts": ["supervision.example"],
                                "inner_networks": ["10.20.0.0/16"]}}}

A platform of files is reached by a folder: {"sync": {"inspection_files": {"folder": "/srv/drop"}}}.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import structlog

from api import outgoing
from api.composition import Composition
from api.settings import SettingsError
from api.syncing.comparing import DayComparison
from api.syncing.pulling import Pulling
from api.syncing.taking import Taking
from engine.delivery.webhooks import Fence, call
from handlers.sync.file_drop import FileDrop
from handlers.sync.mapping import SourceMapping, read_mappings
from handlers.sync.protocol import Adapter, SourceFailed
from handlers.sync.rest_json import RestJson
from storage.database.session import Session
from storage.errors import Conflict, DeliveryFailed, NotFound
from storage.moments import in_china
from storage.sync.sources import ensure_source, list_due, list_sources

log = structlog.get_logger("hangji.sync")

ANSWER_BYTES: Final = 8 << 20
NIGHTLY: Final = timedelta(hours=20)
_NIGHT: Final = range(1, 6)

Partnered = tuple[Adapter, SourceMapping]
Build = Callable[[SourceMapping, Mapping[str, Any]], Adapter]


@dataclass(frozen=True, slots=True)
class Platforms:
    """Every platform that can be reached, by its id."""

    composition: Composition
    mappings: Mapping[str, SourceMapping]
    ways: Mapping[str, Mapping[str, Any]]

    def register(self, session: Session) -> None:
        """Keep a row for every platform that is reached."""
        for source in self.ways:
            mapping = self.mappings[source]
            ensure_source(session, source, mapping.adapter, at=self.composition.clock.now())

    def adapter(self, source: str) -> Adapter:
        """How a platform is spoken to.

        Raises:
            NotFound: nothing says how it is reached.
        """
        way = self.ways.get(source)
        if way is None:
            message = f"没有配置对接平台 {source}：请在 {outgoing.FILE} 的 sync 里写明。"
            raise NotFound(message, code="sync_source_not_found")
        mapping = self.mappings[source]
        return _BUILT[mapping.adapter](mapping, way)

    def taking(self, source: str) -> Taking:
        """How the records of a platform are taken in."""
        return Taking(self.composition.runner, self.mappings[source])

    def pulling(self, source: str) -> Pulling:
        """How a platform is read."""
        made = self.composition
        return Pulling(made.database, self.adapter(source), self.taking(source), made.vault_keys[0])

    def comparing(self, source: str) -> DayComparison:
        """How a platform is compared."""
        return DayComparison(self.composition.database, self.adapter(source), source)


def platforms(composition: Composition) -> Platforms:
    """Read the platforms of a city.

    Raises:
        SettingsError: a way leads to no mapping of the pack, or is not complete.
    """
    mappings = read_mappings(composition.settings.city_folder)
    ways = outgoing.sync_ways(composition.settings)
    unknown = sorted(ways.keys() - mappings.keys())
    if unknown:
        message = f"{outgoing.FILE}: the pack has no sync/{unknown[0]}.json"
        raise SettingsError(message, code="outgoing_unreadable")
    for source, way in ways.items():
        needed = {"folder"} if mappings[source].adapter == "file_drop" else {"url", "secret"}
        if missing := sorted(needed - way.keys()):
            message = f"{outgoing.FILE}: sync.{source} needs {missing[0]}"
            raise SettingsError(message, code="outgoing_unreadable")
    return Platforms(composition, mappings, ways)


def partners_of(composition: Composition) -> Callable[[str], Partnered]:
    """How the platforms that are told of cases are spoken to, each opened when first needed."""

    @cache
    def partner_of(source: str) -> Partnered:
        known = platforms(composition)
        return known.adapter(source), known.mappings[source]

    return partner_of


def look_after(composition: Composition) -> int:
    """Read every platform that is due, and compare each once a night; how many were read."""
    known = platforms(composition)
    if not known.ways:
        return 0
    composition.database.run(known.register)
    now = composition.clock.now()
    with composition.database.reading() as session:
        due = [source for source in list_due(session, now=now) if source in known.ways]
    for source in due:
        try:
            known.pulling(source).run()
        except Conflict:
            log.info("sync_busy", source=source)
    _compare_nightly(known, now)
    return len(due)


def _compare_nightly(known: Platforms, now: datetime) -> None:
    if in_china(now).hour not in _NIGHT:
        return
    with known.composition.database.reading() as session:
        kept = [source for source in list_sources(session) if not source.paused]
    for source in kept:
        is_fresh = source.reconciled_at is not None and now - source.reconciled_at < NIGHTLY
        if source.id in known.ways and not is_fresh:
            try:
                known.comparing(source.id).run(now=now)
            except SourceFailed as error:
                log.warning("sync_not_compared", source=source.id, error=str(error))


def _rest_json(mapping: SourceMapping, way: Mapping[str, Any]) -> Adapter:
    asked = partial(_call, str(way["url"]).rstrip("/"), outgoing.read_fence(way))
    return RestJson(mapping, asked, str(way.get("client", "hangji")), str(way["secret"]))


def _call(
    base: str,
    fence: Fence,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None,
) -> tuple[int, bytes]:
    try:
        return call(
            base + path, method=method, headers=headers, body=body, fence=fence, most=ANSWER_BYTES
        )
    except DeliveryFailed as error:
        raise SourceFailed(error.message) from error


def _file_drop(mapping: SourceMapping, way: Mapping[str, Any]) -> Adapter:
    return FileDrop(mapping, Path(str(way["folder"])))


_BUILT: Final[Mapping[str, Build]] = {"rest_json": _rest_json, "file_drop": _file_drop}
