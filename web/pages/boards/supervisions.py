"""What one supervises: given, waiting for an answer, late, answered, ended; and many at once."""

from typing import Any, Final

from flask import render_template, request, url_for

from engine.reads.reading import Reading
from engine.reads.supervised.supervisions import (
    SupervisionGiven,
    count_supervisions,
    list_supervisions,
)
from engine.reads.tasks import holders_of
from storage.cases.supervised.demands import STATES, State
from storage.errors import FormInvalid
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key
from web.frame.contract import hangji
from web.frame.language import moment, t
from web.frame.naming import Names, names_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.work import View, supervised_words
from web.frame.writing import write
from web.pages.boards.acts import MOST_AT_ONCE, Chased, holders_in_words, look_at_chosen
from web.pages.cases.supervision import answer_days

_TONES: Final = {"late": "overdue", "waiting": "soon", "answered": "good", "ended": "plain"}


@site.get("/supervisions")
@sessions.signed_in
def my_supervisions() -> Any:
    """The supervisions the reader gave."""
    return render_template("boards/supervisions.html", **seen(_look))


@site.get("/boards/supervise")
@sessions.signed_in
def supervise_cases() -> Any:
    """What would be supervised, by which day, and who reads it, before anything is sent."""
    shown = seen(lambda reading: {**look_at_chosen(reading), "days": answer_days(reading)})
    return render_template("boards/supervise.html", **shown, key=new_key())


@site.post("/boards/supervise")
@sessions.signed_in
@sessions.keeps_typed
def send_supervisions() -> Any:
    """Supervise each case; each has its own result."""
    key, numbers = posted_key(), request.form.getlist("case")[:MOST_AT_ONCE]
    body = {"text": (request.form.get("text") or "").strip()}
    if day := request.form.get("answer_by"):
        body["answer_by"] = day
    whom = seen(lambda reading: holders_in_words(reading, numbers))
    results = [
        _supervise(number, body, f"{key}-{number}", whom.get(number, ""))
        for number in numbers
        if number.isdecimal()
    ]
    return render_template("boards/supervised.html", results=results)


def _supervise(number: str, body: dict[str, str], key: str, whom: str) -> Chased:
    answer = write("cases.supervise_case", {"number": number}, body, key=key)
    return Chased(number, not answer.is_problem, detail(answer) if answer.is_problem else "", whom)


def _look(reading: Reading) -> dict[str, Any]:
    state = _state()
    page, counts = list_supervisions(reading, state, cursor=cursor()), count_supervisions(reading)
    holders = holders_of(reading, [each.case for each in page.items])
    people = [each for its in holders.values() for each in its]
    names = names_for(
        reading,
        posts=(post for _, post in people),
        officers=(officer for officer, _ in people),
        areas=(each.area for each in page.items),
    )
    labels = _labels()
    return {
        "rows": [
            _row(each, names, names.holders(holders[each.case]), reading) for each in page.items
        ],
        "views": [
            View(
                name,
                labels[name],
                url_for("web.my_supervisions", state=name),
                counts[name],
                is_late=name == "late",
            )
            for name in STATES
        ],
        "state": state,
        "next": hangji().seal(page.next),
        "empty": t("这里没有督办。", "No supervision here."),
    }


def _row(given: SupervisionGiven, names: Names, holder: str, reading: Reading) -> dict[str, Any]:
    ended = t("督办 已办结", "Supervision ended")
    clock = supervised_words(given.answer_by, given.answered_at, reading.now)
    return {
        "number": given.case,
        "title": names.title(given),
        "place": names.area(given.area),
        "holder": holder,
        "clock": ended if given.state == "ended" else clock,
        "tone": _TONES[given.state],
        "text": given.text,
        "asked": moment(given.asked_at),
        "times": given.times,
        "answer": given.answer or "",
        "answered": moment(given.answered_at) if given.answered_at else "",
    }


def _labels() -> dict[State, str]:
    return {
        "waiting": t("待答复", "Waiting"),
        "late": t("逾期未答复", "Not answered"),
        "answered": t("已答复，待办结", "Answered"),
        "ended": t("已办结", "Ended"),
        "given": t("全部", "All"),
    }


def _state() -> State:
    asked = request.args.get("state") or "waiting"
    found = next((state for state in STATES if state == asked), None)
    if found is None:
        message = "没有这种督办；请从页面上的标签打开。"
        english = "There is no such list; open it by its tabs."
        raise FormInvalid.at("state", message, english=english)
    return found
