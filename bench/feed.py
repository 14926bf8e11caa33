"""Does reading the feed grow with what is stored: a hundred events at a thousand and a million."""

import tempfile
import time
from pathlib import Path

from bench.report import ReportTable
from bench.town import Town, durable_cluster, found
from handlers.feed.feed_reading import read_on

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 30
_BASE = 30_000_000  # far above the ids of the real cases
_CHUNK = 50_000

# A case has ten events; cases are spread over the villages of the city.
_ROWS = """
insert into case_ (id, number, version, status, phase, kind, title, matter, area_code, source,
  priority, deadline_profile, description, supervised, opened_at, last_seq, head_hash)
select n, 'feed' || n, 9, 'open', 'handle', 'grid_report', 'feed', 'L04', v.code || '001',
  'grid_patrol', 'normal', 'standard', 'feed', false, now(), 9, repeat('0', 64)
from generate_series({first} / 10, ({last} + 1) / 10 - 1) n
join (select code, row_number() over (order by code) - 1 as place from area where level = 4) v
  on v.place = n %% (select count(*) from area where level = 4);
insert into feed_event (seq, at, kind, subject, data, case_id)
select n - {base}, now(), 'case.moved', 'feed' || n / 10, '{{"phase":"handle"}}', n / 10
from generate_series({first}, {last}) n
"""


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Grow one feed; at every size read a hundred events, the shortest of some readings."""
    table = ReportTable(
        "A hundred events of the feed",
        ("events", "whole city, ms", "ratio to first", "one town, ms", "ratio to first"),
    )
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        town = found(cluster.create("feed"), Path(folder))
        filled = 0
        for size in sizes:
            for start in range(filled, size, _CHUNK):
                _write(town, _BASE + start + 1, _BASE + min(size, start + _CHUNK))
            filled = size
            with town.database.transaction() as session:
                session.exec_driver_sql("analyze")
            city, one = _ms(town, "supervisor", size), _ms(town, "platform_center", size)
            first = table.rows[0] if table.rows else (size, city, 1.0, one, 1.0)
            table.add(size, city, city / float(first[1]), one, one / float(first[3]))
    return [table]


def _write(town: Town, first: int, last: int) -> None:
    with town.database.transaction() as session:
        for statement in _ROWS.split(";"):
            session.exec_driver_sql(statement.format(first=first, last=last, base=_BASE))


def _ms(town: Town, who: str, size: int) -> float:
    actor = town.actor(who)
    took = []
    for number in range(ROUNDS):
        after = (number % 3) * max(0, size - 1_000) // 2
        began = time.perf_counter()
        with town.database.reading() as session:
            read_on(session, actor, after=after, kinds=(), limit=100)
        took.append(time.perf_counter() - began)
    return 1000 * min(took)
