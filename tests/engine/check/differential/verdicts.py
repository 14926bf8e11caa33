"""The verdict of the check beside that of every way through the real engine."""

from typing import Final, Literal

from engine.check import Policies, check_bundle
from tests.engine.check.differential.brute import Brute
from tests.engine.check.differential.drawings import drawn

Verdict = Literal["sound", "unsound", "unproved"]

_SOUNDNESS: Final = frozenset(
    {
        "join_waits",
        "two_tokens",
        "no_end_reached",
        "livelock",
        "side_branch",
    }
)
_OTHER_MATTERS: Final = frozenset(
    {
        "label",
        "lane",
        "phase",
        "deadline",
        "idle_gateway",
        "task_count",
        "unknown_name",
        "kind",
        "side_end",
        "error_end",
    }
)
CHOICES_AT_MOST: Final = 4


def verdicts(seed: int) -> tuple[Verdict, Verdict, str] | None:
    """Of the check, of the engine, and why; None where one of them cannot be asked."""
    one = drawn(seed)
    if len(one.picks) > CHOICES_AT_MOST:
        return None
    found = check_bundle(
        one.files, policies=Policies(), functions={"p": {}, "sub": {}}, declared={}
    )
    rules = {finding.rule for finding in found if finding.severity == "error"}
    if rules - _SOUNDNESS - _OTHER_MATTERS:
        return None
    unproved = any(finding.rule == "unproved" for finding in found)
    faults = Brute(one).faults_found()
    if faults is None:
        return None
    said: Verdict = "unsound" if rules & _SOUNDNESS else "unproved" if unproved else "sound"
    return said, "unsound" if faults else "sound", f"{sorted(rules & _SOUNDNESS)} {sorted(faults)}"
