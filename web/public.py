"""Pages for the public: report without an account, follow a report, dispute its result."""

from typing import Any

from flask import redirect, render_template, request, url_for

from web import sessions
from web.answers import detail, new_key, problem_page, rendered
from web.choices import choices_for
from web.client import Client
from web.fields import Sheet, posted, upload_photos
from web.language import t
from web.site import site

PROCESS = "public_report"
CHANNEL = "web"
HIDDEN = frozenset({"channel"})


@site.get("/public")
def public_home() -> str:
    """What the public can do here."""
    return render_template("public_home.html")


@site.get("/public/report")
def public_report() -> Any:  # noqa: ANN401 - any answer of Flask
    """The form."""
    client = sessions.client()
    form = client.get(f"/processes/{PROCESS}/form")
    return problem_page(form) if form.is_problem else _page(client, _sheet(form.data))


@site.post("/public/report")
@sessions.same_site
def file_public_report() -> Any:  # noqa: ANN401 - any answer of Flask
    """File it and show number and code."""
    client = sessions.client()
    form = client.get(f"/processes/{PROCESS}/form")
    if form.is_problem:
        return problem_page(form)
    sheet = _sheet(form.data)
    sheet.key = request.form.get("key") or sheet.key
    sheet.values = posted(sheet.document)
    upload_photos(client, sheet)
    body = {**sheet.values, "channel": CHANNEL, "reporter": _reporter()}
    answer = client.post("/public/reports", body, key=sheet.key)
    if answer.is_problem:
        sheet.wrong(answer)
        sheet.key = new_key()
        return _page(client, sheet, answer.status)
    shown = {"number": answer.data["number"], "code": answer.data["query_code"]}
    return render_template("public_filed.html", **shown)


@site.route("/public/query", methods=["GET", "POST"])
@sessions.same_site
def public_query() -> Any:  # noqa: ANN401 - any answer of Flask
    """Progress and result for whoever has number and code."""
    number = (request.form.get("number") or "").strip()
    code = (request.form.get("code") or "").strip()
    if request.method == "GET":
        return _query(number, code, disputed="disputed" in request.args)
    return _query(number, code)


@site.post("/public/dispute")
@sessions.same_site
def public_dispute() -> Any:  # noqa: ANN401 - any answer of Flask
    """Dispute a result."""
    number, code = request.form.get("number", ""), request.form.get("code", "")
    body = {"code": code, "reason": (request.form.get("reason") or "").strip()}
    key = request.form.get("key") or new_key()
    answer = sessions.client().post(f"/public/reports/{number}/dispute", body, key=key)
    if answer.is_problem:
        return _query(number, code, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.public_query", disputed="yes"), code=303)


def _query(
    number: str,
    code: str,
    *,
    problem: str | None = None,
    status: int = 200,
    disputed: bool = False,
) -> Any:  # noqa: ANN401 - any answer of Flask
    found = None
    if number and code:
        answer = sessions.client().get(f"/public/reports/{number}", code=code)
        if answer.is_problem:
            problem, status = problem or detail(answer), answer.status
        else:
            found = answer.data
    told = t("已收到您的异议，案件重新办理。", "Received; the case goes back to work.")
    return rendered(
        "public_query.html",
        status,
        active="query",
        number=number,
        code=code,
        found=found,
        problem=problem,
        told=told if disputed else None,
        key=new_key(),
    )


def _sheet(document: dict[str, Any]) -> Sheet:
    shown = [one for one in document["fields"] if one["name"] not in HIDDEN]
    return Sheet({**document, "fields": shown}, new_key())


def _reporter() -> dict[str, Any]:
    name = (request.form.get("reporter_name") or "").strip()
    phone = (request.form.get("reporter_phone") or "").strip()
    if not name and not phone:
        return {"anonymous": True}
    return {"name": name, "phone": phone}


def _page(client: Client, sheet: Sheet, status: int = 200) -> Any:  # noqa: ANN401 - any answer of Flask
    return rendered(
        "public_report.html",
        status,
        active="public",
        sheet=sheet,
        choices=choices_for(client, sheet.document),
        reporter=_reporter(),
    )
