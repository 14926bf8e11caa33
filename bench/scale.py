"""Does anything grow with what is open: one step, claiming timers, the first page of an inbox."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.load import CHAIN
from bench.report import ReportTable
from bench.step import REPORT
from bench.town import Town, durable_cluster, found
from storage.cases import timers
from storage.cases.inboxes import lists
from storage.cases.inboxes.filters import TaskFilter

SIZES = (1_000, 5_000, 100_000, 1_000_000)
CLAIMED = 500
_DUE = 600  # at every size: what is due is claimed, what waits is only in the way
ROUNDS = 60
_CHUNK = 50_000

# Open cases spread over the villages of the city, each with an open task and two timers; the
# drawn timers of the first cases are due.
_FILL = """
insert into case_ (id, number, version, status, phase, kind, title, matter, area_code, source,
  priority, deadline_profile, description, supervised, owner_post, owner_rank, opened_at, last_seq,
  head_hash)
select n, 'scale' || n, 2, 'open', 'handle', 'grid_report', 'scale', 'L04', v.code || '001',
  'grid_patrol', 'normal', 'standard', 'scale', false, 'station:ST-' || left(v.code, 9), 4, now(),
  4, repeat('0', 64)
from generate_series({first}, {last}) n
join (select code, row_number() over (order by code) - 1 as place from area where level = 4) v
  on v.place = n %% (select count(*) from area where level = 4);
insert into running_process (id, case_id, process_id, digest, marking, data, state, started_at)
select n, n, 'grid_report', 'scale', decode(repeat('00', 125), 'hex'),
  decode(repeat('00', 150), 'hex'), 'running', now()
  from generate_series({first}, {last}) n;
insert into task (running_id, token, case_id, element, task_id, process_id, role, level, phase,
  post_id, area_code, label, opened_at, due_at, state)
select c.id, '40', c.id, 'escalate.handle_at_station.accept', 'accept', 'handling', 'station',
  'station', 'dispatch', c.owner_post, c.area_code, '签收', now(),
  now() + c.id * interval '1 second', 'open' from case_ c where c.id between {first} and {last};
insert into timer (running_id, element, case_id, due_at, kind, attempts)
select n, 'escalate.late', n, now() + case when n < {due} then interval '-1 hour'
  else n * interval '1 second' + interval '1 day' end, 'drawn', 0
from generate_series({first}, {last}) n;
insert into timer (running_id, element, case_id, due_at, kind, attempts)
select n, 'chase:40', n, now() + n * interval '1 second' + interval '2 days', 'chase', 0
from generate_series({first}, {last}) n
"""
_BASE = 10_000_000  # far above the ids of the real cases


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Grow one database and measure at every size."""
    step = ReportTable(
        "A step with many open cases", ("open cases", "ms (median)", "ratio to first")
    )
    claim = ReportTable(
        f"Claiming {CLAIMED} due timers", ("timers", "ms (median)", "ratio to first")
    )
    inbox = ReportTable(
        "First page of an inbox (50 tasks)",
        ("open tasks", "station, its post, ms", "supervisor, whole city, ms"),
    )
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        town = found(cluster.create("scale"), Path(folder))
        filled = 0
        for size in sizes:
            _fill(town, filled, size)
            filled = size
            _add(step, size, _step_ms(town))
            _add(claim, 2 * size, _claim_ms(town))
            inbox.add(size, _inbox_ms(town, "station_officer"), _inbox_ms(town, "supervisor"))
    return [step, claim, inbox]


def _add(table: ReportTable, size: int, milliseconds: float) -> None:
    first = float(table.rows[0][1]) if table.rows else milliseconds
    table.add(size, milliseconds, milliseconds / first)


def _fill(town: Town, filled: int, size: int) -> None:
    for start in range(filled, size, _CHUNK):
        first, last = _BASE + start, _BASE + min(size, start + _CHUNK) - 1
        with town.database.transaction() as session:
            for statement in _FILL.format(first=first, last=last, due=_BASE + _DUE).split(";"):
                session.exec_driver_sql(statement)
    with town.database.transaction() as session:
        session.exec_driver_sql("analyze")


def _median_ms(act: Callable[[], object], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return 1000 * median(took)


def _step_ms(town: Town) -> float:
    """Fresh cases taken through their first two tasks."""
    collector, runner = town.actor("grid_member"), town.composition.runner
    pending: list[tuple[int, int, int]] = []
    for _ in range(ROUNDS):
        with town.database.transaction() as session:
            done = runner.start(session, "grid_report", REPORT, actor=collector)
        pending.append((done.running_id, int(done.next_tasks[0].token), 0))

    def act() -> None:
        running_id, token, place = pending.pop(0)
        form = CHAIN[place][1]
        with town.database.transaction() as session:
            done = runner.complete(session, running_id, token, form, actor=collector)
        if place == 0:
            pending.append((running_id, int(done.next_tasks[0].token), 1))

    return _median_ms(act, 2 * ROUNDS)


def _claim_ms(town: Town) -> float:
    """The same timers are due every time: the claim is taken back."""
    now = datetime.now(UTC)

    def act() -> None:
        # Read only: what the claim writes is taken back when the block ends.
        with town.database.reading() as session:
            timers.claim_due(session, now=now, lease=timedelta(minutes=1), limit=CLAIMED)

    return _median_ms(act, 9)


def _inbox_ms(town: Town, username: str) -> float:
    actor = town.actor(username)
    having = TaskFilter(whose="team") if username == "station_officer" else TaskFilter()

    def act() -> None:
        with town.database.reading() as session:
            now = datetime.now(UTC)
            lists.list_inbox(session, actor=actor, at=now, having=having)

    return _median_ms(act, 15)
