"""What the rules of the whole tree look at: tracked files, parsed modules, functions; no rule."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CASES = "tests/cases/"
ROOMS = ("api", "engine", "handlers", "storage", "web")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Place(NamedTuple):
    """A place in the tree, printed so that an editor can jump to it."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.what}"


@cache
def tracked_files() -> tuple[str, ...]:
    """Paths git tracks and that exist: a rule judges what is handed in, not what is being tried."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tuple(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


def python_files(*folders: str) -> list[str]:
    """Tracked Python files below the given folders, or all; scripts in tests/cases/ are input."""
    return [
        path
        for path in tracked_files()
        if path.endswith(".py")
        and not path.startswith(CASES)
        and (not folders or path.split("/")[0] in folders)
    ]


@cache
def source(path: str) -> str:
    """Text of a tracked file."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parsed(path: str) -> ast.Module:
    """Syntax tree of a tracked Python file."""
    return ast.parse(source(path), path)


def functions(path: str) -> Iterator[Function]:
    """Every function and method in a file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def classes(path: str) -> Iterator[ast.ClassDef]:
    """Every class in a file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef):
            yield node


def calls(path: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call in a file with the last part of the name that is called."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            yield node, last_name(node.func)


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`; empty for anything that has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported_modules(path: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import; `from a import b` counts as `a` and `a.b`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
