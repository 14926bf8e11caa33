"""Tables of the ground a city stands on: areas, units, posts, people, businesses, matters, days."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.moments import JsonText, MomentColumn
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

area = Table(
    "area",
    metadata,
    public("code", Code, primary_key=True),
    public("valid_from", Date, primary_key=True),
    public("name"),
    public("level", SmallInteger),
    public("parent", Code, optional=True),
    public("kind", optional=True),
    public("valid_to", Date, optional=True),
    public("lat", Float, optional=True),
    public("lon", Float, optional=True),
    CheckConstraint("level between 1 and 6", name="area_level_is_one_of_six"),
    CheckConstraint("(level = 1) = (parent is null)", name="area_only_the_city_has_no_parent"),
    Index("area_parent_idx", "parent"),
)

org_unit = Table(
    "org_unit",
    metadata,
    public("code", Code, primary_key=True),
    public("name"),
    public("kind"),
    public("rank", SmallInteger),
    CheckConstraint(
        "kind in ('station', 'county', 'zone_committee', 'city', 'enforcement',"
        " 'catering_section', 'emergency_center')",
        name="org_unit_kind_is_known",
    ),
)

town_jurisdiction = Table(
    "town_jurisdiction",
    metadata,
    public("town_code", Code, primary_key=True),
    public("station_code", Code, ForeignKey("org_unit.code")),
    public("jurisdiction_code", Code, ForeignKey("org_unit.code")),
    public("enforcement_code", Code, ForeignKey("org_unit.code")),
    public("pilot", Boolean),
    Index("town_jurisdiction_station_idx", "station_code"),
    Index("town_jurisdiction_jurisdiction_idx", "jurisdiction_code"),
    Index("town_jurisdiction_enforcement_idx", "enforcement_code"),
)

business = Table(
    "business",
    metadata,
    row_id(),
    public("name"),
    public("credit_code", optional=True),
    public("licence_number", optional=True),
    public("category"),
    public("area_code", Code),
    public("address", optional=True),
    public("scope", optional=True),
    personal("person_in_charge", optional=True),
    personal("phone", optional=True),
    public("lat", Float, optional=True),
    public("lon", Float, optional=True),
    public("status"),
    internal("flags", JsonText),
    internal("version", Integer),
    internal("created_at", MomentColumn),
    internal("updated_at", MomentColumn),
    internal("name_key", Code, optional=True),
    internal("origins", JsonText, optional=True),
    internal("merged_into", BigInt, optional=True),
    internal("photo", Code, optional=True),
    internal("tile_key", BigInt, optional=True),
    CheckConstraint(
        "status in ('operating', 'suspected_ceased', 'ceased', 'terminated_confirmed',"
        " 'deregistration_notified', 'deregistered', 'dormant')",
        name="business_status_is_known",
    ),
    Index("business_area_idx", "area_code", "id"),
    Index("business_credit_code_idx", "credit_code", unique=True),
    Index("business_licence_number_idx", "licence_number"),
    Index("business_name_key_idx", "name_key"),
    Index("business_name_idx", "name"),
    Index("business_phone_idx", "phone"),
    Index(
        "business_uncoded_idx",
        "area_code",
        sqlite_where=text("credit_code is null"),
        postgresql_where=text("credit_code is null"),
    ),
    Index("business_tile_idx", "tile_key"),
)

officer = Table(
    "officer",
    metadata,
    row_id(),
    personal("username", unique=True),
    personal("display_name"),
    sensitive("password_hash"),
    personal("email", optional=True),
    personal("phone", optional=True),
    internal("quiet_from", optional=True),
    internal("quiet_to", optional=True),
    internal("business_id", BigInt, ForeignKey("business.id"), optional=True),
    internal("rights", JsonText),
    sensitive("token_version", Integer),
    internal("active", Boolean),
    internal("created_at", MomentColumn),
    internal("employer_unit", Code, optional=True),
    internal("field_officer", Boolean, server_default=text("false")),
    Index("officer_business_idx", "business_id"),
    Index("officer_phone_idx", "phone"),
)

saved_view = Table(
    "saved_view",
    metadata,
    row_id(),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    personal("name"),
    personal("query"),
    internal("created_at", MomentColumn),
    UniqueConstraint("officer_id", "name", name="saved_view_name_key"),
)
"""The inbox view an officer chose, as the query of its address."""

post = Table(
    "post",
    metadata,
    public("id", Code, primary_key=True),
    public("role", Code),
    public("place", Code),
    public("rank", SmallInteger),
    public("title"),
    public("followed_by", Code, optional=True),
    Index("post_role_place_idx", "role", "place", unique=True),
    Index("post_place_idx", "place"),
    Index("post_followed_by_idx", "followed_by"),
)
"""`followed_by` is the post that took over when the area changed: its holders act here as well."""

holding = Table(
    "holding",
    metadata,
    row_id(),
    public("post_id", Code, ForeignKey("post.id")),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    internal("since", MomentColumn),
    internal("until", MomentColumn, optional=True),
    public("kind", server_default=text("'main'")),
    internal("appointed_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("document", optional=True),
    internal("ended_reason", optional=True),
    personal("stands_in_for", BigInt, ForeignKey("officer.id"), optional=True),
    CheckConstraint("kind in ('main', 'acting', 'substitute')", name="holding_kind_is_known"),
    Index("holding_post_idx", "post_id"),
    Index("holding_officer_idx", "officer_id"),
    Index(
        "holding_current_idx",
        "post_id",
        "officer_id",
        unique=True,
        postgresql_where=text("until is null"),
        sqlite_where=text("until is null"),
    ),
)

matter = Table(
    "matter",
    metadata,
    public("code", Code, primary_key=True),
    public("name_zh"),
    public("name_en"),
    public("applies_to"),
    public("accepting_party"),
    public("accepting_level"),
    public("priority"),
    public("law", optional=True),
    public("photo_required", Boolean),
    public("deadline_profile"),
    public("guide", optional=True),
    public("repeat_rule", optional=True),
    internal("note", optional=True),
    public("sort", Integer),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    public("on_date", Date, primary_key=True),
    public("kind"),
    public("name", Text, optional=True),
    internal("source"),
    public("announced", Boolean),
    CheckConstraint(
        "kind in ('workday', 'makeup_workday', 'holiday', 'weekend')",
        name="calendar_day_kind_is_known",
    ),
)
