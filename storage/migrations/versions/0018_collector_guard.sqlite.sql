create trigger case_collector_is_fixed before update of collector_post on case_
when old.collector_post is not null and new.collector_post is not old.collector_post
begin
  select raise(abort, 'case_collector_is_fixed: whoever collected a case stays on it');
end

create trigger case_officer_changes_with_an_entry before update of owner_officer on case_
when new.owner_officer is not old.owner_officer and new.last_seq <= old.last_seq
begin
  select raise(abort, 'case_owner_changes_with_an_entry: the case file says nothing of it');
end
