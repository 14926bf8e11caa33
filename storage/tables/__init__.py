"""Every table of hangji under one roof; columns say what class of data they hold."""

from storage.tables.audit import audit_event
from storage.tables.casework import (
    OWNER_NOT_BELOW_COLLECTOR,
    awaited_message,
    case_,
    case_event,
    case_link,
    case_personal,
    message,
    running_process,
    task,
    timer,
)
from storage.tables.columns import LABELS, metadata
from storage.tables.effects import (
    attachment,
    code_range,
    heartbeat,
    idempotency,
    incident,
    outbox,
    process_definition,
    process_release,
    reporter_identity,
    vault_access,
    web_session,
)
from storage.tables.operations import operation, operation_note
from storage.tables.places import (
    area,
    business,
    calendar_day,
    holding,
    matter,
    officer,
    org_unit,
    post,
    town_jurisdiction,
)
from storage.tables.recurring import recurring
from storage.tables.statistics import display_link, fact_case

__all__ = [
    "LABELS",
    "OWNER_NOT_BELOW_COLLECTOR",
    "area",
    "attachment",
    "audit_event",
    "awaited_message",
    "business",
    "calendar_day",
    "case_",
    "case_event",
    "case_link",
    "case_personal",
    "code_range",
    "display_link",
    "fact_case",
    "heartbeat",
    "holding",
    "idempotency",
    "incident",
    "matter",
    "message",
    "metadata",
    "officer",
    "operation",
    "operation_note",
    "org_unit",
    "outbox",
    "post",
    "process_definition",
    "process_release",
    "recurring",
    "reporter_identity",
    "running_process",
    "task",
    "timer",
    "town_jurisdiction",
    "vault_access",
    "web_session",
]
