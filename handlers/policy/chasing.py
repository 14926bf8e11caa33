"""催办：到期前提醒承办人，逾期告知上级，再逾期督办（R41）。"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from engine.check.face import Bundle, Finding, TableFile, Text
from handlers.policy.policy import Policy
from storage.city.rules import find_installed

CHASE: Final = "chase"
SHARE: Final = "fraction_of_limit_used"
DAYS: Final = "working_days_overdue"
MINUTES: Final = "minutes_overdue"
WANTED: Final = (
    ("holder", DAYS, Text("逾期没有再提醒承办人。", "The holder is not reminded when overdue.")),
    ("superior", DAYS, Text("逾期没有告知上级。", "No superior is told when overdue.")),
    ("supervisor", DAYS, Text("久拖不办没有督办。", "Nobody supervises what stays overdue.")),
    (
        "holder",
        MINUTES,
        Text("突发事件超时后，夜间没有催办。", "At night nobody reminds of an emergency."),
    ),
    (
        "superior",
        MINUTES,
        Text("突发事件超时后，夜间没有告知上级。", "At night no superior hears of an emergency."),
    ),
)

_WAY_OUT: Final = Text("请在催办表补上这一行。", "Add the row to the table.")

_COLUMNS: Final = Text(
    "请把列名改回来，催办按这些名称查表。", "Name them so: chasing asks by these names."
)


def check_chasing(bundle: Bundle) -> Iterator[Finding]:
    """The table is asked as chasing asks; each share and stage of the city has its row."""
    held = bundle.tables.get(CHASE)
    if held is None:
        return
    heads = {one.expression.source for one in held.table.inputs}
    unread = {"trigger", "value"} - heads | {"tells"} - {one.name for one in held.table.outputs}
    if unread:
        listed = ", ".join(sorted(unread))
        message = Text(f"催办表没有这些列：{listed}。", f"The table lacks the columns {listed}.")
        yield Finding("error", "chasing", held.file, held.table.id, message, _COLUMNS, clause="R41")
    else:
        yield from _check_rows(held)


def _check_rows(held: TableFile) -> Iterator[Finding]:
    """Each row says when; the shares of the city pack and each stage after the limit have one."""
    names = [one.name for one in held.table.outputs]
    heads = [one.expression.source for one in held.table.inputs]
    told: set[tuple[str, str, object]] = set()
    for rule in held.table.rules:
        trigger, value = rule.cells[heads.index("trigger")], rule.cells[heads.index("value")]
        if trigger is None or value is None or not value.keys:
            message = Text("这一行没有写明什么时候。", "The row does not say when.")
            yield Finding("error", "chasing", held.file, rule.id, message, _WAY_OUT, clause="R41")
            continue
        who = rule.outputs[names.index("tells")].source.strip("\"' ")
        when = next((one for one in (SHARE, MINUTES) if trigger.fits(("text", one))), DAYS)
        told |= {(who, when, None), *((who, when, number) for _, number in value.keys)}
    city = find_installed()
    shares = () if city is None else (city.urgency.half, city.urgency.near, 1)
    for share in shares:
        if ("holder", SHARE, share) not in told:
            message = Text(
                f"用去时限的 {share:.0%} 时没有提醒承办人。",
                f"The holder is not reminded when {share:.0%} of the limit are used.",
            )
            yield Finding(
                "error", "chasing", held.file, held.table.id, message, _WAY_OUT, clause="R41"
            )
    wanted = [message for who, when, message in WANTED if (who, when, None) not in told]
    minutes = sorted(float(str(at)) for _, when, at in told if when == MINUTES and at is not None)
    for message in (*wanted, *_silences(minutes)):
        yield Finding("error", "chasing", held.file, held.table.id, message, _WAY_OUT, clause="R41")


def _silences(minutes: list[float]) -> Iterator[Text]:
    """Where nobody hears of an emergency for too long: at first, in between, or after the last.

    Once it has begun the silence at most doubles from one time to the next.
    """
    city = find_installed()
    if city is None or not minutes:
        return
    first, last = city.thresholds.urge_first_minutes, 60 * city.thresholds.urge_hours
    for since, until in pairwise((0, *minutes)):
        if until > max(first, 2 * since):
            yield Text(
                f"突发事件超时 {since:.0f} 分钟以后，到 {until:.0f} 分钟才再催办。",
                f"Late by {since:.0f} minutes, an emergency is chased again at {until:.0f} only.",
            )
    if minutes[-1] < last:
        yield Text(
            f"突发事件超时 {minutes[-1]:.0f} 分钟以后不再催办，应催办到 {last} 分钟。",
            f"Late by {minutes[-1]:.0f} minutes, nobody chases; until {last} somebody does.",
        )


POLICY: Final = Policy("chasing", ("R41",), of_bundle=check_chasing)
