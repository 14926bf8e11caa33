"""Merges and decisions about businesses: who may, and what is on file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotAllowed, Refused
from storage.moments import in_china
from storage.people.actors import Actor
from storage.registry import businesses, evidence, missing, names, placing, reviews, statuses
from storage.registry.businesses import Business
from storage.registry.evidence import BusinessChange
from storage.registry.reviews import Review

KEEPER: Final = "registry_keeper"
PERSON: Final = "person"
_UNMERGED_WITHIN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Acts on the registry of one person, inside the transaction of the caller."""

    session: Session
    actor: Actor
    now: datetime

    def decide(self, review_id: int, choice: str) -> Review:
        """Decide a question: 1 keeps what is registered, 2 takes the proposal.

        For a possible duplicate 1 says two businesses, 2 merges the newer into the older. Of one
        gone from its source 2 says that it may have closed, for somebody to look; never more.

        Raises:
            Refused: it was decided already.
        """
        self._require_keeper()
        item = reviews.get_review(self.session, review_id)
        if item.state != "open":
            message = "这个事项已经核对过了。"
            raise Refused(message, code="review_decided")
        if choice == "2" and item.kind == "conflict" and item.field is not None:
            known = businesses.get_business(self.session, item.business_id)
            proposed = item.proposals["proposed"]
            if item.field == "status":
                statuses.require_move(known, str(proposed))
            self.write(known, {item.field: proposed}, str(item.proposals["source"]))
        elif choice == "2" and item.kind == "duplicate" and item.other_id is not None:
            self.merge(item.other_id, item.business_id)
        elif choice == "2" and item.kind == missing.GONE:
            self._suspect(item.business_id)
        elif item.proposals.get(placing.OF_AREA):
            area, by = str(item.proposals["area_code"]), self.actor.reference
            placing.leave_to_field(self.session, area, choice, by=by, at=self.now)
        reviews.decide_review(self.session, review_id, choice, by=self.actor.reference, at=self.now)
        return reviews.get_review(self.session, review_id)

    def merge(self, business_id: int, into: int) -> Business:
        """Merge a business into another one, which answers for both from now on.

        Raises:
            Refused: one of them is merged already, or they are the same.
        """
        self._require_keeper()
        known = businesses.get_business(self.session, business_id)
        target = businesses.get_business(self.session, into)
        if known.id == target.id or known.merged_into or target.merged_into:
            message = "已经合并过，或是同一个主体，不能再合并。"
            raise Refused(message, code="merged_already", clause="R07")
        return self.write(known, {"merged_into": into}, PERSON)

    def unmerge(self, business_id: int) -> Business:
        """Take a merge back within 30 days.

        Raises:
            Refused: it is not merged, or too long ago.
        """
        self._require_keeper()
        known = businesses.get_business(self.session, business_id)
        changes = evidence.list_changes(self.session, business_id)
        merged = next((each for each in changes if each.field == "merged_into"), None)
        if known.merged_into is None or merged is None:
            message = "这个主体没有被合并。"
            raise Refused(message, code="not_merged")
        if self.now - merged.at > _UNMERGED_WITHIN:
            message = "合并已超过 30 天，不能撤销。"
            raise Refused(message, code="merged_too_long_ago")
        return self.write(known, {"merged_into": None}, PERSON)

    def write(self, known: Business, values: Mapping[str, Any], origin: str) -> Business:
        """Write fields with their source, and each change of them."""
        if not values:
            return known
        origins = {**(known.origins or {}), **dict.fromkeys(values, origin)}
        written = {**values, "origins": origins, **self._key_of(values.get("name"))}
        version = businesses.update_business(self.session, known.id, written, at=self.now)
        by = self.actor.reference
        changes = [
            BusinessChange(
                known.id, self.now, name, getattr(known, name), value, by, version=version
            )
            for name, value in values.items()
        ]
        evidence.add_changes(self.session, changes)
        now = businesses.get_business(self.session, known.id)
        if values.keys() & {"lat", "area_code", "status", "merged_into"}:
            self._settle_placed(known, now)
        return now

    def _suspect(self, business_id: int) -> None:
        """One that trades may have closed; what is known of any other stays."""
        known = businesses.get_business(self.session, business_id)
        if known.status == "operating":
            self.write(known, {"status": "suspected_ceased"}, PERSON)

    def _settle_placed(self, known: Business, now: Business) -> None:
        is_placed = placing.is_placed(lat=now.lat, area_code=now.area_code)
        placed, by = [now.id] if is_placed else [], self.actor.reference
        placing.settle_placed(self.session, placed, [known.area_code], by=by, at=self.now)

    def require_scope(self, known: Business) -> None:
        """Refuse a business outside the areas of the actor.

        Raises:
            NotAllowed: it lies outside.
        """
        if not holds(self.actor, known):
            message = "这个主体不在您的区域内。"
            raise NotAllowed(message)

    def _key_of(self, name: str | None) -> dict[str, str]:
        """What another name is compared by."""
        if name is None:
            return {}
        on = in_china(self.now).date()
        keys = names.keys_of_city(self.session, installed().suffixes, on=on)
        return {"name_key": keys.key(name)}

    def _require_keeper(self) -> None:
        if KEEPER not in self.actor.roles:
            message = "只有主体库管理员可以核对和合并。"
            raise NotAllowed(message)


def holds(actor: Actor, known: Business) -> bool:
    """Whether a business is of an actor's areas, who then may see its person and phone (R10)."""
    return actor.business_id == known.id or reaches(actor, known.area_code)


def reaches(actor: Actor, area: str) -> bool:
    """Whether an area lies wholly in the areas of an actor; a keeper's are the whole city."""
    return KEEPER in actor.roles or area.startswith(tuple(actor.prefixes))
