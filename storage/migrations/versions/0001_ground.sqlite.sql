CREATE TABLE area (
  code TEXT NOT NULL,
  valid_from DATE NOT NULL,
  name TEXT NOT NULL,
  level SMALLINT NOT NULL,
  parent TEXT,
  kind TEXT,
  valid_to DATE,
  lat FLOAT,
  lon FLOAT,
  CONSTRAINT area_pkey PRIMARY KEY (code, valid_from),
  CONSTRAINT area_level_is_one_of_six CHECK (level between 1 and 6),
  CONSTRAINT area_only_the_city_has_no_parent CHECK ((level = 1) = (parent is null))
)

CREATE INDEX area_parent_idx ON area (parent)

CREATE TABLE awaited_message (
  running_id INTEGER NOT NULL,
  element TEXT NOT NULL,
  case_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  correlation TEXT NOT NULL,
  CONSTRAINT awaited_message_pkey PRIMARY KEY (running_id, element)
)

CREATE INDEX awaited_message_name_idx ON awaited_message (name, correlation)

CREATE TABLE business (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  credit_code TEXT,
  licence_number TEXT,
  category TEXT NOT NULL,
  area_code TEXT NOT NULL,
  address TEXT,
  scope TEXT,
  person_in_charge TEXT,
  phone TEXT,
  lat FLOAT,
  lon FLOAT,
  status TEXT NOT NULL,
  flags TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CONSTRAINT business_pkey PRIMARY KEY (id),
  CONSTRAINT business_status_is_known CHECK (status in ('operating', 'suspected_ceased', 'ceased', 'terminated_confirmed', 'deregistration_notified', 'deregistered'))
)

CREATE INDEX business_area_idx ON business (area_code, id)

CREATE UNIQUE INDEX business_credit_code_idx ON business (credit_code)

CREATE TABLE calendar_day (
  on_date DATE NOT NULL,
  kind TEXT NOT NULL,
  name TEXT,
  source TEXT NOT NULL,
  announced BOOLEAN NOT NULL,
  CONSTRAINT calendar_day_pkey PRIMARY KEY (on_date),
  CONSTRAINT calendar_day_kind_is_known CHECK (kind in ('workday', 'makeup_workday', 'holiday', 'weekend'))
)

CREATE TABLE case_event (
  case_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  capacity TEXT,
  kind TEXT NOT NULL,
  data TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  CONSTRAINT case_event_pkey PRIMARY KEY (case_id, seq)
)

CREATE TABLE heartbeat (
  name TEXT NOT NULL,
  at TEXT NOT NULL,
  CONSTRAINT heartbeat_pkey PRIMARY KEY (name)
)

CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  "key" TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  status SMALLINT NOT NULL,
  answer TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT idempotency_pkey PRIMARY KEY (actor, "key")
)

CREATE INDEX idempotency_created_idx ON idempotency (created_at)

CREATE TABLE matter (
  code TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  applies_to TEXT NOT NULL,
  accepting_party TEXT NOT NULL,
  accepting_level TEXT NOT NULL,
  priority TEXT NOT NULL,
  law TEXT,
  photo_required BOOLEAN NOT NULL,
  deadline_profile TEXT NOT NULL,
  guide TEXT,
  repeat_rule TEXT,
  note TEXT,
  sort INTEGER NOT NULL,
  CONSTRAINT matter_pkey PRIMARY KEY (code)
)

CREATE TABLE message (
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  correlation TEXT NOT NULL,
  payload TEXT NOT NULL,
  from_case INTEGER,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  delivered_at TEXT,
  CONSTRAINT message_pkey PRIMARY KEY (id)
)

CREATE INDEX message_undelivered_idx ON message (name, correlation) WHERE delivered_at is null

CREATE TABLE org_unit (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  rank SMALLINT NOT NULL,
  CONSTRAINT org_unit_pkey PRIMARY KEY (code),
  CONSTRAINT org_unit_kind_is_known CHECK (kind in ('station', 'county', 'zone_committee', 'city', 'enforcement', 'catering_section', 'emergency_center'))
)

CREATE TABLE outbox (
  id INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  case_id INTEGER,
  channel TEXT NOT NULL,
  receiver TEXT NOT NULL,
  template TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts SMALLINT NOT NULL,
  next_at TEXT NOT NULL,
  last_error TEXT,
  created_at TEXT NOT NULL,
  sent_at TEXT,
  CONSTRAINT outbox_pkey PRIMARY KEY (id),
  CONSTRAINT outbox_state_is_known CHECK (state in ('pending', 'sent', 'dead')),
  CONSTRAINT outbox_key_key UNIQUE ("key")
)

