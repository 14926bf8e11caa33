"""When a notification leaves: a reminder is in time, or it is none."""

from datetime import datetime, time

import pytest

from storage.delivery.notices import NoticeHours, NoticeKind, goes_out_at
from storage.moments import CHINA

HOURS = NoticeHours(time(21, 30), time(7), (time(8, 30), time(16, 30)))
DIGEST = NoticeKind("chase_remind", "催办提醒", "Reminder", weight="digest")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "due", "leaves"),
    [
        (at(2, 9), None, at(2, 16, 30)),
        (at(2, 9), at(2, 18), at(2, 16, 30)),
        (at(2, 9), at(2, 16, 30), at(2, 9)),
        (at(2, 9), at(2, 11), at(2, 9)),
        (at(2, 20), at(2, 22, 24), at(2, 20)),
        # In the quiet hours it waits for their end, not for the digest after it.
        (at(2, 23), at(3, 8), at(3, 7)),
        # What is late already was not reminded of in time by going out now.
        (at(2, 9), at(2, 8), at(2, 16, 30)),
    ],
)
def test_a_reminder_does_not_wait_for_a_digest_after_its_limit(
    now: datetime, due: datetime | None, leaves: datetime
) -> None:
    assert goes_out_at(DIGEST, HOURS, now, due_at=due) == leaves
