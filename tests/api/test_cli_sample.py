"""The sample has work for a school: its running period, and one order to answer (R55)."""

import sqlite3

from tests.api.terminal import Terminal

_OPEN = """
select task.task_id, case_.source, case_.number from task join case_ on case_.id = task.case_id
where task.post_id like 'business:%' and task.state = 'open' order by task.task_id
"""
_LAST_KEY = "select last_key from recurring where process_id = 'self_inspection'"


def test_the_sample_has_a_self_inspection_due_and_an_order_to_answer(terminal: Terminal) -> None:
    first = _waiting(terminal)
    again = terminal.run("demo", "--json")

    assert [row[:2] for row in first] == [
        ("inspect_self", "self_inspection"),
        ("prove_rectification", "department_patrol"),
    ]
    assert again.status == 0
    assert _waiting(terminal) == first


def test_the_running_period_of_the_sample_is_the_one_the_business_owes(terminal: Terminal) -> None:
    (key,) = (row[0] for row in _rows(terminal, _LAST_KEY))

    started = _rows(terminal, "select start_key from case_ where start_key like 'self%'")

    assert started == [(f"self_inspection:business:6:{key}",)]


def test_what_the_sample_invents_says_so(terminal: Terminal) -> None:
    asked = "select description from case_ where source = 'department_patrol'"

    assert [row[0] for row in _rows(terminal, asked)] == ["（演示）备餐间纱窗破损，窗台有积尘"]


def _waiting(terminal: Terminal) -> list[tuple[str, ...]]:
    return _rows(terminal, _OPEN)


def _rows(terminal: Terminal, question: str) -> list[tuple[str, ...]]:
    (file,) = terminal.var.glob("*.sqlite3")
    with sqlite3.connect(file) as database:
        return list(database.execute(question))
