"""Does a board grow with what has closed: the same month over ever more closed cases."""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.report import ReportTable
from bench.town import Town, durable_cluster, found
from engine.reads.clocks import ReadClocks
from handlers.dashboards.boards import read_board
from handlers.dashboards.open_cases import OpenFilter, list_open_cases
from storage.dashboards.facts import TimeRange
from storage.database.session import Session

SIZES = (10_000, 100_000, 1_000_000)
IN_THE_MONTH = 2_000
OPEN = 1_000
ROUNDS = 9
_CHUNK = 50_000
_BASE = 20_000_000  # far above the ids of the real cases

# Closed cases spread over the villages of the city: the first ones within the last 28 days, all the
# others evenly over the ten years before. Each has its fact, as the scheduler derives it.
_CLOSED = """
insert into case_ (id, number, version, status, phase, outcome, kind, title, matter, area_code,
  source, priority, deadline_profile, description, supervised, owner_post, owner_rank, opened_at,
  closed_at, last_seq, head_hash)
select n, 'board' || n, 9, 'closed', 'verify', 'resolved', 'grid_report', 'board', 'L04',
  v.code || '001', 'grid_patrol', 'normal', 'standard', 'board', false,
  'station:ST-' || left(v.code, 9), 4, d.closed_at - interval '2 days', d.closed_at, 9,
  repeat('0', 64)
from generate_series({first}, {last}) n
cross join lateral (select now() - case when n < {recent} then (n %% 28) * interval '1 day'
  else interval '60 days' + (n %% 3600) * interval '1 day' end as closed_at) d
join (select code, row_number() over (order by code) - 1 as place from area where level = 4) v
  on v.place = n %% (select count(*) from area where level = 4);
insert into fact_case (case_id, area_code, opened_at, closed_at, kind, source, matter,
  accepting_party, outcome, handled_level, passes, pass_reasons, failed_verifications, reopened,
  is_eligible, is_self_resolved, minutes, minutes_by_level)
select id, area_code, opened_at, closed_at, kind, source, matter, 'GRID_FIRST', outcome,
  'grid_member', 0, '{{}}', 0, 0, true, id %% 3 > 0, id %% 4000, '{{}}'
from case_ where id between {first} and {last}
"""
_OPEN = """
insert into case_ (id, number, version, status, phase, kind, title, matter, area_code, source,
  priority, deadline_profile, description, supervised, owner_post, owner_rank, opened_at, last_seq,
  head_hash)
select n, 'open' || n, 2, 'open', 'handle', 'grid_report', 'open', 'L04', v.code || '001',
  'grid_patrol', 'normal', 'standard', 'open', false, 'station:ST-' || left(v.code, 9), 4, now(),
  4, repeat('0', 64)
from generate_series({first}, {last}) n
join (select code, row_number() over (order by code) - 1 as place from area where level = 4) v
  on v.place = n %% (select count(*) from area where level = 4);
insert into running_process (id, case_id, process_id, digest, marking, data, state, started_at)
select n, n, 'grid_report', 'board', decode('00', 'hex'), '{{}}', 'running', now()
from generate_series({first}, {last}) n;
insert into task (running_id, token, case_id, element, task_id, process_id, role, level, phase,
  post_id, area_code, label, opened_at, due_at, deadline, state)
select c.id, '40', c.id, 'escalate.handle_at_station.accept', 'accept', 'handling', 'station',
  'station', 'dispatch', c.owner_post, c.area_code, '签收', now(), now() + interval '3 days',
  '{{"unit":"working_day","limit":3}}', 'open' from case_ c where c.id between {first} and {last}
"""


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Grow one database and read the same boards at every size."""
    table = ReportTable(
        f"A board of one month ({IN_THE_MONTH:,} cases closed in it, {OPEN:,} open)",
        ("closed cases", "county, ms", "ratio to first", "one town, ms", "list of overdue, ms"),
    )
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        town = found(cluster.create("boards"), Path(folder))
        _write(town, _OPEN, _BASE - OPEN, _BASE - 1)
        filled = 0
        for size in sizes:
            for start in range(filled, size, _CHUNK):
                _write(town, _CLOSED, _BASE + start, _BASE + min(size, start + _CHUNK) - 1)
            filled = size
            with town.database.transaction() as session:
                session.exec_driver_sql("analyze")
            county = _board_ms(town, "350322")
            first = float(table.rows[0][1]) if table.rows else county
            table.add(size, county, county / first, _board_ms(town, "350322100"), _list_ms(town))
    return [table]


def _write(town: Town, statements: str, first: int, last: int) -> None:
    with town.database.transaction() as session:
        for statement in statements.split(";"):
            filled = statement.format(first=first, last=last, recent=_BASE + IN_THE_MONTH)
            session.exec_driver_sql(filled)


def _board_ms(town: Town, area: str) -> float:
    actor = town.actor("supervisor")
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with town.database.reading() as session:
            clocks, period = _clocks(town, session), _month()
            read_board(session, clocks, actor=actor, period=period, area=area)
        took.append(time.perf_counter() - began)
    return 1000 * median(took)


def _list_ms(town: Town) -> float:
    actor = town.actor("supervisor")
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with town.database.reading() as session:
            having = OpenFilter(figure="overdue", area="350322")
            list_open_cases(session, _clocks(town, session), having, actor=actor)
        took.append(time.perf_counter() - began)
    return 1000 * median(took)


def _clocks(town: Town, session: Session) -> ReadClocks:
    calendar = town.composition.runner.calendar(session)
    return ReadClocks(calendar, datetime.now(UTC))


def _month() -> TimeRange:
    now = datetime.now(UTC)
    return TimeRange(now - timedelta(days=28), now)
