"""Merging, splitting, reopening a case and seeing its reporter, each with its place on a page."""

import re

from tests.web.town import GRID, PHONE, REPORTER, Town, a_photo, words

HERE = {"lat": 25.35, "lon": 118.7, "crs": "wgs84"}
NEARBY = {"lat": 25.3504, "lon": 118.7, "crs": "wgs84"}


def upload(town: Town, who: str) -> str:
    """A picture somebody may file with a report."""
    data = {"file": (a_photo(), "photo.jpg")}
    kind = "multipart/form-data"
    return str(town.ask("POST", "/attachments", who, data=data, content_type=kind)["id"])


def test_a_case_is_merged_into_a_nearby_one_seen_with_its_photos(town: Town) -> None:
    photo = upload(town, "grid_leader")
    original = town.file("grid_leader", location=NEARBY, photos=[photo])
    number = town.file(location=HERE)
    visitor = town.visitor("supervisor")

    page = visitor.page(f"/cases/{number}/merge")
    nothing = visitor.submit(f"/cases/{number}/merge", reason="同一件事")
    done = visitor.submit(f"/cases/{number}/merge", into=original, reason="同一家店、同一天")

    assert f'value="{original}"' in page
    assert f"/photos/{photo}" in page
    assert re.search(r"相距约 4\d 米", page)
    assert nothing.status_code == 422
    assert done.headers["Location"] == f"/cases/{original}?done=merge"
    assert town.ask("GET", f"/cases/{number}", "supervisor")["outcome"] == "duplicate"
    assert re.search(rf"合并到 <a[^>]*>{original}", visitor.page(f"/cases/{number}"))
    assert re.search(rf"合并到本案： <a[^>]*>{number}", visitor.page(f"/cases/{original}"))


def test_a_part_is_split_off_and_keeps_what_both_have_in_common(town: Town) -> None:
    number = town.file(description="许可证过期，后厨有老鼠")
    visitor = town.visitor("supervisor")
    page = visitor.page(f"/cases/{number}/split")
    whole = {"matter": "H02", "area": "350322100001001001", "no_photo_reason": "无"}

    blank = visitor.submit(f"/cases/{number}/split", reason="两件事", **whole)
    done = visitor.submit(
        f"/cases/{number}/split", reason="两件事", description="后厨有老鼠", **whole
    )

    part = done.headers["Location"].removeprefix("/cases/").removesuffix("?done=split")
    assert '<option value="350322100001001001" selected>' in page
    assert 'id="description-error"' in blank.get_data(as_text=True)
    assert town.ask("GET", f"/cases/{part}", "supervisor")["description"] == "后厨有老鼠"
    assert town.ask("GET", f"/cases/{part}", "supervisor")["links"][0]["number"] == number


def test_a_closed_case_is_reopened_on_its_page(town: Town) -> None:
    number = town.file()
    town.do(number, "grid_member", outcome="resolved", measures="已改正")
    town.do(number, "grid_leader", verify_result="passed")
    path = f"/cases/{number}"

    answer = town.visitor("supervisor").submit(f"{path}/reopen", on=path, text="又发现同样问题")

    assert answer.headers["Location"] == f"{path}?done=reopen"
    assert town.ask("GET", path, "supervisor")["status"] == "open"


