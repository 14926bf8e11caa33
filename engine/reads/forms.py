"""Forms: what cases begin with, and one that was filled in on two sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from engine.decisions.tables import Fired
from engine.forms.merging import TOUCHED_BY_BOTH, taken_from_both, touched_by_both
from engine.reads.reading import Reading
from engine.run.access import starting_posts
from storage.processes import definitions
from storage.processes.definitions import Version

__all__ = [
    "TOUCHED_BY_BOTH",
    "Advice",
    "Sides",
    "advise",
    "compare",
    "list_advice",
    "list_published",
    "read_start_form",
]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the table named at the start event says to one combination of answers."""

    answers: Mapping[str, str]
    rule: str
    outputs: Mapping[str, Any]


def read_start_form(reading: Reading, process: str) -> dict[str, Any]:
    """The form of the start event of the version new cases take now.

    `may_start` is whether the actor may start a case of the process directly.
    """
    definition = reading.runner.published(reading.session, process)
    posts = [] if reading.someone is None else starting_posts(definition, reading.someone)
    document = definition.form(definition.start.id).document()
    return {**document, "may_start": bool(posts)}


def advise(reading: Reading, process: str, answers: Mapping[str, str]) -> Fired | None:
    """Ask the table that advises before a case of the process is started."""
    definition = reading.runner.published(reading.session, process)
    name = definition.start.advice
    return None if name is None else definition.decision(name).decide(answers)


def list_advice(reading: Reading, process: str) -> list[Advice]:
    """What that table says to every combination of answers the start form offers."""
    definition = reading.runner.published(reading.session, process)
    if definition.start.advice is None:
        return []
    table = definition.decision(definition.start.advice)
    document = definition.form(definition.start.id).document()
    asked = {
        field["name"]: [option["value"] for option in field["options"]]
        for field in document["fields"]
        if field["name"] in table.names_read()
    }
    combined = (dict(zip(asked, values, strict=True)) for values in product(*asked.values()))
    decided = ((answers, table.decide(answers)) for answers in combined)
    return [
        Advice(answers, fired.rule_id, fired.outputs)
        for answers, fired in decided
        if fired is not None
    ]


def list_published(reading: Reading) -> list[tuple[Version, str, bool]]:
    """The version of every process new cases take now, its label, and whether one may start it."""
    startable = []
    for version in definitions.list_published(reading.session, at=reading.now):
        definition = reading.definition(version.digest)
        label = definition.diagrams[version.process_id].label
        startable.append((version, label, bool(starting_posts(definition, reading.actor))))
    return startable


@dataclass(frozen=True, slots=True)
class Sides:
    """The fields both sides changed, and every field from the side that touched it."""

    touched: list[str]
    taken: dict[str, Any]


def compare(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Sides:
    """Compare two fillings that started from `base`; `taken` has mine where both changed one."""
    return Sides(touched_by_both(base, mine, theirs), taken_from_both(base, mine, theirs))
