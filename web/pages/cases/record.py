"""A case file as people read it: steps, each with who, what, why, and where the case went.

The file holds one entry for each act and for each fact that came of it; entries of the same moment
and person are one step here. Only facts the step already shows are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from engine.reads.file import FileEntry, acts_of
from engine.reads.legends import TaskWords
from storage.cases.events import ADDED_BY_REPORTER, ADDITIONS
from web.frame.language import moment, pick, said_of, t
from web.frame.naming import Names, task_name
from web.frame.values import filled, photos_in, shown
from web.frame.words import word
from web.pages.cases.remarks import remark_on, rule_applied
from web.pages.cases.told.opinions import opinion_on

Data = Mapping[str, Any]
ANSWERS = ("outcome", "answer", "verify_result", "triage_answer", "measure", "opinion", "finished")
"""Fields whose answer says in one word how a task ended."""

AFTERWARDS = "photos_after"
"""The field of every form that asks for photos of what was put right."""

ADDITION: dict[str, Any] = {
    "id": "addition",
    "fields": [
        {
            "name": "added",
            "type": "longtext",
            "label": {"zh": "补充内容", "en": "What you add"},
            "required": True,
            "max": 2000,
        },
        {"name": "photos", "type": "photos", "label": {"zh": "照片", "en": "Photos"}},
    ],
}
"""What is added to a report: the form it is sent with, and by which it is shown."""

_SUPERVISING = frozenset({"case_supervised", "supervised"})
_ANSWERING = frozenset({"supervision_answered", "supervision_late", "supervision_ended"})
_WATCHING = _SUPERVISING | _ANSWERING | {"case_chased", "chased"}
"""Entries that watch over a case."""
_TONES = {"timer_fired": "late", "chased": "quiet"}
_SAY_ALL = ADDITIONS | {
    "task_completed",
    "timer_fired",
    "case_opened",
    "side_task_opened",
    "chased",
}
"""Entries whose title and form say everything; others are said in a sentence."""


_SAID_ONCE: Final = frozenset({"people_ill", "business_name"})
"""Fields of a report that stand in its first entry alone."""


@dataclass(slots=True)
class Step:
    """One step of a case."""

    first: int
    last: int
    at: datetime
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
    kind: str = ""
    """What its first entry is about."""

    @property
    def sorts(self) -> str:
        """The classes of what it is found by: it moved the case, watches over it, has photos."""
        watches = self.kind in _WATCHING
        classes = {"moves": self.next or self.answer, "watches": watches, "pictured": self.photos}
        return " ".join(name for name, holds in classes.items() if holds)


@dataclass(frozen=True, slots=True)
class Words:
    """Labels of the ids in a case file: tasks and forms of its diagrams, posts and areas."""

    tasks: Mapping[str, TaskWords]
    forms: Mapping[str, Data]
    names: Names

    def task(self, element: object) -> str:
        """Label of an element, given by its id or its path."""
        node = str(element or "").rpartition(".")[2].partition("#")[0]
        known = self.tasks.get(node)
        return task_name(None if known is None else known.label, node)

    def form(self, task: object) -> Data:
        """The form of a task; one without any has no fields."""
        known = self.tasks.get(str(task))
        name = (known and known.form) or str(task)
        return self.forms.get(name) or {"fields": []}


def steps_of(entries: Iterable[FileEntry], words: Words) -> list[Step]:
    """The steps of a file, oldest first."""
    every = list(entries)
    kinds = asked_kinds(every)
    return [_called(_step(act, words), act[0], kinds) for act in acts_of(every)]


def asked_kinds(entries: Iterable[FileEntry]) -> dict[str, str]:
    """What was asked beside the case, by the id of the diagram that runs for it."""
    return {
        str(entry.data.get("running")): str((entry.data.get("form") or {}).get("side_kind"))
        for entry in entries
        if entry.kind == "side_task_opened"
    }


def _called(step: Step, head: FileEntry, kinds: Mapping[str, str]) -> Step:
    """A step that answers a request, by the words of that request: not every yes is the same."""
    kind = kinds.get(str(head.data.get("running")))
    opinion = (head.data.get("form") or {}).get("opinion")
    if kind is not None and opinion is not None:
        step.title = word(f"answer_{kind}")
        step.answer = opinion_on(kind, opinion) or step.answer
    return step


def additions_among(acts: Iterable[list[FileEntry]], words: Words) -> list[Step]:
    """What whoever reported the case has added to it, oldest first."""
    return [_step(act, words) for act in acts if act[0].kind in ADDITIONS]


def photos_apart(
    acts: Sequence[list[FileEntry]], words: Words, photos: Iterable[str]
) -> tuple[list[str], list[str]]:
    """The photos of a case: as it was found, and what was taken once it was worked on.

    What a form asks for as `photos_after` was taken afterwards. Anything else shows the problem
    until a form has asked that: a business that inspects itself adds both in one.
    """
    after: list[str] = []
    is_worked_on = False
    for act in acts:
        document, values = _form_of(act[0], words), act[0].data.get("form") or {}
        proofs = list(values.get(AFTERWARDS) or [])
        after += photos_in(document, values) if is_worked_on else proofs
        is_worked_on |= any(field["name"] == AFTERWARDS for field in document["fields"])
    shown = list(photos)
    before = [photo for photo in shown if photo not in after]
    return before, [photo for photo in after if photo in shown]


def taken_in_words(steps: Sequence[Step], apart: tuple[list[str], list[str]]) -> tuple[str, str]:
    """When and by whom the photos before and those after were taken: the first, and the last."""
    before, after = ([step for step in steps if set(step.photos) & set(ids)] for ids in apart)
    return _taken(before[0] if before else None), _taken(after[-1] if after else None)


def _taken(step: Step | None) -> str:
    return "" if step is None else f"{moment(step.at)} {step.who}"


def supervision_among(entries: Iterable[FileEntry], steps: Sequence[Step]) -> Step | None:
    """The last step that put the case under supervised handling."""
    began = [entry.seq for entry in entries if _supervises(entry)]
    found = (step for step in steps if began and step.first <= began[-1] <= step.last)
    return next(found, None)


def _supervises(entry: FileEntry) -> bool:
    changed = entry.data.get("case") or {}
    return entry.kind in _SUPERVISING or changed.get("supervised") is True


def areas_in(entries: Iterable[FileEntry]) -> set[str]:
    """The areas a file names: where the case was filed, and what forms chose since."""
    areas = {(entry.data.get("form") or {}).get("area") for entry in entries}
    areas |= {(entry.data.get("case") or {}).get("area_code") for entry in entries}
    return {area for area in areas if isinstance(area, str)}


def step_of(act: list[FileEntry], words: Words) -> Step:
    """One step of a file, of the entries `acts_of` puts together."""
    return _step(act, words)


def photos_of(act: list[FileEntry], words: Words) -> list[str]:
    """The photos somebody added with one step."""
    data = act[0].data
    return photos_in(_form_of(act[0], words), data.get("form") or {})


def _form_of(head: FileEntry, words: Words) -> Data:
    if head.kind in ADDITIONS:
        return ADDITION
    return words.form(head.data.get("task") or _start(head))


def _step(entries: list[FileEntry], words: Words) -> Step:
    head = entries[0]
    data, form = head.data, _form_of(head, words)
    values = data.get("form") or {}
    step = Step(
        first=head.seq,
        last=entries[-1].seq,
        at=head.at,
        who=_who(head),
        capacity=head.capacity,
        title=_title(head.kind, data, words),
        answer=_answer(form, values, words),
        tone=_TONES.get(head.kind, ""),
        facts=filled(_without_answer(form), values, words.names),
        photos=photos_in(form, values),
        kind=head.kind,
        rules=[rule_applied(decision, words.names) for decision in data.get("decisions") or []],
        next=[_opened(task, words) for task in data.get("opened") or []],
    )
    if head.kind == "chased":
        step.title = remark_on(head.kind, data, words.names, words.task)
    for entry in entries[1:] if head.kind in _SAY_ALL else entries:
        if not _is_where_it_went(entry, data):
            step.remarks += filter(
                None, [remark_on(entry.kind, entry.data, words.names, words.task)]
            )
    return step


def said_at_first(entries: Iterable[FileEntry], words: Words) -> list[tuple[str, str]]:
    """What a report said that no column of a case holds; of an emergency it is read first."""
    opened = next((one for one in entries if one.kind == "case_opened"), None)
    if opened is None:
        return []
    fields = [one for one in _form_of(opened, words)["fields"] if one["name"] in _SAID_ONCE]
    return filled({"fields": fields}, opened.data.get("form") or {}, words.names)


def _is_where_it_went(entry: FileEntry, act: Data) -> bool:
    """Whether the new owner is the post the next task waits for, which the step shows."""
    posts = {task.get("post") for task in act.get("opened") or []}
    return entry.kind == "owner_changed" and entry.data.get("owner") in posts


def _who(entry: FileEntry) -> str:
    if entry.kind == ADDED_BY_REPORTER:
        return t("群众", "A member of the public")
    if entry.actor == "system":
        return t("系统", "System")
    return str(entry.actor_name or t("群众", "A member of the public"))


def _title(kind: str, data: Data, words: Words) -> str:
    if kind == "task_completed":
        return words.task(data.get("task"))
    if kind == "timer_fired":
        return said_of(word(kind), words.task(data.get("element")))
    if kind == "message_received":
        return word(f"message_{data.get('name')}")
    if kind == "side_task_opened":
        # What was opened beside the case says its form: a consultation, an alert.
        return pick(words.form((data.get("passed") or [None])[0]).get("title")) or word(kind)
    return word(kind)


def _start(entry: FileEntry) -> str | None:
    passed = entry.data.get("passed") or [None]
    return passed[0] if entry.kind in {"case_opened", "side_task_opened"} else None


def _answer(form: Data, values: Data, words: Words) -> str:
    fields = {field["name"]: field for field in form["fields"]}
    name = next(
        (name_ for name_ in ANSWERS if name_ in fields and values.get(name_) is not None), None
    )
    said = "" if name is None else shown(fields[name], values[name], words.names)
    # Accepting by the answer "accept" is shown once, not twice.
    return "" if said == pick(form.get("title")) else said


def _without_answer(form: Data) -> dict[str, Any]:
    """The fields that are facts; of a plan the number of its row says nothing to people."""
    left_out = {*ANSWERS, "plan"} if form.get("id") == "inspection_started" else ANSWERS
    return {"fields": [field for field in form["fields"] if field["name"] not in left_out]}


def _opened(task: Data, words: Words) -> tuple[str, str, str]:
    due = str(task.get("due_at") or "")
    until = "" if due.startswith("9999") else moment(due)
    return words.task(task["task"]), words.names.post(task.get("post")), until
