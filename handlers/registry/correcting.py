"""Corrections of a business by the trust in who makes them; what is less trusted is proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from handlers.registry.categories import categories_of
from handlers.registry.keeping import KEEPER, PERSON, Keeping
from handlers.registry.moving import move
from storage.cases.attachments import find_free
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid, Refused
from storage.moments import in_china
from storage.numbers import credit_check_sign, has_credit_code_form, is_credit_code
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.registry import evidence, reviews
from storage.registry.businesses import Business
from storage.registry.evidence import BusinessSource

DEFAULT_SOURCE: Final = "licence"
SURVEY: Final = "survey"
SELF: Final = "self"
_OWN: Final = frozenset({"photo"})
"""What is not a statement of a source: what was photographed last holds."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A business after a correction."""

    business: Business
    proposed: tuple[str, ...]
    """Fields that wait for a keeper."""


def correct(
    keeping: Keeping, known: Business, values: Mapping[str, Any], *, base_version: int | None = None
) -> Corrected:
    """Correct fields; those a more trusted source stated become questions to a keeper.

    `base_version` is the version the caller has seen, perhaps long ago and without a signal: a
    field changed since by somebody else becomes a question as well.

    Raises:
        NotAllowed: the business lies outside the areas of the actor.
        Refused: it is merged into another one, or its status does not move this way.
        FormInvalid: the credit code, the category, the position or the photo is wrong.
    """
    keeping.require_scope(known)
    _require_unmerged(known)
    require_fit(keeping.session, values, actor=keeping.actor)
    apart = ("status", "document")
    fields = {name: value for name, value in values.items() if name not in apart}
    changed = {name: value for name, value in fields.items() if value != getattr(known, name)}
    source = source_of(keeping.actor, known)
    touched = _touched(keeping.session, known, base_version)
    proposed = tuple(
        name
        for name in changed
        if name not in _OWN and (name in touched or not _prevails(known, name, source))
    )
    _propose(keeping, known, {name: changed[name] for name in proposed}, source)
    if source != PERSON and changed:
        _keep_source(keeping, known, changed, source)
    taken = {name: value for name, value in changed.items() if name not in proposed}
    written = keeping.write(known, taken, source)
    status = str(values.get("status", known.status))
    if status != known.status:
        written = move(keeping, written, status, values.get("document"))
    return Corrected(written, proposed)


def source_of(actor: Actor, known: Business) -> str:
    """Return which source a correction counts as.

    A keeper and the department are a person's word; assistants survey; a business only proposes.
    """
    if actor.business_id == known.id:
        return SELF
    is_department = any(ROLES[role].capacity == "enforcement" for role in actor.roles)
    return PERSON if KEEPER in actor.roles or is_department else SURVEY


def require_fit(session: Session, values: Mapping[str, Any], *, actor: Actor) -> None:
    """Refuse what a person cannot mean: a wrong digit, no such category, a place elsewhere.

    Raises:
        FormInvalid: with the field.
    """
    _require_code(values.get("credit_code"))
    _require_category(session, values.get("category"))
    _require_position(values.get("lat"), values.get("lon"))
    photo = values.get("photo")
    if photo is not None and not find_free(session, [photo], uploaded_by=actor.id):
        message = "照片不存在，或不是您上传的。请重新上传。"
        english = "There is no such photo of yours; upload it again."
        raise FormInvalid.at("photo", message, english=english)


def _require_unmerged(known: Business) -> None:
    if known.merged_into is not None:
        message = f"这个主体已合并到 {known.merged_into} 号，请更正那一条。"
        raise Refused(message, code="merged_already")


def _require_code(code: str | None) -> None:
    if code is None or is_credit_code(code):
        return
    if has_credit_code_form(code):
        sign = credit_check_sign(code[:-1])
        message = f"统一社会信用代码的最后一位应为 {sign}，请核对每一位。"
        english = f"The last sign of this credit code should be {sign}; check every sign."
    else:
        message = "统一社会信用代码应为 18 位数字和大写字母，不含 I、O、S、V、Z，请核对每一位。"
        english = "A credit code has 18 signs, digits and capitals without I, O, S, V, Z."
    raise FormInvalid.at("credit_code", message, english=english)


def _require_category(session: Session, code: str | None) -> None:
    if code is not None and categories_of(session).find(code) != code:
        message = f"没有类别“{code}”，请从列表里选。"
        english = "There is no such category; choose one of the list."
        raise FormInvalid.at("category", message, clause="R11", english=english)


def _require_position(lat: float | None, lon: float | None) -> None:
    bounds = installed().bounds
    if lat is not None and lon is not None and not bounds.hold(lat, lon):
        swapped = "，纬度和经度填反了吗" if bounds.hold(lon, lat) else ""
        message = f"位置（{lat}，{lon}）不在本市范围内{swapped}。"
        english = "This position lies outside the city."
        raise FormInvalid.at("location", message, english=english)


def _touched(session: Session, known: Business, base_version: int | None) -> set[str]:
    if base_version is None or base_version >= known.version:
        return set()
    return evidence.list_touched(session, known.id, since=base_version)


def _prevails(known: Business, name: str, source: str) -> bool:
    if source == SELF:
        return False
    if getattr(known, name) in (None, [], ""):
        return True
    # A row older than the record of sources came from the licence register.
    stated_by = (known.origins or {}).get(name, DEFAULT_SOURCE)
    return installed().trust.prevails(name, source, stated_by)


def _propose(keeping: Keeping, known: Business, values: Mapping[str, Any], source: str) -> None:
    questions = [
        reviews.conflict(
            known.id, name, {"registered": getattr(known, name), "proposed": value}, source=source
        )
        for name, value in values.items()
    ]
    if questions:
        reviews.add_reviews(keeping.session, questions, at=keeping.now)


def _keep_source(keeping: Keeping, known: Business, values: Mapping[str, Any], kind: str) -> None:
    on = in_china(keeping.now).date()
    external = f"{kind}:{known.id}"
    said = {
        source.external_id: source.payload
        for source in evidence.list_sources(keeping.session, known.id)
    }
    payload = {**said.get(external, {}), **values}
    source = BusinessSource(kind, external, payload, on, None, known.id)
    evidence.put_sources(keeping.session, [source])
