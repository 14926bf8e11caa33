"""`python -m tests.fault.catalogue [--scenarios]`: seeded faults of the shipped set.

The check judges each of them, and with `--scenarios` those it lets pass are played.

The generator is `tests/cases/analysts/mutants.py`; what is left unnoticed, and why, stands in
`docs/mutants.md`. Prints the shares, and ends with 1 when a class the check decides has a gap.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from api.composition import handler_modules
from engine.binding import collect
from engine.check import Finding, check_bundle
from handlers.policy import POLICIES
from tests.cases.analysts import mutants
from tests.engine.check.test_shipped import shipped
from tests.fault.rehearsed import Rehearsals

FUNCTIONS: Final = collect(handler_modules())
FILES: Final = shipped()

NO_FAULT: Final = {
    "terminate_added": "only one token can be there",
    "variable_not_declared": "the functions declare what they give",
    "drop_beside": "a task may allow less; the diff shows it",
    "drop_withdrawable": "a task may allow less; the diff shows it",
    "drop_returnable": "a task may allow less; the diff shows it",
    "drop_not_by": "the function refuses the act all the same, only later; the diff shows it",
    "removed_merge": "the lines run into the split behind it, which merges as well",
}
"""Operators whose mutants are other drawings and not wrong ones."""

AS_RIGHT: Final = {
    ("redirect_flow", "handle_at_city_to_left_a_level -> is_it_over"): "it skips a merge only",
    ("decision_input_typo", "relay_deadline.level=village_centere"): "that row asks no level",
    ("decision_input_dropped", "relay_deadline.level"): "that row asks no level",
    ("mi_property_removed", "posts"): "the engine finds the list by its name",
    ("dmn_hit_policy", "FIRST"): "no two rows overlap",
    ("form_field_renamed", "measuresx"): "nothing reads it; it is on file by its new name",
    ("form_field_renamed", "remarkx"): "nothing reads it; it is on file by its new name",
    ("form_option_renamed", "measure: no_violationx"): "nothing tells it apart",
    ("form_option_renamed", "channel: hotlinex"): "nothing tells it apart",
    ("form_option_renamed", "delivered_by: posted_upx"): "nothing tells it apart",
    ("lane_name_typo", "lane_marker"): "its id names the function; the name is a label",
    ("lane_name_typo", "lane_keeper"): "its id names the function; the name is a label",
    ("lane_name_typo", "lane_reviewer"): "its id names the function; the name is a label",
    ("lane_name_typo", "lane_quota_unit"): "its id names the function; the name is a label",
}
"""Single mutants that do the same as before."""

TOLD_BY_SCENARIOS: Final = frozenset(
    {
        "condition_negated",
        "conditions_swapped",
        "default_swapped_cleanly",
        "mi_sequential",
    }
)
"""Operators after which a drawing means something else and is still correct.

Which answer goes which way, and whether people answer at once or in turn, is what the author
means. Where labels say it the check notices; these are counted among all faults only.
"""


WARNED: Final = "not_drawn"
"""A step that is taken out leaves its function behind: a warning, and the shipped set has none."""


def refuses(finding: Finding) -> bool:
    """Whether nothing is published, or only once a named person accepts it by name."""
    return finding.severity == "error" or finding.is_to_accept or finding.rule == WARNED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check said of one mutant."""

    operator: str
    file: str
    what: str
    is_error: bool
    is_named: bool

    @property
    def is_fault(self) -> bool:
        """Whether the mutant is wrong at all."""
        is_same = (self.operator, self.what) in AS_RIGHT
        # The chase table is asked for all its rows, whatever its hit policy.
        is_chase = self.operator == "dmn_hit_policy" and self.file == "chase.dmn"
        return not (self.operator in NO_FAULT or is_same or (is_chase and self.what == "COLLECT"))

    @property
    def is_static(self) -> bool:
        """Whether the files alone say that it is wrong."""
        return self.is_fault and self.operator not in TOLD_BY_SCENARIOS


def check(files: dict[str, bytes]) -> list[Finding]:
    """The check as `hangji check` runs it."""
    return check_bundle(
        files,
        policies=POLICIES,
        functions=FUNCTIONS.table(),
        declared=FUNCTIONS.declared(),
    )


def is_untouched(file: str, text: str) -> bool:
    """Whether an operator wrote what was there before, such as "any" into a cell that was so."""
    if file.endswith(".json"):
        return bool(json.loads(text) == json.loads(FILES[file]))
    return etree.canonicalize(text) == etree.canonicalize(FILES[file].decode())


def judged(every: int = 1) -> Iterator[Verdict]:
    """The verdict on every mutant of the catalogue, or on a fixed sample of them."""
    for operator, file, what, expected, text, _ in mutants.catalogue()[::every]:
        if is_untouched(file, text):
            continue
        found = check({**FILES, file: text.encode()})
        is_refused = any(map(refuses, found))
        named = is_refused and any(mutants.right(one, file, expected) for one in found)
        yield Verdict(operator, file, what, is_refused, named)


def rehearsed(silent: list[Verdict]) -> list[Verdict]:
    """Those of them that no scenario notices either."""
    rehearsals = Rehearsals()
    texts = {
        (operator, file, what): (text, set(expected))
        for operator, file, what, expected, text, _ in mutants.catalogue()
    }
    return [
        one
        for one in silent
        if not rehearsals.notice(one.file, *texts[one.operator, one.file, one.what])
    ]


def main(arguments: list[str]) -> int:
    """Judge all of them and print the shares."""
    verdicts = list(judged())
    faults = [one for one in verdicts if one.is_fault]
    static = [one for one in verdicts if one.is_static]
    for name, among in (("faults", faults), ("decided by the files", static)):
        caught = sum(one.is_error for one in among)
        named = sum(one.is_named for one in among)
        shares = f"caught {caught / len(among):.1%}, named {named / len(among):.1%}"
        say(f"{name}: {len(among)}, {shares}")
    missed = [one for one in faults if not one.is_named]
    say(f"by operator: {dict(Counter(one.operator for one in missed))}")
    for one in missed:
        say(f"{'unnamed' if one.is_error else 'silent':8} {one.operator:26} {one.file} {one.what}")
    if "--scenarios" in arguments:
        left = rehearsed([one for one in faults if not one.is_error])
        say(f"with scenarios: caught {1 - len(left) / len(faults):.1%}")
        for one in left:
            say(f"unseen   {one.operator:26} {one.file} {one.what}")
    return int(any(not one.is_error for one in static))


def say(text: str) -> None:
    """Tell who looks on."""
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
