"""自查自纠：谁每期要自查（R55），自查不力到什么程度加强检查（R56）。

Each line asks the table once. A row that was removed or widened answers one of them otherwise.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from engine.check.face import Bundle, DecisionTable, ExpressionError, Finding, Json, Text
from handlers.policy.policy import Policy


class Case(NamedTuple):
    """What a table is asked, and the answer the work plan gives."""

    table: str
    clause: str
    asked: Mapping[str, Json]
    column: str
    answer: str


def _owed(
    period: str, *categories: str, holds_post: bool = False, answer: str = "yes"
) -> Iterator[Case]:
    for category in categories:
        asked: Mapping[str, Json] = {
            "category": category,
            "holds_post": holds_post,
            "period": period,
        }
        yield Case("obligations", "R55", asked, "owed", answer)


def _state(answer: str, *counts: int, current: str = "normal") -> Case:
    names = ("clean", "unrectified", "missed", "found_by_others")
    asked: Mapping[str, Json] = {**dict(zip(names, counts, strict=True)), "current": current}
    return Case("inspection_intensity", "R56", asked, "state", answer)


_MAKERS: Final = ("manufacturer", "central_kitchen", "meal_delivery")
_MARKETS: Final = ("farm_market", "farm_market.farmers", "farm_market.wholesale")

CASES: Final = (
    *_owed("day", *_MAKERS),
    *_owed("week", *_MAKERS, "canteen.school"),
    *_owed("month", *_MAKERS, "canteen", "canteen.medical", "canteen.elder_care"),
    *_owed("month", *_MARKETS, "retailer.supermarket"),
    *_owed("month", "small.eatery", holds_post=True),
    *(one for period in ("day", "week", "month") for one in _owed(period, "small", answer="no")),
    # Periods in time, not put right, missed, found by others: when more is inspected ...
    _state("intensified", 0, 0, 3, 0),
    _state("intensified", 0, 0, 2, 1),
    _state("intensified", 0, 0, 1, 2),
    _state("intensified", 0, 1, 0, 0, current="watch"),
    _state("watch", 0, 0, 2, 0),
    _state("watch", 0, 0, 0, 1),
    _state("watch", 0, 1, 0, 0),
    # ... and how long it stays so.
    _state("intensified", 1, 0, 0, 0, current="intensified"),
    _state("watch", 1, 0, 0, 0, current="watch"),
    _state("watch", 2, 1, 0, 0),
    _state("normal", 2, 0, 0, 0, current="intensified"),
    _state("normal", 0, 0, 1, 0),
)


def check_answers(bundle: Bundle) -> Iterator[Finding]:
    """Every case of the plan has its answer, in the tables that ask no more than these names."""
    for case in CASES:
        held = bundle.tables.get(case.table)
        if held is not None and case.asked.keys() >= set(held.table.names_read()):
            answer, row = _answered(held.table, case)
            if answer != case.answer:
                yield _otherwise(case, held.file, answer, row)


def _answered(table: DecisionTable, case: Case) -> tuple[Json, str]:
    """The answer and its row; the table, where a row that fits everything stands in for one."""
    try:
        fired = next(iter(table.collect(case.asked)), None)
    except ExpressionError:
        fired = None
    if fired is None:
        return None, table.id
    rule = next(one for one in table.rules if one.id == fired.rule_id)
    return fired.outputs.get(case.column), rule.id if any(rule.cells) else table.id


def _otherwise(case: Case, file: str, answer: Json, row: str) -> Finding:
    asked = ", ".join(f"{name}={value}" for name, value in case.asked.items())
    message = Text(
        f"{asked}：{case.column} 应为 {case.answer}，现在是 {answer}。",
        f"{asked}: {case.column} has to be {case.answer}, and is {answer}.",
    )
    way_out = Text(
        "请补上或更正这一行；本市另有规定的，在 pack.json 的 policies_off 里停用这条规则。",
        "Add or correct the row; a city with other rules lists this one in `policies_off`.",
    )
    # A row that is gone answers nothing: the table stands for it beside the row that answers now.
    trace = (case.table,)
    return Finding("error", "self_inspection", file, row, message, way_out, trace, case.clause)


POLICY: Final = Policy("self_inspection", ("R55", "R56"), of_bundle=check_answers)
