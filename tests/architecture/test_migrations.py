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
