"""Commands about diagrams: check, deploy, list the tasks, find a task's function."""

import inspect
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from api import deploying
from api.checked_page import page_of_findings
from api.cli.machine import ready_machine
from api.cli.terminal import WRONG_USE, as_json, dump, end, fail, say, table, working
from api.composition import Composition, handler_modules
from api.deploying import folder_of, read_paths, read_raw
from api.rehearsing import findings_of, read_scenarios, rehearse
from api.settings import ROOT
from engine.background.recurring import plan_missing
from engine.binding import Bound, Functions, collect
from engine.check import TO_ACCEPT, Finding
from engine.diagrams.model import Node
from handlers.policy import POLICIES
from storage.city.starts import starts_of_city

SHIPPED = ROOT / "bpmn"
COMMAND_LINE = "command line"
"""Who publishes when nobody is named."""

_BOUND = {"user", "service", "decision", "start"}

to_page = click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write one self-contained page with the drawings as well.",
)
"""The option of commands that can show what they found on the drawings."""

_paths = click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))


@dataclass(frozen=True, slots=True)
class TaskListed:
    """One task as the table shows it."""

    process: str
    id: str
    label: str
    kind: str
    lane: str
    form: str | None
    function: str | None
    says: str


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (check, deploy, diff, tasks, where):
        group.add_command(command)


@click.command("check")
@_paths
@click.option("--draft", "is_draft", is_flag=True, help="Names may still be foreign or missing.")
@to_page
@as_json
def check(paths: tuple[Path, ...], page: Path | None, *, is_draft: bool, is_json: bool) -> None:
    """Check diagrams, tables and forms in PATHS (folders or files); default: the shipped ones."""
    paths = paths or (SHIPPED,)
    functions = collect(handler_modules())
    raw = read_raw(paths)
    findings = deploying.check(raw, functions, POLICIES, is_whole=_are_shipped(paths))
    findings = [finding for finding in findings if _is_asked(finding, paths)]
    findings = deploying.of_a_draft(findings) if is_draft else findings
    if page is not None:
        page.write_text(page_of_findings(raw, findings), "utf-8")
    if is_json:
        dump([asdict(finding) for finding in findings])
    else:
        _tell(findings)
    end(is_fine=not _errors(findings))


@click.command("deploy")
@_paths
@click.option("--by", default=COMMAND_LINE, help="Who publishes, for the record.")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    type=click.Choice(sorted(TO_ACCEPT)),
    help="Publish although the check warns of this; kept on file with the name given by --by.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change, publish nothing.")
@as_json
def deploy(
    paths: tuple[Path, ...], by: str, accepted: tuple[str, ...], *, dry_run: bool, is_json: bool
) -> None:
    """Check the diagrams in PATHS and publish them; running cases keep their version."""
    paths = paths or (SHIPPED,)
    if accepted and by.strip() in {"", COMMAND_LINE}:
        fail("--accept needs the name of who accepts: --by NAME.", status=WRONG_USE)
    composition = ready_machine()
    raw = read_raw(paths)
    findings = deploying.check(
        raw, composition.functions, composition.policies, is_whole=_are_shipped(paths)
    )
    _stop_if_blocked(findings, accepted)
    files = {name: content.decode() for name, content in raw.items()}
    findings += _rehearsed(composition, paths, files)
    _stop_if_blocked(findings, accepted)
    if dry_run:
        _show_changes(composition, files, is_json=is_json)
        return
    with composition.database.transaction() as session:
        done = deploying.publish(
            session,
            files,
            by=by,
            now=composition.clock.now(),
            accepted=[finding for finding in findings if finding.is_to_accept],
        )
        starts = starts_of_city(session, composition.settings.city_folder)
        plan_missing(composition.runner, session, starts)
    if is_json:
        dump([asdict(release) for release in done])
        return
    heads = ("process", "version", "digest", "")
    table(
        heads,
        [(release.process_id, release.version, release.digest, release.says) for release in done],
    )


def _stop_if_blocked(findings: Sequence[Finding], accepted: Collection[str]) -> None:
    if deploying.blocking(findings, accepted=accepted):
        _tell(findings, accepted=accepted)
        end(is_fine=False)


def _rehearsed(
    composition: Composition, paths: Sequence[Path], files: dict[str, str]
) -> list[Finding]:
    """The scenarios that break, played only when the files would change what is in force."""
    with composition.database.reading() as session:
        compared = deploying.compare(session, files, now=composition.clock.now())
    scenarios = read_scenarios(paths) if any(one.changes for one in compared) else []
    if not scenarios:
        return []
    with working(f"playing {len(scenarios)} scenarios"):
        city = composition.settings.city_folder
        return findings_of(rehearse(files, scenarios, city_folder=city))


@click.command("diff")
@_paths
@as_json
def diff(paths: tuple[Path, ...], *, is_json: bool) -> None:
    """Say in words what PATHS would change of what is in force, and how many cases stay on it."""
    files = read_paths(paths or (SHIPPED,))
    _show_changes(ready_machine(), files, is_json=is_json)


