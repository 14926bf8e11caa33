CREATE TABLE process_release (
  id INTEGER NOT NULL,
  process_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  version INTEGER NOT NULL,
  publisher TEXT NOT NULL,
  released_at TEXT NOT NULL,
  effective_from TEXT NOT NULL,
  CONSTRAINT process_release_pkey PRIMARY KEY (id),
  CONSTRAINT process_release_process_id_fkey FOREIGN KEY (process_id, digest) REFERENCES process_definition (process_id, digest)
)

CREATE INDEX process_release_process_idx ON process_release (process_id, id)

insert into process_release (process_id, digest, version, publisher, released_at, effective_from)
select process_id, digest, version, coalesce(publisher, '-'), published_at, coalesce(effective_from, published_at)
from process_definition where published_at is not null order by published_at, version

create trigger process_release_refuses_update before update on process_release
begin
  select raise(abort, 'process_release is append-only');
end

create trigger process_release_refuses_delete before delete on process_release
begin
  select raise(abort, 'process_release is append-only');
end
