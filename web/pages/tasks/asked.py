"""A task that answers a request: its question, and its choices in the words of that request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.reads.whole import Request, WholeTask
from storage.cases.events import run_of
from storage.people.posts import reference_of
from web.frame.language import moment, t
from web.frame.naming import Names, task_name
from web.frame.words import word
from web.pages.cases.told.opinions import OPINIONS

ORDERING = "order_rectification"
PROVING = "prove_rectification"
CHECKING = "check_rectification"


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """What its reader is asked: a heading, the text of the request, and the facts."""

    heading: str
    text: str
    facts: list[tuple[str, str]]


def question_of(request: Request | None, names: Names) -> QuestionShown | None:
    """Return the question of a request, ready to be read."""
    if request is None:
        return None
    who = names.who(None if request.by is None else reference_of(request.by))
    headings = {
        "assist": t(f"{who}请您协办", f"{who} asks for your help"),
        "consult": t(f"{who}请您会商", f"{who} asks for your advice"),
        "countersign": t(f"{who}请您会签", f"{who} asks you to countersign"),
        "extension": t(f"{who}申请延期", f"{who} asks for more time"),
    }
    facts = [
        (t("提出", "Asked"), moment(request.at)),
        (t("为哪一环节", "For the task"), task_name(request.label, request.task)),
        (t("现在的期限", "Due now"), moment(request.due_at)),
        (t("申请延到", "Asked until"), moment(request.until)),
        (t("最迟答复", "Answer by"), moment(request.answer_by)),
    ]
    if request.kind != "extension":
        facts = [fact for fact in facts if fact[0] not in {facts[2][0], facts[3][0]}]
    heading = headings.get(request.kind, word("side_task"))
    return QuestionShown(heading, request.text, [fact for fact in facts if fact[1]])


def in_its_words(form: Mapping[str, Any], request: Request | None) -> dict[str, Any]:
    """The document of a form whose choices are called what the request makes of them."""
    if request is None:
        return dict(form)
    fields = [
        {**field, "options": [_option(one, request) for one in field["options"]]}
        if field.get("options")
        else field
        for field in form["fields"]
    ]
    return {**form, "fields": fields}


@dataclass(frozen=True, slots=True)
class OrderShown:
    """What a business was ordered to put right, line by line, and what it answered."""

    lines: list[str]
    until: str
    answer: str
    photos: list[str]


def ordered_of(whole: WholeTask) -> OrderShown | None:
    """The order behind a check, beside what was sent as its proof; None for any other task."""
    if whole.shown.name != CHECKING:
        return None
    place = run_of(whole.shown.element)
    forms: dict[str, dict[str, Any]] = {}
    for entry in whole.entries:
        element = str(entry.data.get("element", ""))
        if entry.kind != "task_completed" or run_of(element) != place:
            continue
        name = element.removeprefix(f"{place}.")
        if name == ORDERING:
            forms.pop(PROVING, None)  # the proof of an earlier order is none of this one
        forms[name] = dict(entry.data["form"])
    order, proof = forms.get(ORDERING, {}), forms.get(PROVING, {})
    if not order.get("what"):
        return None
    return OrderShown(
        lines=[line for line in str(order["what"]).splitlines() if line.strip()],
        until=str(order.get("until") or ""),
        answer=str(proof.get("measures") or proof.get("reason") or ""),
        photos=list(proof.get("photos_after") or []),
    )


def _option(option: Mapping[str, Any], request: Request) -> dict[str, Any]:
    chosen = OPINIONS.get((request.kind, option["value"]))
    if chosen is None:
        return dict(option)
    zh, en = chosen
    made = {**option, "label": {"zh": zh, "en": en}}
    if request.kind == "extension":
        made["hint"] = _what_comes(request, is_granted=option["value"] == "agree")
    return made


def _what_comes(request: Request, *, is_granted: bool) -> dict[str, str]:
    until = moment(request.until if is_granted else request.due_at)
    if is_granted:
        return {"zh": f"期限延到 {until}", "en": f"Due {until} then"}
    return {"zh": f"期限仍是 {until}；写明原因", "en": f"Still due {until}; say why"}
