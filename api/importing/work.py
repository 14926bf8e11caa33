"""The three pieces of work on a batch, in chunks that resume after a kill."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from api.composition import Composition
from api.importing.cases import tell_all_cases
from api.importing.ordering import APPLY, CHECK, TITLES, UNDO, Order, start_apply
from engine.background.operations import Doing, OperationKind
from engine.background.recounting import known_calendar, ordered
from engine.run.runner import Runner
from storage.audit.log import COMMAND_LINE, add_audit
from storage.database.session import Session
from storage.imports import batches
from storage.imports.batches import WRITTEN, Batch
from storage.imports.columns import ColumnNames
from storage.imports.kinds import import_kind, names_of_columns
from storage.imports.outcomes import ImportAct, ImportKind, Judged, ParsedRow, ReadRows
from storage.imports.reader import read_table
from storage.imports.rows import ImportRefusedError, Table, place_of
from storage.map import counts as counts_of_areas
from storage.moments import Json
from storage.operations import operations
from storage.people.posts import reference_of
from storage.registry.missing import take_back_missing

CHUNK: Final = 1_000
_KEPT: Final = (*WRITTEN, "review")
_MOST_PROBLEMS: Final = 500


def operation_kinds(composition: Composition) -> tuple[OperationKind, ...]:
    """The work on batches, for the list of long work."""
    folder = composition.settings.city_folder
    doers: dict[str, Callable[[Path, Doing], Json]] = {
        CHECK: check_import,
        APPLY: partial(_applied, composition.runner),
        UNDO: undo_import,
    }
    return tuple(
        OperationKind(name, TITLES[name], partial(doer, folder)) for name, doer in doers.items()
    )


def _applied(runner: Runner, city_folder: Path, doing: Doing) -> Json:
    """Apply a list, then tell the cases that waited for what it says."""
    result = apply_import(city_folder, doing)
    tell_all_cases(runner, doing.database)
    return result


def check_import(city_folder: Path, doing: Doing) -> Json:
    """Read the file and judge every row; nothing but the batch is written."""
    batch, act = _begin(doing)
    kind = import_kind(batch.kind, city_folder)
    try:
        reading, table = _read(doing, batch, act, kind, names_of_columns(batch.kind, city_folder))
    except ImportRefusedError as refused:
        return _refused(doing, batch, refused)
    done = (doing.checkpoint or {"after": -1})["after"]
    doing.report(max(done, 0), len(table.rows))
    if done < 0:
        with doing.part(checkpoint={"after": -1}, done=0) as session:
            batches.forget_rows(session, batch.id)
            batches.store_heads(session, batch.id, table.heads)
    for chunk in _chunks(reading.entries, done):
        last = chunk[-1].place
        with doing.part(checkpoint={"after": last}, done=last + 1) as session:
            batches.add_rows(session, batch.id, _judged(session, kind, chunk, act))
    with doing.part(checkpoint={"after": len(table.rows)}, done=len(table.rows)) as session:
        batches.add_rows(session, batch.id, _settled(session, batch, reading))
        _refuse_repeated(session, batch)
        counts = batches.count_rows(session, batch.id)
        warnings = [*table.warnings, *reading.warnings, *_earlier(session, batch)]
        batches.update_batch(
            session,
            batch.id,
            state="checked",
            checked_at=act.now,
            counts=counts,
            problems=[],
            warnings=warnings[:_MOST_PROBLEMS],
        )
        if doing.arguments.get("then_apply") and not counts.get("refused"):
            start_apply(session, batch, Order(batch.started_by, act.now))
    return _result(counts, "检查完成", "checked")


def apply_import(city_folder: Path, doing: Doing) -> Json:
    """Write the rows, a chunk in one transaction: judged again, because others go on working."""
    batch, act = _begin(doing)
    kind = import_kind(batch.kind, city_folder)
    state: dict[str, Any] = doing.checkpoint or {"recounts": []}
    after = batch.applied_to
    doing.report(after + 1, batch.rows)
    while True:
        with doing.database.reading() as session:
            rows = batches.list_to_apply(session, batch.id, after=after, limit=CHUNK)
        if not rows:
            break
        after = rows[-1].entry.place
        with doing.part(checkpoint=state, done=after + 1) as session:
            with _recounted(session, batch, act, state):
                _write_chunk(session, kind, rows, act, batch)
            batches.update_batch(session, batch.id, applied_to=after)
        # Before the scheduler looks, so that a map reads few changes while a long list is written.
        doing.database.run(counts_of_areas.fold)
    with doing.part(checkpoint=state, done=batch.rows) as session:
        counts = _finish_apply(session, kind, batch, act)
    return {**_result(counts, "导入完成", "imported"), **state}


def undo_import(city_folder: Path, doing: Doing) -> Json:
    """Take written rows back, the last one first; what was changed since stays and is listed."""
    batch, act = _begin(doing)
    kind = import_kind(batch.kind, city_folder)
    state: dict[str, Any] = doing.checkpoint or {"recounts": []}
    doing.report(doing.done, sum(batch.counts.get(outcome, 0) for outcome in _KEPT))
    while True:
        with doing.database.reading() as session:
            rows = batches.list_to_undo(session, batch.id, applied_to=batch.applied_to, limit=CHUNK)
        if not rows:
            break
        with (
            doing.part(checkpoint=state, done=doing.done + len(rows)) as session,
            _recounted(session, batch, act, state),
        ):
            for row in rows:
                why = kind.undo(session, row.judged, act)
                batches.mark_undone(session, batch.id, row.judged.entry.place, why)
        doing.database.run(counts_of_areas.fold)
    with doing.part(checkpoint=state, done=doing.done) as session:
        counts = _finish_undo(session, batch, act)
    kept = counts.get("kept", 0)
    summary = {
        "zh": f"已撤销 {counts.get('undone', 0)} 行，{kept} 行之后又被更改，保持不变。",
        "en": f"{counts.get('undone', 0)} rows undone, {kept} changed since and kept.",
    }
    return {"batch": batch.id, **counts, **state, "summary": summary}


@contextmanager
def _recounted(
    session: Session, batch: Batch, act: ImportAct, state: dict[str, Any]
) -> Iterator[None]:
    """Order a new count of open limits with a change of the calendar, in its transaction."""
    if batch.kind != "calendar":
        yield
        return
    before = known_calendar(session)
    yield
    new = ordered(before, now=act.now, started_by=batch.started_by)
    made = operations.add_operation(session, new, at=act.now)
    state["recounts"] = [*state["recounts"], made]


def _begin(doing: Doing) -> tuple[Batch, ImportAct]:
    with doing.database.reading() as session:
        batch = batches.get_batch(session, int(doing.arguments["batch"]))
    return batch, ImportAct(
        batch.id,
        batch.file_name,
        doing.clock.now(),
        batch.source,
        _actor_of(batch),
        batch.is_full,
    )


def _actor_of(batch: Batch) -> str:
    return COMMAND_LINE if batch.started_by is None else reference_of(batch.started_by)


def _read(
    doing: Doing, batch: Batch, act: ImportAct, kind: ImportKind, names: ColumnNames
) -> tuple[ReadRows, Table]:
    with doing.database.reading() as session:
        content = batches.content_of(session, batch.id)
    table = read_table(content, batch.kind, names, batch.mapping)
    with doing.database.reading() as session:
        return kind.read(session, table, act), table


def _refused(doing: Doing, batch: Batch, refused: ImportRefusedError) -> Json:
    problems = refused.problems[:_MOST_PROBLEMS]
    with doing.part(checkpoint={"after": -1}, done=0) as session:
        batches.forget_rows(session, batch.id)
        batches.store_heads(session, batch.id, refused.heads)
        batches.update_batch(session, batch.id, state="draft", problems=problems, counts={})
    summary = {"zh": "文件不能读取，请看问题列表。", "en": "The file cannot be read; see why."}
    return {"batch": batch.id, "problems": len(problems), "summary": summary}


def _chunks(entries: Sequence[ParsedRow], done: int) -> Iterator[Sequence[ParsedRow]]:
    left = [entry for entry in entries if entry.place > done]
    for start in range(0, len(left), CHUNK):
        yield left[start : start + CHUNK]


def _judged(
    session: Session, kind: ImportKind, entries: Sequence[ParsedRow], act: ImportAct
) -> list[Judged]:
    return [
        replace(row, warning=row.warning or row.entry.warning)
        for row in kind.judge(session, entries, act)
    ]


def _settled(session: Session, batch: Batch, reading: ReadRows) -> list[Judged]:
    """The rows settled by reading, without those an earlier runner has added already."""
    places = {row.entry.place for row in reading.settled}
    known = batches.list_places(session, batch.id, places)
    return [row for row in reading.settled if row.entry.place not in known]


def _refuse_repeated(session: Session, batch: Batch) -> None:
    for rows in batches.list_repeated(session, batch.id).values():
        numbers = "与".join(place_of(number) for _, number in rows)
        message = f"{numbers}是同一个对象，请合并为一行 (the same subject: make one row)。"
        batches.refuse_rows(session, batch.id, [place for place, _ in rows], message)


def _earlier(session: Session, batch: Batch) -> list[str]:
    found = batches.find_earlier(session, batch)
    if found is None:
        return []
    return [f"同一文件已由第 {found.id} 次导入写入过 (applied before as import {found.id})。"]


def _write_chunk(
    session: Session, kind: ImportKind, rows: Sequence[Judged], act: ImportAct, batch: Batch
) -> None:
    entries = [replace(row.entry, warning=row.warning) for row in rows]
    judged = _judged(session, kind, entries, act)
    written = kind.write(session, [row for row in judged if row.outcome in _KEPT], act)
    now = {row.entry.place: row for row in [*judged, *written]}
    was = {row.entry.place: row for row in rows}
    batches.store_outcomes(
        session,
        batch.id,
        [row for place, row in now.items() if _differs(row, was[place])],
    )


def _differs(now: Judged, was: Judged) -> bool:
    settled = (was.outcome, was.subject, was.before)
    return now.outcome in WRITTEN or (now.outcome, now.subject, now.before) != settled


def _finish_apply(
    session: Session, kind: ImportKind, batch: Batch, act: ImportAct
) -> dict[str, int]:
    counts = batches.count_rows(session, batch.id)
    warnings = [*batch.warnings, *kind.warn(session, _all_written(session, batch), act)]
    batches.update_batch(
        session,
        batch.id,
        state="applied",
        applied_at=act.now,
        counts=counts,
        warnings=warnings[:_MOST_PROBLEMS],
        content=None,
    )
    _audit(session, "imported", batch, act, counts)
    return counts


def _finish_undo(session: Session, batch: Batch, act: ImportAct) -> dict[str, int]:
    if batch.kind == "businesses":
        take_back_missing(session, str(batch.source), batch.id)
    counts = batches.count_rows(session, batch.id)
    batches.update_batch(
        session, batch.id, state="undone", undone_at=act.now, counts=counts, content=None
    )
    _audit(session, "import_undone", batch, act, counts)
    return counts


def _all_written(session: Session, batch: Batch) -> Iterator[Judged]:
    after = -1
    while rows := batches.list_rows(session, batch.id, outcomes=WRITTEN, after=after, limit=CHUNK):
        yield from (row.judged for row in rows)
        after = rows[-1].judged.entry.place


def _audit(
    session: Session, action: str, batch: Batch, act: ImportAct, counts: dict[str, int]
) -> None:
    add_audit(
        session,
        at=act.now,
        actor=act.actor,
        action=action,
        subject_kind=batch.kind,
        subject=batch.file_name,
        data={"batch": batch.id, "rows": batch.rows, **counts, "sha256": batch.sha256},
    )


def _result(counts: dict[str, int], zh: str, en: str) -> Json:
    added, changed = counts.get("added", 0), counts.get("changed", 0)
    refused, same = counts.get("refused", 0), counts.get("same", 0)
    summary = {
        "zh": f"{zh}：新增 {added}，变更 {changed}，相同 {same}，拒绝 {refused}。",
        "en": f"{en}: {added} added, {changed} changed, {same} the same, {refused} refused.",
    }
    return {**counts, "summary": summary}
