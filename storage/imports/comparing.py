"""A row about a known business: what it changes, and what it only disputes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from storage.city.trust import FieldTrust
from storage.imports.outcomes import Judged, Outcome, ParsedRow, Value
from storage.imports.rows import place_of
from storage.registry.businesses import Business
from storage.registry.credentials import Credential, Key
from storage.registry.statuses import MOVES

DEFAULT_SOURCE: Final = "licence"

UPDATED: Final = (
    "category", "area_code", "credit_code", "licence_number", "address", "scope",
    "person_in_charge", "phone", "lat", "lon", "flags", "status",
)  # fmt: skip
"""What a file changes on a known business; an empty cell changes nothing, a name never does."""

CREDENTIAL: Final = "credential"
"""What a row says of its licence, beside the fields of the business."""

_DISPUTED: Final = ("name", "credit_code")
"""A known business keeps these, whatever a file says; a keeper decides."""

_PERSONAL: Final = frozenset({"person_in_charge", "phone"})


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares rows of one source with the registry."""

    trust: FieldTrust
    source: str
    credentials: Mapping[Key, Credential] = field(default_factory=dict)
    """Those registered under the numbers of the rows."""

    def judged(self, entry: ParsedRow, known: Business) -> Judged:
        """Judge a row about a known business; a lower source never overwrites a higher one."""
        after: Value = {}
        conflicts: Value = {}
        for name in ("name", *UPDATED):
            value, present = entry.value[name], getattr(known, name)
            if value in (None, []) or value == present or _says_nothing(name, value):
                continue
            is_free = present in (None, [])
            if is_free or (name not in _DISPUTED and self._prevails(name, known, value)):
                after[name] = value
            else:
                conflicts[name] = {"registered": present, "proposed": value}
        if self._is_news(entry.value[CREDENTIAL], known):
            after[CREDENTIAL] = entry.value[CREDENTIAL]
        return self._outcome(entry, known, after, conflicts)

    def _is_news(self, said: Value | None, known: Business) -> bool:
        if said is None:
            return False
        former = self._former(said)
        return former is None or former.business_id != known.id or former.said() != said

    def _former(self, said: Value) -> Credential | None:
        return self.credentials.get((said["kind"], said["number"]))

    def _prevails(self, name: str, known: Business, value: Any) -> bool:
        if name == "status":
            return value in MOVES[known.status]
        return self.trust.prevails(name, self.source, (known.origins or {}).get(name))

    def _outcome(self, entry: ParsedRow, known: Business, after: Value, conflicts: Value) -> Judged:
        where, subject = place_of(entry.number), str(known.id)
        warning = "\n".join(f"{where}：{_conflict(name, conflicts[name])}" for name in conflicts)
        if not after:
            outcome: Outcome = "review" if conflicts else "same"
            kept = {"conflicts": conflicts} if conflicts else None
            return Judged(entry, outcome, subject, after=kept, warning=warning or None)
        before = {name: getattr(known, name) for name in after if name != CREDENTIAL}
        if CREDENTIAL in after:
            former = self._former(after[CREDENTIAL])
            before[CREDENTIAL] = None if former is None else former.said()
        changes = "；".join(_change(name, before[name], value) for name, value in after.items())
        message = f"{where} {known.name}：{changes}"
        before["origins"] = known.origins
        if conflicts:
            after = {**after, "conflicts": conflicts}
        return Judged(entry, "changed", subject, before, after, message, warning or None)


def _says_nothing(name: str, value: Any) -> bool:
    # A shop that closed stays in the lists for long: only that it was deregistered is news.
    return name == "status" and value != "deregistered"


def _conflict(name: str, both: Value) -> str:
    if name in _PERSONAL:
        return (
            f"与登记的 {name} 冲突，保留登记内容，请核对 (conflict, the registered one is kept)。"
        )
    words = {"name": "名称", "credit_code": "信用代码"}
    return (
        f"与登记{words.get(name, f'的 {name} ')}冲突：文件为“{both['proposed']}”，"
        f"登记为“{both['registered']}”，保留登记内容，请核对"
        " (conflict, the registered one is kept)。"
    )


def _change(name: str, before: Any, after: Any) -> str:
    if name == CREDENTIAL:
        until = after["valid_to"] or "—"
        return f"证照 {after['number']} 有效期至 {until} (credential, valid to)"
    # Who is in charge and their phone are for staff at work, not for a terminal's log (R10).
    if name in _PERSONAL:
        return f"{name} 已更新 (updated)"
    return f"{name} {before or '—'} → {after}"
