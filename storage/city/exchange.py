"""What is exchanged with other platforms and partners: `sync/` and `feed.csv` of a city pack."""

from dataclasses import fields
from pathlib import Path
from typing import Final

from storage.city.files import PackRow, pack_rows
from storage.feed.published import ANY, PUBLIC_COLUMNS, FeedRule
from storage.sync.partners import Partner, PassedEvent
from storage.sync.scores import MatchScores, VisitRule

_FEED_COLUMNS: Final = ("kind", "entry", "column", "value", "fields", "name_zh", "name_en")
_PUSHES: Final = ("source", "event", "entry", "only", "kinds", "but_from")
_CRITERIA: Final = tuple(field.name for field in fields(MatchScores))


def read_match_scores(folder: Path) -> MatchScores:
    """Read the points; a pack without the file has the usual ones.

    Raises:
        Refused: a criterion is unknown or listed twice, or one alone would already be enough.
    """
    path = folder / "sync" / "matching.csv"
    if not path.is_file():
        return MatchScores()
    points: dict[str, int] = {}
    rows = list(pack_rows(path, ("criterion", "points")))
    for row in rows:
        criterion = row.choice("criterion", _CRITERIA)
        if criterion in points:
            row.refuse("criterion", f"{criterion} 重复 (double)")
        points[criterion] = row.number_of("points")
    scores = MatchScores(**points)
    if scores.links_from <= max(scores.same_day, scores.next_day):
        problem = "分数线要高于日期的分数，只凭日期不算同一次 (the day alone is not enough)"
        rows[-1].refuse("points", problem)
    return scores


def read_visits(folder: Path) -> VisitRule:
    """Read which cases are visits; a pack without the file has the usual ones.

    Raises:
        Refused: a row says neither a kind nor a source, or a list is empty.
    """
    path = folder / "sync" / "visits.csv"
    if not path.is_file():
        return VisitRule()
    named: dict[str, set[str]] = {"kind": set(), "source": set()}
    rows = list(pack_rows(path, ("what", "value")))
    for row in rows:
        named[row.choice("what", tuple(named))].add(row.required("value"))
    if rows and not all(named.values()):
        rows[-1].refuse("what", "kind 和 source 至少各写一行 (write at least one of each)")
    return VisitRule(frozenset(named["kind"]), frozenset(named["source"]))


def read_feed(folder: Path) -> tuple[FeedRule, ...]:
    """Read the rules of a city pack; a pack without the file publishes nothing.

    Raises:
        Refused: a kind is listed twice, or a column is not one that partners may know.
    """
    path = folder / "feed.csv"
    rules: dict[str, FeedRule] = {}
    for row in pack_rows(path, _FEED_COLUMNS) if path.is_file() else ():
        rule = _feed_rule(row)
        if rule.kind in rules:
            row.refuse("kind", f"{rule.kind} 重复 (double)")
        rules[rule.kind] = rule
    return tuple(rules.values())


def _feed_rule(row: PackRow) -> FeedRule:
    entry, column = row.text("entry"), row.text("column")
    if bool(entry) == bool(column):
        row.refuse("column", "请写 entry 或 column 之一 (write an entry or a column, not both)")
    fields = tuple(row.required("fields").split(";"))
    for name in (*fields, column):
        if name and name not in PUBLIC_COLUMNS:
            row.refuse("fields", f"{name} 不能对外公布 (partners may not know it)")
    return FeedRule(
        kind=row.required("kind"),
        entry=entry,
        column=column,
        value=row.text("value") or ANY,
        fields=fields,
        name_zh=row.required("name_zh"),
        name_en=row.required("name_en"),
    )


def read_partners(folder: Path) -> tuple[Partner, ...]:
    """Read which platforms are told of what; a pack without `sync/push.csv` tells nobody.

    Raises:
        Refused: a cell is wrong, or an event of a platform is listed twice.
    """
    path = folder / "sync" / "push.csv"
    if not path.is_file():
        return ()
    known: dict[tuple[str, str], Partner] = {}
    for row in pack_rows(path, _PUSHES):
        key = (row.required("source"), row.required("event"))
        if key in known:
            row.refuse("event", f"{key[1]} 重复 (double)")
        known[key] = Partner(
            source=key[0],
            event=_passed_event(row),
            kinds=_several(row, "kinds"),
            but_from=_several(row, "but_from"),
        )
    return tuple(known.values())


def _passed_event(row: PackRow) -> PassedEvent:
    field, equals, value = row.text("only").partition("=")
    if field and not (equals and value):
        row.refuse("only", "写成 字段=值 (write field=value)")
    return PassedEvent(row.required("event"), row.required("entry"), field, value)


def _several(row: PackRow, column: str) -> frozenset[str]:
    return frozenset(word for word in row.text(column).split(";") if word)