CREATE INDEX outbox_case_idx ON outbox (case_id)

CREATE INDEX outbox_pending_idx ON outbox (next_at) WHERE state = 'pending'

CREATE TABLE post (
  id TEXT NOT NULL,
  role TEXT NOT NULL,
  place TEXT NOT NULL,
  rank SMALLINT NOT NULL,
  title TEXT NOT NULL,
  CONSTRAINT post_pkey PRIMARY KEY (id)
)

CREATE INDEX post_place_idx ON post (place)

CREATE UNIQUE INDEX post_role_place_idx ON post (role, place)

CREATE TABLE process_definition (
  process_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  version INTEGER NOT NULL,
  files TEXT NOT NULL,
  state TEXT NOT NULL,
  author TEXT,
  publisher TEXT,
  created_at TEXT NOT NULL,
  published_at TEXT,
  effective_from TEXT,
  CONSTRAINT process_definition_pkey PRIMARY KEY (process_id, digest),
  CONSTRAINT process_definition_version_key UNIQUE (process_id, version),
  CONSTRAINT process_definition_state_is_known CHECK (state in ('draft', 'review', 'published', 'retired'))
)

CREATE INDEX process_definition_digest_idx ON process_definition (digest)

CREATE TABLE task (
  running_id INTEGER NOT NULL,
  token TEXT NOT NULL,
  case_id INTEGER NOT NULL,
  element TEXT NOT NULL,
  task_id TEXT NOT NULL,
  process_id TEXT NOT NULL,
  lane TEXT,
  role TEXT,
  level TEXT,
  form TEXT,
  phase TEXT,
  post_id TEXT,
  officer_id INTEGER,
  area_code TEXT NOT NULL,
  label TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  due_at TEXT NOT NULL,
  deadline TEXT,
  paused_at TEXT,
  state TEXT NOT NULL,
  closed_at TEXT,
  closed_by INTEGER,
  why TEXT,
  draft TEXT,
  chased TEXT,
  CONSTRAINT task_pkey PRIMARY KEY (running_id, token),
  CONSTRAINT task_state_is_known CHECK (state in ('open', 'done', 'cancelled'))
)

CREATE INDEX task_case_idx ON task (case_id)

CREATE INDEX task_done_by_idx ON task (closed_by, closed_at) WHERE state = 'done'

CREATE INDEX task_done_idx ON task (closed_at) WHERE state = 'done'

CREATE INDEX task_open_area_idx ON task (area_code, due_at) WHERE state = 'open'

CREATE INDEX task_open_due_idx ON task (due_at) WHERE state = 'open'

CREATE INDEX task_open_officer_idx ON task (officer_id, due_at) WHERE state = 'open'

CREATE INDEX task_open_post_idx ON task (post_id, due_at) WHERE state = 'open'

CREATE TABLE timer (
  running_id INTEGER NOT NULL,
  element TEXT NOT NULL,
  case_id INTEGER NOT NULL,
  due_at TEXT NOT NULL,
  kind TEXT NOT NULL,
  lease_until TEXT,
  attempts SMALLINT NOT NULL,
  CONSTRAINT timer_pkey PRIMARY KEY (running_id, element),
  CONSTRAINT timer_kind_is_known CHECK (kind in ('drawn', 'chase'))
)

CREATE INDEX timer_case_idx ON timer (case_id)

CREATE INDEX timer_due_idx ON timer (due_at)

CREATE TABLE officer (
  id INTEGER NOT NULL,
  username TEXT NOT NULL,
  display_name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  business_id INTEGER,
  rights TEXT NOT NULL,
  token_version INTEGER NOT NULL,
  active BOOLEAN NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT officer_pkey PRIMARY KEY (id),
  CONSTRAINT officer_username_key UNIQUE (username),
  CONSTRAINT officer_business_id_fkey FOREIGN KEY(business_id) REFERENCES business (id)
)

CREATE INDEX officer_business_idx ON officer (business_id)

