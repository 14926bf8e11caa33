create function refuse_identity_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if exists (
      select 1 from audit_event a where a.seq is null and a.action = 'identity_removed'
        and a.subject_kind = 'case' and a.xmin = pg_current_xact_id()::xid
        and a.subject = (select number from case_ where id = old.case_id)
    ) then
      return old;
    end if;
    raise exception 'reporter_identity is removed beside its entry in the audit log'
      using errcode = 'integrity_constraint_violation';
  end if;
  if (new.case_id, new.created_at) = (old.case_id, old.created_at) and new.key_id <> old.key_id
    and exists (
      select 1 from audit_event a where a.seq is null and a.action = 'identities_resealed'
        and a.subject_kind = 'vault_key' and a.xmin = pg_current_xact_id()::xid
        and a.subject = new.key_id
    )
  then
    return new;
  end if;
  raise exception 'reporter_identity is only sealed again, beside an entry in the audit log'
    using errcode = 'integrity_constraint_violation';
end
$$

create trigger reporter_identity_stays before update or delete on reporter_identity
for each row execute function refuse_identity_change()

create trigger reporter_identity_is_never_emptied before truncate on reporter_identity
for each statement execute function refuse_change()
