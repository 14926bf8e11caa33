CREATE TABLE operation (
  id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  arguments TEXT NOT NULL,
  content BLOB,
  open_to TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts SMALLINT NOT NULL,
  done INTEGER NOT NULL,
  total INTEGER,
  checkpoint TEXT,
  result TEXT,
  error_code TEXT,
  message TEXT,
  claim TEXT,
  lease_until TEXT,
  cancel_asked_at TEXT,
  started_by INTEGER,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  CONSTRAINT operation_pkey PRIMARY KEY (id),
  CONSTRAINT operation_state_is_known CHECK (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  CONSTRAINT operation_started_by_fkey FOREIGN KEY(started_by) REFERENCES officer (id)
)

CREATE INDEX operation_started_by_idx ON operation (started_by)

CREATE INDEX operation_unfinished_idx ON operation (id) WHERE state in ('waiting', 'running')

CREATE TABLE operation_note (
  id INTEGER NOT NULL,
  operation_id INTEGER NOT NULL,
  at TEXT NOT NULL,
  text TEXT NOT NULL,
  CONSTRAINT operation_note_pkey PRIMARY KEY (id),
  CONSTRAINT operation_note_operation_id_fkey FOREIGN KEY(operation_id) REFERENCES operation (id)
)

CREATE INDEX operation_note_operation_idx ON operation_note (operation_id, id)

CREATE INDEX timer_claimed_idx ON timer (lease_until) WHERE lease_until is not null