CREATE TABLE town_jurisdiction (
  town_code TEXT NOT NULL,
  station_code TEXT NOT NULL,
  jurisdiction_code TEXT NOT NULL,
  enforcement_code TEXT NOT NULL,
  pilot BOOLEAN NOT NULL,
  CONSTRAINT town_jurisdiction_pkey PRIMARY KEY (town_code),
  CONSTRAINT town_jurisdiction_station_code_fkey FOREIGN KEY(station_code) REFERENCES org_unit (code),
  CONSTRAINT town_jurisdiction_jurisdiction_code_fkey FOREIGN KEY(jurisdiction_code) REFERENCES org_unit (code),
  CONSTRAINT town_jurisdiction_enforcement_code_fkey FOREIGN KEY(enforcement_code) REFERENCES org_unit (code)
)

CREATE INDEX town_jurisdiction_enforcement_idx ON town_jurisdiction (enforcement_code)

CREATE INDEX town_jurisdiction_jurisdiction_idx ON town_jurisdiction (jurisdiction_code)

CREATE INDEX town_jurisdiction_station_idx ON town_jurisdiction (station_code)

CREATE TABLE case_ (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  number TEXT NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  phase TEXT NOT NULL,
  outcome TEXT,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  matter TEXT,
  area_code TEXT NOT NULL,
  source TEXT NOT NULL,
  channel TEXT,
  business_id INTEGER,
  priority TEXT NOT NULL,
  deadline_profile TEXT NOT NULL,
  description TEXT NOT NULL,
  location TEXT,
  collector_officer INTEGER,
  collector_post TEXT,
  floor_rank SMALLINT,
  owner_post TEXT,
  owner_officer INTEGER,
  owner_rank SMALLINT,
  owner_area TEXT,
  supervised BOOLEAN NOT NULL,
  public_result TEXT,
  opened_at TEXT NOT NULL,
  closed_at TEXT,
  last_seq INTEGER NOT NULL,
  head_hash TEXT NOT NULL,
  public_code_hash TEXT,
  CONSTRAINT case_status_is_known CHECK (status in ('open', 'closed')),
  CONSTRAINT case_owner_not_below_collector CHECK (floor_rank is null or owner_rank is null or owner_rank >= floor_rank),
  CONSTRAINT case_owner_has_its_rank CHECK ((owner_post is null) = (owner_rank is null)),
  CONSTRAINT case__number_key UNIQUE (number),
  CONSTRAINT case__business_id_fkey FOREIGN KEY(business_id) REFERENCES business (id),
  CONSTRAINT case__collector_officer_fkey FOREIGN KEY(collector_officer) REFERENCES officer (id),
  CONSTRAINT case__collector_post_fkey FOREIGN KEY(collector_post) REFERENCES post (id),
  CONSTRAINT case__owner_post_fkey FOREIGN KEY(owner_post) REFERENCES post (id),
  CONSTRAINT case__owner_officer_fkey FOREIGN KEY(owner_officer) REFERENCES officer (id)
)

CREATE INDEX case_area_idx ON case_ (area_code, id)

CREATE INDEX case_business_idx ON case_ (business_id, matter)

CREATE INDEX case_collector_idx ON case_ (collector_officer)

CREATE INDEX case_owner_idx ON case_ (owner_post)

CREATE TABLE holding (
  id INTEGER NOT NULL,
  post_id TEXT NOT NULL,
  officer_id INTEGER NOT NULL,
  since TEXT NOT NULL,
  until TEXT,
  CONSTRAINT holding_pkey PRIMARY KEY (id),
  CONSTRAINT holding_post_id_fkey FOREIGN KEY(post_id) REFERENCES post (id),
  CONSTRAINT holding_officer_id_fkey FOREIGN KEY(officer_id) REFERENCES officer (id)
)

CREATE UNIQUE INDEX holding_current_idx ON holding (post_id, officer_id) WHERE until is null

CREATE INDEX holding_officer_idx ON holding (officer_id)

CREATE INDEX holding_post_idx ON holding (post_id)

CREATE TABLE web_session (
  id_hash TEXT NOT NULL,
  officer_id INTEGER NOT NULL,
  csrf TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  CONSTRAINT web_session_pkey PRIMARY KEY (id_hash),
  CONSTRAINT web_session_officer_id_fkey FOREIGN KEY(officer_id) REFERENCES officer (id)
)

CREATE INDEX web_session_expires_idx ON web_session (expires_at)

CREATE INDEX web_session_officer_idx ON web_session (officer_id)

