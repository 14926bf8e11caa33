"""Which kitchens are proposed: at random, sooner the longer nobody watched them (R33).

Whoever knows seed and weights draws again without hangji: a kitchen's place in line is
-ln(u) / weight, where u comes from the SHA-256 of `seed:id`; the first ones are proposed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import log
from secrets import token_hex
from typing import Final

from storage.city.rules import installed
from storage.moments import Json
from storage.video.kitchens import WatchedKitchen

NEVER_WATCHED: Final = 400
"""The weight of a kitchen nobody watched yet, in days."""

_BITS: Final = 52
_HEX: Final = _BITS // 4
_SEED_BYTES: Final = 16
_MOST_REPORTED: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kitchen in line, with the weight it was drawn by."""

    id: int
    weight: int

    def entry(self) -> dict[str, Json]:
        """Return the kitchen as the list of a period keeps it."""
        return {"business": self.id, "weight": self.weight, "state": "proposed"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed of how many; `offline` would have been, but cannot be watched."""

    population: int
    chosen: tuple[Candidate, ...]
    offline: tuple[int, ...]


def new_seed() -> str:
    """Return a seed nobody knows before the draw; it is kept with the period."""
    return token_hex(_SEED_BYTES)


def is_online(kitchen: WatchedKitchen, now: datetime) -> bool:
    """Whether the camera of a kitchen was heard of lately."""
    return now - kitchen.camera_seen_at <= timedelta(days=installed().thresholds.video_seen_days)


def in_line(seed: str, kitchens: Sequence[WatchedKitchen], now: datetime) -> list[Candidate]:
    """Put kitchens in the order in which a seed draws them."""
    weighed = [Candidate(kitchen.id, _weight(kitchen, now)) for kitchen in kitchens]
    return sorted(weighed, key=lambda each: (place_of(seed, each), each.id))


def place_of(seed: str, candidate: Candidate) -> float:
    """Return the place of a kitchen in line: the smaller, the sooner."""
    drawn = int(sha256(f"{seed}:{candidate.id}".encode()).hexdigest()[:_HEX], 16)
    return -log((drawn + 1) / (2**_BITS + 1)) / candidate.weight


def propose(
    kitchens: Sequence[WatchedKitchen],
    n: int,
    *,
    seed: str,
    now: datetime,
    without: Collection[int] = (),
) -> Proposal:
    """Draw `n` kitchens; one whose camera is offline is replaced by the next in line."""
    online = {kitchen.id for kitchen in kitchens if is_online(kitchen, now)}
    chosen: list[Candidate] = []
    offline: list[int] = []
    for candidate in in_line(seed, kitchens, now):
        if len(chosen) == n:
            break
        if candidate.id not in online:
            offline.append(candidate.id)
        elif candidate.id not in without:
            chosen.append(candidate)
    return Proposal(len(online), tuple(chosen), tuple(offline[:_MOST_REPORTED]))


def _weight(kitchen: WatchedKitchen, now: datetime) -> int:
    if kitchen.watched_at is None:
        return NEVER_WATCHED
    return min(NEVER_WATCHED, max(1, (now - kitchen.watched_at).days))
