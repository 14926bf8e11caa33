CREATE TABLE recurring (
  id INTEGER NOT NULL,
  process_id TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  period TEXT NOT NULL,
  offset_days INTEGER NOT NULL,
  form TEXT NOT NULL,
  next_at TEXT NOT NULL,
  last_key TEXT,
  lease_until TEXT,
  attempts SMALLINT NOT NULL,
  created_at TEXT NOT NULL,
  ended_at TEXT,
  CONSTRAINT recurring_pkey PRIMARY KEY (id),
  CONSTRAINT recurring_period_is_known CHECK (period in ('day', 'week', 'month', 'quarter', 'half', 'year', 'term')),
  CONSTRAINT recurring_subject_is_known CHECK (subject_kind in ('area', 'business', 'post')),
  CONSTRAINT recurring_offset_is_in_the_period CHECK (offset_days >= 0)
)

CREATE INDEX recurring_next_idx ON recurring (next_at)

ALTER TABLE case_ ADD COLUMN start_key TEXT

CREATE UNIQUE INDEX case_start_key_idx ON case_ (start_key) WHERE start_key is not null
