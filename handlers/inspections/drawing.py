"""Double-random draws: businesses and inspectors by a seed, the same again for everybody (R21).

Whoever knows seed and population draws again without hangji: each id is ranked by the SHA-256 of
`seed:kind:id` in hexadecimal, and the first ones are drawn. The seed is random: an office that
could work it out would plan until the draw suits it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Final

import orjson

from storage.inspections.plans import Draw

BUSINESSES: Final = "business"
INSPECTORS: Final = "inspector"

SEED_BYTES: Final = 32

Population = Mapping[str, Sequence[int]]


def hash_of(population: Population) -> str:
    """Return the digest of who could be drawn."""
    ordered = {kind: sorted(ids) for kind, ids in population.items()}
    return sha256(orjson.dumps(ordered, option=orjson.OPT_SORT_KEYS)).hexdigest()


def new_seed() -> str:
    """Return a seed nobody knows before the draw; it is kept on the audit log with the plan."""
    return token_hex(SEED_BYTES)


def number_of(seed: str, kind: str, key: int) -> str:
    """Return the number an id is ranked by: SHA-256 of `seed:kind:id` in hexadecimal."""
    return sha256(f"{seed}:{kind}:{key}".encode()).hexdigest()


def ranked(kept: Draw, kind: str) -> list[tuple[str, int]]:
    """Return number and id of all that could be drawn, those drawn first: the draw, repeated."""
    return sorted((number_of(kept.seed, kind, key), key) for key in kept.population[kind])


def draw(seed: str, population: Population, counts: Mapping[str, int]) -> dict[str, list[int]]:
    """Draw so many of each kind, in ascending order."""
    return {
        kind: sorted(sorted(ids, key=lambda key: number_of(seed, kind, key))[: counts[kind]])
        for kind, ids in population.items()
    }


def drawn(population: Population, counts: Mapping[str, int], *, seed: str, at: datetime) -> Draw:
    """Draw, with everything that is needed to do it again."""
    ordered = {kind: sorted(ids) for kind, ids in population.items()}
    result = draw(seed, ordered, counts)
    return Draw(seed, hash_of(ordered), ordered, result, at)


def is_repeated(kept: Draw) -> bool:
    """Whether the seed draws the same again of the same."""
    counts = {kind: len(ids) for kind, ids in kept.drawn.items()}
    again = draw(kept.seed, kept.population, counts)
    return again == kept.drawn and hash_of(kept.population) == kept.population_hash
