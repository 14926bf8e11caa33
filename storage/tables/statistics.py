"""Tables of the statistics: one fact for each closed case, and the links that open a wall board."""

from sqlalchemy import Boolean, Index, Integer, SmallInteger, Table

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

# Derived from the case file after the case has closed and rebuilt from it at any time, so no step
# writes here and no foreign key is checked. Its indexes make a board cost its period, not history.
fact_case = Table(
    "fact_case",
    metadata,
    internal("case_id", BigInt, primary_key=True, autoincrement=False),
    public("area_code", Code),
    public("opened_at", MomentColumn),
    public("closed_at", MomentColumn),
    public("kind"),
    public("source"),
    public("channel", optional=True),
    public("matter", Code, optional=True),
    public("accepting_party", optional=True),
    public("outcome", optional=True),
    public("handled_level", optional=True),
    personal("collector", BigInt, optional=True),
    public("passes", SmallInteger),
    public("pass_reasons", JsonText),
    public("failed_verifications", SmallInteger),
    public("reopened", SmallInteger),
    public("is_eligible", Boolean),
    public("is_self_resolved", Boolean),
    public("minutes", Integer),
    public("minutes_by_level", JsonText),
    Index("fact_case_closed_idx", "closed_at", "area_code"),
    Index("fact_case_opened_idx", "opened_at", "area_code"),
)

display_link = Table(
    "display_link",
    metadata,
    row_id(),
    internal("token_hash", Code, unique=True),
    public("area_code", Code),
    personal("created_by", BigInt),
    internal("created_at", MomentColumn),
    internal("expires_at", MomentColumn),
    internal("revoked_at", MomentColumn, optional=True),
    Index("display_link_creator_idx", "created_by"),
)