def test_who_reported_is_shown_once_for_a_purpose_and_kept_nowhere(town: Town) -> None:
    number, _ = town.report(reporter={"name": REPORTER, "phone": PHONE})
    visitor, path = town.visitor("supervisor"), f"/cases/{number}"

    answer = visitor.submit(f"{path}/reporter", on=path, text="核实举报内容")
    page = answer.get_data(as_text=True)

    assert (REPORTER in page, PHONE in page) == (True, True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Kept-For" not in answer.headers
    assert REPORTER not in visitor.page(path)
    assert "核实举报内容" in visitor.page(path)


def test_who_may_not_merge_is_offered_none_of_it(town: Town) -> None:
    number = town.file()
    visitor = town.visitor("grid_member")

    page = visitor.page(f"/cases/{number}")

    for refused in ("合并到另一件", "拆出一件", "重开", "查看举报人"):
        assert refused not in page
    assert visitor.get(f"/cases/{number}/merge").status_code == 403
    assert visitor.get(f"/cases/{number}/split").status_code == 403


def test_before_submitting_the_page_says_who_has_it_next(town: Town) -> None:
    number = town.file()
    path = f"/tasks/{town.task(number)}"
    visitor = town.visitor("grid_member")
    open_form = visitor.page(path)
    csrf = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', open_form)[0]}

    blank = visitor.client.post(f"{path}/effect", data={**csrf, "outcome": "pass_up"})
    filled = {**csrf, "outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出职权"}
    seen = visitor.client.post(f"{path}/effect", data=filled).get_data(as_text=True)

    assert "填好“上报原因、理由”后" in blank.get_data(as_text=True)
    assert "交给 学士社区第1网格长：签收，期限 2026-03-03 23:59" in seen
    assert town.ask("GET", f"/cases/{number}", "supervisor")["version"] == 1


def test_the_owner_asks_waits_stops_waiting_and_writes_minutes_on_the_page(town: Town) -> None:
    """R69."""
    number = town.file()
    path = f"/tasks/{town.task(number)}"
    visitor = town.visitor("grid_member")

    visitor.submit(
        f"{path}/beside",
        on=path,
        kind="consult",
        posts="station:ST-350322100",
        reason="请提意见",
        due_at="2026-03-04T10:00",
        wait="yes",
    )
    waiting = visitor.page(path)
    visitor.submit(f"{path}/go_on", on=path)
    visitor.submit(f"{path}/minutes", on=path, participants="市管所", reason="周五复查")
    file = visitor.page(f"/cases/{number}")

    assert "您选择了等答复再办" in waiting
    assert 'id="task-form"' not in waiting
    assert 'id="task-form"' in visitor.page(path)
    assert "参加：市管所。周五复查" in file
    assert "2026-03-04 10:00" in file


def test_a_duplicate_is_picked_from_what_is_like_it_by_its_first_line(town: Town) -> None:
    """No number has to be known by heart; a typed one still counts."""
    original = town.file(matter="L07", description="后厨有老鼠", business=1)
    double = town.file(matter="L07", business=1)
    town.accept(double, "station_officer")
    path = f"/tasks/{town.task(double)}"
    officer = town.visitor("station_officer")

    form, offered = officer.page(path), officer.page(f"{path}/originals")
    officer.submit(path, outcome="duplicate", original=original)

    assert f'name="original" value="{original}"' in offered
    assert "后厨有老鼠" in offered
    assert f'hx-get="{path}/originals"' in form
    assert town.ask("GET", f"/cases/{double}", "supervisor")["outcome"] == "duplicate"


def test_where_nobody_knows_the_place_the_same_matter_of_the_grid_is_offered(town: Town) -> None:
    """Neither has a position: that is not known to be elsewhere, so it is no reason for nothing."""
    original = town.file(matter="L07", description="后厨有老鼠")
    other = town.file(matter="L02")
    double = town.file(matter="L07", area=GRID)
    officer = town.visitor("station_officer")
    town.accept(double, "station_officer")

    offered = officer.page(f"/tasks/{town.task(double)}/originals")

    assert f'name="original" value="{original}"' in offered
    assert "同一网格、同一事项" in offered
    assert other not in offered
    assert "没有找到可能是同一件的在办案件" in town.visitor("supervisor").page(
        f"/cases/{other}/merge"
    )


def test_the_last_digits_name_the_original_which_is_shown_before_sending(town: Town) -> None:
    original = town.file(matter="L07", description="后厨有老鼠", business=1)
    double = town.file(matter="L07", business=1)
    town.accept(double, "station_officer")
    path = f"/tasks/{town.task(double)}"
    officer = town.visitor("station_officer")
    csrf = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', officer.page(path))[0]}
    typed = {"outcome": "duplicate", "original": original[-4:]}

    effect = words(officer.client.post(f"{path}/effect", data={**csrf, **typed}).text)
    officer.submit(path, **typed)

    assert f"并入 {original}" in effect
    assert "后厨有老鼠" in effect
    links = town.ask("GET", f"/cases/{double}", "supervisor")["links"]
    assert [link["number"] for link in links] == [original]


def test_a_case_is_merged_by_the_last_digits_of_the_other(town: Town) -> None:
    original, double = town.file(), town.file()

    done = town.visitor("supervisor").submit(
        f"/cases/{double}/merge", other=original[-4:], reason="同一件事"
    )

    assert done.headers["Location"] == f"/cases/{original}?done=merge"


def test_who_may_not_reopen_reads_who_does(town: Town) -> None:
    number = town.file()
    open_page = words(town.visitor("grid_member").page(f"/cases/{number}"))
    town.do(number, "grid_member", outcome="resolved", measures="已改正")
    town.do(number, "grid_leader", verify_result="passed")

    closed = words(town.visitor("grid_member").page(f"/cases/{number}"))

    assert "合并、拆分案件由受理初分岗、督办人员办" in open_page
    assert "重开的，由受理初分岗、督办人员办" in closed
    assert "重开的，由" not in words(town.visitor("supervisor").page(f"/cases/{number}"))
