"""`hangji scenario`: play the tables beside the diagrams, or write one from a real case."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from api.checked_page import page_of_coverage
from api.cli.diagrams import SHIPPED, to_page
from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, end, fail, say, table, working
from api.deploying import diagrams_of, read_paths
from api.rehearsing import FOLDER, ScenarioRun, findings_of, read_scenarios, rehearse
from api.settings import city_folder
from engine.decisions.tables import parse_decision
from engine.diagrams.xml import parse_xml
from engine.scenarios.coverage import Covered, cover
from engine.scenarios.playing import Played
from engine.scenarios.recording import record
from engine.scenarios.tables import read_table, write_table
from storage.cases import cases, events
from storage.cases.events import CaseEvent
from storage.database.session import Session
from storage.people import actors


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(scenario)


@click.group("scenario")
def scenario() -> None:
    """Play the scenarios beside the diagrams by the real engine, or record one from a case."""


@scenario.command("run")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--only", help="Only scenarios whose name contains this.")
@to_page
@as_json
def run(paths: tuple[Path, ...], only: str | None, page: Path | None, *, is_json: bool) -> None:
    """Play the scenarios in PATHS/scenarios, default the shipped ones; status 1 if one breaks."""
    paths = paths or (SHIPPED,)
    files, scenarios = read_paths(paths), read_scenarios(paths, only=only)
    if not scenarios:
        fail(f"没有场景 There is no scenario in {', '.join(str(path) for path in paths)}.")
    with working(f"playing {len(scenarios)} scenarios"):
        rehearsal = rehearse(files, scenarios, city_folder=city_folder())
    drawn, decided = covered(rehearsal, files)
    if page is not None:
        raw = {name: text.encode() for name, text in files.items()}
        broken = findings_of(rehearsal)
        written = page_of_coverage(raw, _summary(rehearsal), broken, drawn, decided)
        page.write_text(written, "utf-8")
    if is_json:
        dump(
            {
                "scenarios": [_row(one) for one in rehearsal.played],
                "diagrams": [asdict(one) for one in drawn],
                "tables": [asdict(one) for one in decided],
            }
        )
    else:
        # Some of the scenarios say nothing about what all of them reach.
        _tell(rehearsal, [] if only else [*drawn, *decided])
    end(is_fine=not rehearsal.broken)


@scenario.command("record")
@click.argument("number")
@click.option("--name", help="What the scenario is called; default: the title of the case.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The analysts' folder to write to; without it the table is printed.",
)
def record_case(number: str, name: str | None, into: Path | None) -> None:
    """Write the case NUMBER as a scenario: who did what, after how long, and what came of it."""
    composition = ready_machine()
    with composition.database.reading() as session:
        case = cases.find_case_by_number(session, number)
        if case is None:
            fail(f"没有案件 There is no case {number}.")
        entries = events.list_events(session, case.id)
        starter = _role_of(session, entries[0])
    file = f"{number}.csv"
    made = record(file, name or f"{case.title} {number}", entries, starter=starter)
    written = write_table([made])
    if into is None:
        say(written.rstrip("\n"))
        return
    read_table(written, file=file)
    path = into / FOLDER / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written, "utf-8")
    say(f"{path}: {len(made.lines)} 步 steps. 请看一遍，再试：hangji scenario run {into}")


def covered(rehearsal: ScenarioRun, files: dict[str, str]) -> tuple[list[Covered], list[Covered]]:
    """What the scenarios reach of the diagrams and tables among the files."""
    tables = {
        name: parse_decision(parse_xml(text.encode(), name=name), name=name)
        for name, text in files.items()
        if name.endswith(".dmn")
    }
    return cover(rehearsal.played, diagrams_of(files).values(), tables)


def _role_of(session: Session, opening: CaseEvent) -> str:
    """The role of the officer who began a case, empty for the public."""
    kind, _, officer = opening.actor.partition(":")
    if kind != "officer":
        return ""
    actor = actors.load_actor(session, int(officer), at=opening.at)
    return actor.posts[0].role if actor.posts else ""


def _row(played: Played) -> dict[str, object]:
    broken = played.broken
    return {
        "file": played.scenario.file,
        "scenario": played.scenario.name,
        "is_fine": broken is None,
        "line": None if broken is None else broken.line.number,
        "message": None if broken is None else broken.message._asdict(),
    }


def _tell(rehearsal: ScenarioRun, parts: Sequence[Covered]) -> None:
    for scenario, broken in rehearsal.broken:
        say(f"{scenario.file}:{broken.line.number}  {scenario.name}")
        say(f"    {broken.message.zh}")
        say(f"    {broken.message.en}")
    if parts:
        _tell_reach(parts)
    say(_summary(rehearsal))


def _tell_reach(parts: Sequence[Covered]) -> None:
    rows = [(one.name, f"{one.reached}/{len(one.times)}", " ".join(one.missed)) for one in parts]
    table(("file", "reached", "not reached 没有走到"), rows)


def _summary(rehearsal: ScenarioRun) -> str:
    total = len(rehearsal.played)
    return f"{total - len(rehearsal.broken)} of {total} scenarios as written 个场景照写的走"
