"""Import a list from the command line, by the same work as in the browser."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from api import importing
from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, fail, hint, say
from api.cli.work.operations import keep_here, watch_here
from api.composition import Composition
from api.importing.ordering import Order
from storage.imports import batches
from storage.imports.batches import Batch, NewBatch
from storage.imports.columns import COLUMNS
from storage.operations.operations import LongOperation

_MOST_LINES = 10_000
_LINKS_AT_MOST = 20_000


def add_to(group: click.Group) -> None:
    """Register the command with the main group."""
    group.add_command(import_list)


@click.command("import")
@click.argument("kind", type=click.Choice(tuple(COLUMNS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row, change nothing.")
@click.option(
    "--source",
    type=click.Choice((*importing.SOURCES, *importing.SOURCES_OF["people"])),
    default="licence",
    show_default=True,
    help="Where a list of businesses comes from; full: a list of people names everybody.",
)
@click.option(
    "--full",
    "is_full",
    is_flag=True,
    help="A list of businesses names all of its source; who is missing becomes a question.",
)
@click.option("--leave-out-refused", is_flag=True, help="Leave out the rows that are refused.")
@as_json
def import_list(
    kind: str,
    file: Path,
    *,
    dry_run: bool,
    source: str,
    is_full: bool,
    leave_out_refused: bool,
    is_json: bool,
) -> None:
    """Import FILE (XLSX, XLS, ODS, CSV): areas, businesses, the calendar, or people.

    CSV is read in UTF-8, GB18030 and UTF-16, with commas, tabs or semicolons. Heads are Chinese or
    English. A command stopped in the middle is finished by the scheduler; undo it in the browser.
    """
    composition = ready_machine()
    batch = _checked(composition, kind, file, source, is_full=is_full)
    refused = _refusals(composition, batch)
    if refused and not (leave_out_refused and batch.state == "checked"):
        problems = [f"{file}: {problem}" for problem in refused]
        fail("\n".join([*problems, "没有写入任何内容。Nothing was written."]))
    moved = 0
    if not dry_run:
        moved = _applied(composition, batch.id)
    report = _report_of(composition, batch.id, moved, dry_run=dry_run)
    if is_json:
        dump(report.as_json())
    else:
        _show(report)


@dataclass(slots=True)
class _ImportReport:
    """What is reported of an import."""

    batch: Batch
    changes: list[str]
    warnings: list[str]
    limits_moved: int
    dry_run: bool
    links: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The report as a document."""
        return {
            "batch": self.batch.id,
            "rows": self.batch.rows,
            "added": self.batch.counts.get("added", 0),
            "changed": self.batch.counts.get("changed", 0),
            "changes": self.changes,
            "warnings": self.warnings,
            "links": self.links,
            "dry_run": self.dry_run,
            "limits_moved": self.limits_moved,
        }


def _checked(
    composition: Composition, kind: str, file: Path, source: str, *, is_full: bool
) -> Batch:
    content = file.read_bytes()
    new = NewBatch(
        kind=kind,
        file_name=file.name,
        source=importing.source_of(kind, source),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        mapping={},
        started_by=None,
        is_full=is_full and kind == "businesses",
    )
    with composition.database.transaction() as session:
        batch = importing.add(session, new, Order(None, composition.clock.now()))
        keep_here(session, composition, int(batch.operation_id or 0))
    _watched(composition, batch)
    return _read(composition, batch.id)


def _applied(composition: Composition, batch_id: int) -> int:
    """Apply a batch; return the number of open limits that moved with the calendar."""
    order = Order(None, composition.clock.now())
    with composition.database.transaction() as session:
        batch = importing.order_apply(session, batch_id, order, leaves_out=True)
        keep_here(session, composition, int(batch.operation_id or 0))
    recounts = _watched(composition, batch).result["recounts"]
    moved = 0
    for operation_id in recounts:
        done = watch_here(composition, operation_id)
        if done.state != "done":
            fail(
                f"日历已导入，期限重算未完成（任务 {done.id}：{done.message or done.state}）。"
                f"The calendar is imported; see `hangji operation show {done.id}`."
            )
        moved += done.result["moved"]
    return moved


def _watched(composition: Composition, batch: Batch) -> LongOperation:
    done = watch_here(composition, int(batch.operation_id or 0))
    if done.state != "done":
        fail(
            f"导入没有完成（任务 {done.id}：{done.message or done.state}）。"
            f"The import did not end; see `hangji operation show {done.id}`."
        )
    return done


def _read(composition: Composition, batch_id: int) -> Batch:
    with composition.database.reading() as session:
        return batches.get_batch(session, batch_id)


def _refusals(composition: Composition, batch: Batch) -> list[str]:
    with composition.database.reading() as session:
        rows = batches.list_rows(session, batch.id, outcomes=["refused"], limit=_MOST_LINES)
    ordered = sorted(rows, key=lambda row: row.judged.entry.number)
    messages = [row.judged.message or "" for row in ordered]
    # Two rows that contradict each other say the same.
    return [*batch.problems, *dict.fromkeys(messages)]


def _report_of(
    composition: Composition, batch_id: int, moved: int, *, dry_run: bool
) -> _ImportReport:
    with composition.database.reading() as session:
        batch = batches.get_batch(session, batch_id)
        rows = batches.list_rows(session, batch_id, outcomes=["changed"], limit=_MOST_LINES)
        warned = batches.list_warned(session, batch_id, limit=_MOST_LINES)
    changes = [row.judged.message for row in rows if row.judged.message]
    report = _ImportReport(batch, changes, [*batch.warnings, *warned], moved, dry_run)
    if batch.kind == "people" and not dry_run:
        report.links = _links(composition, batch_id)
    return report


def _links(composition: Composition, batch_id: int) -> dict[str, str]:
    """The links by which new accounts set their password."""
    with composition.database.reading() as session:
        found = batches.list_unopened(session, batch_id, most=_LINKS_AT_MOST)
    now = composition.clock.now()
    return {
        one.username: composition.links.path(one.id, one.token_version, now=now) for one in found
    }


def _show(report: _ImportReport) -> None:
    for text in [*report.changes, *report.warnings]:
        say(text)
    document = report.as_json()
    say(f"{document['rows']} rows: {document['added']} added, {document['changed']} changed")
    if report.limits_moved:
        say(f"{report.limits_moved} open limits moved; each shift is on file and its holder told")
    if report.dry_run:
        say("试运行，没有写入任何内容。A dry run: nothing was written.")
        return
    for username, link in report.links.items():
        say(f"{username}  {link}")
    if report.links:
        hint("Hand each person the link to set a password; it holds seven days.")
