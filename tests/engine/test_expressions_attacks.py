"""Every attack in every place that is evaluated: refused, nothing ran, nothing changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.check import check_bundle
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.attacks import ATTACKS, CODE, PLACES


@pytest.mark.parametrize("place", PLACES)
def test_every_attack_is_refused(place: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    command = [sys.executable, "-m", "tests.engine.attacks", place, str(canary)]
    done = subprocess.run(command, capture_output=True, check=True)  # our own program

    outcomes = json.loads(done.stdout)

    assert outcomes == dict.fromkeys(ATTACKS, "refused")
    assert not canary.exists()


@pytest.mark.parametrize("attack", [*CODE, "x = 1"])
@pytest.mark.parametrize("where", ["scriptTask", "preScript", "postScript"])
def test_scripts_are_refused_wherever_they_are_written(where: str, attack: str) -> None:
    script = f"<spiffworkflow:{where}>{d.escape(attack)}</spiffworkflow:{where}>"
    task = d.user("compute", d.extension(script))
    if where == "scriptTask":
        task = d.element(where, "compute", f"<bpmn:script>{d.escape(attack)}</bpmn:script>")
    body = d.start() + task + d.end() + d.path("reported", "compute", "closed")

    findings = check_bundle({"p.bpmn": d.diagram(body)}, policies=POLICIES)

    assert ("script", "compute") in {(finding.rule, finding.element) for finding in findings}