def _show_changes(composition: Composition, files: dict[str, str], *, is_json: bool) -> None:
    """Print the changes only; a file that several processes share is listed once."""
    with composition.database.reading() as session:
        compared = deploying.compare(session, files, now=composition.clock.now())
    compared = [one for one in compared if one.changes]
    if is_json:
        dump([asdict(one) for one in compared])
        return
    for one in compared:
        staying = ", ".join(f"v{version}: {count}" for version, count in one.staying.items())
        now = "new 新流程" if one.current is None else f"v{one.current} → v{one.current + 1}"
        say(f"{one.process_id}  {now}  open cases that stay 留在原版本的案件: {staying or '0'}")
    for change in dict.fromkeys(change for one in compared for change in one.changes):
        say(f"  {change.file}#{change.element}")
        say(f"    {change.message.zh}")
        say(f"    {change.message.en}")
    if not compared:
        say("没有变化。Nothing changes.")


@click.command("tasks")
@_paths
@as_json
def tasks(paths: tuple[Path, ...], *, is_json: bool) -> None:
    """List every task: process, id, label, lane, form and the function behind it."""
    listed = list(_listed(read_paths(paths or (SHIPPED,)), collect(handler_modules())))
    if is_json:
        dump([asdict(task) for task in listed])
        return
    heads = ("process", "id", "label", "lane", "form", "function")
    rows = [
        (task.process, task.id, task.label, task.lane, task.form, task.function or "-")
        for task in listed
    ]
    table(heads, rows)


@click.command("where")
@click.argument("task_id")
@as_json
def where(task_id: str, *, is_json: bool) -> None:
    """Print where TASK_ID is drawn and where its function stands, as file:line."""
    functions = collect(handler_modules())
    listed = _listed(read_paths((SHIPPED,)), functions)
    places = [
        {
            **asdict(task),
            "drawn": f"bpmn/{task.process}.bpmn:{_line_of(task)}",
            "tests": f"tests/handlers/test_{task.process}.py",
        }
        for task in listed
        if task_id in {task.id, f"{task.process}.{task.id}"}
    ]
    if is_json:
        dump(places)
    for place in () if is_json else places:
        say(f"{place['process']}.{place['id']}  {place['label']}  {place['says']}")
        say(f"  drawn     {place['drawn']}")
        say(f"  function  {place['function'] or '- (a form alone)'}")
    if not places:
        say(f"No task {task_id} is drawn; `hangji tasks` lists all of them.")
    end(is_fine=bool(places))


def _listed(files: dict[str, str], functions: Functions) -> Iterator[TaskListed]:
    for process, diagram in sorted(deploying.diagrams_of(files).items()):
        for node in diagram.nodes.values():
            if node.kind in _BOUND:
                form = node.form or (node.id if f"forms/{node.id}.json" in files else None)
                yield _one(process, node, form, functions.entry(process, node.id))


def _one(process: str, node: Node, form: str | None, bound: Bound | None) -> TaskListed:
    return TaskListed(
        process=process,
        id=node.id,
        label=node.label,
        kind=node.kind,
        lane=node.lane,
        form=form,
        function=None if bound is None else _place(bound),
        says="" if bound is None else bound.says,
    )


def _place(bound: Bound) -> str:
    file = Path(inspect.getsourcefile(bound.function) or "?")
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return f"{shown}:{bound.place[1]}"


def _line_of(listed: TaskListed) -> int:
    lines = (SHIPPED / f"{listed.process}.bpmn").read_text("utf-8").splitlines()
    drawn = f' id="{listed.id}"'
    return next((number for number, line in enumerate(lines, 1) if drawn in line), 1)


def _are_shipped(paths: Sequence[Path]) -> bool:
    return any(folder_of(path).resolve() == SHIPPED.resolve() for path in paths)


def _is_asked(finding: Finding, paths: Sequence[Path]) -> bool:
    """A named file is read with its whole folder, but only its own findings are reported."""
    return any(path.is_dir() or Path(finding.file).name == path.name for path in paths)


def _errors(findings: Sequence[Finding]) -> int:
    return sum(finding.severity == "error" for finding in findings)


def _tell(findings: Sequence[Finding], *, accepted: Collection[str] = ()) -> None:
    for finding in findings:
        say(str(finding))
        say(f"    {finding.message.zh}{finding.way_out.zh}")
        if finding.trace:
            say(f"    {' → '.join(finding.trace)}")
    errors = _errors(findings)
    say(f"{errors} errors, {len(findings) - errors} warnings")
    rules = sorted({finding.rule for finding in findings if finding.is_to_accept} - set(accepted))
    if rules:
        options = " ".join(f"--accept {rule}" for rule in rules)
        say(f"发布前须由具名的人确认这些警告：hangji deploy {options} --by 姓名。")
        say(f"A named person has to accept before publishing: hangji deploy {options} --by NAME")
