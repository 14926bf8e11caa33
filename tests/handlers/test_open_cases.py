"""How pressing a case is: by the most pressing of its open tasks, however they are read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations

from handlers.dashboards.open_cases import OpenFilter, cases_of, count
from storage.dashboards.open_work import WaitingTask
from tests.stories.world import MONDAY

LATE, SOON = MONDAY - timedelta(hours=5), MONDAY + timedelta(minutes=20)


@dataclass(frozen=True)
class Clocks:
    """A calendar on which every day is one of work."""

    now: datetime = MONDAY

    def step(self, task: WaitingTask) -> str:
        """Late or near."""
        return "overdue" if task.due_at < self.now else "near"

    def working_days(self, since: datetime) -> int:
        """How many days have begun."""
        return (self.now - since).days


def an_alarm(running_id: int, due_at: datetime) -> WaitingTask:
    """One of three processes beside an emergency: each counts its tasks from the same number."""
    return WaitingTask(
        running_id=running_id,
        token="13",
        case_id=24,
        task_id="acknowledge",
        label="签收告警",
        area_code="350322100001001001",
        post_id=f"post:{running_id}",
        officer_id=None,
        opened_at=MONDAY - timedelta(days=1),
        due_at=due_at,
        deadline=None,
        paused_at=None,
        chased=None,
        digest="d",
        number="2026000000247",
        title="",
        matter="X01",
        priority="urgent",
        supervised=False,
        source="grid",
        channel=None,
        case_opened_at=MONDAY - timedelta(days=1),
    )


def test_a_late_alarm_makes_its_case_late_however_its_tasks_are_read() -> None:
    alarms = [an_alarm(1, LATE), an_alarm(2, SOON), an_alarm(3, SOON)]

    for order in permutations(alarms):
        (case,) = cases_of(order, Clocks(), OpenFilter())
        assert case.step == "overdue"
        assert case.first.running_id == 1
        assert count([case], "overdue", MONDAY) == 1
