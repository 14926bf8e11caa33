"""A scenario written from the file of a real case: its acts, their times, and what came of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from engine.background.recurring import SOURCE
from engine.scenarios.tables import BY_CALENDAR, NOTHING, Scenario, ScenarioRow, shown_length
from storage.cases.events import CaseEvent
from storage.moments import CHINA
from storage.people.posts import role_of

_ACTS: Final = frozenset(
    {"case_opened", "side_task_opened", "task_completed", "message_received", "timer_fired"}
)
_LEFT_OUT: Final = ("photo",)
"""Fields whose values exist in the recorded city only, by the beginning of their names."""


@dataclass(slots=True)
class _Recorder:
    """Follows the entries of a case file and keeps how the case stands."""

    starter: str
    open: dict[tuple[int, str], str] = field(default_factory=dict)
    posts: dict[tuple[int, str], str] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    owner: str = ""
    outcome: str = ""
    last: datetime | None = None

    def take(self, entry: CaseEvent, number: int) -> ScenarioRow | None:
        """Follow one entry; a line when it is an act of somebody or of time."""
        data = entry.data
        before = self._follow(data)
        if entry.kind not in _ACTS:
            return None
        who, does, values = _act(entry, before, self.starter)
        who += self._which_of_them(entry)
        after = "" if self.last is None else shown_length(entry.at - self.last)
        self.last = entry.at
        tasks = " ".join(sorted(self.open.values())) or NOTHING
        return ScenarioRow(number, after, who, does, values, tasks, self.owner, self.outcome)

    def _follow(self, data: Mapping[str, Any]) -> str:
        """Apply an entry; the task it completed, as `task@role`."""
        running = int(data.get("running") or 0)
        completed = self.open.get((running, str(data.get("token"))), "")
        for token in (*data.get("closed", ()), *data.get("cancelled", ())):
            self.open.pop((running, str(token)), None)
        for task in data.get("opened", ()):
            role = f"@{role_of(task['post'])}" if task["post"] else ""
            self.open[running, str(task["token"])] = f"{task['task']}{role}"
            self.posts[running, str(task["token"])] = task["post"] or ""
        columns = data.get("case") or {}
        if columns.get("owner_post"):
            self.owner = role_of(columns["owner_post"])
        self.outcome = columns.get("outcome") or self.outcome
        return completed

    def _which_of_them(self, entry: CaseEvent) -> str:
        """Return `:2` for the second person who acts in a post, nothing for the first."""
        if entry.kind == "case_opened":
            post = entry.data["case"].get("collector_post")
        elif entry.kind == "task_completed":
            data = entry.data
            post = self.posts.get((int(data.get("running") or 0), str(data.get("token"))))
        else:
            post = None
        if not post:
            return ""
        known = self.people.setdefault(post, [])
        if entry.actor not in known:
            known.append(entry.actor)
        place = known.index(entry.actor) + 1
        return f":{place}" if place > 1 else ""


def record(file: str, name: str, entries: Iterable[CaseEvent], *, starter: str = "") -> Scenario:
    """Write the scenario of a case from its file.

    `starter` is the role of who began it, where the case does not keep the post it came from.
    """
    recorder = _Recorder(starter)
    lines: list[ScenarioRow] = []
    for entry in entries:
        line = recorder.take(entry, len(lines) + 2)
        if line is None:
            continue
        if not lines:
            begun = entry.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
            line = replace(line, after=begun)
        lines.append(line)
    return Scenario(file, name, tuple(lines))


def _act(entry: CaseEvent, completed: str, starter: str) -> tuple[str, str, dict[str, str]]:
    data = entry.data
    if entry.kind == "case_opened":
        return _began_by(data["case"], starter), data["process"], _values(data["form"])
    if entry.kind == "side_task_opened":
        return "", data["process"], _values(data["form"])
    if entry.kind == "task_completed":
        return completed.partition("@")[2], data["task"], _values(data["form"])
    if entry.kind == "message_received":
        return "", data["name"], _values(data.get("payload") or {})
    return "", "", {}


def _began_by(columns: Mapping[str, Any], starter: str) -> str:
    if columns.get("source") == SOURCE and columns.get("owner_post"):
        return f"{BY_CALENDAR}{role_of(columns['owner_post'])}"
    post = columns.get("collector_post")
    return role_of(post) if post else starter


def _values(form: Mapping[str, Any]) -> dict[str, str]:
    """The values of a form as a table holds them; blanks and photos are left out."""
    shown: dict[str, str] = {}
    for name, value in form.items():
        if value in (None, "", []) or name.startswith(_LEFT_OUT):
            continue
        if isinstance(value, Mapping):
            shown.update({f"{name}.{part}": str(text) for part, text in value.items()})
        elif isinstance(value, list):
            shown[name] = "|".join(str(one) for one in value)
        elif isinstance(value, bool):
            shown[name] = "true" if value else "false"
        else:
            shown[name] = " ".join(str(value).split())
    return shown
