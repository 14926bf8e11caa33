"""`hangji new`, `remove-step` and `rename`: what an analyst changes without an editor or Python."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from api.authoring import blank_diagram, blank_form
from api.cli.terminal import WRONG_USE, fail, say
from api.rehearsing import FOLDER
from engine.diagrams.editing import (
    NewStep,
    insert_step,
    read_drawing,
    remove_step,
    rename,
    set_cell,
    write_drawing,
)
from engine.ready import DOES, READY
from engine.scenarios.tables import HEADS
from storage.cases.outcomes import OUTCOMES
from storage.people.roles import ROLES

Result = TypeVar("Result")

_existing = click.Path(exists=True, dir_okay=False, path_type=Path)
_drawing = click.argument("drawing", type=_existing)
_pairs = click.option(
    "--with", "pairs", multiple=True, metavar="NAME=VALUE", help="A property of the step."
)


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (new, remove, rename_id, write_cell):
        group.add_command(command)


@click.group("new")
def new() -> None:
    """Start a diagram or a form, or put a step into a diagram, ready to be checked."""


@new.command("diagram")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("process")
@click.option("--name", required=True, help="What people read: 临时摊位备案.")
@click.option("--who", required=True, help="Roles that may start it, separated by blanks.")
def new_diagram(folder: Path, process: str, name: str, who: str) -> None:
    """Draw PROCESS in FOLDER: a start, a task, an end, and the forms they need."""
    roles = who.split()
    strange = [role for role in roles if role not in ROLES] or ([] if roles else ["-"])
    if strange:
        fail(f"没有角色 There is no role {strange[0]}: {', '.join(ROLES)}.", status=WRONG_USE)
    lane = ROLES[roles[0]].name_zh
    files = blank_diagram(process, name=name, who=who, lane=lane, outcome=next(iter(OUTCOMES)))
    _refuse_existing([folder / file for file in files])
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, "utf-8")
        say(str(folder / file))
    say(f"接着 next: hangji check {folder}")


@new.command("form")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--title", required=True, help="What stands above it: 复核.")
@click.option("--ask", "question", required=True, metavar="NAME=QUESTION", help="review=复核结果")
@click.option("--option", "options", multiple=True, metavar="VALUE=WORDS", help="passed=通过")
def new_form(file: Path, title: str, question: str, options: tuple[str, ...]) -> None:
    """Write the form FILE (forms/ID.json) with one question and a note."""
    _refuse_existing([file])
    name, words = _pair(question)
    text = blank_form(file.stem, title=title, name=name, words=words, options=_properties(options))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    say(str(file))


@new.command("step")
@_drawing
@click.argument("step")
@click.option("--name", required=True, help="What people read: 反馈前复核.")
@click.option("--after", required=True, help="The step it follows, or the id of a line.")
@click.option("--lane", help="In whose lane; default: that of the step before.")
@click.option("--form", help="The form a person fills in; makes it a task of a person.")
@click.option("--phase", help="One of the six phases, for a person's task.")
@click.option("--deadline", help="The step of deadlines.dmn, for a person's task.")
@click.option("--does", type=click.Choice(sorted(READY)), help="A ready function instead.")
@_pairs
def new_step(drawing: Path, step: str, **said: Any) -> None:
    """Put STEP into DRAWING: a person's task (--form …) or an automatic step (--does …)."""
    if (said["form"] is None) == (said["does"] is None):
        fail("请写 --form（人办）或 --does（自动）之一。Give --form or --does.", status=WRONG_USE)
    named = {DOES: said["does"]} if said["does"] else {}
    person = {name: said[name] for name in ("form", "phase", "deadline") if said[name]}
    made = NewStep(
        step,
        said["name"],
        "serviceTask" if said["does"] else "userTask",
        {**named, **person, **_properties(said["pairs"])},
        said["lane"],
    )
    _change(drawing, lambda root: insert_step(root, made, after=said["after"]))
    say(f"{drawing}: {said['name']}（{step}）")
    say(f"接着 next: hangji check {drawing.parent}")


