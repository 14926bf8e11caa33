"""The filters of the inbox: read from its address, shown as chips that lead to other addresses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import url_for

from engine.reads.places import children_of, own_areas
from engine.reads.reading import Reading
from engine.reads.tasks import TaskFilter
from storage.cases.inboxes.lists import CountedKind, count_kinds
from storage.cases.phases import PHASES
from storage.moments import in_china, start_of
from web.frame.language import t
from web.frame.naming import matter_names
from web.frame.words import word

FILTERS = ("area", "weight", "matter", "task", "phase", "due", "source", "watched")
"""The parameters of the address that narrow a list, in the order of their chips."""
KEPT = ("view", "q", *FILTERS, "sort")
WEIGHTS = ("urgent", "high", "hasty")
"""What a row is marked with beside its matter."""
SOURCES = ("grid_patrol", "department_patrol", "public_report", "self_inspection", "video_patrol")


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter: chosen, with the way to take it off, or open, with what may be chosen."""

    label: str
    chosen: str = ""
    without: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """Words and addresses."""


def asked_of(args: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address, without empty and unknown ones."""
    return {name: args[name] for name in KEPT if args.get(name)}


def address_of(asked: Mapping[str, str], **changes: str) -> str:
    """The address of the inbox with other filters; an empty one is taken off."""
    wanted = {**asked, **changes}
    query = query_text(wanted)
    return f"{url_for('web.inbox')}?{query}" if query else url_for("web.inbox")


def query_text(asked: Mapping[str, str]) -> str:
    """The query of an address, as a saved view keeps it."""
    return urlencode({name: asked[name] for name in KEPT if asked.get(name)})


def narrowed(base: TaskFilter, asked: Mapping[str, str], *, now: datetime) -> TaskFilter:
    """Narrow the filter of a view by those of the address; an invalid value matches nothing."""
    due = {"today": _ends(now, days=1), "week": _ends(now, days=_days_left(now))}
    weight = asked.get("weight")
    wanted = replace(
        base,
        priority=weight if weight != "hasty" else None,
        is_hasty=True if weight == "hasty" else None,
        area=asked.get("area"),
        matter=asked.get("matter"),
        task_id=asked.get("task"),
        phase=asked.get("phase"),
        source=asked.get("source"),
        supervised=True if asked.get("watched") else base.supervised,
        due_before=due.get(asked.get("due", ""), base.due_before),
        text=asked.get("q"),
        is_newest_first=asked.get("sort") == "new",
    )
    return replace(wanted, overdue_at=now) if asked.get("due") == "late" else wanted


def kinds_of(reading: Reading, wanted: TaskFilter, *, most: int) -> list[CountedKind] | None:
    """Count one's own list by matter and weight; None of a list that is longer, or of an area."""
    if wanted.whose is None or wanted.state == "done":
        return None
    present = reading.holders(reading.actor.post_ids)
    kinds = count_kinds(reading.session, wanted, actor=reading.actor, present=present, most=most)
    return kinds if sum(kind.tasks for kind in kinds) <= most else None


def chips_of(
    reading: Reading,
    asked: Mapping[str, str],
    areas: Mapping[str, str],
    tasks: Mapping[str, str],
    kinds: Sequence[CountedKind] | None,
) -> list[Chip]:
    """The filters as chips; `areas` and the `tasks` of the list are names already looked up.

    With the `kinds` of the list, its choices of matter and weight are counted, without empty ones.
    """
    own = own_areas(reading)
    below = children_of(reading, own[0]) if own and "area" not in asked else []
    phases = [(phase.id, word(phase.id)) for phase in PHASES.values()]
    dues = {
        "today": t("今天", "Today"),
        "week": t("本周", "This week"),
        "late": t("已超期", "Overdue"),
    }
    weights = None if "weight" in asked else _count_weights(kinds)
    matters = None if "matter" in asked else _count_matters(kinds)
    choices = {
        "area": (t("区域", "Area"), below or list(areas.items())),
        "weight": (t("等级", "Weight"), _counted(_weights(), weights)),
        "matter": (t("事项", "Matter"), _counted(list(matter_names(reading).items()), matters)),
        "task": (t("环节", "Task"), list(tasks.items())),
        "phase": (t("六步", "Step"), phases),
        "due": (t("期限", "Due"), list(dues.items())),
        "source": (t("来源", "Source"), [(name, word(name)) for name in SOURCES]),
        "watched": (t("督办", "Supervised"), [("yes", t("只看督办", "Supervised only"))]),
    }
    chips = [_chip(name, *choices[name], asked) for name in FILTERS]
    return [chip for chip in chips if chip.chosen or chip.options]


def sorts_of(asked: Mapping[str, str]) -> Chip:
    """How the list is sorted, and how else it may be."""
    names = {"": t("最紧要在前", "Most pressing first"), "new": t("最新在前", "Newest first")}
    now = asked.get("sort", "") if asked.get("sort", "") in names else ""
    others = ((label, address_of(asked, sort=name)) for name, label in names.items() if name != now)
    return Chip(names[now], options=tuple(others))


def order_of(asked: Mapping[str, str]) -> str:
    """The order of the list in words, as it is said above it."""
    if asked.get("view") == "done":
        return t("最近办的在前", "What was done last comes first")
    if asked.get("sort") == "new":
        return t("最新在前", "The newest first")
    return t(
        "最紧要在前：突发、超期最久、剩余最少，缓办最后",
        "Most pressing first: emergencies, longest overdue, least time left; paused last",
    )


def _chip(name: str, label: str, options: list[tuple[str, str]], asked: Mapping[str, str]) -> Chip:
    if name in asked:
        chosen = dict(options).get(asked[name], asked[name])
        return Chip(label, chosen, address_of(asked, **{name: ""}))
    links = ((words, address_of(asked, **{name: code})) for code, words in options)
    return Chip(label, options=tuple(links))


def _weights() -> list[tuple[str, str]]:
    names = {"urgent": t("突发", "Emergency"), "hasty": t("加急", "Pressing")}
    return [(weight, names.get(weight) or word(weight)) for weight in WEIGHTS]


def _count_matters(kinds: Sequence[CountedKind] | None) -> Counter[str] | None:
    if kinds is None:
        return None
    counts: Counter[str] = Counter()
    for kind in kinds:
        counts[kind.matter or ""] += kind.tasks
    return counts


def _count_weights(kinds: Sequence[CountedKind] | None) -> Counter[str] | None:
    if kinds is None:
        return None
    counts: Counter[str] = Counter()
    for kind in kinds:
        counts[kind.priority] += kind.tasks
        counts["hasty"] += kind.tasks if kind.is_hasty else 0
    return counts


def _counted(
    options: list[tuple[str, str]], counts: Mapping[str, int] | None
) -> list[tuple[str, str]]:
    """Options with how many of the list each has, those with none left out."""
    if counts is None:
        return options
    return [(code, f"{words} {counts[code]}") for code, words in options if counts.get(code)]


def _ends(now: datetime, *, days: int) -> datetime:
    """The midnight so many days from today, in the city."""
    return start_of(in_china(now).date() + timedelta(days=days))


def _days_left(now: datetime) -> int:
    """How many days this week still has, today and the weekend included."""
    return 7 - in_china(now).weekday()
