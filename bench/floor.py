"""The SQL floor: what PostgreSQL alone can do of the same rows, through pgbench.

Read the case, then one data-modifying statement: the case and its process updated under a version
check, the task closed and its two timers gone, the next task and its two timers written, two
entries filed, the answer kept under its key. That is what a step of the benchmark's chain writes
on the average (measured: 1 task closed, 0.9 opened, 1.9 timers gone, 1.6 armed, 2.1 entries of 140
bytes, 1 answer, 0.12 kB of marking, 0.15 kB of data), without its 0.6 rows of awaited messages and
0.25 deliveries. The entries form a chain, so that the database's guard of the chain costs the floor
what it costs a step; a hash is the number of its entry, because making hashes is not the
database's work. The case has no owner: the guards of owner and task cost a step alone.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from storage.database.session import Database
from tests.cluster import Cluster

CASES = 20_000
_RATE = re.compile(r"tps = ([0-9.]+)")

_FILL = """
insert into case_ (id, number, version, status, phase, kind, title, area_code, source, priority,
  deadline_profile, description, supervised, opened_at, last_seq, head_hash)
select n, 'floor' || n, 0, 'open', 'handle', 'grid_report', 'floor', '350322100001001',
  'grid_patrol', 'normal', 'standard', 'floor', false, now(), 1, lpad('1', 64, '0')
from generate_series(1, {cases}) n;
insert into case_event (case_id, seq, at, actor, capacity, kind, data, previous, hash)
select id, 1, now(), 'officer-2', 'assistance', 'case_opened', decode(repeat('ee', 140), 'hex'),
  sha256(convert_to('hangji:' || number, 'UTF8')), decode(head_hash, 'hex') from case_;
insert into running_process (id, case_id, process_id, digest, marking, data, state, started_at)
select n, n, 'grid_report', 'floor', decode(repeat('00', 125), 'hex'),
  decode(repeat('00', 150), 'hex'),
  'running', now() from generate_series(1, {cases}) n;
insert into task (running_id, token, case_id, element, task_id, process_id, area_code, label,
  opened_at, due_at, state, post_id)
select n, '0', n, 'floor', 'accept', 'handling', '350322100001001', 'floor', now(), now(), 'open',
  'grid_member:350322100001001' from generate_series(1, {cases}) n;
insert into timer (running_id, element, case_id, due_at, kind, attempts)
select n, e || '-0', n, now(), 'drawn', 0
from generate_series(1, {cases}) n, unnest(array['escalate.accept.late', 'chase']) e;
analyze;
"""

_STEP = """\\set id random(1, {cases})
begin;
select c.*, p.*, k.* from case_ c join running_process p on p.case_id = c.id
  join task k on k.running_id = p.id where p.id = :id and k.token = '0' for update;
with u as (update case_ set version = version + 1, phase = 'handle', last_seq = last_seq + 2,
    head_hash = lpad(cast(last_seq + 2 as text), 64, '0') where id = :id
    returning id, version, last_seq),
  p as (update running_process r set marking = decode(repeat('01', 125), 'hex'),
    data = decode(repeat('01', 150), 'hex'), next_due = now() from u where r.id = u.id),
  t as (update task k set state = 'done', closed_at = now(), closed_by = 2 from u
    where k.running_id = u.id and k.token = cast(u.version - 1 as text)),
  n as (insert into task (running_id, token, case_id, element, task_id, process_id, area_code,
    label, opened_at, due_at, state, post_id, deadline)
    select id, cast(version as text), id, 'escalate.handle_at_station.accept', 'accept', 'handling',
      '350322100001001', 'floor', now(), now(), 'open', 'station-ST-350322100', repeat('d', 120)
    from u),
  d as (delete from timer t using u where t.running_id = u.id and t.element in
    ('escalate.accept.late-' || cast(u.version - 1 as text),
      'chase-' || cast(u.version - 1 as text))),
  m as (insert into timer (running_id, element, case_id, due_at, kind, attempts)
    select id, e || '-' || cast(version as text), id, now(), 'drawn', 0
    from u, unnest(array['escalate.accept.late', 'chase']) e
    on conflict (running_id, element) do update set due_at = excluded.due_at),
  i as (insert into idempotency (actor, key, body_hash, status, answer, created_at)
    select 'officer:2', 'floor-' || cast(id as text) || '-' || cast(version as text),
      repeat('2', 64), 200, decode(repeat('aa', 110), 'hex'), now() from u),
  e as (insert into case_event (case_id, seq, at, actor, capacity, kind, data, previous, hash)
    select id, last_seq - s, now(), 'officer-2', 'assistance', 'task_completed',
      decode(repeat('ee', 140), 'hex'),
      decode(lpad(cast(last_seq - s - 1 as text), 64, '0'), 'hex'),
      decode(lpad(cast(last_seq - s as text), 64, '0'), 'hex')
    from u, unnest(array[1, 0]) s)
select count(*) from u;
commit;
"""


def floor(cluster: Cluster, database: Database, *, clients: int, seconds: int) -> float:
    """Steps per second of the database alone."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as script:
        script.write(_STEP.format(cases=CASES))
    name = str(database.url.database)
    command = [_pgbench(), "-n", "-h", str(cluster.folder), "-U", "hangji", "-M", "prepared"]
    command += ["-c", str(clients), "-j", "2", "-T", str(seconds), "-f", script.name, name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    Path(script.name).unlink()
    match = _RATE.search(done.stdout)
    if match is None:
        raise ValueError(done.stdout + done.stderr)
    return float(match.group(1))


def fill(database: Database) -> None:
    """Put the rows in that the floor steps over."""
    with database.transaction() as session:
        for statement in filter(str.strip, _FILL.format(cases=CASES).split(";")):
            session.exec_driver_sql(statement)


def _pgbench() -> str:
    path = shutil.which("pgbench")
    if path is not None:
        return path
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    if not versions:
        message = "pgbench is not installed; it comes with PostgreSQL's contrib package."
        raise FileNotFoundError(message)
    return str(versions[-1])
