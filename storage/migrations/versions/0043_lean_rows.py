"""Lean rows: entries and states of processes are stored compressed, owners are found elsewhere.

What is there is stored in another type and not compressed: JSON as its bytes, hashes as theirs.
No entry changes, and neither does its hash. The tables are written again, so the upgrade needs room
for a second copy of them. Code of an older release would read bytes where it expects text.

The owner of a case changes with every second step. Its index made each such step write into every
index of the case; a table of its own holds who ever owned which case. The timers of a case are
found by its processes.
"""

from typing import Any

from alembic import op

revision = "0043_lean_rows"
down_revision = "0042_video"
oldest_code = "0043_lean_rows"

_POSTGRESQL = (
    """
alter table case_event
  alter column data type bytea using convert_to(data, 'UTF8'),
  alter column previous type bytea using decode(previous, 'hex'),
  alter column hash type bytea using decode(hash, 'hex')
""",
    "alter table running_process alter column data type bytea using convert_to(data, 'UTF8')",
    "alter table idempotency alter column answer type bytea using convert_to(answer, 'UTF8')",
    "drop index timer_case_idx",
    "drop index case_owner_idx",
    """
create table case_owned (
  post_id text collate "C" not null,
  case_id bigint not null,
  constraint case_owned_pkey primary key (post_id, case_id)
)
""",
    """
insert into case_owned (post_id, case_id)
select owner_post, id from case_ where owner_post is not null
""",
    """
create function keep_owner() returns trigger language plpgsql as $$
begin
  insert into case_owned (post_id, case_id) values (new.owner_post, new.id) on conflict do nothing;
  return null;
end
$$
""",
    """
create trigger case_opens_with_its_owner_found after insert on case_
for each row when (new.owner_post is not null) execute function keep_owner()
""",
    """
create trigger case_owner_is_found after update of owner_post on case_
for each row when (new.owner_post is distinct from old.owner_post and new.owner_post is not null)
execute function keep_owner()
""",
    """
create or replace function refuse_unchained() returns trigger language plpgsql as $$
declare
  before bytea;
  filed integer;
  head text;
begin
  select c.last_seq, c.head_hash, case when new.seq = 1
    then sha256(convert_to('hangji:' || c.number, 'UTF8'))
    else (select hash from case_event where case_id = new.case_id and seq = new.seq - 1) end
  into filed, head, before
  from case_ c where c.id = new.case_id;
  if before is distinct from new.previous or filed is null or new.seq > filed
    or new.seq = filed and encode(new.hash, 'hex') <> head
  then
    raise exception 'case_event continues the chain of its case'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$$
""",
)

_SQLITE = (
    """
create table lean_event (
  case_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  capacity TEXT,
  kind TEXT NOT NULL,
  data BLOB NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL,
  CONSTRAINT case_event_pkey PRIMARY KEY (case_id, seq)
)
""",
    """
insert into lean_event
select case_id, seq, at, actor, capacity, kind, cast(data as blob), from_hex(previous),
  from_hex(hash)
from case_event order by case_id, seq
""",
    "drop table case_event",
    "alter table lean_event rename to case_event",
    """
create trigger case_event_refuses_update before update on case_event
begin
  select raise(abort, 'case_event is append-only');
end
""",
    """
create trigger case_event_refuses_delete before delete on case_event
begin
  select raise(abort, 'case_event is append-only');
end
""",
    """
create trigger case_event_refuses_replacing before insert on case_event
when exists (select 1 from case_event where case_id = new.case_id and seq = new.seq)
begin
  select raise(abort, 'case_event replaces no row');
end
""",
    """
create trigger case_event_continues_its_chain before insert on case_event
when (
    new.seq > 1
    and new.previous is not
      (select hash from case_event where case_id = new.case_id and seq = new.seq - 1)
  )
  or not exists (
    select 1 from case_ where id = new.case_id
      and (new.seq < last_seq or (new.seq = last_seq and lower(hex(new.hash)) = head_hash))
  )
begin
  select raise(abort, 'case_event continues the chain of its case');
end
""",
    "alter table running_process rename column data to text_of_data",
    "alter table running_process add column data BLOB NOT NULL default x''",
    "update running_process set data = cast(text_of_data as blob)",
    "alter table running_process drop column text_of_data",
    "alter table idempotency rename column answer to text_of_answer",
    "alter table idempotency add column answer BLOB NOT NULL default x''",
    "update idempotency set answer = cast(text_of_answer as blob)",
    "alter table idempotency drop column text_of_answer",
    "drop index timer_case_idx",
    "drop index case_owner_idx",
    """
create table case_owned (
  post_id TEXT NOT NULL,
  case_id INTEGER NOT NULL,
  CONSTRAINT case_owned_pkey PRIMARY KEY (post_id, case_id)
)
""",
    """
insert into case_owned (post_id, case_id)
select owner_post, id from case_ where owner_post is not null
""",
    """
create trigger case_opens_with_its_owner_found after insert on case_
when new.owner_post is not null
begin
  insert or ignore into case_owned (post_id, case_id) values (new.owner_post, new.id);
end
""",
    """
create trigger case_owner_is_found after update of owner_post on case_
when new.owner_post is not null
begin
  insert or ignore into case_owned (post_id, case_id) values (new.owner_post, new.id);
end
""",
)


def upgrade() -> None:
    """Change the types, and the guard of the chain with them."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        _run(bind, _POSTGRESQL)
        return
    # SQLite reads hexadecimal text itself from 3.41 on only.
    driver: Any = bind.connection.driver_connection
    driver.create_function("from_hex", 1, bytes.fromhex)
    _run(bind, _SQLITE)


def _run(bind: Any, statements: tuple[str, ...]) -> None:
    for statement in statements:
        bind.exec_driver_sql(statement)
