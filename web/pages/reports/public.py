"""Pages for the public: report without an account, follow a report, dispute its result."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.cases import first_due
from engine.reads.forms import read_start_form
from engine.reads.reading import Reading
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry.businesses import find_business
from web.codes import qr_in_page
from web.frame import sessions
from web.frame.answers import detail, new_key, next_key, posted_key, rendered
from web.frame.choices import Choices, choices_for, emergencies
from web.frame.fields import INVALID, Sheet, id_of, posted, shown_again, upload_photos
from web.frame.language import day_of, t
from web.frame.naming import titles_for
from web.frame.reading import seen_by_anyone
from web.frame.site import site
from web.frame.writing import PageAnswer, ask_as_anyone, write_as_anyone
from web.pages.cases.record import ADDITION
from web.pages.reports.stop import stops

PROCESS = "public_report"
CHANNEL = "web"
HIDDEN = frozenset({"channel"})
_SHORTEST_NUMBER = 7
"""Digits of a telephone number without its area code."""


@site.get("/public")
def public_home() -> str:
    """What the public can do here."""
    return render_template("public_home.html")


@site.get("/public/report")
def public_report() -> Any:
    """The form."""
    sheet, choices = seen_by_anyone(_blank)
    return rendered("public_report.html", sheet=sheet, choices=choices, reporter=_reporter())


@site.post("/public/report")
@sessions.photos_allowed
@sessions.same_site
@sessions.keeps_typed
def file_public_report() -> Any:
    """File it and show number and code."""
    sheet = _sheet(seen_by_anyone(_form), posted_key())
    sheet.values = posted(sheet.document)
    upload_photos(sheet, write_as_anyone)
    status = _shown_again(sheet)
    if status is not None:
        return _page(sheet, status)
    answer = _file(sheet)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(sheet, answer.status)
    return render_template("public_filed.html", **_receipt(**answer.data), **_told(sheet))


def _shown_again(sheet: Sheet) -> int | None:
    """The status in which the form comes back with what is wrong; None when it may be filed."""
    status = shown_again(sheet)
    if status is not None:
        return status
    if stops(sheet, seen_by_anyone(emergencies)):
        return INVALID
    wrong = _not_to_be_found(sheet.values)
    if wrong:
        sheet.errors = {"": t("请补上标出的各项。", "Please complete what is marked."), **wrong}
    return INVALID if wrong else None


def _not_to_be_found(values: Mapping[str, Any]) -> dict[str, str]:
    """What keeps anybody from finding the shop, or the reporter; an inquiry needs no place.

    Whoever calls for help is not kept waiting for one: those on duty find it out.
    """
    wrong: dict[str, str] = {}
    places = (values.get(name) for name in ("area", "location", "business_name"))
    is_sought = set(values.get("kind") or ()) & {"complaint", "tip"} and not _is_urgent(values)
    if is_sought and not any(places):
        wrong["area"] = t(
            "请写明在哪里：选地点、取得定位或写店名，填一项就可以，不然找不到这家店。",
            "Say where it is: an area, your position or the name of the shop; one is enough.",
        )
    phone = (request.form.get("reporter_phone") or "").strip()
    if phone and sum(map(str.isdigit, phone)) < _SHORTEST_NUMBER:
        wrong["reporter_phone"] = t(
            "电话号码不完整：写手机号，或带区号的固定电话；不想留可以不填。",
            "This is no whole telephone number; write one with its area code, or leave it empty.",
        )
    return wrong


def _told(sheet: Sheet) -> dict[str, bool]:
    """What the receipt says besides: two cases, each by its own procedure; an emergency."""
    kinds = set(sheet.values.get("kind") or ())
    return {"is_two": kinds >= {"complaint", "tip"}, "is_emergency": _is_urgent(sheet.values)}


def _is_urgent(values: Mapping[str, Any]) -> bool:
    return values.get("matter") in seen_by_anyone(emergencies)


def _receipt(number: str, query_code: str) -> dict[str, Any]:
    """What the reporter keeps; the code stands behind the # of the address: no server logs it."""
    address = url_for("web.public_query", _external=True)
    return {
        "number": number,
        "query_code": query_code,
        "due": seen_by_anyone(lambda reading: _due(reading, number)),
        "qr": qr_in_page(f"{address}#{number}.{query_code}"),
    }


def _due(reading: Reading, number: str) -> str:
    return day_of(first_due(reading, number), now=reading.now)


@site.route("/public/query", methods=["GET", "POST"])
@sessions.same_site
def public_query() -> Any:
    """Progress and result for a number and its code, which are never part of an address."""
    number, code = _asked()
    notice = t("已收到您的异议，案件重新办理。", "Received; the case goes back to work.")
    is_disputed = request.method == "GET" and "disputed" in request.args
    return _query(number, code, told=notice if is_disputed else None)


