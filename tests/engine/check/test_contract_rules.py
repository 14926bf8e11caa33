"""Forms and tables hold what functions read of them; rows answer what their columns allow."""

from datetime import date
from typing import Any

import pytest

from engine.check import check_bundle
from engine.contract import DataContract
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, NOTE, rules

OPINION = {
    "name": "opinion",
    "type": "choice",
    "required": True,
    "options": [{"value": word, "label": {"zh": word, "en": word}} for word in ("yes", "no")],
}
REMARK = {"name": "remark", "type": "text"}


def _asked(field: dict[str, Any], asks: dict[str, Any]) -> set[tuple[str, str]]:
    body = d.start() + d.user("accept", form="said") + d.end()
    files = {
        "p.bpmn": d.diagram(body + d.path("reported", "accept", "closed")),
        "forms/said.json": d.form("said", field, REMARK),
        "deadlines.dmn": LIMITS,
    }
    said = {"p": {"accept": DataContract(asks=asks, gives={})}}
    kinds = {"p": {"accept": "user"}}
    return rules(check_bundle(files, policies=POLICIES, functions=kinds, declared=said))


@pytest.mark.parametrize(
    ("field", "asks"),
    [
        (OPINION, {"opinion": ("yes", "no")}),
        (OPINION, {"opinion": (str, "yes"), "remark": (str, None)}),
        ({**OPINION, "required": False}, {"opinion": (str, None)}),
        ({"name": "opinion", "type": "boolean", "required": True}, {"opinion": bool}),
        ({"name": "opinion", "type": "date", "required": True}, {"opinion": date}),
        ({"name": "opinion", "type": "date", "required": True}, {"opinion": str}),
    ],
)
def test_a_form_with_what_the_function_reads_is_fine(
    field: dict[str, Any], asks: dict[str, Any]
) -> None:
    assert _asked(field, asks) == set()


@pytest.mark.parametrize(
    ("field", "asks"),
    [
        ({**OPINION, "name": "opinions"}, {"opinion": str, "remark": (str, None)}),
        ({**OPINION, "required": False}, {"opinion": str}),
        ({**OPINION, "required": False}, {"opinion": ("yes", "no")}),
        ({**OPINION, "options": OPINION["options"][:1]}, {"opinion": (str, "no")}),
        (OPINION, {"opinion": ("yes", "no", "perhaps")}),
        (OPINION, {"opinion": ("yes",)}),
        ({"name": "opinion", "type": "text", "required": True}, {"opinion": date}),
        ({"name": "opinion", "type": "integer", "required": True}, {"opinion": bool}),
    ],
)
def test_a_field_that_the_function_cannot_use_is_named_in_the_form(
    field: dict[str, Any], asks: dict[str, Any]
) -> None:
    assert _asked(field, asks) == {("form_contract", "opinion")}


def test_another_form_is_named_at_the_task() -> None:
    assert _asked(OPINION, {"post": str}) == {("form_contract", "accept")}


def _answered(outputs: list[str], cells: list[str], row: dict[str, Any]) -> set[tuple[str, str]]:
    body = d.start() + d.decide("find", "t") + d.end() + d.path("reported", "find", "closed")
    files = {
        "p.bpmn": d.diagram(body),
        "t.dmn": d.table("t", [], outputs, [([], cells)]),
        "forms/note.json": NOTE,
    }
    said = {"p": {"find": DataContract(row=row, gives={})}}
    kinds = {"p": {"find": "decision"}}
    return rules(check_bundle(files, policies=POLICIES, functions=kinds, declared=said))


def test_a_table_has_the_columns_the_function_reads_with_values_it_can_use() -> None:
    row = {"limit": (int, float), "unit": str}

    assert _answered(["limit", "unit"], ["3", '"hour"'], row) == set()
    assert _answered(["limits", "unit"], ["3", '"hour"'], row) == {("table_contract", "t")}
    assert _answered(["limit", "unit"], ['"3"', '"hour"'], row) == {("table_contract", "row_1")}
    assert _answered(["other"], ["3"], row) == {("table_contract", "find")}


def _first(*rows: str) -> set[tuple[str, str]]:
    table = d.table("t", ["kind"], ["row"], [([row], ["1"]) for row in rows], hit_policy="FIRST")
    return rules(check_bundle({"t.dmn": table}, policies=POLICIES))


def test_a_row_of_a_first_table_behind_rows_that_take_everything_is_dead() -> None:
    assert _first('"a"', "-") == set()
    assert _first("-", '"a"') == {("decision_dead", "row_2")}
    assert _first("< 3", ">= 3", "2") == {("decision_dead", "row_3")}
    assert _first("< 3", "> 3", "[2..4]") == set()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('"hour"', set()),
        ('"hours"', {("decision_value", "row_1")}),
        ("1", {("decision_value", "row_1")}),
        ("null", {("decision_value", "row_1")}),
    ],
)
def test_an_answer_is_one_its_column_allows(answer: str, found: set[tuple[str, str]]) -> None:
    rows = [(["-"], [answer, "1"])]
    table = d.table("t", ["kind"], ["unit", "limit"], rows).decode()
    column = '<output id="out_unit" name="unit"/>'
    allowed = column[:-2] + '><outputValues><text>"hour"</text></outputValues></output>'

    files = {"t.dmn": table.replace(column, allowed).encode()}

    assert rules(check_bundle(files, policies=POLICIES)) == found


def _typed(column: str, cell: str, answer: str) -> set[tuple[str, str]]:
    table = d.table("t", ["kind"], ["limit"], [([cell], [answer])]).decode()
    typed = table.replace("<inputExpression", f'<inputExpression typeRef="{column}"', 1)
    typed = typed.replace('name="limit"', 'name="limit" typeRef="number"', 1)
    found = rules(check_bundle({"t.dmn": typed.encode()}, policies=POLICIES))
    return found - {("decision_gap", "t")}


@pytest.mark.parametrize(
    ("column", "cell", "answer", "found"),
    [
        ("string", '"a"', "3", set()),
        ("string", "null", "null", set()),
        ("string", "3", "3", {("cell_type", "row_1")}),
        ("string", ">= 3", "3", {("cell_type", "row_1")}),
        ("number", '"3"', "3", {("cell_type", "row_1")}),
        ("integer", ">= 3", "3", set()),
        ("boolean", '"true"', "3", {("cell_type", "row_1")}),
        ("string", '"a"', '"3"', {("cell_type", "row_1")}),
        ("string", '"a"', "three", {("unknown_name", "row_1")}),
        ("string", '"a"', "kind", set()),
    ],
)
def test_a_cell_is_of_the_type_its_column_declares(
    column: str, cell: str, answer: str, found: set[tuple[str, str]]
) -> None:
    assert _typed(column, cell, answer) == found


def test_a_row_that_answers_nothing_names_inputs_nobody_asks_with() -> None:
    """It stands for a gap that was looked at, so a case that comes to it is a fault."""

    def asked(step: str) -> set[tuple[str, str]]:
        rows = [(['"accept"'], ["1"]), (['"handle"'], [""])]
        body = d.start() + d.decide("find", "t", step=step) + d.end()
        files = {
            "p.bpmn": d.diagram(body + d.path("reported", "find", "closed")),
            "t.dmn": d.table("t", ["step"], ["limit"], rows, allowed={"step": '"accept","handle"'}),
        }
        return rules(check_bundle(files, policies=POLICIES, functions={}, declared={}))

    assert asked("accept") == set()
    assert asked("handle") == {("no_row", "find")}
