"""决策表的列：页面和接口按列名读的表，列不能改名（R30、R55）。"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.face import Bundle, Finding, Text
from handlers.policy.policy import Policy

READ: Final[Mapping[str, tuple[str, ...]]] = {
    "where_to_enter": ("where", "message_zh", "message_en"),
    "obligations": ("owed",),
}
"""Tables that something besides the functions of a drawing asks, with the columns it reads."""

_WAY_OUT: Final = Text(
    "请把列名改回来，页面和接口按这些名称读。", "Name them so: pages and the API read them by name."
)


def check_columns(bundle: Bundle) -> Iterator[Finding]:
    """Whether every column that is read by name is there."""
    for name, columns in READ.items():
        held = bundle.tables.get(name)
        known = set() if held is None else {output.name for output in held.table.outputs}
        missing = [] if held is None else [column for column in columns if column not in known]
        if held is not None and missing:
            listed = ", ".join(missing)
            message = Text(
                f"决策表没有这些列：{listed}。", f"The table lacks the columns {listed}."
            )
            trace = (name, *missing)
            yield Finding("error", "table_columns", held.file, name, message, _WAY_OUT, trace)


POLICY: Final = Policy("table_columns", ("R30", "R55"), of_bundle=check_columns)
