"""Work asked of other posts beside the owner."""

from datetime import timedelta
from typing import Any

import pytest

from engine.contract import FormInvalid
from handlers.handling import side_task
from tests.build import MORNING
from tests.handlers.scene import Scene, kinds


def asked(scene: Scene, **form: Any) -> dict[str, Any]:
    given = {
        "side_kind": "assist",
        "posts": [scene.post("grid_member")],
        "question": "请到现场督促整改",
        "side_due_at": (MORNING + timedelta(days=2)).isoformat(),
        **form,
    }
    return side_task.side_task_asked(scene.case(), given, officer=scene.people["station"])


def test_assistance_may_be_asked_of_lower_levels(scene: Scene) -> None:
    """R27: work, never ownership."""
    assert asked(scene) == {
        "side_kind": "assist",
        "side_result": "",
        "answers": {},
        "extension_by": None,
    }


def test_an_unknown_post_is_refused(scene: Scene) -> None:
    with pytest.raises(FormInvalid) as caught:
        asked(scene, posts=["station:ST-nowhere"])

    assert [pointer for pointer, _ in caught.value.errors] == ["/posts"]


def test_an_answer_cannot_be_due_in_the_past(scene: Scene) -> None:
    with pytest.raises(FormInvalid) as caught:
        asked(scene, side_due_at=MORNING.isoformat())

    assert [pointer for pointer, _ in caught.value.errors] == ["/side_due_at"]


def test_each_post_answers_under_its_own_name(scene: Scene) -> None:
    case = scene.case({"named_post": scene.post("county")})

    answer = side_task.answer(case, {"opinion": "agree"}, officer=scene.people["county"])

    assert answer == {"answers": {scene.post("county"): "agree"}}


@pytest.mark.parametrize(
    ("kind", "answers", "result"),
    [
        ("countersign", ["agree", "agree"], "agreed"),
        ("countersign", ["agree", "disagree"], "refused"),
        ("extension", ["agree"], "agreed"),
        ("extension", ["disagree"], "refused"),
        ("assist", ["disagree"], "answered"),
        ("consult", ["agree", "disagree"], "answered"),
    ],
)
def test_countersigning_and_extending_need_everybodys_consent(
    scene: Scene, kind: str, answers: list[str], result: str
) -> None:
    """Flows, side_task: countersign = all must agree."""
    given = {f"post:{place}": opinion for place, opinion in enumerate(answers)}
    case = scene.case({"side_kind": kind, "answers": given})

    assert side_task.record_answers(case) == {"side_result": result}
    assert case.is_granted == (kind == "extension" and result == "agreed")
    assert kinds(case) == ["side_task_recorded"]
