create function refuse_other_collector() returns trigger language plpgsql as $$
begin
  raise exception 'case_collector_is_fixed: whoever collected a case stays on it'
    using errcode = 'check_violation';
end
$$

create trigger case_collector_is_fixed before update of collector_post on case_
for each row when (old.collector_post is not null
  and new.collector_post is distinct from old.collector_post)
execute function refuse_other_collector()

create trigger case_officer_changes_with_an_entry before update of owner_officer on case_
for each row when (new.owner_officer is distinct from old.owner_officer
  and new.last_seq <= old.last_seq)
execute function refuse_unfiled_owner()
