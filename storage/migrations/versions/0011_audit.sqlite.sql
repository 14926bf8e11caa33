CREATE TABLE audit_event (
  id INTEGER NOT NULL,
  seq INTEGER,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  data TEXT NOT NULL,
  previous TEXT,
  hash TEXT,
  CONSTRAINT audit_event_pkey PRIMARY KEY (id),
  CONSTRAINT audit_event_seq_key UNIQUE (seq)
)

CREATE INDEX audit_event_at_idx ON audit_event (at, id)

CREATE INDEX audit_event_actor_idx ON audit_event (actor, id)

CREATE INDEX audit_event_subject_idx ON audit_event (subject_kind, subject, id)

CREATE INDEX audit_event_unsealed_idx ON audit_event (id) WHERE seq is null

create trigger audit_event_refuses_update before update on audit_event
when not (old.seq is null and new.seq is not null and new.hash is not null
  and new.previous is not null and new.id = old.id and new.at = old.at and new.actor = old.actor
  and new.action = old.action and new.subject_kind = old.subject_kind
  and new.subject = old.subject and new.data = old.data)
begin
  select raise(abort, 'audit_event is append-only');
end

create trigger audit_event_refuses_delete before delete on audit_event
begin
  select raise(abort, 'audit_event is append-only');
end

create trigger audit_event_refuses_replacing before insert on audit_event
when new.seq is not null or new.hash is not null
  or exists (select 1 from audit_event where id = new.id)
begin
  select raise(abort, 'audit_event replaces no row and is sealed later');
end
