"""Changes of the tables form one line: numbered, named by their file, with one end."""

import ast
from pathlib import PurePosixPath

from tests.architecture.tree import parsed, python_files

VERSIONS = "storage/migrations/versions/"


def test_a_revision_is_named_like_its_file() -> None:
    named = {PurePosixPath(path).stem: constants(path)["revision"] for path in versions()}

    assert [stem for stem, revision in named.items() if stem != revision] == []


def test_the_line_has_one_beginning_and_one_end() -> None:
    after = {constants(path)["revision"]: constants(path)["down_revision"] for path in versions()}
    ends = set(after) - set(after.values())

    assert len(ends) == 1
    assert len(set(after.values())) == len(after), "two migrations follow the same one"


def test_a_revision_names_the_oldest_code_that_may_run_on_its_tables() -> None:
    """That of the revision before where it only adds, itself where older code would do wrong."""
    named = [constants(path).get("oldest_code") for path in sorted(versions())]
    line = [PurePosixPath(path).stem for path in sorted(versions())]
    unnamed = [stem for stem, oldest in zip(line, named, strict=True) if oldest not in line]

    assert unnamed == [], 'write `oldest_code = "…"` below `down_revision`, see script.py.mako'
    assert all(str(oldest) <= stem for stem, oldest in zip(line, named, strict=True))
    assert named == sorted(map(str, named))


def versions() -> list[str]:
    """The files of the migrations."""
    return [path for path in python_files("storage") if path.startswith(VERSIONS)]


def constants(path: str) -> dict[str, object]:
    """Values a file gives to its module-level names, where they are written out."""
    found: dict[str, object] = {}
    for node in parsed(path).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            found[target.id] = value.value
    return found