CREATE TABLE attachment (
  id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  original_name TEXT,
  position TEXT,
  case_id INTEGER,
  uploaded_by INTEGER,
  created_at TEXT NOT NULL,
  CONSTRAINT attachment_pkey PRIMARY KEY (id),
  CONSTRAINT attachment_case_id_fkey FOREIGN KEY(case_id) REFERENCES case_ (id),
  CONSTRAINT attachment_uploaded_by_fkey FOREIGN KEY(uploaded_by) REFERENCES officer (id)
)

CREATE INDEX attachment_case_idx ON attachment (case_id)

CREATE INDEX attachment_sha256_idx ON attachment (sha256)

CREATE TABLE case_link (
  case_id INTEGER NOT NULL,
  other_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT case_link_pkey PRIMARY KEY (case_id, other_id, kind),
  CONSTRAINT case_link_case_id_fkey FOREIGN KEY(case_id) REFERENCES case_ (id),
  CONSTRAINT case_link_other_id_fkey FOREIGN KEY(other_id) REFERENCES case_ (id)
)

CREATE INDEX case_link_other_idx ON case_link (other_id)

CREATE TABLE reporter_identity (
  case_id INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  key_id TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT reporter_identity_pkey PRIMARY KEY (case_id),
  CONSTRAINT reporter_identity_case_id_fkey FOREIGN KEY(case_id) REFERENCES case_ (id)
)

CREATE TABLE running_process (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  case_id INTEGER NOT NULL,
  process_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  marking BLOB NOT NULL,
  data TEXT NOT NULL,
  state TEXT NOT NULL,
  asked_by TEXT,
  next_due TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  CONSTRAINT running_process_state_is_known CHECK (state in ('running', 'ended', 'failed')),
  CONSTRAINT running_process_case_id_fkey FOREIGN KEY(case_id) REFERENCES case_ (id)
)

CREATE INDEX running_process_case_idx ON running_process (case_id)

CREATE INDEX running_process_digest_idx ON running_process (digest, state)

CREATE TABLE vault_access (
  id INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  officer_id INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  at TEXT NOT NULL,
  CONSTRAINT vault_access_pkey PRIMARY KEY (id),
  CONSTRAINT vault_access_case_id_fkey FOREIGN KEY(case_id) REFERENCES case_ (id),
  CONSTRAINT vault_access_officer_id_fkey FOREIGN KEY(officer_id) REFERENCES officer (id)
)

CREATE INDEX vault_access_case_idx ON vault_access (case_id)

CREATE TABLE incident (
  id INTEGER NOT NULL,
  case_id INTEGER,
  running_id INTEGER,
  element TEXT,
  action TEXT NOT NULL,
  error_code TEXT NOT NULL,
  message TEXT NOT NULL,
  attempts SMALLINT NOT NULL,
  state TEXT NOT NULL,
  created_at TEXT NOT NULL,
  resolved_at TEXT,
  resolved_by INTEGER,
  CONSTRAINT incident_pkey PRIMARY KEY (id),
  CONSTRAINT incident_state_is_known CHECK (state in ('open', 'resolved')),
  CONSTRAINT incident_case_id_fkey FOREIGN KEY(case_id) REFERENCES case_ (id),
  CONSTRAINT incident_running_id_fkey FOREIGN KEY(running_id) REFERENCES running_process (id),
  CONSTRAINT incident_resolved_by_fkey FOREIGN KEY(resolved_by) REFERENCES officer (id)
)

CREATE INDEX incident_case_idx ON incident (case_id)

CREATE INDEX incident_open_idx ON incident (created_at) WHERE state = 'open'

create trigger case_event_refuses_update before update on case_event
begin
  select raise(abort, 'case_event is append-only');
end

create trigger case_event_refuses_delete before delete on case_event
begin
  select raise(abort, 'case_event is append-only');
end

create trigger vault_access_refuses_update before update on vault_access
begin
  select raise(abort, 'vault_access is append-only');
end

create trigger vault_access_refuses_delete before delete on vault_access
begin
  select raise(abort, 'vault_access is append-only');
end

create trigger case_floor_is_fixed before update of floor_rank on case_
when old.floor_rank is not null and (new.floor_rank is null or new.floor_rank < old.floor_rank)
begin
  select raise(abort, 'case_owner_not_below_collector: the collecting level is fixed');
end

insert into sqlite_sequence (name, seq) values ('case_', 0), ('running_process', 0)
