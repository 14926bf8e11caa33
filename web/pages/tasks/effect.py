"""What comes of submitting a task: the step is rehearsed, nothing of it is kept."""

from typing import Any

from flask import render_template

from engine.reads.cases import read_original
from engine.reads.reading import Reading
from engine.reads.tasks import read_form
from web.frame import sessions
from web.frame.answers import detail
from web.frame.fields import posted
from web.frame.language import listed, moment, pick, t
from web.frame.naming import names_for, task_name
from web.frame.reading import seen
from web.frame.site import site
from web.frame.work import case_row_of
from web.frame.writing import PageAnswer, rehearse

INVALID = 422
_ORIGINAL = "original"
"""The field that names the case a duplicate is joined to."""


@site.post("/tasks/<key>/effect")
@sessions.embeddable
@sessions.signed_in
def look_ahead(key: str) -> Any:
    """Who has the case next and until when, as the form is filled in now."""
    document = seen(lambda reading: {"fields": read_form(reading, key).fields})
    return render_template("effect.html", effect=effect_of(key, document, posted(document)))


def effect_of(key: str, document: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What the page says of submitting these values."""
    answer = rehearse("tasks.complete_task", {"key": key}, {"form": values})
    if answer.is_problem:
        return {"problem": _missing(answer, document)}
    tasks = answer.data["next_tasks"]

    def told(reading: Reading) -> list[tuple[str, str, str]]:
        names = names_for(reading, posts=[task["post"] for task in tasks])
        return [
            (
                names.post(task["post"]),
                task_name(task["label"], task["name"]),
                moment(task["due_at"]) if task["due_at"] else "",
            )
            for task in tasks
        ]

    joined = _joined(answer.data["number"], document, values)
    return {"next": seen(told), "is_closed": answer.data["status"] == "closed", "joined": joined}


def _joined(number: str, document: dict[str, Any], values: dict[str, Any]) -> str:
    """Which case this one would be joined to, by number, matter, shop and place; else ""."""
    field = next((each for each in document["fields"] if each["name"] == _ORIGINAL), None)
    typed = str(values.get(_ORIGINAL) or "")
    if field is None or not typed or not _is_asked(field, values):
        return ""

    def told(reading: Reading) -> str:
        brief = read_original(reading, number, typed)
        if brief is None:
            return typed
        names = names_for(reading, areas=[brief.area], businesses=[brief.business_id])
        row = case_row_of(brief, names, now=reading.now)
        opened = moment(brief.opened_at)
        return " · ".join(
            filter(None, [brief.number, row.title, row.where, row.place, opened, row.text])
        )

    return seen(told)


def _is_asked(field: dict[str, Any], values: dict[str, Any]) -> bool:
    asked = (field.get("required_when") or {}).items()
    return all(values.get(name) in options for name, options in asked)


def _missing(answer: PageAnswer, document: dict[str, Any]) -> str:
    """What is still to be filled in; else why it would be refused."""
    wrong = {error["pointer"].rpartition("/")[2] for error in answer.data.get("errors") or ()}
    labels = _labels([field for field in document["fields"] if field["name"] in wrong])
    if answer.status != INVALID or not labels:
        return detail(answer)
    fields = listed(labels)
    return t(
        f"填好“{fields}”后，这里显示提交以后交给谁、什么时候到期。",
        f"Once “{fields}” is filled in, this says who has it next and until when.",
    )


def _labels(missing: list[dict[str, Any]]) -> list[str]:
    """What is missing; of two fields of which one is enough, both in one."""
    named = {field["name"]: field for field in missing}
    labels = {}
    for name, field in named.items():
        other = named.get(field.get("or_else") or "")
        if other is None:
            labels[name] = pick(field["label"])
        elif other["name"] not in labels:
            pair = pick(field["label"]), pick(other["label"])
            labels[name] = t("”或“", "” or “").join(pair)
    return list(labels.values())
