"""Which units watch how many kitchens, and what they look at, is the city's to write (R32-R34)."""

from pathlib import Path

import pytest

from storage.city.video import read_video_items, read_video_quotas
from storage.errors import Refused
from storage.video.rules import REQUIRED

ROLES = ("catering_section", "emergency_center", "station")
SECTION = "catering_section,餐饮科,Catering,month,5,catering_section,2026-01-01"
STATION = "station,监管所,Station,week,2,catering_section,"
POINTS = ("mask,口罩,Masks,P03", "work_clothes,工作服,Clothes,P03", "work_cap,工作帽,Caps,P03")


def quotas(folder: Path, *rows: str) -> Path:
    head = "unit,name_zh,name_en,period,n,entered_by,effective_from"
    (folder / "video_quotas.csv").write_text("\n".join((head, *rows)), encoding="utf-8")
    return folder


def items(folder: Path, *rows: str) -> Path:
    text = "\n".join(("item,name_zh,name_en,matter", *rows))
    (folder / "video_items.csv").write_text(text, encoding="utf-8")
    return folder


def test_one_more_line_is_one_more_unit_that_watches(tmp_path: Path) -> None:
    rules = read_video_quotas(quotas(tmp_path, SECTION, STATION), ROLES)

    assert [(rule.unit, rule.period, rule.n) for rule in rules.values()] == [
        ("catering_section", "month", 5),
        ("station", "week", 2),
    ]
    assert rules["station"].effective_from is None


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("kitchen_watch,x,x,week,2,catering_section,", "unit"),
        (SECTION, "unit"),
        (STATION.replace("week", "year"), "period"),
        (STATION.replace(",2,", ",0,"), "n"),
        (STATION.replace(",2,catering_section", ",2,nobody"), "entered_by"),
        (STATION + "morgen", "effective_from"),
    ],
)
def test_a_wrong_quota_is_refused_with_file_row_and_column(
    tmp_path: Path, row: str, column: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_video_quotas(quotas(tmp_path, SECTION, row), ROLES)

    told = str(refused.value)
    assert "video_quotas.csv" in told
    assert column in told
    assert "3" in told


def test_points_are_added_to_the_three_of_the_work_plan_and_none_is_left_out(
    tmp_path: Path,
) -> None:
    more = read_video_items(items(tmp_path, *POINTS, "bin,垃圾桶,Bins,H01"))
    with pytest.raises(Refused, match="work_cap"):
        read_video_items(items(tmp_path, *POINTS[:2]))
    with pytest.raises(Refused, match="mask"):
        read_video_items(items(tmp_path, *POINTS, POINTS[0]))

    assert [one.item for one in more] == [*REQUIRED, "bin"]
