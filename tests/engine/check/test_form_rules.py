"""Forms beside tables and other forms: options a column allows, fields of one type by name."""

from typing import Any

import pytest

from engine.check import check_bundle
from engine.contract import FORM, DataContract
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, NOTE, rules

ROWS = [(['"yes"'], ["1"]), (['"no"'], ["2"])]


def _choice(*words: str, name: str = "kind") -> dict[str, Any]:
    options = [{"value": word, "label": {"zh": word, "en": word}} for word in words]
    return {"name": name, "type": "choice", "required": True, "options": options}


def _advised(form: bytes, table: bytes) -> set[tuple[str, str]]:
    begin = d.start(inner=d.extension(advice="where"))
    files = {
        "p.bpmn": d.diagram(begin + d.end() + d.path("reported", "closed"), lane="网格长"),
        "forms/reported.json": form,
        "where.dmn": table,
    }
    return rules(check_bundle(files, policies=POLICIES))


def _where(hit_policy: str = "UNIQUE", column: str = "kind") -> bytes:
    return d.table(
        "where", [column], ["limit"], ROWS, hit_policy=hit_policy, allowed={column: '"yes","no"'}
    )


def test_a_table_that_advises_asks_choices_of_the_start_form() -> None:
    form = d.form("reported", _choice("yes", "no"))

    assert _advised(form, _where()) == set()
    assert ("decision_collects", "reported") in _advised(form, _where("COLLECT"))
    assert ("advice", "reported") in _advised(form, _where(column="kinds"))
    renamed = d.form("reported", _choice("yes", "none"))
    assert _advised(renamed, _where()) == {("advice", "reported")}


@pytest.mark.parametrize(
    ("words", "found"), [(("yes", "no"), set()), (("yes", "no", "x"), {"find"})]
)
def test_what_is_asked_of_a_table_is_allowed_by_its_column(
    words: tuple[str, ...], found: set[str]
) -> None:
    body = d.start() + d.decide("find", "where") + d.end() + d.path("reported", "find", "closed")
    files = {
        "p.bpmn": d.diagram(body, lane="网格长"),
        "forms/reported.json": d.form("reported", _choice(*words)),
        "where.dmn": d.table(
            "where", ["kind"], ["limit"], [(["-"], ["1"])], allowed={"kind": '"yes","no"'}
        ),
    }
    said = {"p": {"reported": DataContract(gives={"kind": FORM}, asks={"kind": str})}}
    kinds = {"p": {"reported": "start"}}

    checked = check_bundle(files, policies=POLICIES, functions=kinds, declared=said)

    assert rules(checked) == {("decision_value", one) for one in found}


@pytest.mark.parametrize(
    ("field", "is_found"),
    [
        ({"name": "proof", "type": "photos"}, False),
        ({"name": "proof", "type": "text"}, True),
        ({"name": "seen_on", "type": "date"}, False),
        ({"name": "seen_on", "type": "text"}, True),
        ({"name": "more_photos", "type": "longtext"}, True),
        ({"name": "remark", "type": "longtext"}, False),
    ],
)
def test_a_field_is_of_the_type_its_name_and_the_other_forms_say(
    field: dict[str, Any], *, is_found: bool
) -> None:
    files = {
        "forms/note.json": NOTE,
        "forms/other.json": d.form("other", {"name": "proof", "type": "photos"}),
        "forms/said.json": d.form("said", field),
        "deadlines.dmn": LIMITS,
    }

    found = rules(check_bundle(files, policies=POLICIES))

    assert (("field_type", str(field["name"])) in found) is is_found


@pytest.mark.parametrize(
    ("field", "is_found"),
    [
        ({"type": "text", "max": 1}, False),
        ({"type": "text", "max": 0}, True),
        ({"type": "photos", "min": 2, "max": 1}, True),
        ({"type": "photos", "min": 2, "max": 2}, False),
        ({"type": "number", "min": 0, "max": 0}, True),
        ({"type": "number", "min": -5, "max": 0}, False),
        ({"type": "number", "max": 0}, False),
    ],
)
def test_a_field_leaves_room_for_an_answer(field: dict[str, Any], *, is_found: bool) -> None:
    files = {"forms/said.json": d.form("said", {"name": "said", **field}), "deadlines.dmn": LIMITS}

    found = rules(check_bundle(files, policies=POLICIES))

    assert (("form", "said") in found) is is_found
