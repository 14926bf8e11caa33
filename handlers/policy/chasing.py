"""催办：到期前提醒承办人，逾期告知上级，再逾期督办（R41）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Finding, Text
from handlers.policy.policy import Policy

CHASE: Final = "chase"
SHARE: Final = ("text", "fraction_of_limit_used")
WANTED: Final = (
    ("holder", True, Text("到期前没有提醒承办人。", "Nobody is reminded before the limit.")),
    ("holder", False, Text("逾期没有再提醒承办人。", "The holder is not reminded when overdue.")),
    ("superior", False, Text("逾期没有告知上级。", "No superior is told when overdue.")),
    ("supervisor", False, Text("久拖不办没有督办。", "Nobody supervises what stays overdue.")),
)

_WAY_OUT: Final = Text("请在催办表补上这一行。", "Add the row to the table.")


def check_chasing(bundle: Bundle) -> Iterator[Finding]:
    """Somebody is told before the limit and at each stage after it."""
    held = bundle.tables.get(CHASE)
    names = [] if held is None else [one.name for one in held.table.outputs]
    heads = [] if held is None else [one.expression.source for one in held.table.inputs]
    if held is None or "tells" not in names or "trigger" not in heads:
        return
    told = {
        (
            rule.outputs[names.index("tells")].source.strip("\"' "),
            cell is not None and cell.fits(SHARE),
        )
        for rule in held.table.rules
        for cell in [rule.cells[heads.index("trigger")]]
    }
    for who, is_before, message in WANTED:
        if (who, is_before) not in told:
            yield Finding(
                "error", "chasing", held.file, held.table.id, message, _WAY_OUT, clause="R41"
            )


POLICY: Final = Policy("chasing", ("R41",), of_bundle=check_chasing)
