"""What an expression may say, what it answers, and what it leaves alone."""

import contextlib
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expressions.language import compile_expression

DATA = {
    "a": 1,
    "s": "abc",
    "lst": [1, 2, 3],
    "d": {"k": "v", "deep": {"n": 2}},
    "outcome": "pass_up",
    "is_filled": True,
    "nothing": None,
    "case": {"level": "grid", "days": 3, "tags": ["fire", "food"]},
    "事项": "L01",
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("outcome == 'pass_up'", True),
        ("outcome in ['resolved', 'pass_up']", True),
        ("outcome not in ('resolved', 'pass_up')", False),
        ("not is_filled", False),
        ("is_filled is True and nothing is None", True),
        ("nothing is not null and false", False),
        ("case.level == 'grid' and case.days > 2 and 'food' in case.tags", True),
        ("1 < a + 1 <= 2", True),
        ("d['deep']['n'] % 2", 0),
        ("lst[0] + lst[-1]", 4),
        ("-a * 2.5", -2.5),
        ("len(lst) > 2 and len(s) == 3 and len(d) == 2", True),
        ("max(lst) - min(1, a, 7)", 2),
        ("'y' if a > 1 else 'n'", "n"),
        ("s[0]", "a"),
        ("'b' in s and 'k' in d", True),
        ("nothing or 'default'", "default"),
        ("事项 == 'L01'", True),
        ("[a, [s, true]]", [1, ["abc", True]]),
        ("lst == [1, 2, 3] and d.deep != [1]", True),
        ("[1] in [[1], 2]", True),
        (" a\n  == 1\n", True),
        ("'9999-12-30T00:00:00+08:00'", "9999-12-30T00:00:00+08:00"),
    ],
)
def test_an_expression_answers_with_a_plain_value(source: str, value: object) -> None:
    assert compile_expression(source).evaluate(DATA) == value


def test_the_free_names_are_the_data_names_read() -> None:
    expression = compile_expression("len(case.tags) > n and outcome == 'x' or true")

    assert expression.names == {"case", "n", "outcome"}


def test_the_same_text_is_compiled_once() -> None:
    assert compile_expression("a == 1") is compile_expression("a == 1")


def test_a_list_is_handed_back_as_a_copy() -> None:
    data = copy.deepcopy(DATA)

    answer = compile_expression("d").evaluate(data)

    assert isinstance(answer, dict)
    answer["deep"] = "changed"
    assert data == DATA


def test_what_is_drawn_cannot_be_shadowed_by_data() -> None:
    data = {"len": 7, "true": False, "null": 1, "lst": [1]}

    assert compile_expression("len(lst) == 1 and true and null is None").evaluate(data) is True


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("a == 1 and q", "unknown_name", 12),
        ("d.missing", "no_entry", 1),
        ("lst[9]", "no_entry", 1),
        ("lst[true]", "type", 1),
        ("a/0", "division_by_zero", 1),
        ("'x' + 'y'", "type", 1),
        ("is_filled + 1", "type", 1),
        ("s < a", "type", 5),
        ("lst < [4]", "type", 7),
        ("max(s)", "type", 1),
        ("min(d)", "type", 1),
        ("min([])", "type", 1),
        ("max(1, s)", "type", 1),
        ("len(a)", "type", 1),
        ("1 in s", "type", 6),
        ("1000000000 * 1000000000", "number", 1),
        ("'中文' == 事 or a", "unknown_name", 9),
    ],
)
def test_what_cannot_be_evaluated_is_one_error_with_its_place(
    source: str, code: str, column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source).evaluate(DATA)

    assert (caught.value.code, caught.value.column) == (code, column)
    assert caught.value.source == source


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a and", "syntax"),
        ("a) + (1", "syntax"),
        ("a, b = 1", "syntax"),
        ("x\0", "character"),
        (r"'\d' == s", "character"),
        ("a # a comment", "character"),
        ("（a）", "full_width"),
        ("ｌｅｎ(s)", "full_width"),
        ("d.＿x", "full_width"),
        ("0x10", "number"),
        ("1_000", "number"),
        ("1j", "number"),
        ("1if a else 2", "number"),
        ("a3.5if a else 2", "number"),
        (".5", "number"),
        ("٣", "number"),
        ("1e999", "number"),
        ("1" + "0" * 1500, "number"),
        ("a is 1", "not_allowed"),
        ("a is s", "not_allowed"),
        ("len", "not_allowed"),
        ("_a", "not_allowed"),
        ("d._k", "not_allowed"),
        ("sum(lst)", "not_allowed"),
        ("s.upper()", "not_allowed"),
        ("lst[0:2]", "not_allowed"),
        ("{}", "not_allowed"),
        ("b'x'", "not_allowed"),
        ("u'x'", "not_allowed"),
        ("...", "not_allowed"),
        ("+a", "not_allowed"),
        ("a // 2", "not_allowed"),
        ("a @ a", "not_allowed"),
        ("a & 1", "not_allowed"),
        ("~a", "not_allowed"),
        ("len()", "arguments"),
        ("max(1, 2, 3, 4, 5)", "arguments"),
        ("max(lst, key=len)", "arguments"),
        ("a" * 2001, "too_long"),
        ("+".join(["1"] * 90), "too_large"),
        ("\ud800", "syntax"),
    ],
)
def test_what_is_not_on_the_list_is_refused_when_it_is_compiled(source: str, code: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)

    assert caught.value.code == code


