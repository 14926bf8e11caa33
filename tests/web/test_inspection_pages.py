"""Plans of inspections on pages: rehearsed, saved, started; nobody below sees a hidden one."""

from tests.checklists import fill_in
from tests.web.town import Town, a_photo, words

DRAWN = {
    "title": "示例检查",
    "kind": "work_supervision",
    "since": "2026-03-02",
    "until": "2026-03-20",
    "count": "1",
    "drawn_inspectors": "2",
}


def test_a_station_draws_saves_and_starts_a_plan_from_its_pages(town: Town) -> None:
    """R21: what the rehearsal shows is what is saved; the case leads to the record."""
    visitor = town.visitor("station_officer")
    form = {**DRAWN, "title": "示例双随机", "kind": "double_random"}
    page = "/inspection-plans/new"
    shown = visitor.submit(page, on=page, rehearse="1", **form)
    saved = visitor.submit(page, on=page, **form)
    plan = saved.headers["Location"]
    before = visitor.page(plan)
    visitor.submit(f"{plan}/start", on=plan)
    after = visitor.page(plan)
    number = town.ask("GET", "/cases", "station_officer")["items"][0]["number"]
    record = f"/cases/{number}/inspection"
    answers = {"item": "licence_shown", "answer-licence_shown": "yes"}
    first = visitor.submit(record, on=record, **answers, **{"base-licence_shown": "0"})
    answers["answer-licence_shown"] = "no"
    both = visitor.submit(record, on=record, **answers, **{"base-licence_shown": "0"})
    field = "photos-licence_shown.files"
    alone = visitor.submit(record, on=record, item="licence_shown", **{field: a_photo()})
    taken = visitor.submit(record, on=record, **answers, **{field: a_photo()})
    with_photo = visitor.page(taken.headers["Location"])
    (kept,) = town.ask("GET", f"/cases/{number}/inspection", "station_officer")["items"]
    shown_again = {"photos-licence_shown": kept["photos"][0], **answers}
    untouched = visitor.submit(record, on=record, **shown_again)
    (still,) = town.ask("GET", f"/cases/{number}/inspection", "station_officer")["items"]

    assert "示例小吃店（演示）" in shown.get_data(as_text=True)
    assert saved.status_code == 303
    assert "按种子重抽一致" in before
    assert "/cases/" not in before.partition("<main")[2]
    assert "已启动" in after
    assert 'href="/cases/' in after
    assert "示例双随机" in visitor.page("/inspection-plans")
    assert "待启动的检查计划" in visitor.page("/home")
    assert record in visitor.page(f"/cases/{number}")
    assert first.status_code == 303
    assert both.status_code == 409
    assert "已填：符合" in both.get_data(as_text=True)
    assert alone.status_code == 422
    assert "有照片，还没有选结果。" in alone.get_data(as_text=True)
    assert (taken.status_code, untouched.status_code) == (303, 303)
    assert "已保存。" in with_photo
    assert "已保存。" not in visitor.page(record)
    assert f"/photos/{kept['photos'][0]}/small" in with_photo
    assert still == kept


def test_what_is_wrong_with_a_plan_is_said_on_the_page_and_nobody_else_plans(town: Town) -> None:
    """R21: one inspector alone; the grid has no such page."""
    visitor = town.visitor("station_officer")
    page = "/inspection-plans/new"
    form = {"title": "示例", "kind": "unannounced", "since": "2026-03-02", "until": "2026-03-20"}

    alone = visitor.submit(page, on=page, businesses="1", inspectors="1", **form)
    both = visitor.submit(page, on=page, businesses="1", **DRAWN)
    grid = town.visitor("grid_member")

    assert alone.status_code == 422
    assert 'role="alert"' in alone.get_data(as_text=True)
    assert both.status_code == 422
    assert "主体由抽签决定" in both.get_data(as_text=True)
    assert "data-unsaved>" in both.get_data(as_text=True).partition("<form method")[2]
    assert grid.get(page).status_code == 403
    assert "没有检查计划" in grid.page("/inspection-plans")


