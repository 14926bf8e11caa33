"""The engine names no role, level, process or task: the city pack and the drawings have them."""

import ast

from api.settings import ROOT
from engine.definitions import read_folder
from engine.diagrams.model import ACTIVITIES
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from storage.people.roles import ROLES
from storage.places.levels import LEVELS
from tests.architecture.tree import parsed, python_files

ALLOWED = {
    # Words of the languages of forms and tables that a role or level happens to share.
    ("engine/actions/starting.py", "business"): "type of a form's field",
    ("engine/actions/tasks.py", "take_back"): "act of whoever handed a task over",
    ("engine/background/recurring.py", "business"): "kind of what something is started for",
    ("engine/check/data/domains.py", "business"): "type of a form's field",
    ("engine/check/fields.py", "business"): "type of a form's field",
    ("engine/forms/documents.py", "business"): "type of a form's field",
    ("engine/forms/schemas.py", "business"): "type of a form's field",
    ("engine/time/limits.py", "unit"): "column of the table of limits",
    ("engine/time/reminders.py", "supervisor"): "whom a row of the table of chases tells",
    # Words of BPMN, of the pages of hangji and of programs that a drawn id happens to share.
    ("engine/check/elements.py", "escalation"): "element of BPMN that is refused",
    ("engine/casefile/proof.py", "verify"): "name of the command that checks a case file",
    ("engine/execution/memo/execution.py", "answer"): "kind of an action",
    ("engine/reads/supervised/supervisions.py", "answer"): "what was answered to who supervises",
}


def drawn_ids() -> set[str]:
    """Ids of the shipped processes, their starts and everything that is done in them."""
    files = read_folder(ROOT / "bpmn")
    drawn = [
        read_diagram(parse_xml(text.encode(), name=name), name=name)
        for name, text in files.items()
        if name.endswith(".bpmn")
    ]
    wanted = ACTIVITIES | {"start"}
    nodes = {node.id for one in drawn for node in one.nodes.values() if node.kind in wanted}
    return nodes | {one.process_id for one in drawn}


def named_in_engine(words: set[str]) -> set[tuple[str, str]]:
    """File and word of every string in the engine that is one of the words."""
    return {
        (path, node.value)
        for path in python_files("engine")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in words
    }


def test_the_engine_names_no_role_level_process_or_task() -> None:
    of_the_city = {*ROLES} | {level.word for level in LEVELS}

    assert named_in_engine(of_the_city | drawn_ids()) == set(ALLOWED)
