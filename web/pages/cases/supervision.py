"""What a supervisor asks of a case, as its page and those of its tasks show it (督办)."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flask import request, url_for

from engine.actions.supervising import latest_answer_day, usual_answer_day
from engine.reads.reading import Reading
from engine.reads.supervised.supervisions import SupervisionShown
from storage.cases.tasks import read_task_key
from storage.errors import NotFound
from storage.moments import in_china
from web.frame.language import moment, t
from web.frame.naming import Names
from web.frame.work import supervised_words


class AnswerDays(NamedTuple):
    """Days of the form that asks for an answer: first possible, offered, last possible."""

    first: str
    usual: str
    last: str


@dataclass(frozen=True, slots=True)
class SupervisionLines:
    """A supervision in words."""

    state: str
    clock: str
    text: str
    asked: str
    """By whom and when, and how often before."""
    answer: str
    answered: str


def supervision_lines(
    shown: SupervisionShown | None, names: Names, *, now: datetime
) -> SupervisionLines | None:
    """A supervision in the words of the page; None without one."""
    if shown is None:
        return None
    who = names.officers.get(shown.asked_by, "")
    asked = f"{who} {moment(shown.asked_at)}".strip()
    again = t(f"，第 {shown.times} 次", f", asked {shown.times} times") if shown.times > 1 else ""
    return SupervisionLines(
        shown.state,
        supervised_words(shown.answer_by, shown.answered_at, now),
        shown.text,
        asked + again,
        shown.answer or "",
        moment(shown.answered_at) if shown.answered_at else "",
    )


def answer_days(reading: Reading, *, is_urgent: bool = False) -> AnswerDays:
    """The days the form of a supervision offers."""
    runner = reading.runner
    return AnswerDays(
        in_china(reading.now).date().isoformat(),
        usual_answer_day(runner, reading.session, is_urgent=is_urgent).isoformat(),
        latest_answer_day(runner).isoformat(),
    )


def answered_words() -> str:
    """That an answer was sent."""
    return t("答复已发给督办的人，已记入案卷。", "The answer went to who asked, and is on file.")


def answer_day() -> dict[str, str]:
    """The day of an answer as it was typed; empty where the form has none."""
    day = request.form.get("answer_by")
    return {"answer_by": day} if day else {}


def page_after(number: str, action: str) -> str:
    """Where an act leads: back to the task on whose page it was pressed, else to the case."""
    key = request.form.get("task", "")
    try:
        read_task_key(key)
    except NotFound:
        return url_for("web.case", number=number, done=action)
    return url_for("web.task", key=key, done=action)
