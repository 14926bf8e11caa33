"""Decision tables: which row fires, what is refused, which rows collide, what nobody covers."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions.analysis import OTHER_TEXT, list_gaps, list_overlaps, list_strays
from engine.decisions.tables import DecisionTable, Fired, parse_decision
from engine.diagrams.xml import parse_xml
from engine.errors import DecisionError, DiagramError, ExpressionError
from tests.engine import drawing as d

Row = tuple[Sequence[str], Sequence[str]]


def _parse(content: bytes) -> DecisionTable:
    return parse_decision(parse_xml(content, name="t.dmn"), name="t.dmn")


def _table(
    *cells: Sequence[str], hit_policy: str = "UNIQUE", **more: dict[str, str]
) -> DecisionTable:
    """A table over x, y, … whose answer is the number of the row."""
    inputs = ["x", "y", "z"][: len(cells[0])]
    rows: list[Row] = [(row, [str(number)]) for number, row in enumerate(cells, start=1)]
    return _parse(d.table("t", inputs, ["row"], rows, hit_policy=hit_policy, **more))


LIMITS = _parse(
    d.table(
        "deadlines",
        ["profile", "level", "is_repeat"],
        ["limit", "unit", "on_overdue"],
        [
            (['"standard"', '"station","county"', "-"], ["7", '"working_day"', '"supervise"']),
            (['"standard"', '"grid_leader"', "false"], ["2", '"working_day"', '"pass_up"']),
            (['"urgent"', "", "true"], ["1", '"same_day"', ""]),
        ],
    )
)


def test_the_fitting_row_answers_with_all_outputs() -> None:
    fired = LIMITS.decide({"profile": "standard", "level": "county", "is_repeat": True})

    assert fired == Fired("row_1", {"limit": 7, "unit": "working_day", "on_overdue": "supervise"})
    assert fired.compared == ("profile", "level")


def test_an_empty_output_answers_nothing() -> None:
    fired = LIMITS.decide({"profile": "urgent", "level": "anything", "is_repeat": True})

    assert fired is not None
    assert fired.outputs["on_overdue"] is None


def test_no_fitting_row_answers_none() -> None:
    assert LIMITS.decide({"profile": "urgent", "level": "city", "is_repeat": False}) is None


def test_a_missing_input_is_an_error_not_a_mismatch() -> None:
    with pytest.raises(ExpressionError, match="level"):
        LIMITS.decide({"profile": "urgent", "is_repeat": False})


def test_a_table_tells_the_names_it_reads() -> None:
    assert LIMITS.names_read() == ("is_repeat", "level", "profile")


def test_two_fitting_rows_of_a_unique_table_are_an_error() -> None:
    table = _table(["> 1"], ["> 2"])

    with pytest.raises(DecisionError) as caught:
        table.decide({"x": 5})

    assert caught.value.rules == ("row_1", "row_2")
    assert table.decide({"x": 2}) == Fired("row_1", {"row": 1})


def test_the_first_fitting_row_wins_when_the_table_says_first() -> None:
    table = _table(["> 1"], ["> 2"], hit_policy="FIRST")

    assert table.decide({"x": 5}) == Fired("row_1", {"row": 1})


def test_a_collecting_table_gives_every_fitting_row_and_no_single_one() -> None:
    table = _table([">= 0.5"], [">= 0.8"], [">= 1"], hit_policy="COLLECT")

    assert [fired.rule_id for fired in table.collect({"x": 0.9})] == ["row_1", "row_2"]
    with pytest.raises(DecisionError):
        table.decide({"x": 0.9})


@pytest.mark.parametrize(
    ("cell", "fitting", "others"),
    [
        ("-", ["a", 1, None, True, [1]], []),
        ("", ["a", 1, None], []),
        ('"a"', ["a"], ["b", None, 1]),
        ("'a', \"b\"", ["a", "b"], ["c"]),
        ('"含,逗号","x"', ["含,逗号", "x"], ["含"]),
        ("3", [3, 3.0], [True, "3", 2]),
        ("true", [True], [1, "true", False]),
        ("null", [None], [0, "", False]),
        (">= 3", [3, 4.5], [2.9, True, "3", None]),
        ("< -1.5", [-2], [-1.5, 0]),
        ("[1..5)", [1, 4.99], [0, 5]),
        ("]1..5]", [1.01, 5], [1, 5.01]),
        ("1, 2, [10..20]", [1, 2, 15], [3, 21]),
        ('not("a", "b")', ["c", None, 1], ["a", "b"]),
        ("not(> 3)", [3, "x"], [4]),
    ],
)
def test_a_cell_fits_what_it_says(cell: str, fitting: list[object], others: list[object]) -> None:
    table = _table([cell])

    assert [value for value in fitting if table.decide({"x": value}) is None] == []
    assert [value for value in others if table.decide({"x": value}) is not None] == []


@pytest.mark.parametrize(
    "cell",
    [
        "station",
        '"open',
        '"a" "b"',
        '"a",',
        ",",
        "= 3",
        ">= x",
        "> 1 and < 3",
        "[5..1]",
        "(1..1)",
        "[1..",
        "not",
        "not()",
        "not(not(1))",
        "1e999",
        "9" * 5000,
        "01",
        '"a\\"b"',
        "“a”",
        '"a"，"b"',
        "__import__('os').system('touch canary')",
        "x or True",
        "len(x) > 2",
    ],
)
def test_a_cell_of_another_form_is_refused_with_its_row(cell: str) -> None:
    with pytest.raises(DiagramError) as caught:
        _table(['"fine"'], [cell])

    assert [finding.element for finding in caught.value.findings] == ["row_2"]


@pytest.mark.parametrize(
    "content",
    [
        d.table("t", ["x"], ["y"], [], hit_policy="PRIORITY"),
        d.table("t", ["x"], [], []),
        d.table("t", ["x +"], ["y"], []),
        d.table("t", [""], ["y"], []),
        d.table("t", ["x"], ["_y"], []),
        d.table("t", ["x"], ["y z"], []),
        d.table("t", ["x"], ["y"], [(["1", "2"], ["1"])]),
        d.table("t", ["x"], ["y"], [(["1"], ["open('f')"])]),
        d.table("t", ["x"], ["y"], [(["1"], ["words without quotes"])]),
        d.table("t", ["x"], ["y"], [([str(n)], ["1"]) for n in range(2_001)]),
        d.table("t", ["x"], ["y"], [([f"> {n}"], ["1"]) for n in range(501)]),
        d.table("t", ["x"], ["y"], []).replace(b"<decisionTable", b"<other"),
        d.diagram(d.start()),
        b"<definitions/>",
    ],
)
def test_a_table_that_cannot_be_used_is_refused(content: bytes) -> None:
    with pytest.raises(DiagramError) as caught:
        _parse(content)

    assert caught.value.findings


def test_rows_that_can_fit_together_are_named_with_an_example() -> None:
    (overlap,) = list_overlaps(_table(['"a"', "> 2"], ['"a","b"', "[1..3]"], ['"c"', "-"]))

    assert (overlap.first, overlap.second) == ("row_1", "row_2")
    assert overlap.example["x"] == "a"
    assert overlap.example["y"] in (2.5, 3)


def test_rows_that_touch_without_meeting_do_not_overlap() -> None:
    assert list_overlaps(_table(["[1..5)"], ["[5..9]"])) == []


def test_an_input_no_row_fits_is_given_as_an_example() -> None:
    table = _table(['"a"', "true"], ['"a"', "false"], ['"b"', "true"])

    assert {"x": "b", "y": False} in list_gaps(table)
    assert {"x": OTHER_TEXT, "y": True} in list_gaps(table)


def test_listed_values_close_a_column() -> None:
    table = _table(['"a"'], ['"b"'], allowed={"x": '"a","b"'})

    assert list_gaps(table) == []
    assert list_strays(table) == []


def test_a_value_outside_the_listed_ones_is_named() -> None:
    assert list_strays(_table(['"a"'], ['"bb"'], allowed={"x": '"a","b"'})) == [("row_2", "bb")]


def test_a_gap_between_numbers_is_found() -> None:
    assert list_gaps(_table(["< 1"], ["> 1"])) == [{"x": 1}]
    assert list_gaps(_table(["<= 1"], ["> 1"])) == []


CELLS = st.sampled_from(
    ["-", '"a"', '"a","b"', 'not("a")', "true", "1", "2,3", "> 1", "<= 1", "[1..3)", "not(2)"]
)
VALUES = st.sampled_from(["a", "b", "c", True, False, 0, 1, 1.5, 2, 3, 4])


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), VALUES, VALUES)
def test_the_analysis_agrees_with_deciding(
    rows: list[tuple[str, str]], x: object, y: object
) -> None:
    table = _table(*rows)
    fitting = [fired.rule_id for fired in table.collect({"x": x, "y": y})]
    overlaps = {(one.first, one.second) for one in list_overlaps(table)}

    if len(fitting) > 1:
        assert (fitting[0], fitting[1]) in overlaps
    for overlap in list_overlaps(table):
        both = [fired.rule_id for fired in table.collect(overlap.example)]
        assert {overlap.first, overlap.second} <= set(both)
    for gap in list_gaps(table):
        assert table.collect(gap) == ()


def test_a_table_of_two_thousand_rows_is_analysed() -> None:
    table = _table(*[[f'"{number}"', "-"] for number in range(2_000)])

    assert list_overlaps(table) == []
    assert list_gaps(table)
