"""Tasks as they wait: an inbox, one task with what may be done, its form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.actions.handing import HANDED_BY
from engine.actions.tasks import allowed_actions
from engine.reads.file import asked_of, entries_of
from engine.reads.reading import Reading
from engine.run.access import as_held, is_about, standing_in, without_its_story
from engine.run.pausing import may_extend, paused_until
from engine.run.step import SENT_BACK
from engine.time.limits import span_of
from engine.time.urgency import Urgency, urgency_of
from storage.cases import attachments, cases, events
from storage.cases.cases import Case
from storage.cases.events import run_of
from storage.cases.inboxes import lists
from storage.cases.inboxes.filters import TaskFilter
from storage.cases.inboxes.lists import ListedTask
from storage.cases.supervised.demands import Demand, list_standing_of
from storage.cases.tasks import Task
from storage.city.rules import installed
from storage.dashboards.open_work import list_holders
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.people import posts as people
from storage.people.posts import Staffing
from storage.people.second_person import is_barred
from storage.staffing.offering import offers_of

__all__ = [
    "FormShown",
    "Person",
    "SeenTask",
    "TaskBrief",
    "TaskCase",
    "TaskFilter",
    "TaskShown",
    "brief_tasks",
    "briefs_of_case",
    "count_tasks",
    "holders_of",
    "list_pressing",
    "list_tasks",
    "read_form",
    "read_task",
    "see_task",
    "show_form",
    "show_task",
]


_COMPLETED = "task_completed"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as colleagues see them; all of it is None where nobody has the task."""

    id: int | None
    name: str | None
    post: str | None


@dataclass(frozen=True, slots=True)
class TaskCase:
    """The data of its case that a task shows."""

    number: str
    title: str
    status: str
    matter: str | None
    priority: str
    supervised: bool
    description: str
    source: str
    business: int | None
    photo: str | None
    is_hasty: bool = False
    """Whether its limits are the shorter ones (加急)."""
    answer_by: datetime | None = None
    """Until when a supervisor wants an answer; None where nothing is asked."""
    answered_at: datetime | None = None
    """When that was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBrief:
    """A task as an entry of an inbox."""

    id: str
    case: TaskCase
    name: str
    label: str
    process: str
    form: str | None
    phase: str | None
    level: str | None
    area: str
    state: str
    opened_at: datetime
    due_at: datetime | None
    is_overdue: bool
    is_provisional: bool
    urgency: Urgency | None
    times_chased: int
    paused_at: datetime | None
    closed_at: datetime | None
    holder: Person
    version: int
    times_urged: int = 0
    """How often somebody chased it by hand; counted in lists."""
    asked_kind: str | None = None
    """The kind of request it answers; None where it answers none."""
    offered_first: int | None = None
    """The officer of the post who is asked first, by the rules of the post."""
    may_extend: bool = False
    """Whether more time may still be asked for."""
    awaits_more_time: bool = False
    """Whether more time was asked for and nobody decided yet; known in lists and whole tasks."""
    handed_by: int | None = None
    """The officer who handed it to its holder."""
    sent_back: str | None = None
    """What it came back for, a word of the rule that sent it; None where it is here first."""
    paused_until: datetime | None = None
    """When the clock of a paused task runs on."""
    is_barred: bool = False
    deadline: Json = None
    """The clock it carries, as `engine.time.limits` keeps it; None where its end was named."""
    """Whether it wants somebody who did not act before, and the reader did."""
    asked: dict[str, Any] | None = None
    """What a business is asked to do, in the words of who asked; None for everybody else."""
    asked_by: str | None = None
    """The post that answers for the case, where `asked` says what is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskShown(TaskBrief):
    """One task with how it came here and what may be done."""

    element: str
    chase: list[dict[str, Any]]
    candidates: list[Person]
    why: Json
    allowed_actions: list[str]


