"""`make bench-town`: does staffing grow with the town, or only with what is asked for?

A tenth of the size first, then the size: what is printed is ratios of the two.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from statistics import median

from api.app import create_app
from bench import lists
from bench.__main__ import machine
from bench.people_of_town import PEOPLE, Filled, fill
from bench.report import ReportTable
from bench.town import PASSWORD, Town, found
from handlers.staffing.team import derive
from storage.database.session import Session
from storage.people import staffing
from storage.people.actors import load_actor
from storage.staffing.gaps import GapFilter, count_gaps, list_gaps
from storage.staffing.holdings import NewHolding, add_holding

ROUNDS = 9
POSTS = 50
_TOWN = "350322100"
_FULL = 1.0
_CITY_OFFICER = "city_officer"
"""An account of the sample that sees the whole city."""
Read = Callable[[Session], object]


def main(arguments: Sequence[str]) -> int:
    """Build a tenth of the town and the town, and print what grew."""
    parser = argparse.ArgumentParser(prog="python -m bench.big_town", description=__doc__)
    parser.add_argument("--size", type=float, default=_FULL, help="share of the whole town")
    parser.add_argument("--database", help="URL of an empty PostgreSQL database for the town")
    asked = parser.parse_args(arguments)
    logging.disable(logging.INFO)
    print(machine())
    for table in run(asked.size, url=asked.database):
        print(table.markdown(), flush=True)
    return 0


def run(size: float, *, url: str | None = None) -> list[ReportTable]:
    """Measure a tenth of a size and the size, each in a database of its own."""
    reads = ReportTable(
        "The town as it grows",
        ("areas", "people", "businesses", "gaps", "read", "statements", "ms", "ratio to first"),
    )
    first: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for share, place in ((size / 10, None), (size, url)):
            address = place or f"sqlite:///{folder}/town{share}.db"
            town = found(address, Path(folder) / str(share))
            filled = fill(town, share, at=datetime.now(UTC))
            _measure(_Bench(town), filled, reads, first)
        rows = min(round(PEOPLE * size), len(filled.units) // 4)
        people = lists.run(town, filled.units, rows=rows)
        others = [people, _posts(_Bench(town), filled), _gaps(_Bench(town))]
    return [reads, *others]


class _Bench:
    """A town whose reads are counted and timed."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.actor = town.actor(_CITY_OFFICER)
        # What else runs on the machine must not count, but PostgreSQL works elsewhere.
        is_inside = town.database.url.get_backend_name() == "sqlite"
        self._clock = time.process_time if is_inside else time.perf_counter

    def cost(self, read: Callable[[], object]) -> tuple[int, float]:
        """Statements and milliseconds of a read, once it is warm."""
        read()
        with self.town.database.counting() as count:
            read()
        took = []
        for _ in range(ROUNDS):
            began = self._clock()
            read()
            took.append(self._clock() - began)
        asked = [text for text in count.statements if text != "begin"]
        return len(asked), 1000 * median(took)

    def inside(self, read: Read) -> Callable[[], object]:
        """A read in a transaction of its own."""

        def act() -> None:
            with self.town.database.reading() as session:
                read(session)

        return act

    def count_gaps(self) -> int:
        """How many gaps there are."""
        with self.town.database.reading() as session:
            counts = count_gaps(session, GapFilter(), actor=self.actor, digits=4)
        return sum(counts.values())


def _measure(bench: _Bench, filled: Filled, table: ReportTable, first: dict[str, float]) -> None:
    size = (len(filled.grids) + len(filled.units), len(filled.people), len(filled.businesses))
    gaps, now = bench.count_gaps(), datetime.now(UTC)
    actor, shop = bench.actor, filled.businesses[len(filled.businesses) // 2]
    reads = {
        "gap report, all counted": bench.inside(_report(bench)),
        "gap report, first page": bench.inside(lambda s: list_gaps(s, GapFilter(), actor=actor)),
        "team of a business": bench.inside(lambda s: derive(s, shop, actor=actor, now=now)),
        **_over_http(bench.town, shop),
    }
    for name, read in reads.items():
        statements, milliseconds = bench.cost(read)
        first.setdefault(name, milliseconds)
        table.add(*size, gaps, name, statements, milliseconds, milliseconds / first[name])


def _report(bench: _Bench) -> Read:
    return lambda session: count_gaps(session, GapFilter(), actor=bench.actor, digits=6)


def _over_http(town: Town, shop: int) -> dict[str, Callable[[], object]]:
    """List and card as anybody reads them, without a network."""
    client = create_app(town.composition).test_client()
    said = {"username": _CITY_OFFICER, "password": PASSWORD}
    token = client.post("/api/v1/tokens", json=said).get_json()["access_token"]
    heads = {"Authorization": f"Bearer {token}"}

    def opened(path: str) -> Callable[[], object]:
        def act() -> None:
            answer = client.get(path, headers=heads)
            if not answer.text or answer.status_code != HTTPStatus.OK:
                raise RuntimeError(answer.text)

        return act

    listed = {"list of a town": opened(f"/api/v1/businesses?area={_TOWN}")}
    return {**listed, "card of a business": opened(f"/api/v1/businesses/{shop}")}


def _posts(bench: _Bench, filled: Filled) -> ReportTable:
    """Load an actor with one post, and with fifty."""
    table = ReportTable("Loading an actor", ("posts", "statements", "ms", "ratio to one post"))
    now = datetime.now(UTC)
    one, first = filled.people[1], 0.0
    for posts in (1, POSTS):
        with bench.town.database.transaction() as session:
            held = len(load_actor(session, one, at=now).posts)
            for unit in filled.units[-(posts - held) :] if posts > held else ():
                post = staffing.add_post(session, "unit_leader", unit)
                add_holding(session, NewHolding(post_id=post.id, officer_id=one, since=now))
        read = bench.inside(lambda session: load_actor(session, one, at=now))
        statements, milliseconds = bench.cost(read)
        first = first or milliseconds
        table.add(posts, statements, milliseconds, milliseconds / first)
    return table


def _gaps(bench: _Bench) -> ReportTable:
    """Fill most gaps and leave the posts: the report costs what is left."""
    table = ReportTable(
        "The gap report with the same posts", ("gaps", "statements", "ms", "of all", "of the time")
    )
    all_gaps, (statements, all_time) = bench.count_gaps(), bench.cost(bench.inside(_report(bench)))
    table.add(all_gaps, statements, all_time, 1.0, 1.0)
    with bench.town.database.transaction() as session:
        session.exec_driver_sql("delete from staffing_gap where kind <> 'grid_leader'")
    left, (statements, time_left) = bench.count_gaps(), bench.cost(bench.inside(_report(bench)))
    table.add(left, statements, time_left, left / all_gaps, time_left / all_time)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
