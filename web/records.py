"""Entries of a case file as people read them: who, what, and the facts worth showing."""

from dataclasses import dataclass
from typing import Any

from web.language import t
from web.words import word

QUIET = frozenset({"decision_made", "prepared"})
SHOWN_FIELDS = ("outcome", "reason_code", "reason", "measures", "note", "text", "opinion", "answer")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the file."""

    seq: int
    at: str
    who: str
    capacity: str | None
    title: str
    facts: list[tuple[str, str]]
    is_quiet: bool


def entries_of(items: list[dict[str, Any]]) -> list[Entry]:
    """The entries, oldest first."""
    return [_entry(one) for one in items]


def _entry(one: dict[str, Any]) -> Entry:
    data = one["data"]
    return Entry(
        seq=one["seq"],
        at=one["at"],
        who=_who(one),
        capacity=one.get("capacity"),
        title=_title(one["kind"], data),
        facts=_facts(one["kind"], data),
        is_quiet=one["kind"] in QUIET,
    )


def _who(one: dict[str, Any]) -> str:
    if one["actor"] == "system":
        return t("系统", "System")
    return str(one.get("actor_name") or one["actor"])


def _title(kind: str, data: dict[str, Any]) -> str:
    if kind == "task_completed":
        return f"{word(kind)}：{word(data.get('task'))}"
    return word(kind)


def _facts(kind: str, data: dict[str, Any]) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if kind == "decision_made":
        facts.append((t("决策表", "Table"), f"{data.get('decision')} → {data.get('rule')}"))
    if kind == "owner_changed":
        facts.append((t("承办岗", "Owner"), str(data.get("owner"))))
    source = {**data, **(data.get("form") or {})}
    for name in SHOWN_FIELDS:
        value = source.get(name)
        if isinstance(value, str) and value:
            facts.append((_label(name), word(value)))
    return facts


def _label(name: str) -> str:
    labels = {
        "outcome": ("结果", "Outcome"),
        "reason_code": ("原因", "Reason"),
        "reason": ("说明", "Explanation"),
        "measures": ("措施", "Measures"),
        "note": ("备注", "Note"),
        "text": ("内容", "Text"),
        "opinion": ("意见", "Opinion"),
        "answer": ("答复", "Answer"),
    }
    return t(*labels[name])
