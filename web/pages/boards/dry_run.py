"""The list behind the next 24 hours: case by case what would happen, narrowed to a figure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from flask import render_template

from engine.reads.forecast import Coming
from engine.reads.reading import Reading
from storage.moments import in_china
from storage.people.actors import Actor
from web.frame import sessions
from web.frame.language import day_of, listed, t
from web.frame.naming import Names, names_for, task_name
from web.frame.reading import seen
from web.frame.site import site
from web.frame.words import word
from web.pages.boards import asked, leader
from web.pages.boards.acts import MOST_AT_ONCE
from web.pages.boards.drawn import Looked
from web.pages.boards.foreseen import FIGURES, cases_of, is_end, labels, sums

_TOLD_AT_ITS_END: Final = {"inform_superior": "superior", "supervise": "supervisor"}


@site.get("/boards/forecast")
@sessions.signed_in
def dry_run() -> Any:
    """What would happen in the next 24 hours, case by case, with its rule."""
    return render_template("boards/dry_run.html", **seen(_look))


def _look(reading: Reading) -> dict[str, Any]:
    looked = leader.look(reading)
    figure, (since, before) = asked.one_of("figure", tuple(FIGURES), ""), asked.hour()
    cases = [its for its in cases_of(looked.coming, figure).values() if _is_in(its, since, before)]
    names = names_for(
        reading,
        posts={one.task.post_id for one in looked.coming},
        areas={one.task.area_code for one in looked.coming},
    )
    rows = [_row(its, names, looked) for its in cases]
    numbers = [row["number"] for row in rows if row["may_chase"]]
    return {
        **leader.frame(looked),
        "foreseen": sums(looked, figure),
        "chosen": labels().get(figure, ""),
        "hour": _hour(since, before, reading.now),
        "rows": rows,
        "all_of_them": numbers if len(numbers) <= MOST_AT_ONCE else [],
        "may_chase": bool(numbers),
    }


def _is_in(its: list[Coming], since: datetime | None, before: datetime | None) -> bool:
    first = its[0].at
    return (since is None or since <= first) and (before is None or first < before)


def _hour(since: datetime | None, before: datetime | None, now: datetime) -> str:
    if since is None or before is None:
        return ""
    until = in_china(before).strftime("%H:%M")
    first = day_of(since, now=now)
    return t(f"{first} 至 {until} 最先到期", f"first due {first} to {until}")


def _row(its: list[Coming], names: Names, looked: Looked) -> dict[str, Any]:
    first = its[0].task
    return {
        "number": first.number,
        "title": names.title(first),
        "place": names.area(first.area_code),
        "may_chase": _may_chase(its, looked.reading.actor),
        "coming": [_happens(together, names, looked) for together in _together(its)],
    }


def _may_chase(its: Iterable[Coming], actor: Actor) -> bool:
    """As in every list: who watches chases what is not in their own hands."""
    return leader.leads(actor) and not all(actor.holds(one.task.post_id) for one in its)


def _together(its: Iterable[Coming]) -> list[list[Coming]]:
    """What happens to a case within an hour by one rule, to however many of its steps, in order."""
    rows: dict[tuple[Any, ...], list[Coming]] = {}
    for one in its:
        hour = one.at.replace(minute=0, second=0, microsecond=0)
        rows.setdefault((hour, one.act, is_end(one)), []).append(one)
    return list(rows.values())


def _happens(its: list[Coming], names: Names, looked: Looked) -> dict[str, Any]:
    first, ends = its[0], is_end(its[0])
    acts = {
        "pass_up": t("自动上报上一级", "Passed up"),
        "supervise": t("转督办，承办岗不变", "Supervised; the owner stays"),
        "inform_superior": t("告知上级", "Superior told"),
        "remind": t("提醒", "Reminder"),
        "inform": t("告知", "Told"),
        "urge": t("紧急催办", "Urgent reminder"),
    }
    receiver = _TOLD_AT_ITS_END.get(first.act, "")
    told = [receiver] if ends else [one.tells for one in its]
    steps = (task_name(one.task.label, one.task.task_id) for one in its)
    return {
        "at": day_of(first.at, now=looked.reading.now),
        "act": acts.get(first.act, t("到期", "Due")),
        "is_end": ends,
        "task": listed(dict.fromkeys(steps)),
        "post": listed(dict.fromkeys(names.post(one.task.post_id) for one in its)),
        "tells": listed(dict.fromkeys(word(f"tells_{one}") for one in told if one)),
        "rule": t("办理期限表", "Table of limits") if ends else t("催办规则", "Chase rules"),
    }
