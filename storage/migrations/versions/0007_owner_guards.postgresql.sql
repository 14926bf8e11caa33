drop trigger case_owner_stands_high_enough on case_

create or replace function refuse_lower_owner() returns trigger language plpgsql as $$
declare
  standing smallint;
begin
  select rank into standing from post where id = new.owner_post;
  if standing > 0 and standing < new.floor_rank then
    raise exception 'case_owner_not_below_collector: the owner stands below the collector'
      using errcode = 'check_violation';
  end if;
  if standing > 0 and standing <> new.owner_rank
    or standing = 0 and tg_op = 'UPDATE' and new.owner_rank < old.owner_rank
  then
    raise exception 'case_owner_has_its_rank: the rank is not the one of the owner''s post'
      using errcode = 'check_violation';
  end if;
  return new;
end
$$

create trigger case_opens_with_an_owner_that_fits before insert on case_
for each row when (new.owner_post is not null) execute function refuse_lower_owner()

create trigger case_owner_fits before update of owner_post, owner_rank, floor_rank on case_
for each row when (new.owner_post is not null) execute function refuse_lower_owner()

create function refuse_unfiled_owner() returns trigger language plpgsql as $$
begin
  raise exception 'case_owner_changes_with_an_entry: the case file says nothing of it'
    using errcode = 'check_violation';
end
$$

create trigger case_owner_changes_with_an_entry before update of owner_post on case_
for each row when (new.owner_post is distinct from old.owner_post and new.last_seq <= old.last_seq)
execute function refuse_unfiled_owner()

create function refuse_owner_without_task() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from task where case_id = new.id and lane = 'owner' and state = 'open'
      and post_id is distinct from new.owner_post
  ) then
    raise exception 'case_owner_has_its_task: an open task of the owner waits for another post'
      using errcode = 'check_violation';
  end if;
  return null;
end
$$

create trigger case_owner_has_its_task after update of owner_post on case_
for each row when (new.owner_post is distinct from old.owner_post)
execute function refuse_owner_without_task()

create or replace function refuse_lower_task() returns trigger language plpgsql as $$
declare
  owner text;
begin
  select owner_post into owner from case_ where id = new.case_id;
  if owner is distinct from new.post_id then
    raise exception 'case_owner_has_its_task: the task of the owner waits for another post'
      using errcode = 'check_violation';
  end if;
  return new;
end
$$

create or replace function refuse_unchained() returns trigger language plpgsql as $$
declare
  before text;
  filed integer;
  head text;
begin
  select c.last_seq, c.head_hash, case when new.seq = 1
    then encode(sha256(convert_to('hangji:' || c.number, 'UTF8')), 'hex')
    else (select hash from case_event where case_id = new.case_id and seq = new.seq - 1) end
  into filed, head, before
  from case_ c where c.id = new.case_id;
  if before is distinct from new.previous or filed is null or new.seq > filed
    or new.seq = filed and new.hash <> head
  then
    raise exception 'case_event continues the chain of its case'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$$