@click.command("remove-step")
@_drawing
@click.argument("step")
def remove(drawing: Path, step: str) -> None:
    """Take STEP out of DRAWING; what led to it leads to what followed it."""
    _change(drawing, lambda root: remove_step(root, step))
    say(f"{drawing}: - {step}")
    say(f"接着 next: hangji check {drawing.parent}")


@click.command("set-cell")
@click.argument("file", metavar="TABLE", type=_existing)
@click.argument("row")
@click.argument("column")
@click.argument("value")
def write_cell(file: Path, row: str, column: str, value: str) -> None:
    """Write VALUE into one cell of the decision TABLE, such as a limit in deadlines.dmn."""
    before = _change(file, lambda root: set_cell(root, row, column, value))
    say(f"{file}: {row} {column}: {before} → {value}")
    say(f"接着 next: hangji check {file.parent}")


@click.command("rename")
@_drawing
@click.argument("old")
@click.argument("new")
def rename_id(drawing: Path, old: str, new: str) -> None:
    """Rename the id OLD in DRAWING to NEW, with the scenarios and the form that bear it."""
    count = _change(drawing, lambda root: rename(root, old, new))
    if not count:
        fail(f"{drawing} 里没有编号 There is no id {old}.")
    say(f"{drawing}: {old} → {new}, {count} 处 places")
    for changed in (_rename_form(drawing.parent, old, new), *_rename_told(drawing, old, new)):
        if changed is not None:
            say(f"{changed}: {old} → {new}")
    say("有同名 Python 函数的，请程序员写 formerly。A function of that name needs `formerly`.")


def _change(drawing: Path, change: Callable[[Any], Result]) -> Result:
    before = drawing.read_bytes()
    root = read_drawing(before, name=drawing.name)
    result = change(root)
    drawing.write_bytes(write_drawing(root, like=before))
    return result


def _rename_form(folder: Path, old: str, new: str) -> Path | None:
    """The form of a renamed start event is called like it."""
    form, renamed = (folder / "forms" / f"{name}.json" for name in (old, new))
    text = form.read_text("utf-8") if form.exists() else ""
    drawn = any(f'value="{old}"' in one.read_text("utf-8") for one in folder.glob("*.bpmn"))
    if not text or drawn or renamed.exists():
        return None
    renamed.write_text(text.replace(f'"id": "{old}"', f'"id": "{new}"', 1), "utf-8")
    form.unlink()
    return renamed


def _rename_told(drawing: Path, old: str, new: str) -> list[Path]:
    """Scenarios name tasks, in what is done and in what is open."""
    changed = []
    for path in sorted((drawing.parent / FOLDER).glob("*.csv")):
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))
        renamed = [
            [_renamed(head, cell, old, new) for head, cell in zip(HEADS, row, strict=False)]
            for row in rows
        ]
        if renamed != rows:
            written = io.StringIO(newline="")
            csv.writer(written, lineterminator="\n").writerows(renamed)
            path.write_text(written.getvalue(), "utf-8")
            changed.append(path)
    return changed


def _renamed(head: str, cell: str, old: str, new: str) -> str:
    """`does` is one id, `tasks` are several with their roles."""
    if head == "does":
        return new if cell == old else cell
    if head == "tasks":
        tasks = (one.partition("@") for one in cell.split())
        return " ".join((new if task == old else task) + sign + role for task, sign, role in tasks)
    return cell


def _properties(pairs: tuple[str, ...]) -> dict[str, str]:
    return dict(_pair(one) for one in pairs)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        fail(f"“{text}”应写成 名称=值 write NAME=VALUE.", status=WRONG_USE)
    return name, value


def _refuse_existing(paths: list[Path]) -> None:
    known = [str(path) for path in paths if path.exists()]
    if known:
        fail(f"已经有了 There already is {', '.join(known)}.")
