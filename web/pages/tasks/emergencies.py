"""An emergency stands once in a list of one's own, with all that it asks of its reader.

Its alert and its acceptance are two tasks of one person: one row says both, and one press signs
both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.reads.reading import Reading
from engine.reads.tasks import TaskBrief, TaskFilter, list_tasks
from storage.pages import LARGEST_LIMIT
from web.frame.language import listed
from web.frame.naming import title_of
from web.frame.work import ACCEPTED_AT_ONCE, WorkRow


def with_all_that_is_asked(reading: Reading, rows: Sequence[WorkRow]) -> list[WorkRow]:
    """Rows of emergencies with each step that waits for the reader, the next due first."""
    if not any(row.is_alarm for row in rows):
        return list(rows)
    own = _own_urgent(reading)
    return [_with_all(row, own.get(row.number, [])) for row in rows]


def signed_with(reading: Reading, keys: Sequence[str]) -> list[str]:
    """The keys of tasks, each followed by what is signed of the same emergency with it."""
    own = _own_urgent(reading)
    whole: list[str] = []
    for key in keys:
        same = next((its for its in own.values() if key in {task.id for task in its}), [])
        whole += [key, *(task.id for task in same if task.form in ACCEPTED_AT_ONCE)]
    return list(dict.fromkeys(whole))


def _with_all(row: WorkRow, own: Iterable[TaskBrief]) -> WorkRow:
    its = list(own)
    if row.key not in {task.id for task in its}:
        return row
    return replace(row, task=listed(dict.fromkeys(title_of(task) for task in its)))


def _own_urgent(reading: Reading) -> dict[str, list[TaskBrief]]:
    having = TaskFilter(whose="mine", is_urgent=True)
    own: dict[str, list[TaskBrief]] = {}
    for task in list_tasks(reading, having, limit=LARGEST_LIMIT).items:
        own.setdefault(task.case.number, []).append(task)
    return own
