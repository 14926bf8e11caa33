"""Reading tasks: the inbox, one task, its form; what is done with them stands in `actions`."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.fields import AreaCode, Moment
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import STATES, Paged, TaskPage, TaskShown
from engine.actions.tasks import allowed_actions
from engine.run.access import as_held
from storage.cases import cases, tasks
from storage.cases.tasks import ListedTask, Task, TaskFilter
from storage.people import posts as people

routes = Resource("inbox", "Tasks as they wait.")


class TaskSearch(Paged):
    """Which tasks; without `mine` and `team` all the caller may see."""

    mine = ma.fields.Boolean()
    team = ma.fields.Boolean()
    state = ma.fields.String(load_default="open", validate=ma.validate.OneOf(STATES))
    overdue = ma.fields.Boolean()
    due_before = Moment()
    process = ma.fields.String(attribute="process_id", validate=ma.validate.Length(1, 64))
    task = ma.fields.String(attribute="task_id", validate=ma.validate.Length(1, 64))
    phase = ma.fields.String(validate=ma.validate.Length(1, 20))
    matter = ma.fields.String(validate=ma.validate.Length(1, 20))
    area = AreaCode(metadata={"description": "With its whole subtree"})
    q = ma.fields.String(validate=ma.validate.Length(1, 100))


class FormDocument(ma.Schema):
    """A form with what was filled in so far."""

    id = ma.fields.String()
    title = ma.fields.Dict()
    fields_ = ma.fields.List(ma.fields.Dict(), data_key="fields", attribute="fields")
    values = ma.fields.Dict(metadata={"description": "The draft of whoever holds the task"})
    version = ma.fields.Integer()


@routes.get("/tasks", needs=SIGNED_IN, gives=Gives(TaskPage), query=TaskSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List tasks, the next due first."""
    page = tasks.list_inbox(
        ask.session,
        actor=ask.actor,
        at=ask.now,
        having=_filter(ask),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": briefs(ask, page.items), "next": cursors.next_of(ask, page)}


@routes.get("/tasks/<task:key>", needs=SIGNED_IN, gives=Gives(TaskShown, is_versioned=True))
def read(ask: Ask, key: str) -> dict[str, Any]:
    """Show one task: who holds it, why, until when, and what may be done."""
    listed = tasks.get_visible_task(ask.session, key, actor=ask.actor)
    case = cases.get_case(ask.session, listed.task.case_id)
    holders = people.list_holders(ask.session, listed.task.post_id or "", at=ask.now)
    task = as_held(listed.task, [one.id for one in holders])
    chased = task.chased or {}
    return {
        **briefs(ask, [listed])[0],
        "element": task.element,
        "deadline": task.deadline,
        "chase": [{"rule": rule, "times": times} for rule, times in chased.items()],
        "candidates": [{"id": one.id, "name": one.name, "post": task.post_id} for one in holders],
        "why": task.why,
        "allowed_actions": allowed_actions(task, ask.actor, case),
    }


@routes.get("/tasks/<task:key>/form", needs=SIGNED_IN, gives=Gives(FormDocument))
def form(ask: Ask, key: str) -> dict[str, Any]:
    """Show the form of a task with its draft, for the level that holds it."""
    listed = tasks.get_visible_task(ask.session, key, actor=ask.actor)
    task = listed.task
    process = cases.get_process(ask.session, task.running_id)
    definition = ask.runner.definition(ask.session, process.digest)
    form_ = definition.form(task.form or task.task_id)
    document = form_.document(level=task.level, allows=frozenset(task.allows or ()))
    is_theirs = ask.actor.id == task.officer_id or ask.actor.holds(task.post_id)
    return {
        **document,
        "values": task.draft or {} if is_theirs else {},
        "version": listed.case_version,
    }


def briefs(ask: Ask, listed: Iterable[ListedTask]) -> list[dict[str, Any]]:
    """Show tasks the way lists do; names and holders are looked up once for all of them."""
    known = _as_held(ask, list(listed))
    ids = [one.task.officer_id for one in known if one.task.officer_id is not None]
    names = people.list_names(ask.session, ids)
    return [_brief(one, names, ask.now) for one in known]


def of_case(ask: Ask, case: cases.Case) -> list[dict[str, Any]]:
    """Show the open tasks of a case one may see."""
    return briefs(ask, [_listed(one, case) for one in tasks.list_open_tasks(ask.session, case.id)])


def _as_held(ask: Ask, listed: list[ListedTask]) -> list[ListedTask]:
    """What somebody who has left the post had taken looks as free as it is."""
    taken = {one.task.post_id or "" for one in listed if one.task.officer_id is not None}
    present = people.list_holder_ids(ask.session, taken, at=ask.now)
    return [
        replace(one, task=as_held(one.task, present.get(one.task.post_id or "", ())))
        for one in listed
    ]


def _brief(listed: ListedTask, names: dict[int, str], now: datetime) -> dict[str, Any]:
    task = listed.task
    return {
        "id": task.key,
        "case": {
            "number": listed.case_number,
            "title": listed.case_title,
            "status": listed.case_status,
            "matter": listed.matter,
            "priority": listed.priority,
            "supervised": listed.supervised,
        },
        "name": task.task_id,
        "label": task.label,
        "process": task.process_id,
        "form": task.form,
        "phase": task.phase,
        "level": task.level,
        "area": task.area_code,
        "state": task.state,
        "opened_at": task.opened_at,
        "due_at": task.due,
        "is_overdue": task.state == "open" and task.paused_at is None and task.due_at < now,
        "is_provisional": bool((task.deadline or {}).get("provisional")),
        "paused_at": task.paused_at,
        "closed_at": task.closed_at,
        "holder": {
            "id": task.officer_id,
            "name": names.get(task.officer_id) if task.officer_id is not None else None,
            "post": task.post_id,
        },
        "version": listed.case_version,
    }


def _listed(task: Task, case: cases.Case) -> ListedTask:
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
    )


def _filter(ask: Ask) -> TaskFilter:
    query = ask.query
    return TaskFilter(
        whose="mine" if query.get("mine") else "team" if query.get("team") else None,
        overdue_at=ask.now if query.get("overdue") else None,
        **{one.name: query[one.name] for one in fields(TaskFilter) if one.name in query},
    )
