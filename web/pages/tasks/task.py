"""One task: its form, what is known of its case, and everything else one may do with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import redirect, request, url_for

from engine.reads.file import acts_of
from engine.reads.reading import Reading
from engine.reads.supervised.supervisions import may_answer
from engine.reads.tasks import FormShown, read_form
from engine.reads.whole import WholeTask, read_whole_task
from engine.time.limits import latest_end_of_pause, latest_extension
from handlers.inspections.filling import FILLED, INSPECTING, known_for
from storage.cases.cases import find_case_by_number
from storage.city.rules import installed
from storage.moments import in_china, last_day
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.staffing.on_call import PostOnCall, list_on_call_for
from web.frame import sessions, unsent
from web.frame.answers import FINAL, detail, new_key, next_key, posted_key, rendered
from web.frame.choices import choices_for
from web.frame.clocks.countdown import counting_of
from web.frame.fields import (
    MORE,
    Sheet,
    fitting,
    posted,
    posted_base,
    shown_again,
    upload_photos,
)
from web.frame.language import moment, said_of, t
from web.frame.naming import Names, names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.work import row_of
from web.frame.writing import PageAnswer, write
from web.pages.cases.counted import how_counted
from web.pages.cases.record import (
    Step,
    Words,
    additions_among,
    areas_in,
    photos_apart,
    said_at_first,
    step_of,
)
from web.pages.cases.supervision import answered_words, supervision_lines
from web.pages.inspections.papers import offered_paper, paper_behind, paper_links
from web.pages.inspections.plans import elsewhere_of
from web.pages.places.near import far_in_words
from web.pages.tasks.acts import ACTS, STAYS, Failed, body_of, has_place, offered
from web.pages.tasks.asked import in_its_words, ordered_of, question_of
from web.pages.tasks.both import both_sides, was_sent_before
from web.pages.tasks.effect import effect_of
from web.pages.tasks.onward import CameFrom, way_on
from web.pages.tasks.reasons import then_what, why_mine, why_then
from web.pages.tasks.sole import sole_answer, without_what_cannot_be_asked
from web.pages.tasks.told import asked_whom, holder_of, told_onward

EMPTY: dict[str, Any] = {"fields": []}
_SENT_BACK = {"not_verified": ("verification_failed",), "returned": ("returned",)}
"""What a task came back for -> the entries of the act that sent it."""


@site.get("/tasks/<key>")
@sessions.embeddable
@sessions.kept_offline
@sessions.signed_in
def task(key: str) -> Any:
    """A task with its form."""
    return _page(key)


@site.post("/tasks/<key>")
@sessions.embeddable
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def complete(key: str) -> Any:
    """Submit the form, or keep it as a draft."""
    form = seen(lambda reading: _form(reading, key))
    sheet = Sheet(form, posted_key(), posted(form), base=posted_base())
    upload_photos(sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(key, sheet=sheet, status=status)
    answer, done = _submit(key, sheet)
    if answer.is_problem:
        return _refused(key, sheet, answer)
    if done == "draft":
        return redirect(url_for("web.inbox", done=done), code=303)
    paper = paper_behind(key, str(form.get("id")), sheet.values)
    came_from = CameFrom(request.form.get("list", ""), request.form.get("following", ""))
    return redirect(way_on(answer.data, came_from, paper), code=303)


@site.post("/tasks/<key>/<action>")
@sessions.embeddable
@sessions.signed_in
@sessions.keeps_typed
def act(key: str, action: str) -> Any:
    """Any other action on a task."""
    name = request.form.get("kind", "") if action == "beside" else action
    if name not in ACTS:
        return redirect(url_for("web.task", key=key), code=303)
    given = posted_key()
    used = given.removesuffix(f"-{action}")
    if unsent.is_for_review():
        return _page(key, failed=Failed(action, "", used), status=unsent.OUT_OF_DATE)
    held_by = holder_of(key) if name == "take_back" else None
    answer = write(f"tasks.{name}_task", {"key": key}, body_of(name), key=given)
    if answer.is_problem:
        failed = Failed(action, detail(answer), next_key(answer, used=used), answer.status in FINAL)
        return _page(key, failed=failed, status=answer.status)
    if name in STAYS:
        return redirect(url_for("web.task", key=key, **asked_whom(name, held_by)), code=303)
    return redirect(url_for("web.inbox", of=answer.data["number"], **asked_whom(name)), code=303)


def _refused(key: str, sheet: Sheet, answer: PageAnswer) -> Any:
    """The page with what was not taken; what was taken before, from another tab, is as sent."""
    number = seen(lambda reading: _sent_before(reading, key, sheet))
    if number is not None:
        return redirect(url_for("web.inbox", done="again", of=number), code=303)
    sheet.refused(answer, next_key(answer, used=sheet.key))
    return _page(key, sheet=sheet, status=answer.status, code=answer.data.get("code", ""))


def _sent_before(reading: Reading, key: str, sheet: Sheet) -> str | None:
    """The number of the case whose task this officer has just completed with the same answer."""
    whole = read_whole_task(reading, key)
    return whole.case.number if was_sent_before(whole, sheet, reading.actor) else None


def _submit(key: str, sheet: Sheet) -> tuple[PageAnswer, str]:
    if request.form.get("draft"):
        return write("tasks.save_draft", {"key": key}, _body(sheet)), "draft"
    return write("tasks.complete_task", {"key": key}, _body(sheet), key=sheet.key), "completed"


def _body(sheet: Sheet) -> dict[str, Any]:
    base = {} if sheet.base is None else {"base": sheet.base}
    return {"form": sheet.values, **base}


def _page(
    key: str,
    *,
    sheet: Sheet | None = None,
    failed: Failed | None = None,
    status: int = 200,
    code: str = "",
) -> Any:
    shown = seen(lambda reading: _look(reading, key, sheet, code))
    is_there = has_place(shown["acts"], failed)
    return rendered(
        "task.html",
        status,
        **shown,
        key=failed.key if failed else new_key(),
        failed=failed,
        given=request.form if failed else {},
        is_there=is_there,
        texts=[] if is_there else unsent.texts(),
        effect=_effect(key, sheet),
        told=_answered() or told_onward(),
        offered=offered_paper(),
    )


def _answered() -> str:
    """That an answer to a supervision was sent from this page."""
    return answered_words() if request.args.get("done") == "answer_supervision" else ""


def _effect(key: str, sheet: Sheet | None) -> dict[str, Any]:
    """What submitting would do, for a reader without scripts who asked for it."""
    if sheet is None or request.form.get(MORE) != "effect":
        return {}
    return effect_of(key, dict(sheet.document), sheet.values)


def _look(reading: Reading, key: str, sheet: Sheet | None, code: str = "") -> dict[str, Any]:
    """What the page shows, in the words of its template; `sheet` is what was refused as `code`."""
    whole = read_whole_task(reading, key)
    names = names_for(
        reading,
        areas=[whole.case.area, *areas_in(whole.entries)],
        businesses=[whole.shown.case.business],
        officers=[(whole.shown.why or {}).get("stands_in_for"), whole.shown.handed_by],
    )
    words = Words(whole.legend.tasks, whole.legend.forms, names)
    acts = acts_of(whole.entries)
    both = both_sides(whole, sheet, code, names) if sheet else []
    sheet = sheet or _sheet(whole.form, _known(reading, whole))
    sheet.document = in_its_words(without_what_cannot_be_asked(sheet.document), whole.request)
    inspected = whole.shown.case.business if whole.shown.name == "inspect_self" else None
    return {
        "both": both,
        "is_decided": _is_decided(sheet),
        "sole": sole_answer(sheet.document),
        "task": whole.shown,
        "row": row_of(whole.shown, names, now=reading.now),
        "counting": counting_of(reading),
        "may_chase": _may_chase(whole, reading.actor),
        "on_call": _on_call(reading, whole),
        "reasons": _reasons(reading, whole, names),
        "counted": how_counted(reading, whole.shown, whole.entries),
        "case": whole.case,
        "names": names,
        "photos": photos_apart(acts, words, whole.case.photos),
        "question": question_of(whole.request, names),
        "supervision": supervision_lines(whole.supervision, names, now=reading.now),
        "may_answer": may_answer(reading, [whole.shown] if whole.shown.state == "open" else []),
        "latest": _latest(whole, words),
        "back": _sent_back(whole, words),
        "ordered": ordered_of(whole),
        "added": additions_among(acts, words),
        "sheet": sheet,
        "choices": choices_for(reading, sheet.document, sheet.values, inspected=inspected),
        "acts": offered(whole),
        "pause_most": _last_day_of_pause(reading),
        "extend_most": _latest_extension(reading, whole),
        "done_by": whole.done_by,
        "moved": _moved(whole, words),
        "is_about_them": whole.is_about_them,
        "reported": [] if whole.is_about_them else said_at_first(whole.entries, words),
        "papers": paper_links(whole.entries, own=key if whole.is_about_them else ""),
    }


def _reasons(reading: Reading, whole: WholeTask, names: Names) -> list[tuple[str, str, str]]:
    """What one should know before one acts: heading, text (empty where there is none), icon."""
    its = whole.case
    far = "" if whole.is_about_them else far_in_words(reading, its.location, its.business_id)
    return [
        (_why_whom(whole), why_mine(whole.shown, names), "corner-down-right"),
        (t("为什么到这时", "Why until then"), why_then(whole.shown), "timer"),
        (t("到期会怎样", "What happens then"), then_what(whole.shown), "megaphone"),
        (t("别的单位", "Other offices"), _elsewhere(reading, whole), "triangle-alert"),
        (t("上报的位置", "The place reported"), far, "map-pin"),
    ]


def _why_whom(whole: WholeTask) -> str:
    """Whom the reason is about: who reads a task of others is told so."""
    if {"claim", "complete"} & set(whole.shown.allowed_actions):
        return t("为什么给我", "Why me")
    return t("为什么由他们办", "Why them")


def _elsewhere(reading: Reading, whole: WholeTask) -> str:
    """Which other offices inspect the business of an inspection, as far as one may know."""
    business = whole.shown.case.business
    if whole.shown.name != INSPECTING or business is None:
        return ""
    return elsewhere_of(reading, [business]).get(business, "")


def _on_call(reading: Reading, whole: WholeTask) -> list[PostOnCall]:
    """Who has to act on an emergency, to be rung; a business is not told."""
    its = whole.shown.case
    if its.priority != "urgent" or whole.shown.state != "open" or whole.is_about_them:
        return []
    return list_on_call_for(reading.session, its.number, actor=reading.actor, at=reading.now)


def _may_chase(whole: WholeTask, actor: Actor) -> bool:
    """Whether the reader watches over the work of others, of whom one has this task."""
    is_open = whole.shown.state == "open" and not actor.holds(whole.shown.holder.post)
    return is_open and any(ROLES[post.role].supervises for post in actor.posts)


def _last_day_of_pause(reading: Reading) -> str:
    most = latest_end_of_pause(reading.now, days=installed().thresholds.pause_most_days)
    return last_day(most).isoformat()


def _latest_extension(reading: Reading, whole: WholeTask) -> datetime | None:
    """Until when more time may be asked for; None where it is not offered."""
    task = whole.shown
    if "extend" not in task.allowed_actions or task.due_at is None:
        return None
    calendar = reading.runner.calendar(reading.session)
    return in_china(latest_extension(calendar, task.due_at, task.deadline or {}))


def _latest(whole: WholeTask, words: Words) -> list[Step]:
    """The act before, without what the page says of the case anyway; none answers a request.

    A business, which sees no case, reads everything it was asked and answered, the newest first.
    """
    if whole.is_about_them:
        steps = [step_of(act, words) for act in reversed(acts_of(whole.entries))]
        for step in steps:
            step.photos = [photo for photo in step.photos if photo in whole.case.photos]
        return steps
    if whole.request or not whole.last_act:
        return []
    step = step_of(whole.last_act, words)
    if step.kind == "case_opened":
        case, names = whole.case, words.names
        business = names.businesses.get(case.business_id or 0)
        said = {case.description, names.area(case.area), names.matter(case.matter), business}
        step.facts = [(name, value) for name, value in step.facts if value not in said]
        step.photos = []
    return [step]


def _sent_back(whole: WholeTask, words: Words) -> Step | None:
    """The act that sent the work back, with what its author wrote; None where none did."""
    kinds = _SENT_BACK.get(whole.shown.sent_back or "", ())
    acts = reversed(acts_of(whole.entries))
    act = next((act for act in acts if any(entry.kind in kinds for entry in act)), None)
    return None if act is None or whole.is_about_them else step_of(act, words)


def _moved(whole: WholeTask, words: Words) -> str:
    """What took the task away when nobody completed it: when, who, and which act; else ""."""
    running, _, token = whole.shown.id.partition("-")
    taken = (
        entry
        for entry in whole.entries
        if str(entry.data.get("running")) == running
        and token in map(str, entry.data.get("cancelled") or ())
    )
    entry = next(taken, None)
    if entry is None:
        return ""
    step = step_of([entry], words)
    return said_of(f"{moment(step.at)} {step.who}", step.title)


def _form(reading: Reading, key: str) -> dict[str, Any]:
    """The document of the form of a task."""
    form = read_form(reading, key)
    return {"id": form.id, "title": form.title, "fields": form.fields}


def _is_decided(sheet: Sheet) -> bool:
    """Whether nothing has to be filled in before it is known what submitting does."""
    asked = [field for field in sheet.fields if field.get("required")]
    return all(len(field.get("options") or ()) == 1 for field in asked)


def _known(reading: Reading, whole: WholeTask) -> dict[str, str]:
    """What an inspection's record already says, offered before anybody types."""
    if whole.shown.name not in FILLED:
        return {}
    case = find_case_by_number(reading.session, whole.case.number)
    return (
        {}
        if case is None
        else known_for(reading.session, whole.shown.name, case.id, now=reading.now)
    )


def _sheet(form: FormShown | None, known: Mapping[str, str]) -> Sheet:
    if form is None:
        return Sheet(EMPTY, new_key())
    document = {"id": form.id, "title": form.title, "fields": form.fields}
    values = {**known, **fitting(document, form.values)}
    return Sheet(document, new_key(), values=values, base=dict(form.values))
