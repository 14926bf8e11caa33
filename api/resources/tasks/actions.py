"""Acting on tasks: one route family for every human step of every diagram."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.paths import TASK_KEY
from api.http.routes import Ask, Gives, Nothing, Reply, Resource, Takes
from api.http.shapes.cases import Moved, moved
from api.http.shapes.fields import Moment, Written
from engine.actions import handing
from engine.actions import tasks as acts
from engine.actions.tasks import Question
from engine.background import incidents
from engine.run.record import Done
from storage.cases import tasks
from storage.cases.inboxes import lists
from storage.errors import FormInvalid, NotFound

routes = Resource("tasks", "What people do with a task.")

_AT_MOST_2000: Final = Written(1, 2000)
_POST: Final = ma.fields.String(validate=ma.validate.Length(1, 80))


class Completion(ma.Schema):
    """The form of the task, filled in."""

    form = ma.fields.Dict(required=True)
    base = ma.fields.Dict(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The draft the form was filled in from. A draft saved since is merged "
            "in by the fields each side touched; what both touched is refused as touched_by_both."
        },
    )


class Reasoned(ma.Schema):
    """Body of an action that has to be justified."""

    reason = ma.fields.String(required=True, validate=_AT_MOST_2000)


class Delegation(Reasoned):
    """To whom, and why."""

    officer = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 10**15))


class Extension(Reasoned):
    """Why more time is needed, and until when."""

    until = Moment(load_default=None)


class Pause(ma.Schema):
    """What is waited for, and until when at the latest."""

    reason = ma.fields.String(required=True, validate=Written(2, 2000))
    until = Moment(
        load_default=None,
        metadata={"description": "When the clock runs on; left out, the latest day allowed"},
    )


class Asked(ma.Schema):
    """Whom to ask, what, and by when."""

    posts = ma.fields.List(
        _POST,
        required=True,
        validate=ma.validate.Length(1, 20),
        metadata={"description": "Ids of posts, or `officer:<id>` of who else holds one's own"},
    )
    question = ma.fields.String(required=True, validate=_AT_MOST_2000)
    due_at = Moment(load_default=None)
    wait = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Whether the task cannot be finished before they answered"},
    )


class Minutes(ma.Schema):
    """Who took part in a consultation, and what came of it."""

    participants = ma.fields.String(required=True, validate=Written(1, 500))
    text = ma.fields.String(required=True, validate=Written(1, 4000))


class Bulk(ma.Schema):
    """One action on many tasks; the fields beside `id` are that task's own body."""

    action = ma.fields.String(required=True)
    tasks = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String()),
        required=True,
        validate=ma.validate.Length(1, 100),
    )


class BulkItem(ma.Schema):
    """The outcome for one task: a result or a problem."""

    id = ma.fields.String()
    status = ma.fields.Integer()
    result = ma.fields.Dict()
    problem = ma.fields.Dict()


class BulkAnswer(ma.Schema):
    """One entry per task, in the order asked."""

    items = ma.fields.List(ma.fields.Nested(BulkItem))


Body = Mapping[str, Any]
Act = Callable[[Ask, str, Body], Done]


def _complete(ask: Ask, key: str, body: Body) -> Done:
    running_id, token = tasks.read_task_key(key)
    return ask.runner.complete(
        ask.session,
        running_id,
        int(token),
        body["form"],
        actor=ask.actor,
        base=body.get("base"),
        seen_version=ask.seen_version,
        answer=ask.answer,
    )


def _do(act: Callable[..., Done]) -> Act:
    """Make an act of one that takes the fields of its body by their names."""
    return lambda ask, key, body: act(ask.runner, ask.session, key, actor=ask.actor, **body)


def _delegate(ask: Ask, key: str, body: Body) -> Done:
    return handing.delegate(
        ask.runner,
        ask.session,
        key,
        officer_id=body["officer"],
        reason=body["reason"],
        actor=ask.actor,
    )


def _ask_beside(kind: str, ask: Ask, key: str, body: Body) -> Done:
    question = Question(kind, body["posts"], body["question"], body["due_at"], body["wait"])
    return acts.ask_beside(ask.runner, ask.session, key, question, actor=ask.actor)


