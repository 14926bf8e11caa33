"""A case file as people read it: steps, each with who, what, why, and where the case went.

The file holds one entry for each act and for each fact that came of it; entries of the same moment
and person are one step here. Nothing is left out but what the step already says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from web.frame.client import Client
from web.frame.language import moment, pick, t
from web.frame.naming import Names, names_for, task_name
from web.frame.values import filled, photos_in, shown
from web.frame.words import word
from web.pages.cases.remarks import remark_on, rule_applied

Data = Mapping[str, Any]

ANSWERS = ("outcome", "answer", "verify_result", "triage_answer", "measure", "opinion", "finished")
"""Fields whose answer says in one word how a task ended."""

_ACTS = ("task_", "case_", "note_", "chased", "reporter_identity_")
_TONES = {"timer_fired": "late", "chased": "quiet"}
_SAY_ALL = frozenset({"task_completed", "timer_fired", "case_opened", "side_task_opened", "chased"})
"""Entries whose title and form say everything; others are said in a sentence."""


@dataclass(slots=True)
class Step:
    """One step of a case."""

    first: int
    last: int
    at: str
    who: str
    capacity: str | None
    title: str
    answer: str = ""
    tone: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    next: list[tuple[str, str, str]] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Words:
    """What a file's ids mean: tasks and forms of its diagrams, names of posts and areas."""

    tasks: Mapping[str, Data]
    forms: Mapping[str, Data]
    names: Names

    def task(self, element: object) -> str:
        """Label of an element, given by its id or its path."""
        node = str(element or "").rpartition(".")[2].partition("#")[0]
        return task_name((self.tasks.get(node) or {}).get("label"), node)

    def form(self, task: object) -> Data:
        """The form of a task; one without any has no fields."""
        name = (self.tasks.get(str(task)) or {}).get("form") or str(task)
        return self.forms.get(name) or {"fields": []}


def words_of(client: Client, number: str, entries: Iterable[Data], areas: Iterable[str]) -> Words:
    """Ask the API for every word the entries need."""
    legend = client.get(f"/cases/{number}/legend")
    told = {"tasks": {}, "forms": {}} if legend.is_problem else legend.data
    strings = {text for one in entries for text in _strings(one["data"])}
    posts = {text for text in strings if ":" in text and len(text) <= len("0" * 80)}
    officers = {text.partition(":")[2] for text in strings if text.startswith("officer:")}
    names = names_for(client, posts=posts, areas=areas, officers=officers, matters=True)
    return Words(told["tasks"], told["forms"], names)


def steps_of(entries: Iterable[Data], words: Words) -> list[Step]:
    """The steps of a file, oldest first."""
    groups: list[list[Data]] = []
    for entry in entries:
        if not groups or _begins(entry, groups[-1][0]):
            groups.append([])
        groups[-1].append(entry)
    return [_step(group, words) for group in groups]


def photos_apart(steps: Iterable[Step], photos: Iterable[str]) -> tuple[list[str], list[str]]:
    """The photos of a case: as it was found, and what was taken while it was worked on."""
    after = [photo for step in list(steps)[1:] for photo in step.photos]
    return [photo for photo in photos if photo not in after], after


def _begins(entry: Data, head: Data) -> bool:
    """Whether an entry is an act of its own and not a note about the one before."""
    if (entry["at"], entry["actor"]) != (head["at"], head["actor"]):
        return True
    return "passed" in entry["data"] or str(entry["kind"]).startswith(_ACTS)


def _step(entries: list[Data], words: Words) -> Step:
    head = entries[0]
    data, form = head["data"], words.form(head["data"].get("task") or _start(head))
    values = data.get("form") or {}
    step = Step(
        first=head["seq"],
        last=entries[-1]["seq"],
        at=head["at"],
        who=_who(head),
        capacity=head.get("capacity"),
        title=_title(head["kind"], data, words),
        answer=_answer(form, values, words),
        tone=_TONES.get(head["kind"], ""),
        facts=filled(_without_answer(form), values, words.names),
        photos=photos_in(form, values),
        rules=[rule_applied(one, words.names) for one in data.get("decisions") or []],
        next=[_opened(one, words) for one in data.get("opened") or []],
    )
    if head["kind"] == "chased":
        step.title = remark_on(head, words.names, words.task)
    for entry in entries[1:] if head["kind"] in _SAY_ALL else entries:
        if not _is_where_it_went(entry, data):
            step.remarks += filter(None, [remark_on(entry, words.names, words.task)])
    return step


def _is_where_it_went(entry: Data, act: Data) -> bool:
    """Whether the new owner is the post the next task waits for, which the step shows."""
    posts = {one.get("post") for one in act.get("opened") or []}
    return entry["kind"] == "owner_changed" and entry["data"].get("owner") in posts


def _who(entry: Data) -> str:
    if entry["actor"] == "system":
        return t("系统", "System")
    return str(entry.get("actor_name") or t("群众", "A member of the public"))


def _title(kind: str, data: Data, words: Words) -> str:
    if kind == "task_completed":
        return words.task(data.get("task"))
    if kind == "timer_fired":
        return f"{word(kind)}：{words.task(data.get('element'))}"
    if kind == "message_received":
        return word(f"message_{data.get('name')}")
    return word(kind)


def _start(entry: Data) -> str | None:
    passed = entry["data"].get("passed") or [None]
    return passed[0] if entry["kind"] in {"case_opened", "side_task_opened"} else None


def _answer(form: Data, values: Data, words: Words) -> str:
    fields = {one["name"]: one for one in form["fields"]}
    name = next((one for one in ANSWERS if one in fields and values.get(one) is not None), None)
    said = "" if name is None else shown(fields[name], values[name], words.names)
    # To accept by answering "accept" says one thing, not two.
    return "" if said == pick(form.get("title")) else said


def _without_answer(form: Data) -> dict[str, Any]:
    return {"fields": [one for one in form["fields"] if one["name"] not in ANSWERS]}


def _opened(one: Data, words: Words) -> tuple[str, str, str]:
    due = str(one.get("due_at") or "")
    until = "" if due.startswith("9999") else moment(due)
    return words.task(one["task"]), words.names.post(one.get("post")), until


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
