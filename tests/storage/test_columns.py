"""A column of a case or a task is declared once: everything else is derived from that."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage.cases.cases import Case
from storage.cases.columns import BLANK_CASE
from storage.cases.tasks import Task
from storage.database.schema import newest_revision
from storage.tables import case_, task

ROOT = Path(__file__).parents[2]

MIGRATION = '''"""Add the columns."""

import sqlalchemy as sa
from alembic import op

revision = "9999_mood"
down_revision = "{head}"
oldest_code = "{head}"


def upgrade() -> None:
    """Add them."""
    op.add_column("case_", sa.Column("mood", sa.Text(), nullable=True))
    op.add_column("task", sa.Column("tools", sa.Text(), nullable=True))
'''

TRIAL = """
import sys
from pathlib import Path

import storage
from engine.casefile.replay import differences, replay
from storage.cases import cases, events, tasks
from storage.city.rules import install, read_rules
from storage.database.schema import upgrade
from storage.database.session import Database

here = Path(sys.argv[1])
assert Path(storage.__file__).is_relative_to(here), storage.__file__
install(read_rules(here / "city" / "putian"))
from tests.build import MORNING, a_case, a_task, stepped

database = Database(sys.argv[2], pooled=False)
upgrade(database)
with database.transaction() as session:
    opened = a_case(session, tasks=[a_task("1", tools=["scale"]), a_task("2")])
    assert opened.case.mood is None
    changes = {"case_changes": {"mood": "glad"}, "task_changes": [("2", {"tools": ["lamp"]})]}
    stepped(session, opened, **changes)
    locked = cases.lock_case_for_step(session, running_id=opened.process.id, token="1")
    assert (locked.case.mood, locked.task.tools) == ("glad", ["scale"])
    assert [one.tools for one in tasks.list_tasks(session, opened.case.id)] == [["scale"], ["lamp"]]
    born = a_case(session, mood="calm").case
    assert cases.get_case(session, born.id).mood == "calm"
"""


def test_case_and_task_are_typed_as_they_are_declared() -> None:
    """What is read apart goes nowhere with the others: a secret, its words, its period."""
    apart = {column.name for column in case_.c if column.info["written"] == "apart"}

    assert set(Case._fields) == BLANK_CASE.keys() == set(case_.c.keys()) - apart
    assert set(Task._fields) == set(task.c.keys())
    assert apart == {"query_salt", "words", "start_key"}


def copied(tmp_path: Path) -> Path:
    """The rooms a column could touch, in a folder of their own."""
    here = tmp_path / "tree"
    for room in ("storage", "engine", "handlers", "city"):
        shutil.copytree(ROOT / room, here / room, ignore=shutil.ignore_patterns("__pycache__"))
    (here / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "build.py", here / "tests")
    return here


def put_before(path: Path, line: str, new: str) -> None:
    """Add a line before the only one that matches."""
    text, count = re.subn(f"(?m)^(?={line})", new + "\n", path.read_text(encoding="utf-8"))
    assert count == 1, (path, line)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_new_column_is_two_lines_and_a_migration(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """One line declares it, one types it: it is opened with, changed, locked and read back."""
    here = copied(tmp_path)
    cases, tables = here / "storage" / "cases", here / "storage" / "tables" / "casework.py"
    put_before(
        tables,
        r"    public\(\"closed_at\", MomentColumn, optional=True\),",
        '    public("mood", optional=True),',
    )
    put_before(cases / "cases.py", r"    outcome: str \| None", "    mood: str | None")
    put_before(
        tables, r"    internal\(\"chased\",", '    internal("tools", JsonText, optional=True),'
    )
    put_before(cases / "tasks.py", r"    chased: Json = None", "    tools: Json = None")
    migration = here / "storage" / "migrations" / "versions" / "9999_mood.py"
    migration.write_text(MIGRATION.format(head=newest_revision()), encoding="utf-8")
    address = f"sqlite:///{tmp_path / 'trial.db'}"
    if kind == "postgres":
        address = str(request.getfixturevalue("bare_postgres_url"))

    ended = subprocess.run(
        [sys.executable, "-c", TRIAL, str(here), address],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
