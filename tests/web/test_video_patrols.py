"""Pages of video patrols: the card of a quota, its list, the checklist, what was watched."""

import re
from typing import Any

import pytest

from engine.background.recurring import columns_for
from storage.kitchens.cameras import NewCamera, add_camera, follow_cameras
from storage.processes.recurring import keep_start_key
from tests.web.town import Town, a_photo, words

VIDEO = "/video"
SEEN = {"mask": "yes", "work_clothes": "yes", "work_cap": "yes"}


@pytest.fixture
def period(town: Town) -> str:
    """The page of the month of the catering section, with kitchens to watch."""
    with town.composition.database.transaction() as session:
        for shop in range(1, 8):
            new = NewCamera(
                business_id=shop,
                vendor="example",
                stream_ref=f"view-{shop}",
                kind="live",
                position_in_kitchen="烹饪区",
            )
            add_camera(session, new, at=town.clock.now())
            follow_cameras(session, shop, by="test", at=town.clock.now())
        runner, unit = town.composition.runner, "catering_section:3503"
        columns = columns_for(runner, session, "video_patrol", "post", unit)
        made = runner.start(session, "video_patrol", {}, actor=None, columns=columns)
        keep_start_key(session, made.case_id, "video_patrol:post:test")
    return f"{VIDEO}/catering_section/2026-03"


def checked(**more: Any) -> dict[str, Any]:
    return {"unit": "catering_section", "watched_from": "2026-03-02T08:30", **SEEN, **more}


def test_a_unit_watches_what_is_listed_and_sees_how_far_it_is(town: Town, period: str) -> None:
    """R32, R34, R35: circles, list, checklist; what is wrong is said at its field."""
    section, center = town.visitor("catering_section"), town.visitor("emergency_center")
    home, board, listed = section.page("/home"), section.page(VIDEO), section.page(period)
    form = f"{VIDEO}/watch"
    first = int(listed.split(f"{form}?unit=catering_section&amp;business=")[1].split('"')[0])
    wrong = section.submit(form, **checked(business=str(first), mask=""))
    shot = {"work_cap_snapshot.files": (a_photo(), "帽子.jpg")}
    seen = checked(business=str(first), work_cap="no", problem="没戴帽子", **shot)
    kept = section.submit(form, **seen)
    after, business = section.page(kept.location), section.page(f"/businesses/{first}")
    history = section.page(f"{VIDEO}/patrols?business={first}")

    assert VIDEO in home
    assert "已看 0 家，应看 5 家" in board
    assert [f"{month}月 未到" in words(board) for month in range(3, 13)] == [False, *[True] * 9]
    assert "第10周 0/3 进行中 第11周 未到" in words(board), "a week runs before its list is drawn"
    assert listed.count('data-state="proposed"') == 5
    assert listed.count("打开摄像头") == 5
    assert wrong.status_code == 422
    assert 'id="mask-error"' in wrong.get_data(as_text=True)
    assert kept.status_code == 303, kept.get_data(as_text=True)
    assert "已看 1 家，应看 5 家" in after
    assert after.count('data-state="watched"') == 1
    (photo,) = re.findall(r'href="(/photos/[^"]+)">截图', after)
    assert section.get(photo).status_code == 200
    assert "/cases/" in after, "the problem is a case"
    assert f"{VIDEO}/patrols?business={first}" in business
    assert history.count("data-patrol=") == 1
    assert "录一家" not in center.page(VIDEO).split("应急处置服务中心")[0]


def test_a_kitchen_is_swapped_and_others_see_no_quotas(town: Town, period: str) -> None:
    """R33: the reason stands on the list; stations see what was watched in their area alone."""
    section = town.visitor("catering_section")
    form = f"{VIDEO}/watch"
    listed = section.page(period)
    shop = listed.split(f"{form}?unit=catering_section&amp;business=")[1].split('"')[0]
    swapped = section.submit(f"{period}/swap", on=period, business=shop, reason="当日停业")
    after = section.page(period)

    assert swapped.status_code == 303
    assert "当日停业" in after
    assert after.count('data-state="proposed"') == 5
    assert town.visitor("grid_member").get(VIDEO).status_code == 403
    assert town.visitor("station_officer").get(f"{VIDEO}/patrols").status_code == 200
    assert town.visitor("city_officer").get(VIDEO).status_code == 200
