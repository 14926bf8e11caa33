"""Tables of the work itself: cases, running processes, tasks, timers, messages, the case file."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    text,
)

from storage.moments import JsonText, MomentColumn
from storage.packed import Hash, PackedBytes, PackedText
from storage.tables.columns import (
    BigInt,
    Code,
    internal,
    metadata,
    personal,
    public,
    row_id,
    sensitive,
)

OWNER_NOT_BELOW_COLLECTOR = "case_owner_not_below_collector"
"""The constraint that holds R26 against every way in, direct SQL included."""

_CLOSED = text("status = 'closed'")
_BY_CALENDAR = text("start_key is not null")

_URGENT = text("priority = 'urgent' and status = 'open'")

# A column of a case or task is declared here and typed in `storage.cases.cases.Case` or
# `storage.cases.tasks.Task`; everything else follows from that, see `storage.cases.columns`.
# No index names a column that changes with a step, and pages keep room, so that a
# step's updates stay heap-only in PostgreSQL (notes/performance.md section 1). Cases of an owner
# are found through `case_owned`.
case_ = Table(
    "case_",
    metadata,
    row_id(),
    public("number", Code, unique=True, written="once"),
    internal("version", Integer, blank=0, written="by_step"),
    public("status", blank="open"),
    public("phase", blank=""),
    public("outcome", optional=True),
    public("kind"),
    public("title", blank=""),
    public("matter", Code, optional=True),
    public("area_code", Code, blank=""),
    public("source", blank="", written="once"),
    public("channel", optional=True),
    internal("business_id", BigInt, ForeignKey("business.id"), optional=True),
    public("priority", blank="normal"),
    public("deadline_profile", blank="standard"),
    personal("description", blank=""),
    personal("location", JsonText, optional=True),
    personal("collector_officer", BigInt, ForeignKey("officer.id"), optional=True),
    internal("collector_post", Code, ForeignKey("post.id"), optional=True),
    internal("floor_rank", SmallInteger, optional=True),
    internal("owner_post", Code, ForeignKey("post.id"), optional=True),
    personal("owner_officer", BigInt, ForeignKey("officer.id"), optional=True),
    internal("owner_rank", SmallInteger, optional=True),
    internal("owner_area", Code, optional=True),
    internal("supervised", Boolean, blank=False),
    public("public_result", optional=True),
    public("opened_at", MomentColumn, written="once"),
    public("closed_at", MomentColumn, optional=True),
    internal("last_seq", Integer, blank=0, written="by_step"),
    internal("head_hash", blank="", written="by_step"),
    sensitive("public_code_hash", optional=True),
    internal("visible_from_rank", SmallInteger, optional=True),
    sensitive("query_salt", optional=True, written="apart"),
    personal("words", optional=True, written="apart"),
    internal("start_key", Code, optional=True, written="apart"),
    internal("is_listed", Boolean, blank=True, written="once", server_default=text("true")),
    CheckConstraint("status in ('open', 'closed')", name="case_status_is_known"),
    CheckConstraint(
        "floor_rank is null or owner_rank is null or owner_rank >= floor_rank",
        name=OWNER_NOT_BELOW_COLLECTOR,
    ),
    # A collector's floor binds every owner of the case, so an owner never comes without a rank.
    CheckConstraint("(owner_post is null) = (owner_rank is null)", name="case_owner_has_its_rank"),
    Index("case_area_idx", "area_code", "id"),
    Index("case_business_idx", "business_id", "matter"),
    Index("case_collector_idx", "collector_officer"),
    Index("case_urgent_idx", "area_code", postgresql_where=_URGENT, sqlite_where=_URGENT),
    # By the end of cases, which changes once: where the statistics go on (storage.dashboards).
    Index("case_closed_idx", "closed_at", postgresql_where=_CLOSED, sqlite_where=_CLOSED),
    # What the calendar started: at most one case for a process, a subject and a period.
    Index(
        "case_start_key_idx",
        "start_key",
        unique=True,
        postgresql_where=_BY_CALENDAR,
        sqlite_where=_BY_CALENDAR,
    ),
    sqlite_autoincrement=True,
    postgresql_with={"fillfactor": 60},
)

case_owned = Table(
    "case_owned",
    metadata,
    internal("post_id", Code, primary_key=True),
    internal("case_id", BigInt, primary_key=True, autoincrement=False),
)
"""The posts that answer or once answered for a case; triggers of the database add them.