def test_objects_among_the_data_are_never_touched() -> None:
    class Tempting:
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        __hash__ = None

    data = {"obj": Tempting(), "lst": [Tempting()], "d": {"k": Tempting()}}

    sources = ("obj == 1", "obj", "lst[0]", "lst", "d.k", "d", "1 in lst", "lst == [1]", "d != lst")
    for source in sources:
        with pytest.raises(ExpressionError):
            compile_expression(source).evaluate(data)


def test_data_that_never_ends_is_refused_not_followed() -> None:
    itself: list[object] = []
    itself.append(itself)
    deep: object = 1
    for _ in range(10_000):
        deep = [deep]
    data = {
        "itself": itself,
        "deep": deep,
        "nan": float("nan"),
        "huge": 10**400,
        "long": [0] * 10**5,
    }

    sources = (
        "itself",
        "deep",
        "nan",
        "huge",
        "huge * huge",
        "deep == [deep]",
        "1 in long",
        "long",
    )
    for source in sources:
        with pytest.raises(ExpressionError):
            compile_expression(source).evaluate(data)


NAMES = st.sampled_from(["a", "s", "lst", "d", "case", "nothing", "true", "null", "len", "x"])
ATOMS = NAMES | st.integers().map(str) | st.floats().map(str) | st.text(max_size=4).map(repr)
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "==",
    "!=",
    "<",
    ">=",
    "in",
    "not in",
    "is",
    "and",
    "or",
]


def _grown(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(children, st.sampled_from(OPERATORS), children).map(" ".join),
        children.map(lambda inner: f"({inner})"),
        children.map(lambda inner: f"not {inner}"),
        children.map(lambda inner: f"-{inner}"),
        st.tuples(children, children).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        st.tuples(children, NAMES).map(lambda pair: f"{pair[0]}.{pair[1]}"),
        st.tuples(NAMES, children, children).map(lambda three: "{}({}, {})".format(*three)),
        st.tuples(children, children).map(lambda pair: f"[{pair[0]}, {pair[1]}]"),
        st.tuples(children, children, children).map(
            lambda three: "{} if {} else {}".format(*three)
        ),
    )


SOURCES = st.text(max_size=40) | st.recursive(ATOMS, _grown, max_leaves=12)


def _is_json(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_json(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    return value is None or type(value) in {bool, int, float, str}


@settings(deadline=None)
@given(SOURCES)
def test_any_text_gives_a_plain_value_or_an_expression_error(source: str) -> None:
    data = copy.deepcopy(DATA)

    with contextlib.suppress(ExpressionError):
        assert _is_json(compile_expression(source).evaluate(data))

    assert data == DATA
