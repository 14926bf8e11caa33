"""What officers keep of themselves: their addresses, and the files of posts they have left."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from engine.reads.whole import read_file_until_left
from handlers.staffing.accounts import UNOPENED
from storage.delivery.notices import hours
from storage.people.actors import find_officer
from storage.people.sessions import list_other_sign_ins
from web.frame import sessions
from web.frame.answers import detail, new_key, next_key, posted_key, problem_page, rendered
from web.frame.fields import Sheet
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import PageAnswer, ask, write
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


@site.post("/me/password")
@sessions.signed_in
def change_my_password() -> Any:
    """Change the password; every other sign-in ends, this browser goes on with one of its own."""
    old, new = request.form.get("password", ""), request.form.get("new_password", "")
    if new != request.form.get("again"):
        return _shown(
            refused=t("两次输入的新密码不一样。", "The two new passwords differ."), status=422
        )
    answer = write("account.change_password", {}, {"password": old, "new_password": new})
    if answer.is_problem:
        return _shown(refused=detail(answer), status=answer.status)
    return _signed_in_again(answer, "password")


@site.post("/me/sign-outs")
@sessions.signed_in
def end_my_other_sign_ins() -> Any:
    """End every other sign-in, such as that of a phone that was lost."""
    answer = write("account.end_other_sign_ins", {}, {}, key=posted_key())
    return problem_page(answer) if answer.is_problem else _signed_in_again(answer, "ended")


def _signed_in_again(answer: PageAnswer, done: str) -> Any:
    _, secret = sessions.sign_in(answer.data["access_token"])
    response = redirect(url_for("web.my_account", done=done), code=303)
    sessions.remember(response, secret)
    return response


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


def _sign_ins(reading: Reading) -> dict[str, Any]:
    """When the other sign-ins began, and whether there is a password to change."""
    actor = reading.actor
    account = find_officer(reading.session, actor.username)
    secret = request.cookies.get(sessions.cookie_name(), "")
    others = list_other_sign_ins(reading.session, actor.id, secret, at=reading.now)
    has_password = account is not None and account.password_hash != UNOPENED
    return {"others": others, "has_password": has_password}


def _shown(
    *,
    address: Sheet | None = None,
    quiet: Sheet | None = None,
    refused: str = "",
    status: int = 200,
) -> Any:
    """The page with what is kept, or the form that was refused in its place."""
    kept = [ask(f"messages.read_{name}", {}, {}) for name in ("address", "quiet_hours")]
    problem = next((answer for answer in kept if answer.is_problem), None)
    if problem:
        return problem_page(problem)
    sentences = {
        "saved": t("已保存。", "Saved."),
        "password": t(
            "密码已修改，其他登录都已退出。", "The password is changed; all other sign-ins ended."
        ),
        "ended": t("其他登录都已退出。", "All other sign-ins ended."),
    }
    return rendered(
        "me.html",
        status,
        sheet=address or Sheet(_FIELDS, new_key(), dict(kept[0].data)),
        quiet=quiet or Sheet(_QUIET, new_key(), dict(kept[1].data)),
        hours=hours(),
        told=sentences.get(request.args.get("done", "")),
        refused=refused,
        key=new_key(),
        **seen(_sign_ins),
    )
