"""Cases: the list, one case with its six steps, its diagrams and its file."""

from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.cases import CaseFilter, CaseShown, list_cases
from engine.reads.diagrams import DiagramShown
from engine.reads.file import acts_of
from engine.reads.reading import Reading
from engine.reads.whole import WholeCase, read_whole_case
from handlers.map.around import text_of
from storage.errors import FormInvalid, NotFound
from storage.moments import in_china
from storage.people.roles import ROLES
from storage.places.areas import significant_code
from storage.places.positions import position_of
from storage.staffing.on_call import PostOnCall, list_on_call_for
from web.frame import sessions, unsent
from web.frame.answers import FINAL, detail, new_key, next_key, posted_key, rendered
from web.frame.contract import hangji
from web.frame.language import listed, t
from web.frame.naming import names_for, role_name, task_name
from web.frame.reading import cursor, search_text, seen
from web.frame.site import site
from web.frame.work import View, case_row_of, row_of, weights_of
from web.frame.writing import write
from web.pages.cases.acts import CASE_ACTIONS, actions
from web.pages.cases.counted import Counted, how_counted
from web.pages.cases.found import found_beside
from web.pages.cases.record import (
    Words,
    areas_in,
    photos_apart,
    said_at_first,
    steps_of,
    supervision_among,
    taken_in_words,
)
from web.pages.cases.supervision import (
    answer_day,
    answer_days,
    answered_words,
    page_after,
    supervision_lines,
)
from web.pages.cases.way import phase_lines, stations
from web.pages.inspections.facts import INSPECTION, inspection_facts
from web.pages.inspections.papers import paper_links
from web.pages.places.near import far_in_words, map_of

STATUSES = frozenset({"open", "closed"})

Failed = dict[str, Any]
"""An action that was not done: its name, text, next key, why, and whether pressing again helps."""


@site.get("/cases")
@sessions.signed_in
def case_list() -> Any:
    """The cases one may see, newest first."""
    shown = seen(_look_at_list)
    return render_template(
        "case_list.html", views=views(shown["area"]), empty=empty_views(), **shown
    )


@site.get("/cases/<number>")
@sessions.embeddable
@sessions.signed_in
def case(number: str) -> Any:
    """One case."""
    return _page(number)


@site.post("/cases/<number>/<action>")
@sessions.signed_in
@sessions.keeps_typed
def act_on_case(number: str, action: str) -> Any:
    """A note, a chase, supervised handling, or handling once more."""
    text = (request.form.get("text") or "").strip()
    if action not in CASE_ACTIONS:
        return redirect(url_for("web.case", number=number), code=303)
    key = posted_key()
    failed: Failed = {"action": action, "text": text, "key": key.removesuffix(f"-{action}")}
    if unsent.is_for_review():
        return _page(number, failed=failed, status=unsent.OUT_OF_DATE)
    day = answer_day()
    body = {CASE_ACTIONS[action]: text, **day}
    answer = write(f"cases.{action}_case", {"number": number}, body, key=key)
    if answer.is_problem:
        failed |= {**day, "problem": detail(answer), "key": next_key(answer, used=failed["key"])}
        failed |= {"is_final": answer.status in FINAL}
        return _page(number, failed=failed, status=answer.status)
    return redirect(page_after(number, action), code=303)


def views(area: str | None = None) -> list[View]:
    """The tabs over the list; nobody counts all the cases there ever were."""
    labels = {"": t("全部", "All"), "open": t("办理中", "Open"), "closed": t("已办结", "Closed")}
    return [
        View(name, label, url_for("web.case_list", status=name or None, area=area))
        for name, label in labels.items()
    ]


def empty_views() -> dict[str, str]:
    """The text of an empty list, by view."""
    return {
        "": t("辖区内还没有案件。", "There is no case in your areas yet."),
        "open": t("没有在办案件。", "No case is open."),
        "closed": t("没有已办结的案件。", "No case is closed."),
    }


def _look_at_list(reading: Reading) -> dict[str, Any]:
    """What the list shows, in the words of its template."""
    status, q = request.args.get("status"), search_text()
    if status and status not in STATUSES:
        message = "没有这种状态；请从页面上的标签打开。"
        english = "There is no such status; open the list by its tabs."
        raise FormInvalid.at("status", message, english=english)
    area = _area()
    having = CaseFilter(status=status or None, area=area, text=q)
    page = list_cases(reading, having, cursor=cursor())
    names = names_for(
        reading,
        areas=[area, *(each.area for each in page.items)],
        businesses=(each.business_id for each in page.items),
    )
    return {
        "rows": [case_row_of(each, names, now=reading.now) for each in page.items],
        "next": hangji().seal(page.next),
        "speaks_for_business": bool(reading.actor.own_business_posts),
        "status": status,
        "q": q,
        "area": area,
        "area_name": names.area(area),
        "found": found_beside(reading, q) if q and cursor() is None else [],
    }


def _area() -> str | None:
    """The area an address narrows the list to, with everything below it."""
    code = request.args.get("area") or None
    if code is None:
        return None
    try:
        return significant_code(code)
    except NotFound:
        message = "没有这个区域；请从地图上的数字打开。"
        english = "There is no such area; open the list by a number of the map."
        raise FormInvalid.at("area", message, english=english) from None


def _page(number: str, *, failed: Failed | None = None, status: int = 200) -> Any:
    return rendered(
        "case.html",
        status,
        **seen(lambda reading: look_at_case(reading, number)),
        key=failed["key"] if failed else new_key(),
        failed=failed or {},
        told=_told(request.args.get("done")),
    )


