"""How cases, tasks and entries look to a caller: what is shown, in which words."""

from typing import Any, Final

import marshmallow as ma

from api.http.shapes.fields import Moment, in_the_city
from storage.cases.phases import PHASES

STATES: Final = ("open", "done")


class CaseBrief(ma.Schema):
    """What a list shows of a case."""

    number = ma.fields.String(metadata={"example": "2026000000015"})
    title = ma.fields.String()
    status = ma.fields.String(metadata={"example": "open"})
    phase = ma.fields.String(metadata={"example": "handle"})
    outcome = ma.fields.String(allow_none=True)
    kind = ma.fields.String(metadata={"example": "grid_report"})
    matter = ma.fields.String(allow_none=True)
    area = ma.fields.String()
    source = ma.fields.String()
    priority = ma.fields.String()
    owner_post = ma.fields.String(allow_none=True)
    owner_level = ma.fields.String(allow_none=True)
    supervised = ma.fields.Boolean()
    opened_at = Moment()
    closed_at = Moment(allow_none=True)
    version = ma.fields.Integer()


class CasePage(ma.Schema):
    """Cases, newest first."""

    items = ma.fields.List(ma.fields.Nested(CaseBrief))
    next = ma.fields.String(allow_none=True)
    count = ma.fields.Integer(metadata={"description": "Only with count=exact"})


class Person(ma.Schema):
    """Somebody, as colleagues see them."""

    id = ma.fields.Integer(allow_none=True)
    name = ma.fields.String(allow_none=True)
    post = ma.fields.String(allow_none=True)


class TaskCase(ma.Schema):
    """What a task shows of its case."""

    number = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.String()
    matter = ma.fields.String(allow_none=True)
    priority = ma.fields.String()
    supervised = ma.fields.Boolean()
    answer_by = Moment(
        allow_none=True, metadata={"description": "Until when a supervisor wants an answer"}
    )
    answered_at = Moment(allow_none=True)


class DemandShape(ma.Schema):
    """What a supervisor asks of a case, by when, and what was answered."""

    state = ma.fields.String(metadata={"example": "waiting"})
    text = ma.fields.String()
    asked_at = Moment()
    asked_by = ma.fields.Integer()
    answer_by = Moment()
    times = ma.fields.Integer(metadata={"description": "How often it was asked"})
    answer = ma.fields.String(allow_none=True)
    answered_at = Moment(allow_none=True)
    reminded_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)


class TaskBrief(ma.Schema):
    """What an inbox shows of a task."""

    id = ma.fields.String(metadata={"example": "12-3"})
    case = ma.fields.Nested(TaskCase)
    name = ma.fields.String(metadata={"description": "Id in the diagram", "example": "accept"})
    label = ma.fields.String(metadata={"example": "签收"})
    process = ma.fields.String()
    form = ma.fields.String(allow_none=True)
    phase = ma.fields.String(allow_none=True)
    level = ma.fields.String(allow_none=True)
    area = ma.fields.String()
    state = ma.fields.String()
    opened_at = Moment()
    due_at = Moment(allow_none=True)
    is_overdue = ma.fields.Boolean()
    is_provisional = ma.fields.Boolean()
    paused_at = Moment(allow_none=True)
    paused_until = Moment(
        allow_none=True, metadata={"description": "When the clock of a paused task runs on"}
    )
    closed_at = Moment(allow_none=True)
    holder = ma.fields.Nested(Person)
    version = ma.fields.Integer()
    offered_first = ma.fields.Integer(
        allow_none=True, metadata={"description": "In a list: who of the post is asked first"}
    )


class TaskShown(TaskBrief):
    """One task with how it came here and what may be done."""

    element = ma.fields.String()
    deadline = ma.fields.Dict(allow_none=True)
    chase = ma.fields.List(
        ma.fields.Dict(), metadata={"description": "Rules it was chased for, and how often"}
    )
    candidates = ma.fields.List(ma.fields.Nested(Person))
    why = ma.fields.Raw(allow_none=True, metadata={"description": "How it came to this person"})
    allowed_actions = ma.fields.List(ma.fields.String())
    asked = ma.fields.Dict(
        allow_none=True,
        metadata={"description": "For a business: what it is asked to do, as it was written"},
    )