@site.post("/public/dispute")
@sessions.same_site
@sessions.keeps_typed
def public_dispute() -> Any:
    """Dispute a result."""
    number, code = _asked()
    reason = (request.form.get("reason") or "").strip()
    key = posted_key()
    if not number.isdecimal():
        return _query(number, code)
    answer = write_as_anyone(
        "public_reports.dispute", {"number": number}, {"code": code, "reason": reason}, key=key
    )
    if answer.is_problem:
        problem = detail(answer)
        key = next_key(answer, used=key)
        return _query(number, code, problem=problem, reason=reason, status=answer.status, key=key)
    return redirect(url_for("web.public_query", disputed="yes"), code=303)


@site.post("/public/add")
@sessions.photos_allowed
@sessions.same_site
@sessions.keeps_typed
def public_add() -> Any:
    """Add words and photos to one's own report."""
    number, code = _asked()
    sheet = Sheet(ADDITION, posted_key(), posted(ADDITION))
    upload_photos(sheet, write_as_anyone)
    status = shown_again(sheet)
    if status is not None:
        return _query(number, code, status=status, adding=sheet)
    answer = _add(number, code, sheet)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _query(number, code, status=answer.status, adding=sheet)
    told = t("已收到您的补充，办理人会看到。", "Received; whoever handles it reads it.")
    return _query(number, code, told=told)


def _add(number: str, code: str, sheet: Sheet) -> PageAnswer:
    body = {"code": code or "?", **sheet.values}
    return write_as_anyone("public_reports.add", {"number": _digits(number)}, body, key=sheet.key)


def _asked() -> tuple[str, str]:
    """Number and code as they were typed, without the blanks people copy along."""
    number, code = request.form.get("number") or "", request.form.get("code") or ""
    return "".join(number.split()), "".join(code.split()).upper()


def _query(
    number: str,
    code: str,
    *,
    problem: str | None = None,
    reason: str = "",
    told: str | None = None,
    status: int = 200,
    key: str | None = None,
    adding: Sheet | None = None,
) -> Any:
    found = None
    if number and code:
        answer = ask_as_anyone(
            "public_reports.look_up", {"number": _digits(number)}, {"code": code}
        )
        if answer.is_problem:
            problem, status = problem or detail(answer), answer.status
        else:
            found = answer.data
    return rendered(
        "public_query.html",
        status,
        number=number,
        code=code,
        found=found,
        title_of=seen_by_anyone(titles_for) if found else str,
        problem=problem,
        reason=reason,
        told=told,
        key=key or new_key(),
        adding=adding or Sheet(ADDITION, new_key()),
    )


def _digits(number: str) -> str:
    """A number as the API's addresses accept it; no case has any other."""
    is_number = number.isascii() and number.isdecimal() and 5 <= len(number) <= 24  # noqa: PLR2004 - as the API reads numbers
    return number if is_number else "0" * 24


def _form(reading: Reading) -> dict[str, Any]:
    return read_start_form(reading, PROCESS)


def _blank(reading: Reading) -> tuple[Sheet, Choices]:
    sheet = _sheet(_form(reading), new_key())
    sheet.values = _shop(reading, request.args.get("business", ""))
    return sheet, choices_for(reading, sheet.document, sheet.values)


def _shop(reading: Reading, ident: str) -> dict[str, Any]:
    """Name and place of the shop whose page led here; an unknown one fills in nothing."""
    key = id_of(ident)
    shop = None if key is None else find_business(reading.session, key)
    if shop is None or shop.merged_into is not None:
        return {}
    # The form goes down to the village; the rest is the shop's own.
    village = shop.area_code[: CODE_LENGTHS[AreaLevel.VILLAGE]]
    return {"business_name": shop.name, "area": village}


def _sheet(form: dict[str, Any], key: str) -> Sheet:
    shown = [field for field in form["fields"] if field["name"] not in HIDDEN]
    return Sheet({**form, "fields": shown}, key)


def _file(sheet: Sheet) -> PageAnswer:
    body = {**sheet.values, "channel": CHANNEL, "reporter": _reporter()}
    return write_as_anyone("public_reports.file_public_report", {}, body, key=sheet.key)


def _reporter() -> dict[str, Any]:
    name = (request.form.get("reporter_name") or "").strip()
    phone = (request.form.get("reporter_phone") or "").strip()
    if not name and not phone:
        return {"anonymous": True}
    return {"name": name, "phone": phone}


def _page(sheet: Sheet, status: int = 200) -> Any:
    document, values = sheet.document, sheet.values
    choices = seen_by_anyone(lambda reading: choices_for(reading, document, values))
    shown = {"sheet": sheet, "choices": choices, "reporter": _reporter()}
    return rendered("public_report.html", status, **shown)
