create trigger reporter_identity_refuses_update before update on reporter_identity
when not (new.case_id = old.case_id and new.created_at = old.created_at
  and new.key_id <> old.key_id and exists (
    select 1 from audit_event where seq is null and action = 'identities_resealed'
      and subject_kind = 'vault_key' and subject = new.key_id
  ))
begin
  select raise(abort, 'reporter_identity is only sealed again, beside an entry in the audit log');
end

create trigger reporter_identity_refuses_delete before delete on reporter_identity
when not exists (
  select 1 from audit_event where seq is null and action = 'identity_removed'
    and subject_kind = 'case' and subject = (select number from case_ where id = old.case_id)
)
begin
  select raise(abort, 'reporter_identity is removed beside its entry in the audit log');
end

create trigger reporter_identity_refuses_replacing before insert on reporter_identity
when exists (select 1 from reporter_identity where case_id = new.case_id)
begin
  select raise(abort, 'reporter_identity replaces no row');
end