class TaskPage(ma.Schema):
    """Tasks: open ones by due time, done ones latest first."""

    items = ma.fields.List(ma.fields.Nested(TaskBrief))
    next = ma.fields.String(allow_none=True)


class NextTask(ma.Schema):
    """A task a step opened."""

    id = ma.fields.String()
    name = ma.fields.String()
    label = ma.fields.String()
    post = ma.fields.String(allow_none=True)
    due_at = Moment(allow_none=True)


class Moved(ma.Schema):
    """The state of a case after an action."""

    case = ma.fields.String(metadata={"description": "Number of the case"})
    number = ma.fields.String(metadata={"description": "The same number"})
    status = ma.fields.String()
    version = ma.fields.Integer()
    next_tasks = ma.fields.List(ma.fields.Nested(NextTask))


class PhaseShown(ma.Schema):
    """One of the six steps (R36)."""

    phase = ma.fields.String(validate=ma.validate.OneOf(PHASES))
    state = ma.fields.String(metadata={"example": "done"})
    began_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)


class LinkShown(ma.Schema):
    """Another case this one has to do with."""

    number = ma.fields.String()
    kind = ma.fields.String(metadata={"example": "duplicate_of"})
    is_outgoing = ma.fields.Boolean()
    status = ma.fields.String()


class PhotoElsewhere(ma.Schema):
    """A photo that is also in another case the caller may see."""

    photo = ma.fields.String(metadata={"description": "The photo of this case"})
    case = ma.fields.String(metadata={"description": "The number of the other case"})
    is_same = ma.fields.Boolean(
        metadata={"description": "Whether byte for byte; else it looks the same"}
    )


class CaseShown(CaseBrief):
    """One case."""

    description = ma.fields.String()
    location = ma.fields.Dict(allow_none=True)
    channel = ma.fields.String(allow_none=True)
    business = ma.fields.Integer(allow_none=True)
    deadline_profile = ma.fields.String()
    owner = ma.fields.Nested(Person)
    collector = ma.fields.Nested(Person)
    public_result = ma.fields.String(allow_none=True)
    phases = ma.fields.List(ma.fields.Nested(PhaseShown))
    tasks = ma.fields.List(ma.fields.Nested(TaskBrief))
    photos = ma.fields.List(ma.fields.String())
    photos_elsewhere = ma.fields.List(ma.fields.Nested(PhotoElsewhere))
    links = ma.fields.List(ma.fields.Nested(LinkShown))
    supervision = ma.fields.Nested(DemandShape, allow_none=True)
    allowed_actions = ma.fields.List(ma.fields.String())


class EventShown(ma.Schema):
    """One entry of a case file."""

    seq = ma.fields.Integer()
    at = Moment()
    actor = ma.fields.String(metadata={"example": "officer:7"})
    actor_name = ma.fields.String(allow_none=True)
    capacity = ma.fields.String(allow_none=True, metadata={"example": "assistance"})
    kind = ma.fields.String(metadata={"example": "task_completed"})
    data = ma.fields.Dict()
    previous = ma.fields.String()
    hash = ma.fields.String()


class EventPage(ma.Schema):
    """Entries in order."""

    items = ma.fields.List(ma.fields.Nested(EventShown))
    next = ma.fields.String(allow_none=True)


class Paged(ma.Schema):
    """How long a page is and where it begins."""

    cursor = ma.fields.String(validate=ma.validate.Length(1, 400))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


def moved(done: Any) -> dict[str, Any]:
    """Return the state of a case after an action, as `Moved` describes it."""
    return {
        "case": done.number,
        "number": done.number,
        "status": done.status,
        "version": done.version,
        "next_tasks": [
            {
                "id": task.key,
                "name": task.task_id,
                "label": task.label,
                "post": task.post_id,
                "due_at": in_the_city(task.due),
            }
            for task in done.next_tasks
        ],
    }