def test_a_result_is_previewed_and_published_from_its_page(town: Town) -> None:
    """R21: whoever wrote the record is told why not; the public sees it without signing in."""
    visitor = town.visitor("station_officer")
    page = "/inspection-plans/new"
    plan = visitor.submit(page, on=page, **DRAWN).headers["Location"]
    visitor.submit(f"{plan}/start", on=plan)
    number = town.ask("GET", "/cases", "station_officer")["items"][0]["number"]
    inspected = town.ask("GET", f"/cases/{number}", "station_officer")["business"]
    task = town.task(number)
    line = {"item": "licence_shown", "answer": "yes", "remark": "许可证挂在收银台"}
    town.ask("PUT", f"/cases/{number}/inspection", "station_officer", json={"items": [line]})
    found = {"found": "nothing"}
    fill_in(town.ask, number, "station_officer")
    town.ask("POST", f"/tasks/{task}/complete", "station_officer", json={"form": found})
    result = f"/cases/{number}/inspection/result"

    queue, home = visitor.page("/inspection-results"), visitor.page("/home")
    own = visitor.page(result)
    beside = town.visitor("station_officer2").page(result)
    other = town.visitor("county_officer")
    reviewed = other.page(result)
    published = other.submit(f"/cases/{number}/inspection/publish", on=result)

    assert result in queue
    assert "待公开的检查结果" in home
    for taking_part in (own, beside):
        assert "请由没有参加检查的人审核" in taking_part
        assert "审核无误" not in taking_part
    assert "演示市管所01、演示市管所02" in reviewed
    assert "亮证经营" in reviewed
    assert "许可证挂在收银台" in reviewed
    assert published.status_code == 303
    assert "已公开" in other.page(result)
    assert "没有待公开的检查结果" in other.page("/inspection-results")
    correct = f"/cases/{number}/inspection/correct"
    empty = other.submit(correct, on=result, text="第一项已经复核", reason="")
    corrected = other.submit(correct, on=result, text="第一项已经复核", reason="登记时看错")
    public = town.visitor().page("/public/inspections")
    of_the_shop = town.visitor().page(f"/public/businesses/{inspected}")
    file = words(other.page(f"/cases/{number}"))
    assert (empty.status_code, corrected.status_code) == (422, 303)
    assert "第一项已经复核</textarea>" in empty.get_data(as_text=True)
    assert "更正 2026-03-02 ：第一项已经复核" in words(public)
    assert "更正 2026-03-02 ：第一项已经复核" in words(of_the_shop)
    assert "登记时看错" not in public
    assert "公开的更正：第一项已经复核；原因：登记时看错" in file
    assert "公众看到的更正" not in visitor.page(result)
    shown = town.ask("GET", f"/cases/{number}/inspection/result", "station_officer")
    assert shown["business"] in public
    assert "未发现问题" in public


def test_whoever_checks_reads_of_photos_older_than_the_order_and_of_a_moved_day(
    town: Town,
) -> None:
    """R24: both are told by the case file and by the task itself."""
    number = town.file("station_officer")
    town.accept(number, "station_officer")
    town.do(number, "station_officer", outcome="resolved", measures="责令改正")
    old = {"file": (a_photo(), "photo.jpg", "image/jpeg"), "taken_at": "2026-02-01T09:00:00+08:00"}
    kind = "multipart/form-data"
    photo = town.ask("POST", "/attachments", "station_officer", data=old, content_type=kind)["id"]
    order = {"order": "ordered", "what": "更换纱窗", "legal_basis": "食品安全法第三十三条"}
    town.do(number, "station_officer", until="2026-03-14", **order)
    proof = {"answer": "done", "measures": "已更换", "photos_after": [photo]}
    town.do(number, "station_officer", **proof)
    checker = town.visitor("station_officer2")

    task = checker.page(f"/tasks/{town.task(number)}")
    file = checker.page(f"/cases/{number}")

    assert "有 1 张照片拍摄于责令整改以前" in task
    assert "有 1 张照片拍摄于责令整改以前" in file
    assert "2026-03-14 是休息日，已顺延" in file


def test_a_step_that_is_for_a_colleague_is_not_called_ones_own(town: Town) -> None:
    """After the proof the page said that the check is one's own, and that one may not do it."""
    number = town.file("station_officer")
    town.accept(number, "station_officer")
    town.do(number, "station_officer", outcome="resolved", measures="责令改正")
    order = {"order": "ordered", "what": "更换纱窗", "legal_basis": "食品安全法第三十三条"}
    town.do(number, "station_officer", until="2026-03-14", **order)
    proving = f"/tasks/{town.task(number)}"
    proof = {"answer": "done", "measures": "已更换", "no_photo_reason": "夜间无法拍摄"}

    went = town.visitor("station_officer").submit(proving, on=proving, **proof).headers["Location"]

    assert "done=next_step" not in went
    assert f"/tasks/{town.task(number)}" not in went
