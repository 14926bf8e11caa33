"""The check agrees with every way through the real engine, on random diagrams.

`make differential` judges a thousand. What the check calls sound, the engine must carry to an end;
the other way it is stricter in two places, where SpiffWorkflow is milder than BPMN: a parallel
gateway with a loop back into it waits for ever, while the engine goes on because no other token can
come; and a parallel split that two tokens come to opens what follows twice, the engine once.
"""

import os

from tests.engine.check.differential.verdicts import verdicts

_SHARE = 80


def test_no_diagram_called_sound_is_stuck_or_endless_in_the_engine() -> None:
    judged, alarms = 0, []
    for seed in range(int(os.environ.get("HANGJI_DRAWINGS", _SHARE))):
        found = verdicts(seed)
        if found is None:
            continue
        check, engine, why = found
        judged += 1
        assert (check, engine) != ("sound", "unsound"), f"{seed}: {why}"
        assert check != "unproved", f"{seed} is small enough to be decided"
        if (check, engine) == ("unsound", "sound"):
            alarms.append((seed, why))

    assert judged > _SHARE // 2
    assert all("join_waits" in why or "two_tokens" in why for _, why in alarms), alarms
