"""Pages of long work: started, watched, cancelled; nobody else's is shown."""

import pytest

from api.operating import kinds
from tests.long_work import run_waiting
from tests.web.town import Town


def run_all(town: Town) -> int:
    """What the scheduler does once a second."""
    made = town.composition
    return run_waiting(made.database, kinds(made), made.clock)


def test_long_work_is_started_on_its_page_and_shows_what_came_of_it(town: Town) -> None:
    town.file()
    visitor = town.visitor("supervisor")
    sent = visitor.submit("/operations", on="/operations", kind="verify_case_files")
    assert sent.status_code == 303

    page = sent.headers["Location"]
    waiting = visitor.page(page)
    assert "等待执行" in waiting
    assert 'http-equiv="refresh"' in waiting
    run_all(town)

    done = visitor.page(page)
    assert "已核验 1 件案卷，0 件不完整。" in done
    assert 'http-equiv="refresh"' not in done
    assert "核验全部案卷" in visitor.page("/operations")


def test_work_is_cancelled_on_its_page(town: Town) -> None:
    visitor = town.visitor("supervisor")
    page = visitor.submit("/operations", on="/operations", kind="verify_case_files").headers[
        "Location"
    ]

    visitor.submit(f"{page}/cancel", on=page)

    assert "已取消" in visitor.page(page)
    assert run_all(town) == 0


@pytest.mark.parametrize("who", ["grid_member", "business"])
def test_who_may_start_nothing_is_led_to_no_long_work(town: Town, who: str) -> None:
    made = town.visitor("supervisor").submit(
        "/operations", on="/operations", kind="verify_case_files"
    )
    visitor = town.visitor(who)

    assert "/operations" not in visitor.page("/home")
    assert visitor.get(made.headers["Location"]).status_code == 404
