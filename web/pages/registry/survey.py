"""Entering a shop on the spot and correcting one, also without a signal: the queue sends it."""

from collections.abc import Mapping
from typing import Any, Final

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.registry.correcting import SELF, source_of
from handlers.registry.keeping import holds
from handlers.registry.surveying import may_survey
from storage.errors import NotAllowed
from storage.registry.businesses import Business, get_business
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, problem_page, rendered
from web.frame.choices import Choices, choices_for
from web.frame.fields import Sheet, id_of, posted, shown_again, upload_photos
from web.frame.language import t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.registry import words

_TEXTS: Final = (
    "name", "category", "area", "address", "scope", "person_in_charge", "phone", "credit_code",
)  # fmt: skip
_REQUIRED: Final = frozenset({"name", "category", "area"})
_NOT_ALLOWED: Final = 403


@site.get("/businesses/new")
@sessions.kept_offline
@sessions.signed_in
def survey() -> Any:
    """The form for a shop that is not registered."""
    actor = sessions.actor()
    if actor is None or not may_survey(actor):
        return _closed()
    return _page(Sheet(_document(), new_key()))


@site.post("/businesses/new")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def enter_business() -> Any:
    """Enter it; what was wrong is shown at its field and nothing is lost."""
    sheet = Sheet(_document(), posted_key(), posted(_document()))
    upload_photos(sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(sheet, status)
    answer = write("surveys.survey", {}, _body(sheet.values), key=sheet.key)
    if answer.is_problem:
        return _page(sheet.refused(answer, next_key(answer, used=sheet.key)), answer.status)
    made = answer.data["id"]
    return redirect(url_for("web.business", business_id=made, done="entered"), code=303)


@site.get("/businesses/<row:business_id>/edit")
@sessions.kept_offline
@sessions.signed_in
def edit_business(business_id: int) -> Any:
    """The form with what is registered now."""
    known, is_own = seen(lambda reading: _known(reading, business_id))
    sheet = Sheet(_document(is_own=is_own), new_key(), _values(known))
    return _page(sheet, known=known, was=_values(known))


@site.post("/businesses/<row:business_id>/edit")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def correct_business(business_id: int) -> Any:
    """Send what was changed on the page; what others changed meanwhile becomes a question."""
    known, is_own = seen(lambda reading: _known(reading, business_id))
    document = _document(is_own=is_own)
    sheet = Sheet(document, posted_key(), posted(document))
    upload_photos(sheet)
    was = {name: request.form.get(f"was.{name}", "") for name in _TEXTS}
    status = shown_again(sheet)
    if status is not None:
        return _page(sheet, status, known=known, was=was)
    return _sent(sheet, known, was)


@site.post("/businesses/<row:business_id>/merge")
@sessions.signed_in
def merge_business(business_id: int) -> Any:
    """Merge it into another one, which counts from now on."""
    into = id_of(request.form.get("into", "")) or 0
    at = {"business_id": str(business_id)}
    answer = write("businesses.merge", at, {"into": into}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.business", business_id=business_id), code=303)


@site.post("/businesses/<row:business_id>/unmerge")
@sessions.signed_in
def unmerge_business(business_id: int) -> Any:
    """Take a merge back."""
    answer = write("businesses.unmerge", {"business_id": str(business_id)}, {})
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.business", business_id=business_id), code=303)


def _sent(sheet: Sheet, known: Business, was: Mapping[str, str]) -> Any:
    """Send what differs from what the page showed, with the version it showed."""
    changed = {
        name: value for name, value in sheet.values.items() if str(value) != was.get(name, "")
    }
    body = {**_body(changed), "base_version": id_of(request.form.get("base", "")) or known.version}
    answer = write("surveys.correct", {"business_id": str(known.id)}, body, key=sheet.key)
    if answer.is_problem:
        refused = sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(refused, answer.status, known=known, was=was)
    done = "proposed" if answer.data["proposed"] else "corrected"
    return redirect(url_for("web.business", business_id=known.id, done=done), code=303)


def _known(reading: Reading, business_id: int) -> tuple[Business, bool]:
    known = get_business(reading.session, business_id)
    if not holds(reading.actor, known):
        message = "这个主体不在您的区域内。"
        raise NotAllowed(message)
    return known, source_of(reading.actor, known) == SELF


def _closed() -> Any:
    title = t("您的岗位不摸排食品主体", "Your posts enter no shops")
    text = t(
        "新店由网格单元协管员、市场监管部门和主体库管理员登记。",
        "Grid assistants, staff of the department and keepers enter shops.",
    )
    return rendered("problem.html", _NOT_ALLOWED, title=title, detail=text, unsent={})


def _page(
    sheet: Sheet, status: int = 200, *, known: Business | None = None, was: Any = None
) -> Any:
    choices: Choices = seen(lambda reading: choices_for(reading, sheet.document, sheet.values))
    return rendered(
        "registry/survey.html", status, sheet=sheet, choices=choices, known=known, was=was or {}
    )


def _document(*, is_own: bool = False) -> dict[str, Any]:
    """The fields: eight, and what only who stands before the shop can add."""
    fields = [_field(name) for name in _TEXTS]
    if not is_own:
        fields += [
            {
                "name": "location",
                "type": "location",
                "label": t("位置", "Place"),
                "hint": t("站在门口按一下。", "Press it at the door."),
            },
            {"name": "photo", "type": "photos", "label": words.fields()["photo"]},
        ]
    return {"fields": fields}


def _field(name: str) -> dict[str, Any]:
    column = "area_code" if name == "area" else name
    made: dict[str, Any] = {
        "name": name,
        "type": {"category": "choice", "area": "area"}.get(name, "text"),
        "label": words.fields()[column],
        "required": name in _REQUIRED,
        "max": 18 if name == "credit_code" else 200,
    }
    if name == "category":
        made["options"] = _categories()
    if name == "credit_code":
        made["hint"] = t(
            "看营业执照；没有执照的摊贩不用填。",
            "On the business licence; a stall without one leaves it.",
        )
    return made


def _categories() -> list[dict[str, str]]:
    """Subtypes under the name of their top category; a top without subtypes stands alone."""
    known = words.categories_in_force()
    parents = {code.partition(".")[0] for code in known if "." in code}
    return [
        {"value": code, "label": _full_name(code, known)} for code in known if code not in parents
    ]


def _full_name(code: str, known: Mapping[str, str]) -> str:
    top, _, below = code.partition(".")
    joint = t("：", ": ")
    return f"{known[top]}{joint}{known[code]}" if below else known[code]


def _values(known: Business) -> dict[str, Any]:
    columns = {name: "area_code" if name == "area" else name for name in _TEXTS}
    found = {name: getattr(known, column) for name, column in columns.items()}
    return {name: value for name, value in found.items() if value}


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the API takes them: one photo, the one chosen last."""
    photos = values.get("photo") or []
    rest = {name: value for name, value in values.items() if name != "photo"}
    code = str(rest.get("credit_code", "")).strip().upper()
    coded = {"credit_code": code} if code else {}
    return {**rest, **coded, **({"photo": photos[-1]} if photos else {})}
