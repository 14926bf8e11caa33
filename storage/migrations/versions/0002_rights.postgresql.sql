create function refuse_lower_owner() returns trigger language plpgsql as $$
begin
  if exists (select 1 from post where id = new.owner_post and rank > 0 and rank < new.floor_rank) then
    raise exception 'case_owner_not_below_collector: the owner stands below the collector'
      using errcode = 'check_violation';
  end if;
  return new;
end
$$

create trigger case_owner_stands_high_enough before insert or update of owner_post, floor_rank on case_
for each row execute function refuse_lower_owner()

create function refuse_lower_task() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from post p, case_ c
    where p.id = new.post_id and c.id = new.case_id and p.rank > 0 and p.rank < c.floor_rank
  ) then
    raise exception 'case_owner_not_below_collector: the owner''s task stands below the collector'
      using errcode = 'check_violation';
  end if;
  return new;
end
$$

create trigger task_of_the_owner_opens_high_enough before insert on task
for each row when (new.lane = 'owner' and new.state = 'open') execute function refuse_lower_task()

create trigger task_of_the_owner_stays_high_enough before update of post_id, lane on task
for each row when (new.lane = 'owner' and new.state = 'open') execute function refuse_lower_task()

create function refuse_unchained() returns trigger language plpgsql as $$
declare
  before text;
begin
  if new.seq = 1 then
    select encode(sha256(convert_to('hangji:' || number, 'UTF8')), 'hex') into before
    from case_ where id = new.case_id;
  else
    select hash into before from case_event where case_id = new.case_id and seq = new.seq - 1;
  end if;
  if before is distinct from new.previous then
    raise exception 'case_event continues the chain of its case'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$$

create trigger case_event_continues_its_chain before insert on case_event
for each row execute function refuse_unchained()
