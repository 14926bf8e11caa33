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


@site.get("/me")
@sessions.signed_in
def my_account() -> Any:
    """Their posts, addresses, and when messages leave them alone."""
    answer = ask("messages.read_address", {}, {})
    if answer.is_problem:
        return problem_page(answer)
    return _shown(Sheet(_FIELDS, new_key(), dict(answer.data)))


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
        return _shown(sheet.refused(answer, next_key(answer, used=sheet.key)), answer.status)
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


def _shown(sheet: Sheet, status: int = 200) -> Any:
    is_saved = request.args.get("done") == "saved"
    told = t("已保存。", "Saved.") if is_saved else None
    return rendered("me.html", status, sheet=sheet, hours=hours(), told=told)
