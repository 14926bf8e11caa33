"""决策表的列：页面、接口和引擎按列名读的表，列不能改名（R30、R41、R43、R55）。"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.face import Bundle, Finding, Text
from handlers.policy.policy import Policy

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "where_to_enter": ("where", "message_zh", "message_en"),
    "obligations": ("owed",),
    "chase": ("repeat", "tells", "action"),
    "deadlines": ("limit", "unit"),
}
"""Tables that something besides the functions of a drawing asks, with the columns it reads."""

KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "chase": NEEDED["chase"],
    "deadlines": (*NEEDED["deadlines"], "on_overdue", "extensions", "extension_approver"),
}
"""Tables of which nothing else is read: a column of another name is one that was renamed."""

_WAY_OUT: Final = Text(
    "请把列名改回来，页面、接口和引擎按这些名称读。",
    "Name them so: pages, the API and the engine read them by name.",
)


def check_columns(bundle: Bundle) -> Iterator[Finding]:
    """Whether every column that is read by name is there, and every column is read."""
    for name, needed in NEEDED.items():
        held = bundle.tables.get(name)
        if held is None:
            continue
        columns = [output.name for output in held.table.outputs]
        missing = [column for column in needed if column not in columns]
        known = KNOWN.get(name, columns)
        unknown = [column for column in columns if column not in known]
        for listed, message in ((missing, _missing), (unknown, _unknown)):
            if listed:
                trace = (name, *listed)
                said = message(", ".join(listed))
                yield Finding("error", "table_columns", held.file, name, said, _WAY_OUT, trace)


def _missing(listed: str) -> Text:
    return Text(f"决策表没有这些列：{listed}。", f"The table lacks the columns {listed}.")


def _unknown(listed: str) -> Text:
    return Text(f"没有谁读这些列：{listed}。", f"Nothing reads the columns {listed}.")


POLICY: Final = Policy("table_columns", ("R30", "R41", "R43", "R55"), of_bundle=check_columns)
