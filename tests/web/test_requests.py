"""Answering what was asked beside a case: one's own question, in its own words."""

from tests.web.town import Town, words

COUNTY = "county:J-350322"
OF_MEAT = "这批肉算不算私宰"
FOR_TIME = "等检疫结果"


def ask_both(town: Town) -> tuple[str, str, str]:
    """The station asks the county for advice, then for more time: number, both tasks."""
    number = town.file()
    town.reach_the_station(number)
    own = f"/tasks/{town.task(number)}"
    question = {"posts": [COUNTY], "question": OF_MEAT}
    town.ask("POST", f"{own}/consult", "station_officer", json=question)
    town.ask("POST", f"{own}/extend", "station_officer", json={"reason": FOR_TIME})
    tasks = town.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
    advice, time = sorted(
        (task for task in tasks if task["process"] == "side_task"), key=lambda task: task["id"]
    )
    return number, f"/tasks/{advice['id']}", f"/tasks/{time['id']}"


def test_each_of_two_requests_of_a_case_shows_its_own_question(town: Town) -> None:
    _, advice, time = ask_both(town)
    county = town.visitor("county_officer")

    of_advice, of_time = words(county.page(advice)), words(county.page(time))
    listed = words(county.page("/inbox"))

    assert (OF_MEAT in of_advice, FOR_TIME in of_advice) == (True, False)
    assert (OF_MEAT in of_time, FOR_TIME in of_time) == (False, True)
    assert "演示市管所01请您会商" in of_advice
    assert "演示市管所01申请延期" in of_time
    assert ("答复会商" in listed, "批准延期" in listed) == (True, True)


def test_a_task_says_that_its_request_for_more_time_is_not_decided_yet(town: Town) -> None:
    """In its row and on its page until the answer; a request for advice is none for time."""
    number, advice, time = ask_both(town)
    county, station = town.visitor("county_officer"), town.visitor("station_officer")
    tasks = town.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
    own = next(f"/tasks/{task['id']}" for task in tasks if task["process"] != "side_task")

    def marked() -> list[bool]:
        return ["延期待批" in words(station.page(path)) for path in ("/inbox", own)]

    while_asked = marked()
    county.submit(time, opinion="disagree", reply="期限内可以办完")
    after_that = marked()

    assert (while_asked, after_that) == ([True, True], [False, False])
    assert "延期待批" not in words(county.page(advice))


def test_more_time_is_decided_on_knowing_both_dates(town: Town) -> None:
    """The limit of the station and what it would become; nothing of it on other requests."""
    _, advice, time = ask_both(town)
    county = town.visitor("county_officer")

    of_advice, of_time = words(county.page(advice)), words(county.page(time))

    assert "现在的期限 2026-03-11 23:59 申请延到 2026-03-20 23:59" in of_time
    assert "批准延期 期限延到 2026-03-20 23:59" in of_time
    assert "不批准 期限仍是 2026-03-11 23:59" in of_time
    assert "延到" not in of_advice
    assert "批准" not in of_advice


def test_the_file_calls_each_answer_by_what_was_asked(town: Town) -> None:
    number, advice, time = ask_both(town)
    county = town.visitor("county_officer")

    county.submit(time, opinion="disagree", reply="期限内可以办完")
    county.submit(advice, opinion="agree")
    file = words(county.page(f"/cases/{number}"))

    assert "批准延期 不批准" in file
    assert "答复会商 同意" in file
    assert "延期审批：不批准" in file


def test_a_colleague_of_the_own_office_is_chosen_by_name_and_post(town: Town) -> None:
    """R69: the page offers who else holds the post; the file says who was asked."""
    number = town.file()
    town.reach_the_station(number)
    task = town.task(number)
    station = town.visitor("station_officer")
    choices = words(station.page(f"/tasks/{task}")).partition("请本岗同事")[2]
    (colleague,) = town.ask("GET", f"/tasks/{task}/colleagues", "station_officer")["own_office"]

    then = station.submit(
        f"/tasks/{task}/beside",
        on=f"/tasks/{task}",
        kind="consult",
        posts=f"officer:{colleague['id']}",
        reason=OF_MEAT,
    )
    told = words(station.page(then.headers["Location"]))

    assert choices.startswith(" 演示市管所02 枫亭市场监管所")
    assert "已请演示市管所02会商" in told
    assert "答复会商" in words(town.visitor("station_officer2").page("/inbox"))
    assert "演示市管所02" in words(station.page(f"/cases/{number}")).partition("协办会商")[2]