ACTIONS: Final[Mapping[str, tuple[Act, type[ma.Schema], str]]] = {
    "claim": (_do(acts.claim), Nothing, "Take a task of one's post for oneself (认领)."),
    "release": (_do(acts.release), Nothing, "Return a task to its post (释放)."),
    "complete": (_complete, Completion, "Finish a task; the diagram goes on (办理)."),
    "delegate": (_delegate, Delegation, "Hand a task to a colleague of the same standing (委派)."),
    "take_back": (
        _do(handing.take_back),
        Nothing,
        "Take back what one delegated, before the colleague began with it (收回).",
    ),
    "return": (_do(acts.return_), Reasoned, "Send a task not yet accepted back (退回)."),
    "withdraw": (_do(acts.withdraw), Reasoned, "Take back what one passed up (撤回)."),
    "extend": (_do(acts.extend), Extension, "Ask one level up for more time, once (延期)."),
    "pause": (
        _do(acts.pause),
        Pause,
        "Stop the clock while somebody outside is waited for (缓办).",
    ),
    "resume": (_do(acts.resume), Nothing, "Let the clock run on (恢复)."),
    "consult": (partial(_ask_beside, "consult"), Asked, "Ask other posts for advice (会商)."),
    "countersign": (partial(_ask_beside, "countersign"), Asked, "Ask posts to agree (会签)."),
    "assist": (partial(_ask_beside, "assist"), Asked, "Ask other posts for help (协办)."),
    "go_on": (_do(acts.go_on), Nothing, "Wait no longer for the answers asked for (不再等答复)."),
    "minutes": (
        _do(acts.write_minutes),
        Minutes,
        "Put the minutes of a consultation on file (会商纪要).",
    ),
}
"""Every action on a task: what it does, what it takes, what the description says of it."""

_EXAMPLES: Final[Mapping[str, Any]] = {
    "delegate": {"officer": 7, "reason": "外出培训"},
    "return": {"reason": "不属于本辖区"},
    "withdraw": {"reason": "可以自行处置"},
    "extend": {"reason": "等待检验结果"},
    "pause": {"reason": "等待举报人补充材料"},
    "minutes": {"participants": "市场监管所、综合执法", "text": "商定先断电封存，周五复查。"},
    "assist": {"posts": ["station:ST-350322100"], "question": "请协助督促整改"},
}


def _note_fault(ask: Ask, error: Exception, key: str) -> None:
    task = lists.get_visible_task(ask.session, key, actor=ask.actor).task
    incidents.note_completion(
        ask.session, error, task, ask.body["form"], actor=ask.actor, now=ask.now
    )


def _note_fault_of_many(ask: Ask, error: Exception) -> None:
    if "form" in ask.body:
        _note_fault(ask, error, str(ask.body["id"]))


_COMPLETION: Final = Takes(
    Completion,
    example={"form": {"answer": "accept"}},
    pointer="/form",
    on_fault=_note_fault,
    refuses_twice=True,
)


def _declare(name: str, act: Act, schema: type[ma.Schema], says: str) -> None:
    def view(ask: Ask, key: str) -> Done:
        _agree(ask, key)
        return act(ask, key, ask.body)

    view.__name__ = f"{name}_task"
    view.__doc__ = says
    routes.post(
        f"/tasks/<task:key>/{name}",
        needs=SIGNED_IN,
        takes=_COMPLETION if name == "complete" else Takes(schema, example=_EXAMPLES.get(name)),
        gives=Gives(Moved, is_versioned=True, shape=moved),
    )(view)


for _name, (_act, _schema, _says) in ACTIONS.items():
    _declare(_name, _act, _schema, _says)


@routes.put(
    "/tasks/<task:key>/draft",
    needs=SIGNED_IN,
    takes=Takes(Completion, example={"form": {"answer": "accept"}}),
    gives=Gives(Nothing, status=204),
)
def save_draft(ask: Ask, key: str) -> Reply:
    """Keep an unfinished form; nothing of it is checked yet."""
    form, base = ask.body["form"], ask.body["base"]
    if acts.save_draft(ask.session, key, form, actor=ask.actor, at=ask.now, base=base):
        ask.keep_on_file("draft_begun", "task", key)
    return Reply(None)


@routes.post_each(
    "/tasks/bulk",
    needs=SIGNED_IN,
    takes=Takes(
        Bulk,
        example={"action": "claim", "tasks": [{"id": "12-3"}]},
        on_fault=_note_fault_of_many,
    ),
    gives=Gives(BulkAnswer),
    items="tasks",
)
def bulk(ask: Ask, item: dict[str, Any]) -> dict[str, Any]:
    """Do one action on many tasks; each has its own transaction and result."""
    act, schema, _ = _action(ask.body["action"])
    key = _key(item.pop("id", None))
    done = act(ask, key, schema().load(item))
    return moved(done)


def _action(name: str) -> tuple[Act, type[ma.Schema], str]:
    if name not in ACTIONS:
        message = "没有这个动作。"
        raise FormInvalid.at("action", message)
    return ACTIONS[name]


def _key(told: object) -> str:
    """Bound an id that came in a body as the address bounds one."""
    if not isinstance(told, str) or not re.fullmatch(TASK_KEY, told):
        message = "没有这个环节，或者您无权查看。"
        raise NotFound(message, code="task_not_found")
    return told


def _agree(ask: Ask, key: str) -> None:
    if ask.seen_version is not None:
        ask.agree_on(lists.get_visible_task(ask.session, key, actor=ask.actor).case_version)
