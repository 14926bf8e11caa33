"""What officers keep of themselves: their addresses, and the files of posts they have left."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from engine.reads.whole import read_file_until_left
from storage.delivery.notices import hours
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, problem_page, rendered
from web.frame.fields import Sheet
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask, write
from web.pages.cases.record import Words, steps_of

_FIELDS = {
    "fields": [
        {"name": "email", "type": "text", "label": {"zh": "邮箱", "en": "E-mail"}, "max": 254},
        {"name": "phone", "type": "text", "label": {"zh": "手机", "en": "Phone"}, "max": 16},
    ]
}

_QUIET = {
    "fields": [
        {
            "name": "quiet_from",
            "type": "time",
            "label": {"zh": "免打扰从", "en": "Quiet from"},
        },
        {"name": "quiet_to", "type": "time", "label": {"zh": "到", "en": "Until"}},
    ]
}


@site.get("/me")
@sessions.signed_in
def my_account() -> Any:
    """Their posts, addresses, and when messages leave them alone."""
    return _shown()


@site.post("/me")
@sessions.signed_in
@sessions.keeps_typed
def change_my_address() -> Any:
    """Change the addresses; an empty one is removed."""
    given = {name: (request.form.get(name) or "").strip() for name in ("email", "phone")}
    sheet = Sheet(_FIELDS, posted_key(), dict(given))
    body = {name: text or None for name, text in given.items()}
    answer = write("messages.put_address", {}, body, key=sheet.key)
    if answer.is_problem:
        refused = sheet.refused(answer, next_key(answer, used=sheet.key))
        return _shown(address=refused, status=answer.status)
    return redirect(url_for("web.my_account", done="saved"), code=303)


@site.post("/me/quiet-hours")
@sessions.signed_in
@sessions.keeps_typed
def change_my_quiet_hours() -> Any:
    """Set quiet hours of one's own; left empty those of the city hold."""
    body = {name: request.form.get(name) or None for name in ("quiet_from", "quiet_to")}
    sheet = Sheet(_QUIET, posted_key(), dict(body))
    answer = write("messages.put_quiet_hours", {}, body, key=sheet.key)
    if answer.is_problem:
        refused = sheet.refused(answer, next_key(answer, used=sheet.key))
        return _shown(quiet=refused, status=answer.status)
    return redirect(url_for("web.my_account", done="saved"), code=303)


@site.get("/former")
@sessions.signed_in
def find_former_case() -> Any:
    """Lead from a number to the file as it was."""
    number = (request.args.get("number") or "").strip()
    if not number.isascii() or not number.isdecimal():
        return redirect(url_for("web.my_account"), code=303)
    return redirect(url_for("web.former_case", number=number), code=303)


@site.get("/former/<number>")
@sessions.signed_in
def former_case(number: str) -> Any:
    """What was on file of a case while it was theirs, and nothing later."""
    return rendered("former.html", **seen(lambda reading: _file(reading, number)))


def _file(reading: Reading, number: str) -> dict[str, Any]:
    entries, legend = read_file_until_left(reading, number)
    words = Words(legend.tasks, legend.forms, names_for(reading))
    return {"number": number, "steps": steps_of(entries, words)}


def _shown(*, address: Sheet | None = None, quiet: Sheet | None = None, status: int = 200) -> Any:
    """The page with what is kept, or the form that was refused in its place."""
    kept = [ask(f"messages.read_{name}", {}, {}) for name in ("address", "quiet_hours")]
    problem = next((answer for answer in kept if answer.is_problem), None)
    if problem:
        return problem_page(problem)
    is_saved = request.args.get("done") == "saved"
    return rendered(
        "me.html",
        status,
        sheet=address or Sheet(_FIELDS, new_key(), dict(kept[0].data)),
        quiet=quiet or Sheet(_QUIET, new_key(), dict(kept[1].data)),
        hours=hours(),
        told=t("已保存。", "Saved.") if is_saved else None,
    )
