"""A shop found in the field enters the registry on the spot, licensed or not (R07)."""

from dataclasses import asdict, replace
from datetime import date

from handlers.registry.correcting import SURVEY, require_fit
from handlers.registry.keeping import KEEPER, Keeping, reaches
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import Conflict, FormInvalid, NotAllowed
from storage.moments import in_china
from storage.people.actors import Actor
from storage.people.roles import roles_that
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry import businesses, evidence, likeness, many, names, placing, reviews
from storage.registry.businesses import Business, NewBusiness
from storage.registry.evidence import BusinessChange, BusinessSource


def may_survey(actor: Actor) -> bool:
    """Whether somebody enters shops: who collects events in the field, and a keeper."""
    return bool((roles_that("collects") | {KEEPER}) & actor.roles)


def add_surveyed(keeping: Keeping, new: NewBusiness, *, photo: str | None = None) -> Business:
    """Add a shop as it was found; one that looks like another becomes a question to a keeper.

    Raises:
        NotAllowed: the posts of the actor survey nothing, or not there.
        Conflict: it is registered already.
        FormInvalid: a value a person cannot mean, or an area that is too large.
    """
    session, now = keeping.session, keeping.now
    _require_surveying(keeping.actor, new.area_code)
    require_fit(session, {**asdict(new), "photo": photo}, actor=keeping.actor)
    _require_new(session, new)
    on = in_china(now).date()
    keys = names.keys_of_city(session, installed().suffixes, on=on)
    (made,) = many.add_businesses(
        session, [replace(new, photo=photo)], keys=keys, origin=SURVEY, at=now
    )
    _keep_evidence(keeping, made, new, on)
    alike = likeness.find_duplicates(session, [made], alike_from=installed().thresholds.alike_from)
    questions = [*alike, *placing.ask_where(made, new, SURVEY)]
    reviews.add_reviews(session, questions, at=now)
    return businesses.get_business(session, made)


def _require_surveying(actor: Actor, area: str) -> None:
    if not may_survey(actor):
        message = "您的岗位不摸排食品主体。"
        raise NotAllowed(message)
    if not reaches(actor, area):
        message = "这个地点不在您的区域内。"
        raise NotAllowed(message)
    if len(area) < CODE_LENGTHS[AreaLevel.VILLAGE]:
        message = "请选到村（社区）、网格或单元。"
        english = "Choose a village, a grid or a unit."
        raise FormInvalid.at("area", message, english=english)


def _require_new(session: Session, new: NewBusiness) -> None:
    values = asdict(new)
    found = many.list_alike(session, [values]).find(values)
    if found:
        known = found[0]
        message = f"“{known.name}”已经登记（{known.id} 号），请打开那一条更正。"
        raise Conflict(message, code="business_known")


def _keep_evidence(keeping: Keeping, made: int, new: NewBusiness, on: date) -> None:
    said = {name: value for name, value in asdict(new).items() if value not in (None, [], "")}
    source = BusinessSource(SURVEY, f"{SURVEY}:{made}", said, on, None, made)
    evidence.put_sources(keeping.session, [source])
    by = keeping.actor.reference
    created = BusinessChange(made, keeping.now, "created", None, new.name, by, version=1)
    evidence.add_changes(keeping.session, [created])