@dataclass(frozen=True, slots=True)
class FormShown:
    """The form of a task with what was filled in so far."""

    id: str
    title: Mapping[str, str]
    fields: list[dict[str, Any]]
    values: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A task the actor may see, with its case and who is in its post."""

    task: Task
    """As it is held now: see `engine.run.access.as_held`."""
    case: Case
    staffing: Staffing | None


def list_pressing(
    reading: Reading,
    having: TaskFilter,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[TaskBrief]:
    """List open tasks as people work: emergencies, then by due time; what is paused comes last."""
    page = _in_stages(reading, having, cursor, limit) if cursor else None
    page = page or _at_once(reading, having, limit) or _in_stages(reading, having, None, limit)
    return Page(tuple(_with_offers(reading, page.items)), page.next)


def _at_once(reading: Reading, having: TaskFilter, limit: int) -> Page[ListedTask] | None:
    """The first page by two queries; None where it takes one for what runs alone."""
    urgent = _page(reading, replace(having, is_urgent=True), limit=limit)
    others = _page(reading, replace(having, is_urgent=False), limit=limit)
    rows = (*urgent.items, *others.items)
    paused = tuple(each for each in rows if each.task.paused_at is not None)
    is_whole = urgent.next is None and others.next is None
    if is_whole:
        return Page((*(each for each in rows if each not in paused), *paused), None)
    return None if paused or urgent.next else Page(rows, f"1:{others.next}")


def _stages(having: TaskFilter) -> list[TaskFilter]:
    """The parts of a list in their order; a row that stands for a whole case stays one row."""
    if having.is_one_a_case:
        return [replace(having, is_urgent=True), replace(having, is_urgent=False)]
    running = replace(having, is_paused=False)
    parts = [replace(running, is_urgent=True), replace(running, is_urgent=False)]
    return parts if having.is_paused is False else [*parts, replace(having, is_paused=True)]


def _in_stages(
    reading: Reading, having: TaskFilter, cursor: str | None, limit: int
) -> Page[ListedTask]:
    """One page of a longer list, part by part."""
    stage, at = _place(cursor)
    listed: list[ListedTask] = []
    for number, part in list(enumerate(_stages(having)))[stage:]:
        left = limit - len(listed)
        page = _page(reading, part, cursor=at, limit=max(left, 1))
        if left == 0 and page.items:
            return Page(tuple(listed), f"{number}:")
        listed += page.items if left else ()
        if page.next is not None:
            return Page(tuple(listed), f"{number}:{page.next}")
        at = None
    return Page(tuple(listed), None)


def _place(cursor: str | None) -> tuple[int, str | None]:
    """Where in the stages a page begins; a cursor of another list is refused further down."""
    stage, sign, at = (cursor or "0:").partition(":")
    is_ours = bool(sign) and stage in {"0", "1", "2"}
    return (int(stage), at or None) if is_ours else (0, cursor)


def list_tasks(
    reading: Reading,
    having: TaskFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[TaskBrief]:
    """List tasks: open ones by due time, done ones latest first."""
    page = _page(reading, having, cursor=cursor, limit=limit)
    return Page(tuple(_with_offers(reading, page.items)), page.next)


def _page(
    reading: Reading, having: TaskFilter | None, *, cursor: str | None = None, limit: int
) -> Page[ListedTask]:
    is_own = having is None or having.whose is not None
    return lists.list_inbox(
        reading.session,
        actor=reading.actor,
        at=reading.now,
        having=having,
        cursor=cursor,
        limit=limit,
        present=reading.holders(reading.actor.post_ids) if is_own else {},
    )


def _with_offers(reading: Reading, listed: Sequence[ListedTask]) -> list[TaskBrief]:
    # Only colleagues of the post ask who of them is first.
    own = [each for each in listed if reading.actor.holds(each.task.post_id)]
    offers = offers_of(reading.session, own, reading.holders)
    return [
        replace(brief, offered_first=offers[brief.id].officer_id) if brief.id in offers else brief
        for brief in _briefs(reading, listed)
    ]


def count_tasks(reading: Reading, havings: Sequence[TaskFilter], *, most: int) -> list[int]:
    """Count the open tasks of several inboxes, each up to `most`."""
    return lists.count_inbox(
        reading.session,
        havings,
        actor=reading.actor,
        present=reading.holders(reading.actor.post_ids),
        most=most,
    )


def briefs_of_case(reading: Reading, case: Case, open_tasks: Iterable[Task]) -> list[TaskBrief]:
    """Show the open tasks of a case the actor may see."""
    return _briefs(reading, [_listed(task, case) for task in open_tasks])


def brief_tasks(reading: Reading, pairs: Iterable[tuple[Task, Case]]) -> list[TaskBrief]:
    """Show tasks that were read already with their cases, which the actor may see."""
    read = list(pairs)
    photos = attachments.first_photos(reading.session, {case.id for _, case in read})
    opened = [(task.case_id, task.opened_at) for task, _ in read]
    chases = events.count_chases(reading.session, opened)
    listed = [
        replace(_listed(task, case), photo=photos.get(task.case_id), times_urged=times)
        for (task, case), times in zip(read, chases, strict=True)
    ]
    return _briefs(reading, listed)


def holders_of(
    reading: Reading, numbers: Sequence[str]
) -> dict[str, list[tuple[int | None, str | None]]]:
    """Officer and post of the open tasks of each of these cases, once each, by due time."""
    rows = list_holders(reading.session, numbers, actor=reading.actor)
    present = reading.holders({post for _, post, officer in rows if post and officer is not None})
    held = [
        (number, post, officer if officer in present.get(post or "", ()) else None)
        for number, post, officer in rows
    ]
    holders: dict[str, list[tuple[int | None, str | None]]] = {number: [] for number in numbers}
    for number, post, officer in dict.fromkeys(held):
        holders[number].append((officer, post))
    return holders


def see_task(reading: Reading, key: str) -> SeenTask:
    """Get a task by its public id; what the actor may not see is not there."""
    task, case = cases.get_visible_task(reading.session, key, actor=reading.actor)
    if is_about(reading.actor, case):
        case = without_its_story(case)
    staffing = people.find_staffing_of(reading.session, task.post_id or "", at=reading.now)
    holders = () if staffing is None else staffing.holders
    return SeenTask(as_held(task, [holder.id for holder in holders]), case, staffing)


def read_task(reading: Reading, key: str) -> TaskShown:
    """Show one task: who holds it, why, until when, and what may be done."""
    return show_task(reading, see_task(reading, key))


def show_task(reading: Reading, seen: SeenTask) -> TaskShown:
    """Show a task that was read already."""
    task = seen.task
    holders = () if seen.staffing is None else seen.staffing.holders
    names = {holder.id: holder.name for holder in holders}
    if task.officer_id is not None and task.officer_id not in names:
        names = reading.learn(officers=[task.officer_id]).officers
    listed = _listed(task, seen.case)
    brief = _brief(
        reading, listed, names, list_standing_of(reading.session, [listed]).get(task.case_id)
    )
    # Where one person holds the post there is nobody else to be asked.
    offer = (
        offers_of(reading.session, [listed], reading.holders).get(task.key)
        if len(holders) > 1
        else None
    )
    how = {**standing_in(reading.actor, task), **({} if offer is None else offer.as_why())}
    return TaskShown(
        # Not `asdict`, which would turn the parts into dictionaries too.
        **{
            **{name: getattr(brief, name) for name in TaskBrief.__dataclass_fields__},
            "asked": _asked(reading, seen),
            "asked_by": seen.case.owner_post,
        },
        element=task.element,
        chase=[{"rule": rule, "times": times} for rule, times in (task.chased or {}).items()],
        candidates=[Person(holder.id, holder.name, task.post_id) for holder in holders],
        why={**(task.why or {}), **how} if how else task.why,
        allowed_actions=allowed_actions(
            reading.session, task, reading.actor, seen.case, at=reading.now
        ),
    )


def _asked(reading: Reading, seen: SeenTask) -> dict[str, Any] | None:
    """What was last filled in by whoever asked it, in the same diagram; nothing else of the file.

    The case itself is not for the business it is about (R54).
    """
    if not is_about(reading.actor, seen.case):
        return None
    place = run_of(seen.task.element)
    for entry in reversed(entries_of(reading, seen.case)):
        is_there = run_of(str(entry.data.get("element", ""))) == place
        if entry.kind == _COMPLETED and is_there:
            form: dict[str, Any] = dict(entry.data["form"])
            return form
    return None


def read_form(reading: Reading, key: str) -> FormShown:
    """Show the form of a task with its draft, for the level that holds it."""
    listed = lists.get_visible_task(reading.session, key, actor=reading.actor)
    process = cases.get_process(reading.session, listed.task.running_id)
    return show_form(reading, listed.task, process.digest, listed.case_version)


def show_form(reading: Reading, task: Task, digest: str, version: int) -> FormShown:
    """Return the form of a task that was read already; only its holder gets the draft."""
    form = reading.definition(digest).form(task.form or task.task_id)
    document = form.document(level=task.level, allows=frozenset(task.allows or ()))
    is_theirs = reading.actor.id == task.officer_id or reading.actor.holds(task.post_id)
    draft = (task.draft or {}) if is_theirs else {}
    return FormShown(form.id, document["title"], document["fields"], draft, version)


def _briefs(reading: Reading, listed: Iterable[ListedTask]) -> list[TaskBrief]:
    """Show tasks the way lists do; names and holders are looked up once for all of them."""
    held = _as_held(reading, list(listed))
    names = reading.learn(officers=(each.task.officer_id for each in held)).officers
    standing = list_standing_of(reading.session, held)
    briefs = [_brief(reading, each, names, standing.get(each.task.case_id)) for each in held]
    shop = reading.actor.business_id
    own = [each.task for each in held if shop is not None and each.business_id == shop]
    asked = asked_of(reading, own)
    return [replace(brief, **asked.get(brief.id, {})) for brief in briefs] if asked else briefs


def _as_held(reading: Reading, listed: list[ListedTask]) -> list[ListedTask]:
    """Show as free what was taken by somebody who has left the post."""
    taken = {each.task.post_id or "" for each in listed if each.task.officer_id is not None}
    if not taken:
        return listed
    # With those of the actor's own posts, which a page of tasks needs as well: one statement.
    present = reading.holders({*taken, *reading.actor.post_ids})
    return [
        replace(each, task=as_held(each.task, present.get(each.task.post_id or "", ())))
        for each in listed
    ]


def _urgency(reading: Reading, task: Task) -> Urgency | None:
    calendar = reading.runner.calendar(reading.session)
    shares = installed().urgency
    return urgency_of(calendar, span_of(task), shares, now=reading.now, paused_at=task.paused_at)


def _times(chased: object) -> int:
    """A repeated rule stores the day of its last use, the others a count."""
    return chased if isinstance(chased, int) else 1


def _brief(
    reading: Reading, listed: ListedTask, names: Mapping[int, str], demand: Demand | None
) -> TaskBrief:
    task, now, actor, officer = listed.task, reading.now, reading.actor, listed.task.officer_id
    is_its_own = actor.business_id is not None and actor.business_id == listed.business_id
    return TaskBrief(
        id=task.key,
        case=TaskCase(
            number=listed.case_number,
            title=listed.case_title,
            status=listed.case_status,
            matter=listed.matter,
            priority=listed.priority,
            supervised=listed.supervised,
            description="" if is_its_own else listed.description,
            source="" if is_its_own else listed.source,
            business=listed.business_id,
            photo=None if is_its_own else listed.photo,
            is_hasty=listed.deadline_profile == "urgent",
            answer_by=None if demand is None or is_its_own else demand.due_at,
            answered_at=None if demand is None or is_its_own else demand.answered_at,
        ),
        name=task.task_id,
        label=task.label,
        process=task.process_id,
        form=task.form,
        phase=task.phase,
        level=task.level,
        area=task.area_code,
        state=task.state,
        opened_at=task.opened_at,
        due_at=task.due,
        is_overdue=task.state == "open" and task.due_at < (task.paused_at or now),
        is_provisional=bool((task.deadline or {}).get("provisional")),
        urgency=None if task.state != "open" else _urgency(reading, task),
        times_chased=sum(map(_times, (task.chased or {}).values())),
        paused_at=task.paused_at,
        closed_at=task.closed_at,
        holder=Person(officer, None if officer is None else names.get(officer), task.post_id),
        version=listed.case_version,
        times_urged=listed.times_urged,
        asked_kind=(task.why or {}).get("asked"),
        may_extend=may_extend(task, at=now),
        awaits_more_time=listed.times_asked > 0,
        handed_by=(task.why or {}).get(HANDED_BY),
        sent_back=(task.why or {}).get(SENT_BACK),
        paused_until=paused_until(task),
        is_barred=task.state == "open" and is_barred(task.not_by, actor),
        deadline=task.deadline,
    )


def _listed(task: Task, case: Case) -> ListedTask:
    return ListedTask(
        task=task,
        case_number=case.number,
        case_version=case.version,
        case_title=case.title,
        case_status=case.status,
        matter=case.matter,
        priority=case.priority,
        business_id=case.business_id,
        supervised=case.supervised,
        description=case.description,
        source=case.source,
        deadline_profile=case.deadline_profile,
    )
