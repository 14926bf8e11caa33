"""Inspections of departments and the cases enforcement files: plans, draws, records, decisions."""

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

inspection_plan = Table(
    "inspection_plan",
    metadata,
    row_id(),
    public("kind", Code),
    internal("title"),
    internal("post", Code),
    internal("businesses", JsonText),
    personal("inspectors", JsonText),
    internal("since", Date),
    internal("until", Date),
    internal("visible_from_rank", SmallInteger, optional=True),
    internal("embargo_until", MomentColumn, optional=True),
    public("state", Code),
    personal("created_by", BigInt, ForeignKey("officer.id")),
    internal("created_at", MomentColumn),
    internal("started_at", MomentColumn, optional=True),
    internal("version", Integer),
    CheckConstraint(
        "state in ('planned', 'started', 'cancelled')", name="inspection_plan_state_is_known"
    ),
    CheckConstraint("until >= since", name="inspection_plan_ends_after_it_begins"),
    Index("inspection_plan_state_idx", "state", "until"),
)
"""A plan has no case and no number before it starts; then each business gets a case (R21)."""

inspection_plan_change = Table(
    "inspection_plan_change",
    metadata,
    internal("plan_id", BigInt, ForeignKey("inspection_plan.id"), primary_key=True),
    internal("version", Integer, primary_key=True),
    public("kind", Code),
    internal("reason"),
    personal("before", JsonText),
    personal("changed_by", BigInt, ForeignKey("officer.id")),
    internal("changed_at", MomentColumn),
)
"""What was changed of a plan before it started, or that it was cancelled, and why."""

double_random_draw = Table(
    "double_random_draw",
    metadata,
    internal("plan_id", BigInt, ForeignKey("inspection_plan.id"), primary_key=True),
    internal("number", Integer, primary_key=True),
    internal("seed", Code),
    internal("population_hash", Code),
    personal("population", JsonText),
    personal("drawn", JsonText),
    internal("at", MomentColumn),
)
"""What was drawn of whom by which seed, so that anybody can draw again; a plan keeps each draw."""

inspection = Table(
    "inspection",
    metadata,
    internal("case_id", BigInt, ForeignKey("case_.id"), primary_key=True),
    internal("plan_id", BigInt, ForeignKey("inspection_plan.id"), optional=True),
    public("kind", Code),
    internal("business_id", BigInt, ForeignKey("business.id")),
    public("checklist", Code),
    personal("inspectors", JsonText),
    internal("started_at", MomentColumn),
    internal("ended_at", MomentColumn, optional=True),
    public("result", Code, optional=True),
    internal("publish_on", Date, optional=True),
    public("published_at", MomentColumn, optional=True),
    Index("inspection_business_idx", "business_id", "ended_at"),
    Index("inspection_plan_idx", "plan_id"),
    Index("inspection_publish_idx", "publish_on"),
)
"""The inspection of one business: one case each."""

inspection_item = Table(
    "inspection_item",
    metadata,
    internal("case_id", BigInt, ForeignKey("inspection.case_id"), primary_key=True),
    public("item", Code, primary_key=True),
    internal("version", Integer),
    public("answer", Code),
    internal("remark", optional=True),
    internal("photos", JsonText),
    personal("changed_by", BigInt, ForeignKey("officer.id")),
    internal("changed_at", MomentColumn),
    CheckConstraint(
        "answer in ('yes', 'no', 'na', 'not_visible')", name="inspection_item_answer_is_known"
    ),
)
"""One line of a record; its version tells who edits it on a phone what changed meanwhile."""

enforcement_case = Table(
    "enforcement_case",
    metadata,
    row_id(),
    internal("number"),
    internal("unit", Code),
    internal("origin_case", BigInt, ForeignKey("case_.id")),
    internal("filed_at", MomentColumn),
    personal("filed_by", BigInt, ForeignKey("officer.id")),
    personal("officers", JsonText),
    internal("decided_at", MomentColumn, optional=True),
    public("measure", Code, optional=True),
    internal("document", optional=True),
    internal("fine_fen", BigInt, optional=True),
    internal("confiscation_fen", BigInt, optional=True),
    public("state", Code),
    UniqueConstraint("unit", "number", name="enforcement_case_number_key"),
    CheckConstraint("state in ('open', 'decided')", name="enforcement_case_state_is_known"),
    CheckConstraint("fine_fen >= 0", name="enforcement_case_fine_is_no_debt"),
    CheckConstraint("confiscation_fen >= 0", name="enforcement_case_confiscation_is_no_debt"),
    Index("enforcement_case_origin_idx", "origin_case"),
)
"""What a brigade filed on a lead; the case it came from stays open until it is decided (R25)."""

__all__ = [
    "double_random_draw",
    "enforcement_case",
    "inspection",
    "inspection_item",
    "inspection_plan",
    "inspection_plan_change",
]
