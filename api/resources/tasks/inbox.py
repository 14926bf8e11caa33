"""Reading tasks: the inbox, one task, its form; acts on them are in `actions`."""

from dataclasses import fields
from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import STATES, Paged, TaskPage, TaskShown
from api.http.shapes.fields import AreaCode, Moment
from engine.reads import tasks
from engine.reads.tasks import TaskFilter

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
    source = ma.fields.String(validate=ma.validate.Length(1, 40))
    supervised = ma.fields.Boolean()
    q = ma.fields.String(validate=ma.validate.Length(1, 100))
    text = ma.fields.String(
        validate=ma.validate.Length(1, 100),
        metadata={
            "description": "Words of the text, business, place, matter, person or last digits"
        },
    )


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
    page = tasks.list_tasks(
        ask.reading, _filter(ask), cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/tasks/<task:key>", needs=SIGNED_IN, gives=Gives(TaskShown, is_versioned=True))
def read(ask: Ask, key: str) -> tasks.TaskShown:
    """Show one task: who holds it, why, until when, and what may be done."""
    return tasks.read_task(ask.reading, key)


@routes.get("/tasks/<task:key>/form", needs=SIGNED_IN, gives=Gives(FormDocument))
def form(ask: Ask, key: str) -> tasks.FormShown:
    """Show the form of a task with its draft, for the level that holds it."""
    return tasks.read_form(ask.reading, key)


def _filter(ask: Ask) -> TaskFilter:
    query = ask.query
    return TaskFilter(
        whose="mine" if query.get("mine") else "team" if query.get("team") else None,
        overdue_at=ask.now if query.get("overdue") else None,
        **{field.name: query[field.name] for field in fields(TaskFilter) if field.name in query},
    )
