"""What a leader does from a board: chasing many cases at once, letting stopped cases try again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from flask import redirect, render_template, request, url_for

from engine.reads.clocks import clocks_of
from engine.reads.reading import Reading
from handlers.dashboards.failures import list_failures, watches_failures
from handlers.dashboards.open_cases import OpenCase, OpenFilter, list_open_cases, selected
from storage.cases.events import last_chased
from storage.errors import FormInvalid
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page
from web.frame.contract import hangji
from web.frame.fields import id_of
from web.frame.language import listed, t
from web.frame.naming import Names, names_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.words import step_words
from web.frame.writing import write
from web.pages.boards import asked
from web.pages.boards.drawn import chased_before

MOST_AT_ONCE: Final = 100

Holder = tuple[int, str | None]
"""An officer, zero for nobody of the post, and a post."""


class Chased(NamedTuple):
    """The result for one case."""

    number: str
    is_done: bool
    why: str
    whom: str
    """Who was told, in words."""


@site.get("/boards/chase")
@sessions.signed_in
def chase_cases() -> Any:
    """What would be chased, and who reads it, before anything is sent."""
    return render_template("boards/chase.html", **seen(look_at_chosen), key=new_key(), results=[])


@site.post("/boards/chase")
@sessions.signed_in
@sessions.keeps_typed
def send_chases() -> Any:
    """Chase each case; each has its own result."""
    text = (request.form.get("text") or "").strip()
    key, numbers = posted_key(), request.form.getlist("case")[:MOST_AT_ONCE]
    holders = seen(lambda reading: holders_in_words(reading, numbers))
    results = [
        _chase(number, text, f"{key}-{number}", holders.get(number, ""))
        for number in numbers
        if number.isdecimal()
    ]
    return render_template("boards/chased.html", results=results)


@site.get("/boards/incidents")
@sessions.signed_in
def incidents() -> Any:
    """Cases that could not go on."""
    return render_template("boards/incidents.html", **seen(_incidents))


@site.post("/boards/incidents/<row:incident_id>/retry")
@sessions.signed_in
@sessions.keeps_typed
def retry_incident(incident_id: int) -> Any:
    """Let a case try again."""
    answer = write("incidents.retry", {"incident_id": str(incident_id)}, {}, key=new_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.incidents", done="retried"), code=303)


def _chase(number: str, text: str, key: str, whom: str) -> Chased:
    answer = write("cases.chase_case", {"number": number}, {"text": text}, key=key)
    return Chased(number, not answer.is_problem, detail(answer) if answer.is_problem else "", whom)


def look_at_chosen(reading: Reading) -> dict[str, Any]:
    """The cases an address names, with whoever reads what is sent."""
    chosen, silent = _chosen(reading)
    cases = _whole(reading, chosen[:MOST_AT_ONCE])
    names = _names(reading, cases, silent)
    before = last_chased(reading.session, [case.first.case_id for case in cases])
    rows = [
        {
            "number": case.first.number,
            "title": names.title(case.first),
            "place": names.area(case.first.area_code),
            "holder": listed(_holders(case, names)),
            "step": case.step,
            "before": chased_before(before.get(case.first.case_id), reading.now),
        }
        for case in cases
    ]
    return {
        "rows": rows,
        "readers": list(dict.fromkeys(who for case in cases for who in _holders(case, names))),
        "silent": [_holder(officer, post, names) for officer, post in silent],
        "is_asked": bool(request.args.getlist("case") or request.args.getlist("holder")),
        "words": step_words(),
        "text": _usual_text(cases),
    }


def _usual_text(cases: list[OpenCase]) -> str:
    """What is asked, true of every case of the form."""
    late = {case.step == "overdue" for case in cases}
    if late == {True}:
        return t("已超期，请今天办理并反馈进展。", "This is overdue: please act today and report.")
    if late == {False}:
        return t("今天到期，请按时办理。", "This is due today: please act in time.")
    return t(
        "已超期的请马上办理并反馈进展，今天到期的请按时办理。",
        "Please act at once where this is overdue, and in time where it is due today.",
    )


def _names(reading: Reading, cases: list[OpenCase], silent: list[Holder]) -> Names:
    tasks = [task for case in cases for task in case.tasks]
    return names_for(
        reading,
        posts={*(task.post_id for task in tasks), *(post for _, post in silent)},
        areas={task.area_code for task in tasks},
        officers={*(task.officer_id for task in tasks), *(officer for officer, _ in silent)},
    )


def _holders(case: OpenCase, names: Names) -> list[str]:
    """Everybody a case waits for: all of them are told when it is chased."""
    whom = (_holder(task.officer_id or 0, task.post_id, names) for task in case.tasks)
    return list(dict.fromkeys(whom))


def _holder(officer: int, post: str | None, names: Names) -> str:
    return names.officers.get(officer) or names.post(post)


def holders_in_words(reading: Reading, numbers: list[str]) -> dict[str, str]:
    """Who holds the cases of these numbers, in words."""
    cases = _named(reading, set(numbers))
    names = _names(reading, cases, [])
    return {case.first.number: listed(_holders(case, names)) for case in cases}


def _chosen(reading: Reading) -> tuple[list[OpenCase], list[Holder]]:
    """The cases named, or of each holder ticked what is overdue, else what is due today.

    With them the holders who have neither: nothing is sent to them.
    """
    named = set(request.args.getlist("case"))
    if named:
        return _named(reading, named), []
    cases: dict[int, OpenCase] = {}
    silent = []
    for holder in _ticked():
        having = OpenFilter(area=asked.area(), post=holder[1], officer=holder[0])
        its = _pressing_of(reading, having)
        cases |= {case.first.case_id: case for case in its}
        silent += [] if its else [holder]
    return list(cases.values()), silent


def _named(reading: Reading, numbers: set[str]) -> list[OpenCase]:
    clocks = clocks_of(reading)
    every = list_open_cases(reading.session, clocks, OpenFilter(), actor=reading.actor)
    return [case for case in every if case.first.number in numbers]


def _whole(reading: Reading, cases: list[OpenCase]) -> list[OpenCase]:
    """The same cases with all their holders, not only those ticked: a chase tells them all."""
    whole = {case.first.case_id: case for case in _named(reading, _numbers(cases))}
    return [whole[case.first.case_id] for case in cases]


def _numbers(cases: list[OpenCase]) -> set[str]:
    return {case.first.number for case in cases}


def _ticked() -> Iterator[Holder]:
    for value in request.args.getlist("holder"):
        ident, _, post = value.partition("|")
        officer = id_of(ident)
        if officer is None:
            message = t("没有这个经办人。", "There is no such holder.")
            raise FormInvalid.at("holder", message)
        yield officer, post or None


def _pressing_of(reading: Reading, having: OpenFilter) -> list[OpenCase]:
    clocks = clocks_of(reading)
    cases = list_open_cases(reading.session, clocks, having, actor=reading.actor)
    late = selected(cases, replace(having, figure="overdue"), clocks.now)
    return late or selected(cases, replace(having, figure="today"), clocks.now)


def _incidents(reading: Reading) -> dict[str, Any]:
    told = t("已重试。", "Tried again.") if request.args.get("done") == "retried" else ""
    page = list_failures(reading.session, reading.actor, cursor=cursor())
    may_retry = watches_failures(reading.actor)
    return {
        "incidents": page.items,
        "next": page.next and hangji().seal(page.next),
        "told": told,
        "may_retry": may_retry,
    }