In the place of an index of `case_.owner_post`, which changes with every second step: each change
wrote a new entry into every index of the case, the one of its words included.
"""

running_process = Table(
    "running_process",
    metadata,
    row_id(),
    internal("case_id", BigInt, ForeignKey("case_.id")),
    public("process_id", Code),
    public("digest", Code),
    internal("marking", PackedBytes),
    internal("data", PackedText),
    public("state"),
    internal("asked_by", JsonText, optional=True),
    internal("next_due", MomentColumn, optional=True),
    public("started_at", MomentColumn),
    public("ended_at", MomentColumn, optional=True),
    CheckConstraint(
        "state in ('running', 'ended', 'failed')", name="running_process_state_is_known"
    ),
    Index("running_process_case_idx", "case_id"),
    Index("running_process_digest_idx", "digest", "state"),
    sqlite_autoincrement=True,
    postgresql_with={"fillfactor": 60},
)

# The tables from here to `case_event` carry no foreign keys: their rows are written only by
# `cases.steps`, joined to the case they belong to, and a check per row would cost each step.
_OPEN = text("state = 'open'")
_DONE = text("state = 'done'")

task = Table(
    "task",
    metadata,
    internal("running_id", BigInt, primary_key=True, written="once"),
    internal("token", Code, primary_key=True, written="once"),
    internal("case_id", BigInt, written="once"),
    public("element", written="once"),
    public("task_id", Code, written="once"),
    public("process_id", Code, written="once"),
    public("lane", optional=True, written="once"),
    public("role", Code, optional=True),
    public("level", optional=True, written="once"),
    public("form", optional=True, written="once"),
    public("phase", optional=True, written="once"),
    internal("post_id", Code, optional=True),
    personal("officer_id", BigInt, optional=True),
    public("area_code", Code),
    public("label", written="once"),
    public("opened_at", MomentColumn, written="once"),
    public("due_at", MomentColumn),
    internal("deadline", JsonText, optional=True),
    internal("paused_at", MomentColumn, optional=True),
    public("state", written="by_step"),
    public("closed_at", MomentColumn, optional=True, written="by_step"),
    personal("closed_by", BigInt, optional=True, written="by_step"),
    internal("why", JsonText, optional=True),
    personal("draft", JsonText, optional=True),
    internal("chased", JsonText, optional=True),
    public("allows", JsonText, optional=True, written="once"),
    internal("awaits", JsonText, optional=True),
    internal("not_by", optional=True, written="once"),
    CheckConstraint("state in ('open', 'done', 'cancelled')", name="task_state_is_known"),
    Index("task_case_idx", "case_id"),
    Index("task_open_post_idx", "post_id", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    Index(
        "task_open_officer_idx", "officer_id", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN
    ),
    Index("task_open_area_idx", "area_code", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    Index("task_open_due_idx", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    Index("task_done_idx", "closed_at", postgresql_where=_DONE, sqlite_where=_DONE),
    Index("task_done_by_idx", "closed_by", "closed_at", postgresql_where=_DONE, sqlite_where=_DONE),
    postgresql_with={"fillfactor": 80},
)

_CLAIMED = text("lease_until is not null")

timer = Table(
    "timer",
    metadata,
    internal("running_id", BigInt, primary_key=True),
    internal("element", Code, primary_key=True),
    internal("case_id", BigInt),
    internal("due_at", MomentColumn),
    internal("kind"),
    internal("lease_until", MomentColumn, optional=True),
    internal("attempts", SmallInteger),
    CheckConstraint("kind in ('drawn', 'chase')", name="timer_kind_is_known"),
    Index("timer_due_idx", "due_at"),
    Index("timer_claimed_idx", "lease_until", postgresql_where=_CLAIMED, sqlite_where=_CLAIMED),
    postgresql_with={"fillfactor": 70},
)

awaited_message = Table(
    "awaited_message",
    metadata,
    internal("running_id", BigInt, primary_key=True),
    internal("element", Code, primary_key=True),
    internal("case_id", BigInt),
    internal("name", Code),
    internal("correlation", Code),
    Index("awaited_message_name_idx", "name", "correlation"),
)

_UNDELIVERED = text("delivered_at is null")

message = Table(
    "message",
    metadata,
    row_id(),
    internal("name", Code),
    internal("correlation", Code),
    personal("payload", JsonText),
    internal("from_case", BigInt, optional=True),
    internal("created_at", MomentColumn),
    internal("expires_at", MomentColumn, optional=True),
    internal("delivered_at", MomentColumn, optional=True),
    Index(
        "message_undelivered_idx",
        "name",
        "correlation",
        postgresql_where=_UNDELIVERED,
        sqlite_where=_UNDELIVERED,
    ),
)

case_event = Table(
    "case_event",
    metadata,
    internal("case_id", BigInt, primary_key=True),
    internal("seq", Integer, primary_key=True),
    internal("at", MomentColumn),
    personal("actor"),
    internal("capacity", optional=True),
    internal("kind"),
    personal("data", PackedText),
    internal("previous", Hash),
    internal("hash", Hash),
)

case_personal = Table(
    "case_personal",
    metadata,
    internal("case_id", BigInt, primary_key=True, autoincrement=False),
    internal("seq", Integer, primary_key=True, autoincrement=False),
    internal("path", Code, primary_key=True),
    internal("salt"),
    personal("value"),
)
"""Values whose digest an entry of the file holds in their place; a row of them may be deleted."""

case_link = Table(
    "case_link",
    metadata,
    internal("case_id", BigInt, ForeignKey("case_.id"), primary_key=True),
    internal("other_id", BigInt, ForeignKey("case_.id"), primary_key=True),
    internal("kind", Code, primary_key=True),
    internal("created_at", MomentColumn),
    Index("case_link_other_idx", "other_id"),
)

_STANDS = text("ended_at is null")
_AWAITED = text("ended_at is null and answered_at is null and reminded_at is null")

demand = Table(
    "demand",
    metadata,
    row_id(),
    internal("case_id", BigInt, ForeignKey("case_.id")),
    personal("asked_by", BigInt, ForeignKey("officer.id")),
    internal("asked_seq", Integer),
    internal("asked_at", MomentColumn),
    internal("due_at", MomentColumn),
    internal("times", SmallInteger),
    internal("answered_seq", Integer, optional=True),
    internal("answered_at", MomentColumn, optional=True),
    internal("reminded_at", MomentColumn, optional=True),
    internal("ended_at", MomentColumn, optional=True),
    # At most one stands for a case; a second moves its day.
    Index(
        "demand_stands_idx",
        "case_id",
        unique=True,
        postgresql_where=_STANDS,
        sqlite_where=_STANDS,
    ),
    Index("demand_late_idx", "due_at", postgresql_where=_AWAITED, sqlite_where=_AWAITED),
    Index("demand_asked_by_idx", "asked_by", "id"),
    sqlite_autoincrement=True,
)
"""What a supervisor asks of the holders of a case, by when; the words are on file (督办)."""