def _offered(shown: CaseShown) -> set[str]:
    """What may be done and would change something."""
    # What an officer collected has no reporter in the vault.
    useless = {"reporter"} if shown.channel is None else set()
    return set(shown.allowed_actions) - useless


def look_at_case(reading: Reading, number: str) -> dict[str, Any]:
    """What the page of a case shows, in the words of its template."""
    whole = read_whole_case(reading, number)
    shown = whole.shown
    places = [shown.area, *areas_in(whole.entries)]
    asked_by = [] if shown.supervision is None else [shown.supervision.asked_by]
    names = names_for(reading, areas=places, businesses=[shown.business], officers=asked_by)
    words = Words(whole.legend.tasks, whole.legend.forms, names)
    steps = steps_of(whole.entries, words)
    rows = [row_of(task, names, now=reading.now, actor=reading.actor) for task in shown.tasks]
    waiting = list(zip(shown.tasks, rows, strict=True))
    # What several have to sign at once was counted once.
    counted: list[tuple[str, Counted]] = []
    for task, row in waiting:
        how = how_counted(reading, task, whole.entries)
        if how is not None and (row.task, how) not in counted:
            counted.append((row.task, how))
    photos = photos_apart(acts_of(whole.entries), words, shown.photos)
    return {
        "case": shown,
        "open_tasks": waiting,
        "on_call": _on_call(reading, shown),
        "counted": counted,
        "phases": phase_lines(shown.phases, steps, waiting, outcome=shown.outcome),
        "stations": stations(steps),
        "pinned": supervision_among(whole.entries, steps) if shown.supervised else None,
        "now_at": rows[0].step if rows else "",
        "weights": weights_of(shown.priority),
        "photos": photos,
        "taken": taken_in_words(steps, photos),
        "words": words,
        "papers": paper_links(whole.entries),
        "inspected": inspection_facts(reading, number) if shown.kind == INSPECTION else None,
        "names": names,
        "steps": steps,
        "business": whole.business or shown.business or "",
        "diagrams": _diagrams(whole),
        "supervision": supervision_lines(shown.supervision, names, now=reading.now),
        "answer_days": answer_days(reading, is_urgent=shown.priority == "urgent"),
        "reported": said_at_first(whole.entries, words),
        "actions": [
            act for act in actions(is_supervised=shown.supervised) if act.name in _offered(shown)
        ],
        **_place(reading, shown),
        "moves": [name for name in ("add", "merge", "split") if name in shown.allowed_actions],
        "clerks": _clerks_for(reading, shown),
    }


def _clerks_for(reading: Reading, shown: CaseShown) -> str:
    """Who does what its reader may not: join, divide, open again; "" where they may, or a shop."""
    may = {"merge", "reopen"} & set(shown.allowed_actions)
    if may or reading.actor.own_business_posts:
        return ""
    return listed(role_name(role) for role in ROLES if ROLES[role].merges)


def _on_call(reading: Reading, shown: CaseShown) -> list[PostOnCall]:
    """Who has to act on an emergency, to be rung; no other case asks for that."""
    if shown.priority != "urgent":
        return []
    return list_on_call_for(reading.session, shown.number, actor=reading.actor, at=reading.now)


def _place(reading: Reading, shown: CaseShown) -> dict[str, Any]:
    """Where it was found, in words; the picture and what is near are fetched by the page."""
    at = position_of(shown.location)
    if at is None:
        return {"place": None}
    return {
        "far": far_in_words(reading, shown.location, shown.business),
        "place": text_of(at),
        "map_of_place": map_of(reading, shown.area),
    }


def _diagrams(whole: WholeCase) -> list[dict[str, Any]]:
    """Diagrams that were entered, the one to look at open: where the first open task is drawn."""
    entered = [diagram for diagram in whole.diagrams.diagrams if diagram.visited or diagram.active]
    waiting = {task.process for task in whole.shown.tasks}
    first = entered[0].process if entered else ""
    looked_at = next((process.process for process in entered if process.process in waiting), first)
    return [{**_drawn(process), "is_open": process.process == looked_at} for process in entered]


def _drawn(diagram: DiagramShown) -> dict[str, Any]:
    """A diagram as the script of the page reads it."""
    return {
        "process": diagram.process,
        "label": task_name(diagram.label, diagram.process),
        "file": diagram.file,
        "xml": diagram.xml,
        "active": [
            {"id": each.id, "since": in_china(each.since).isoformat()} for each in diagram.active
        ],
        "visited": [
            {
                "id": each.id,
                "times": each.times,
                "first_at": in_china(each.first_at).isoformat(),
                "last_at": in_china(each.last_at).isoformat(),
            }
            for each in diagram.visited
        ],
    }


def _told(code: str | None) -> str | None:
    sentences = {
        "started": t("已发起，案件已建档。", "Started; the case has its file."),
        "reported": t("已上报，案件已建档。", "Filed; the case has its file."),
        "add": t("补充的内容已记入案卷，已通知办理人。", "On file; whoever holds it is told."),
        "merge": t("已并入本案，两份案卷互相写明。", "Merged into this case; both files say so."),
        "split": t("已拆出本案，按流程另行办理。", "Split off; this case goes its own way."),
        "reopen": t("已重开，按流程重新办理。", "Reopened; handled once more."),
        "note": t("备注已记入案卷。", "The note is on file."),
        "chase": t("已催办，已记入案卷。", "Chased, and on file."),
        "supervise": t("已督办，已记入案卷。", "Under supervised handling, and on file."),
        "answer_supervision": answered_words(),
        "end_supervision": t("督办已办结，已记入案卷。", "The supervision ended; it is on file."),
    }
    return sentences.get(code or "")
