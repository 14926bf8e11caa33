"""The words cases are searched by, kept with their rows and indexed by either database.

Cases that are there already are cut once, here. The cutter is the one of this release: words and
what is typed have to be cut alike.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.cases.search import SEARCHED, names_behind, words_of
from storage.moments import MomentColumn

revision = "0010_words"
down_revision = "0009_statistics"
oldest_code = "0010_words"

_BATCH = 500
_CASE = sa.table(
    "case_",
    sa.column("id"),
    sa.column("opened_at", MomentColumn),
    sa.column("words"),
    *(sa.column(name) for name in SEARCHED),
)
_INDEX = "create index case_words_idx on case_ using gin (string_to_array(words, ' '))"
_TABLE = (
    "create virtual table case_words using"
    " fts5(words, content='case_', content_rowid='id', tokenize='ascii')"
)
_ADD = "insert into case_words (rowid, words) values (new.id, new.words);"
_REMOVE = "insert into case_words (case_words, rowid, words) values ('delete', old.id, old.words);"
_ON_BEGIN = f"create trigger case_words_begin after insert on case_ begin {_ADD} end"
_ON_CHANGE = (
    "create trigger case_words_change after update of words on case_"
    f" when new.words is not old.words begin {_REMOVE} {_ADD} end"
)


def upgrade() -> None:
    """Add the column, cut what is there, index it."""
    op.add_column("case_", sa.Column("words", sa.Text(), nullable=True))
    bind = op.get_bind()
    _cut_all(bind)
    if bind.dialect.name != "sqlite":
        bind.exec_driver_sql(_INDEX)
        return
    bind.exec_driver_sql(_TABLE)
    bind.exec_driver_sql("insert into case_words (case_words) values ('rebuild')")
    for trigger in (_ON_BEGIN, _ON_CHANGE):
        bind.exec_driver_sql(trigger)


def _cut_all(bind: Any) -> None:
    write = (
        sa.update(_CASE)
        .where(_CASE.c.id == sa.bindparam("of_case"))
        .values(words=sa.bindparam("cut"))
    )
    last = 0
    while True:
        question = sa.select(_CASE).where(_CASE.c.id > last).order_by(_CASE.c.id).limit(_BATCH)
        rows = bind.execute(question).mappings().all()
        if not rows:
            return
        names = names_behind(bind, rows)
        bind.execute(write, [{"of_case": row["id"], "cut": words_of(row, names)} for row in rows])
        last = rows[-1]["id"]
