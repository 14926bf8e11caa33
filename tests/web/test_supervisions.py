"""Supervised handling on the pages: asked with a day, seen, answered, listed, ended (督办)."""

import re

from engine.delivery.channels import LogChannel, Notices
from tests.delivering import deliver_due
from tests.web.town import Town, Visitor, words

PATH = "/supervisions"


def supervised(town: Town, **more: str) -> str:
    number = town.file()
    path = f"/cases/{number}"
    fields = {"text": "请说明为何未办", "answer_by": "2026-03-04", **more}
    town.visitor("supervisor").submit(f"{path}/supervise", on=path, **fields)
    return number


def counts_on(page: str) -> dict[str, int]:
    """The counts on the tabs of the list, by the state they lead to."""
    tabs = re.findall(r'state=(\w+)"[^>]*>(.*?)</a>', page, flags=re.DOTALL)
    return {state: int(re.sub(r"\D", "", words(tab)) or 0) for state, tab in tabs}


def listed(visitor: Visitor, state: str) -> list[str]:
    """The cases of a list, after the count on its tab was compared with it."""
    page = visitor.page(f"{PATH}?state={state}")
    numbers = re.findall(r'<strong><a href="/cases/(\d+)"', page)
    assert counts_on(page)[state] == len(numbers)
    return numbers


def test_the_holder_sees_the_day_on_card_task_and_case_and_answers_from_the_task(
    town: Town,
) -> None:
    number = supervised(town)
    task = f"/tasks/{town.task(number)}"
    holder, boss = town.visitor("grid_member"), town.visitor("supervisor")

    seen = [holder.page(path) for path in ("/inbox", task, f"/cases/{number}")]
    back = holder.submit(
        f"/cases/{number}/answer_supervision",
        on=task,
        text="店主外出，明早到店",
        task=task.removeprefix("/tasks/"),
    )
    answered = holder.page("/inbox")

    deliver_due(town.composition.database, {"notice": Notices(LogChannel())}, town.clock)
    told = [words(reader.page("/messages")) for reader in (holder, boss)]

    assert all("督办 03-04 前答复" in page for page in seen)
    assert "请说明为何未办，03-04 周三 前答复" in told[0]
    assert "督办已答复：店主外出，明早到店 2026" in told[1]
    assert "请说明为何未办" in seen[1]
    assert back.headers["location"].startswith(f"{task}?done=answer_supervision")
    assert "督办 已答复" in answered
    assert "店主外出，明早到店" in boss.page(f"/cases/{number}")
    assert listed(boss, "answered") == listed(boss, "given") == [number]
    assert listed(boss, "waiting") == []


def test_it_is_ended_with_a_word_and_is_pinned_until_then(town: Town) -> None:
    number = supervised(town)
    boss, path = town.visitor("supervisor"), f"/cases/{number}"

    before = boss.page(path)
    boss.submit(f"{path}/end_supervision", on=path, text="已说明，按期办理")
    after = boss.page(path)

    assert 'class="pinned"' in before
    assert 'class="pinned"' not in after
    assert "已说明，按期办理" in after
    assert listed(boss, "ended") == [number]


def test_a_day_that_has_passed_is_refused_where_it_was_typed_and_nothing_is_lost(
    town: Town,
) -> None:
    number = town.file()
    boss, path = town.visitor("supervisor"), f"/cases/{number}"

    answer = boss.submit(
        f"{path}/supervise", on=path, text="请说明为何未办", answer_by="2026-02-01"
    )
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert "答复日期已经过去" in page
    assert "请说明为何未办</textarea>" in page
    assert listed(boss, "given") == []


def test_many_are_supervised_at_once_and_each_has_its_result(town: Town) -> None:
    """As cases are chased: the form names them and who reads it, then each has its result."""
    first, second, closed = (town.file() for _ in range(3))
    boss = town.visitor("supervisor")
    query = "&".join(f"case={number}" for number in (first, second, closed))
    form = f"/boards/supervise?{query}"
    shown = boss.page(form)
    town.ask(
        "POST", f"/cases/{closed}/merge", "supervisor", json={"into": first, "reason": "同一件"}
    )

    page = boss.submit(
        "/boards/supervise",
        on=form,
        case=[first, second, closed],
        text="请答复",
        answer_by="2026-03-05",
    ).get_data(as_text=True)

    assert "督办 3 件" in words(shown)
    assert "已督办 2 件" in words(page)
    assert "案件已经办结" in page
    assert sorted(listed(boss, "waiting")) == sorted([first, second])


def test_the_home_of_who_asked_counts_answers_that_are_waited_for_and_late(town: Town) -> None:
    """Each of the two numbers opens its list; a smaller area has neither."""
    for _ in range(2):
        supervised(town)
    later = supervised(town, answer_by="2026-03-09")
    town.wait_until(town.clock.now().replace(day=5))
    boss = town.visitor("supervisor")

    home = boss.page("/home")

    ((waiting, late),) = re.findall(
        r'我的督办待答复</span><span class="number-line"><b>(\d+)</b>.*?逾期未答复 (\d+) 件',
        home,
        re.DOTALL,
    )
    assert [int(waiting), int(late)] == [len(listed(boss, "waiting")), len(listed(boss, "late"))]
    assert listed(boss, "waiting") == [later]
    assert "我的督办待答复" not in boss.page("/home?area=350322")


def test_an_answered_supervision_is_named_on_the_home_until_it_is_ended(town: Town) -> None:
    number = supervised(town)
    task, act = f"/tasks/{town.task(number)}", f"/cases/{number}/answer_supervision"
    town.visitor("grid_member").submit(act, on=task, text="今天去")
    boss = town.visitor("supervisor")

    assert "已答复待办结 1 件" in boss.page("/home")
    assert listed(boss, "answered") == [number]
