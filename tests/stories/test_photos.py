"""Photos of what was found and of what was put right, in one case file."""

import pytest

from tests.stories.pictures import upload
from tests.stories.world import World


def test_photos_before_and_after_stand_in_the_case(world: World) -> None:
    """R38, R42: photos before and after are linked."""
    before = upload(world, "grid_member", 10)
    number = world.file(no_photo_reason=None, photos=[before])
    after = upload(world, "grid_member", 200)

    world.resolve(number, "grid_member", photos_after=[after])

    assert set(world.case(number)["photos"]) == {before, after}
    (resolved,) = [
        note
        for note in world.notes(number, "task_completed")
        if note["task"] == "resolve_or_pass_up"
    ]
    assert resolved["form"]["photos_after"] == [after]


@pytest.mark.parametrize("photos", [["no-such-photo"], []])
def test_a_photo_nobody_uploaded_is_refused(world: World, photos: list[str]) -> None:
    """R38: a photo or a reason."""
    answer = world.filing("grid_member", no_photo_reason=None, photos=photos)

    assert answer.status_code == 422
    assert any(error["pointer"].startswith("/photos") for error in answer.get_json()["errors"])


def test_a_photo_of_another_case_or_of_somebody_else_is_refused(world: World) -> None:
    """R38, R44: a photo stands in one case file."""
    taken = upload(world, "grid_member")
    world.file(no_photo_reason=None, photos=[taken])
    of_another = upload(world, "station")

    answers = [
        world.filing("grid_member", no_photo_reason=None, photos=[one])
        for one in (taken, of_another)
    ]

    assert [answer.status_code for answer in answers] == [422, 422]


def test_a_citizen_sends_photos_without_signing_in(world: World) -> None:
    """R48, A7."""
    photo = upload(world, None)

    number = world.report(photos=[photo])

    assert world.case(number)["photos"] == [photo]
