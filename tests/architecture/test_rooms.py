"""The rooms stay what they are: what stands at the top, who imports whom, names."""

import ast
from importlib.metadata import packages_distributions

from tests.architecture.tree import (
    ROOMS,
    Place,
    functions,
    imported_modules,
    parsed,
    python_files,
    tracked_files,
)

TOP = {
    *ROOMS,
    "bench",
    "bpmn",
    "city",
    "deploy",
    "docs",
    "tests",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "NOTICE",
    "README.md",
    "README.zh-CN.md",
    "pyproject.toml",
    "requirements.lock",
    "requirements-test.lock",
}
VAGUE = {"util", "utils", "common", "misc", "helper", "helpers", "manager", "service", "services"}
SEEN_BY_HANDLERS = "engine.contract"
SEEN_BY_HOMES = "engine.slots"
SEEN_BY_POLICIES = "engine.check.face"


def test_nothing_else_stands_at_the_top() -> None:
    """Design section 2: a further name needs a decision record."""
    names = {path.split("/")[0] for path in tracked_files()}

    assert {name for name in names if not name.startswith(".")} - TOP == set()


def test_handlers_see_of_the_engine_only_its_contract() -> None:
    seen = [
        str(Place(path, line, name))
        for path in python_files("handlers")
        for line, name in imported_modules(path)
        if name.startswith("engine.") and not name.startswith(_seen_by(path))
    ]

    assert seen == []


def _seen_by(path: str) -> tuple[str, ...]:
    """The rules of the city judge drawings, so that they see the face of the check as well."""
    if path.startswith("handlers/policy/"):
        return (SEEN_BY_HANDLERS, SEEN_BY_POLICIES)
    # What a capability adds to the first page.
    return (SEEN_BY_HANDLERS, SEEN_BY_HOMES) if path.endswith("/home.py") else (SEEN_BY_HANDLERS,)


def test_handlers_never_hold_a_session_or_a_clock() -> None:
    """A capability's reads and commands are handed the session their caller opened."""
    banned = {"engine.time.clock", "sqlalchemy", "SpiffWorkflow"}
    seen = [
        str(Place(path, line, name))
        for path in python_files("handlers")
        for line, name in imported_modules(path)
        if name in banned or (name == "storage.database.session" and _binds(path))
    ]

    assert seen == []


def _binds(path: str) -> bool:
    """Whether a module of handlers holds functions of a diagram."""
    return any(name.startswith("engine.contract") for _, name in imported_modules(path))


def test_imports_stand_at_the_head_of_a_file() -> None:
    inside = [
        str(Place(path, node.lineno, f"import inside {function.name}"))
        for path in python_files(*ROOMS)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


def test_tests_hold_no_init_file() -> None:
    """It would make tests/handlers shadow the room (decision 0001)."""
    assert [path for path in python_files("tests") if path.endswith("__init__.py")] == []


def test_no_installed_package_takes_one_of_our_names() -> None:
    ours = {*ROOMS, "bench", "bpmn", "city", "docs", "tests"}
    taken = {
        name: makers
        for name, makers in packages_distributions().items()
        if name in ours and set(makers) != {"hangji"}
    }

    assert taken == {}


def test_every_module_says_what_lives_in_it() -> None:
    silent = [path for path in python_files(*ROOMS) if not ast.get_docstring(parsed(path))]

    assert silent == []


def test_no_module_is_named_for_nothing_in_particular() -> None:
    vague = [
        path
        for path in tracked_files()
        if path.endswith((".py", ".js"))
        for part in path.removesuffix(".py").removesuffix(".js").split("/")
        if part in VAGUE or part.startswith("base_") or part.endswith(("_service", "_manager"))
    ]

    assert vague == []


def test_no_variable_is_named_like_a_room() -> None:
    named = [
        str(Place(path, line, name))
        for path in python_files(*ROOMS)
        for name, line in stored_names(path)
        if name in {*ROOMS, "tests"}
    ]

    assert named == []


def stored_names(path: str) -> list[tuple[str, int]]:
    """Names a file gives to values: variables and arguments."""
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append((node.id, node.lineno))
        elif isinstance(node, ast.arg):
            found.append((node.arg, node.lineno))
    return found


def test_one_place_names_the_officer_a_notification_is_for() -> None:
    """An id written by hand reaches people who have left: `receiver_at` gives the post then."""
    written = [
        str(Place(path, node.lineno, "officer:…"))
        for path in python_files("api", "engine", "handlers", "storage", "web")
        if path != "storage/people/posts.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.JoinedStr) and ast.unparse(node)[2:].startswith("officer:")
    ]

    assert written == []
