"""The engine names no role and no level: they are rows of the city pack."""

import ast

from storage.people.roles import ROLES
from storage.places.levels import LEVELS
from tests.architecture.tree import parsed, python_files

ALLOWED = {
    # Words of the languages of forms and tables that a role or level happens to share.
    ("engine/forms/documents.py", "business"): "type of a form's field",
    ("engine/forms/schemas.py", "business"): "type of a form's field",
    ("engine/time/limits.py", "unit"): "column of the table of limits",
}


def named_in_engine() -> set[tuple[str, str]]:
    """File and word of every string in the engine that is a role or level of the city."""
    words = ROLES.keys() | {level.word for level in LEVELS}
    return {
        (path, node.value)
        for path in python_files("engine")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in words
    }


def test_the_engine_names_no_role_and_no_level() -> None:
    assert named_in_engine() == set(ALLOWED)
