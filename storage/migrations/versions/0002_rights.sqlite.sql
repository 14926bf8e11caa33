create trigger case_opens_with_an_owner_high_enough before insert on case_
when exists (select 1 from post where id = new.owner_post and rank > 0 and rank < new.floor_rank)
begin
  select raise(abort, 'case_owner_not_below_collector: the owner stands below the collector');
end

create trigger case_owner_stands_high_enough before update of owner_post, floor_rank on case_
when exists (select 1 from post where id = new.owner_post and rank > 0 and rank < new.floor_rank)
begin
  select raise(abort, 'case_owner_not_below_collector: the owner stands below the collector');
end

create trigger task_of_the_owner_opens_high_enough before insert on task
when new.lane = 'owner' and new.state = 'open' and exists (
  select 1 from post p, case_ c
  where p.id = new.post_id and c.id = new.case_id and p.rank > 0 and p.rank < c.floor_rank
)
begin
  select raise(abort, 'case_owner_not_below_collector: the task stands below the collector');
end

create trigger task_of_the_owner_stays_high_enough before update of post_id, lane on task
when new.lane = 'owner' and new.state = 'open' and exists (
  select 1 from post p, case_ c
  where p.id = new.post_id and c.id = new.case_id and p.rank > 0 and p.rank < c.floor_rank
)
begin
  select raise(abort, 'case_owner_not_below_collector: the task stands below the collector');
end

create trigger case_event_continues_its_chain before insert on case_event
when new.seq > 1 and new.previous is not (
  select hash from case_event where case_id = new.case_id and seq = new.seq - 1
)
begin
  select raise(abort, 'case_event continues the chain of its case');
end
