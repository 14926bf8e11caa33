"""Tables of the map: outlines of areas, and how many businesses stand in each area."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from storage.tables.columns import BigInt, Code, internal, metadata, public, row_id

area_boundary = Table(
    "area_boundary",
    metadata,
    row_id(),
    public("area_code", Code),
    public("level", SmallInteger),
    public("valid_from", Date),
    public("valid_to", Date, optional=True),
    public("geometry", LargeBinary),
    public("drawn", LargeBinary),
    public("west", Float),
    public("south", Float),
    public("east", Float),
    public("north", Float),
    public("label_lat", Float),
    public("label_lon", Float),
    public("source"),
    public("review_number", optional=True),
    internal("batch_id", BigInt, ForeignKey("import_batch.id"), optional=True),
    UniqueConstraint("area_code", "valid_from", name="area_boundary_key"),
    CheckConstraint("level between 1 and 6", name="area_boundary_level_is_one_of_six"),
    CheckConstraint("west <= east and south <= north", name="area_boundary_box_is_a_box"),
    Index("area_boundary_level_idx", "level", "west"),
)
"""The outline of an area between two days, WKB in WGS-84; `drawn` is the simpler one of tiles."""

area_count = Table(
    "area_count",
    metadata,
    public("area_code", Code, primary_key=True),
    public("category", Code, primary_key=True),
    public("status", Code, primary_key=True),
    public("bright", Boolean, primary_key=True),
    public("n", Integer),
    internal("version", BigInt),
)
"""How many businesses an area holds with everything below it, as folded from the changes.

`version` is the number of changes folded into the row.
"""

area_count_change = Table(
    "area_count_change",
    metadata,
    row_id(),
    public("area_code", Code),
    public("category", Code),
    public("status", Code),
    public("bright", Boolean),
    public("n", Integer),
    Index("area_count_change_area_idx", "area_code"),
)
"""One more or one less where a business stands, written by a trigger of `business`.

So no way of writing a business can forget it, and no two writers share a row; folded rows go.
"""
