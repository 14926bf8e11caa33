"""What a leader does from a board: chasing many cases at once, letting stopped cases try again."""

from typing import Any, Final, NamedTuple

from flask import redirect, render_template, request, url_for

from engine.reads.clocks import ReadClocks, clocks_of
from engine.reads.reading import Reading
from handlers.dashboards.failures import list_failures, watches_failures
from handlers.dashboards.open_cases import Figure, OpenCase, OpenFilter, list_open_cases
from storage.errors import FormInvalid
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page
from web.frame.contract import hangji
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.words import step_words
from web.frame.writing import write
from web.pages.boards import asked

MOST_AT_ONCE: Final = 100


class Chased(NamedTuple):
    """The result for one case."""

    number: str
    is_done: bool
    why: str


@site.get("/boards/chase")
@sessions.signed_in
def chase_cases() -> Any:
    """What would be chased, and who reads it, before anything is sent."""
    return render_template("boards/chase.html", **seen(_look), key=new_key(), results=[])


@site.post("/boards/chase")
@sessions.signed_in
@sessions.keeps_typed
def send_chases() -> Any:
    """Chase each case; each has its own result."""
    text = (request.form.get("text") or "").strip()
    key, numbers = posted_key(), request.form.getlist("case")[:MOST_AT_ONCE]
    results = [_chase(number, text, f"{key}-{number}") for number in numbers if number.isdecimal()]
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


def _chase(number: str, text: str, key: str) -> Chased:
    answer = write("cases.chase_case", {"number": number}, {"text": text}, key=key)
    return Chased(number, not answer.is_problem, detail(answer) if answer.is_problem else "")


def _look(reading: Reading) -> dict[str, Any]:
    cases = _chosen(reading)[:MOST_AT_ONCE]
    tasks = [one for case in cases for one in case.tasks]
    names = names_for(
        reading,
        posts={one.post_id for one in tasks},
        areas={one.area_code for one in tasks},
        officers={one.officer_id for one in tasks if one.officer_id},
    )
    readers = dict.fromkeys(
        names.officers.get(one.officer_id or 0) or names.post(one.post_id) for one in tasks
    )
    rows = [
        {
            "number": case.first.number,
            "title": names.title(case.first),
            "place": names.area(case.first.area_code),
            "holder": names.officers.get(case.first.officer_id or 0)
            or names.post(case.first.post_id),
            "step": case.step,
        }
        for case in cases
    ]
    is_late = any(case.step == "overdue" for case in cases)
    return {"rows": rows, "readers": list(readers), "words": step_words(), "is_late": is_late}


def _chosen(reading: Reading) -> list[OpenCase]:
    """The cases named, or of the holders ticked what is overdue, else what is due today."""
    clocks = clocks_of(reading)
    named = set(request.args.getlist("case"))
    if named:
        every = list_open_cases(reading.session, clocks, OpenFilter(), actor=reading.actor)
        return [case for case in every if case.first.number in named]
    return _of_holders(reading, clocks, "overdue") or _of_holders(reading, clocks, "today")


def _of_holders(reading: Reading, clocks: ReadClocks, figure: Figure) -> list[OpenCase]:
    cases: dict[int, OpenCase] = {}
    for value in request.args.getlist("holder"):
        ident, _, post = value.partition("|")
        officer = id_of(ident)
        if officer is None:
            message = t("没有这个经办人。", "There is no such holder.")
            raise FormInvalid.at("holder", message)
        having = OpenFilter(figure=figure, area=asked.area(), post=post or None, officer=officer)
        for case in list_open_cases(reading.session, clocks, having, actor=reading.actor):
            cases[case.first.case_id] = case
    return list(cases.values())


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
