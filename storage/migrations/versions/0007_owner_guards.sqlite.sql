create trigger case_opens_with_the_rank_of_its_owner before insert on case_
when exists (
  select 1 from post where id = new.owner_post and rank > 0 and rank <> new.owner_rank
)
begin
  select raise(abort, 'case_owner_has_its_rank: the rank is not the one of the post');
end

create trigger case_owner_has_its_rank before update of owner_post, owner_rank on case_
when exists (
  select 1 from post where id = new.owner_post
    and (rank > 0 and rank <> new.owner_rank or rank = 0 and new.owner_rank < old.owner_rank)
)
begin
  select raise(abort, 'case_owner_has_its_rank: the rank is not the one of the post');
end

create trigger case_owner_changes_with_an_entry before update of owner_post on case_
when new.owner_post is not old.owner_post and new.last_seq <= old.last_seq
begin
  select raise(abort, 'case_owner_changes_with_an_entry: the case file says nothing of it');
end

drop trigger task_of_the_owner_opens_high_enough

drop trigger task_of_the_owner_stays_high_enough

create trigger task_of_the_owner_opens_with_it before insert on task
when new.lane = 'owner' and new.state = 'open'
  and new.post_id is not (select owner_post from case_ where id = new.case_id)
begin
  select raise(abort, 'case_owner_has_its_task: the task waits for another post');
end

create trigger task_of_the_owner_stays_with_it before update of post_id, lane, state on task
when new.lane = 'owner' and new.state = 'open'
  and new.post_id is not (select owner_post from case_ where id = new.case_id)
begin
  select raise(abort, 'case_owner_has_its_task: the task waits for another post');
end

drop trigger case_event_continues_its_chain

create trigger case_event_continues_its_chain before insert on case_event
when (
    new.seq > 1
    and new.previous is not
      (select hash from case_event where case_id = new.case_id and seq = new.seq - 1)
  )
  or not exists (
    select 1 from case_ where id = new.case_id
      and (new.seq < last_seq or (new.seq = last_seq and new.hash = head_hash))
  )
begin
  select raise(abort, 'case_event continues the chain of its case');
end
