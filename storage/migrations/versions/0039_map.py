"""Outlines of areas, counts of businesses by area, and the place of a business in map tiles.

The counts follow `business` by triggers, so that older code beside this one keeps them right, too.
"""

from math import log, pi, radians, sin
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0039_map"
down_revision = "0038_registry_lookups"
oldest_code = "0017_code_range"

_COLUMNS = "area_code, category, status, flags, merged_into, lat, lon"
_GROUP = "{row}.area_code, {row}.category, {row}.status, {bright}"
_INTO = "insert into area_count_change (area_code, category, status, bright, n)"


def upgrade() -> None:
    """Create the tables, count what is there, and keep counting."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    _create_boundaries(code, number)
    _create_counts(code, number)
    op.add_column("business", sa.Column("tile_key", number, nullable=True))
    _fill_tile_keys()
    op.create_index("business_tile_idx", "business", ["tile_key"])
    bright = _bright("business", is_sqlite=is_sqlite)
    op.execute(
        f"{_INTO} select area_code, category, status, {bright}, count(*) from business "  # noqa: S608 - constants
        f"where merged_into is null group by area_code, category, status, {bright}"
    )
    for statement in _sqlite() if is_sqlite else _postgresql():
        op.execute(statement)


def _create_boundaries(code: Any, number: Any) -> None:
    op.create_table(
        "area_boundary",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("drawn", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(edge, sa.Float(), nullable=False)
            for edge in ("west", "south", "east", "north", "label_lat", "label_lon")
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("review_number", sa.Text()),
        sa.Column("batch_id", number),
        sa.PrimaryKeyConstraint("id", name="area_boundary_pkey"),
        sa.UniqueConstraint("area_code", "valid_from", name="area_boundary_key"),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name="area_boundary_batch_id_fkey"
        ),
        sa.CheckConstraint("level between 1 and 6", name="area_boundary_level_is_one_of_six"),
        sa.CheckConstraint("west <= east and south <= north", name="area_boundary_box_is_a_box"),
    )
    op.create_index("area_boundary_level_idx", "area_boundary", ["level", "west"])


def _create_counts(code: Any, number: Any) -> None:
    group = ("area_code", "category", "status")
    op.create_table(
        "area_count",
        *(sa.Column(name, code, nullable=False) for name in group),
        sa.Column("bright", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("version", number, nullable=False),
        sa.PrimaryKeyConstraint(*group, "bright", name="area_count_pkey"),
    )
    op.create_table(
        "area_count_change",
        sa.Column("id", number, sa.Identity(), nullable=False),
        *(sa.Column(name, code, nullable=False) for name in group),
        sa.Column("bright", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="area_count_change_pkey"),
    )
    op.create_index("area_count_change_area_idx", "area_count_change", ["area_code"])


def _bright(row: str, *, is_sqlite: bool) -> str:
    if is_sqlite:
        return f"instr({row}.flags, '\"bright_kitchen\"') > 0"
    return f"position('\"bright_kitchen\"' in {row}.flags) > 0"


def _change(row: str, n: int, *, is_sqlite: bool) -> str:
    group = _GROUP.format(row=row, bright=_bright(row, is_sqlite=is_sqlite))
    return f"{_INTO} select {group}, {n} where {row}.merged_into is null;"


def _sqlite() -> list[str]:
    less, more = _change("old", -1, is_sqlite=True), _change("new", 1, is_sqlite=True)
    moved = " or ".join(f"old.{name} is not new.{name}" for name in _COLUMNS.split(", "))
    return [
        f"create trigger business_counts_more after insert on business begin {more} end",
        f"create trigger business_counts_less after delete on business begin {less} end",
        (
            f"create trigger business_counts_moved after update of {_COLUMNS} on business"
            f" when {moved} begin {less} {more} end"
        ),
    ]


def _postgresql() -> list[str]:
    less, more = _change("old", -1, is_sqlite=False), _change("new", 1, is_sqlite=False)
    before = ", ".join(f"old.{name}" for name in _COLUMNS.split(", "))
    after = ", ".join(f"new.{name}" for name in _COLUMNS.split(", "))
    return [
        f"""
create function count_business() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and ({before}) is not distinct from ({after}) then
    return null;
  end if;
  if tg_op <> 'INSERT' then {less} end if;
  if tg_op <> 'DELETE' then {more} end if;
  return null;
end
$$""",
        (
            f"create trigger business_is_counted after insert or delete or update of {_COLUMNS}"
            " on business for each row execute function count_business()"
        ),
    ]


def _fill_tile_keys() -> None:
    bind = op.get_bind()
    table = sa.table("business", *map(sa.column, ("id", "lat", "lon", "tile_key")))
    placed = sa.select(table.c.id, table.c.lat, table.c.lon).where(
        table.c.lat.is_not(None), table.c.lon.is_not(None)
    )
    keys = [{"row": row.id, "key": _tile_key(row.lat, row.lon)} for row in bind.execute(placed)]
    if keys:
        one = sa.update(table).where(table.c.id == sa.bindparam("row"))
        bind.execute(one.values(tile_key=sa.bindparam("key")), keys)


def _tile_key(lat: float, lon: float) -> int:
    # As `storage.places.tile_keys` on the day of this revision.
    sine = sin(radians(max(-85.051128, min(85.051128, lat))))
    size = 1 << 24
    x = min(size - 1, max(0, int((lon + 180) / 360 * size)))
    y = min(size - 1, max(0, int((0.5 - log((1 + sine) / (1 - sine)) / (4 * pi)) * size)))
    return sum(((x >> bit & 1) << 2 * bit) | ((y >> bit & 1) << 2 * bit + 1) for bit in range(24))
