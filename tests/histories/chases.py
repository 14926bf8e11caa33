"""The chase timers a case must have, by its replayed file and the table of its bundle; no test."""

from collections.abc import Mapping
from datetime import datetime

from engine.casefile.replay import replay
from engine.definitions import Definition, DefinitionCache
from engine.time.calendar import WorkCalendar
from engine.time.limits import span_of
from engine.time.reminders import AT_ITS_END, TABLE, element_of, next_chase, read_rules, rules_for
from storage.cases.cases import Case, list_processes
from storage.cases.events import CaseEvent
from storage.cases.tasks import list_open_tasks
from storage.cases.timers import list_timers
from storage.database.session import Session
from storage.places import calendar as calendars
from storage.processes import definitions

Key = tuple[int, str]
"""A running process, and a task or an element in it."""

Bundles = Mapping[int, Definition]
"""The definition each running process is pinned to."""


def check_chases(
    session: Session, case: Case, file: list[CaseEvent], cache: DefinitionCache
) -> None:
    """Every clock has one timer: of its next trigger, or of the end of its pause."""
    wanted = _wanted(session, case, file, _bundles(session, case, cache))
    armed = {
        (timer.running_id, timer.element): timer.due_at
        for timer in list_timers(session, case.id)
        if timer.kind == "chase"
    }
    assert wanted.keys() == armed.keys(), (
        f"{case.number}: nobody will chase {sorted(wanted.keys() - armed.keys())},"
        f" chased for nothing: {sorted(armed.keys() - wanted.keys())}"
    )
    assert wanted == armed, f"{case.number}: chased at another time than the table says"


def _bundles(session: Session, case: Case, cache: DefinitionCache) -> Bundles:
    return {
        process.id: cache.get(process.digest, lambda digest: definitions.get_files(session, digest))
        for process in list_processes(session, case.id)
    }


def _wanted(
    session: Session, case: Case, file: list[CaseEvent], bundles: Bundles
) -> dict[Key, datetime]:
    calendar = WorkCalendar(calendars.day_kinds(session), calendars.announced_years(session))
    stored = {(task.running_id, task.token): task for task in list_open_tasks(session, case.id)}
    chased = chased_for(file, bundles)
    wanted = {}
    for key, filed in replay(file).open_tasks.items():
        span = span_of(stored[key])
        if filed.is_paused:
            wanted[key[0], element_of(key[1])] = _end_of_pause(file, key)
            continue
        if filed.due_at is None or span is None:
            continue
        rules = rules_for(bundles[key[0]], stored[key])
        following = next_chase(rules, calendar, span, chased.get(key, {}))
        if following is not None:
            wanted[key[0], element_of(key[1])] = following.at
    return wanted


def _end_of_pause(file: list[CaseEvent], key: Key) -> datetime:
    """When the last pause of a task ends by rule, by the entry that began it."""
    pauses = (
        event.data
        for event in reversed(file)
        if event.kind == "task_paused" and (event.data["running"], str(event.data["token"])) == key
    )
    return datetime.fromisoformat(next(pauses)["until"])


def chased_for(file: list[CaseEvent], bundles: Bundles) -> dict[Key, dict[str, int]]:
    """What each task was chased for, by the entries that say so."""
    chased: dict[Key, dict[str, int]] = {}
    for event in file:
        key = (event.data.get("running", 0), str(event.data.get("token")))
        if event.kind == "chased":
            rules = (*read_rules(bundles[key[0]].decisions[TABLE]), AT_ITS_END)
            rule = next(rule for rule in rules if rule.id == event.data["rule"])
            counts = chased.setdefault(key, {})
            before, late = counts.get(rule.id, 0), event.data.get("days_overdue", 0)
            counts[rule.id] = max(int(rule.value), before + 1, late) if rule.is_daily else 1
        elif event.kind == "task_extended":
            chased[key] = dict(event.data["task"]["chased"])
    return chased
