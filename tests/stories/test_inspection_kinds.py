"""Which kinds of inspections there are is a file of the city (R21)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.city import rules
from storage.city.inspections.kinds import read_inspection_kinds
from storage.errors import Refused
from storage.inspections.kinds import USUAL, InspectionKind
from tests.stories.inspecting import plan, planning
from tests.stories.world import World

HEAD = "kind,name_zh,name_en,hidden,draw,announce_days,note\n"
NIGHT = InspectionKind("night", "夜市检查", "Night market", is_hidden=True, announce_days=3)


@pytest.fixture
def _night() -> Iterator[None]:
    """A city that has inspections of night markets, hidden for three days, and no others."""
    kept = rules.installed()
    rules.install(replace(kept, inspection_kinds={"night": NIGHT}))
    yield
    rules.install(kept)


def test_an_everyday_inspection_is_a_kind_and_an_unknown_one_is_refused(world: World) -> None:
    """The refusal names the kinds there are, in both languages."""
    settle(world)
    shop = world.business()

    made = plan(world, businesses=[shop], kind="routine")["plan"]
    unknown = planning(world, businesses=[shop], kind="surprise")
    body = {"kind": "surprise", "title": "x", "since": "2026-03-02", "until": "2026-03-20"}
    english = world.ask(
        "POST", "/inspections", "county", json=body, headers={"Accept-Language": "en"}
    )

    assert (made["kind"], made["visible_from_rank"]) == ("routine", None)
    assert (unknown.status_code, english.status_code) == (422, 422)
    (error,) = unknown.get_json()["errors"]
    assert error["pointer"] == "/kind"
    assert "没有这种检查：surprise" in error["message"]
    assert "日常监督检查" in error["message"]
    assert "no inspections of this kind: surprise" in english.get_json()["errors"][0]["message"]


def settle(world: World) -> None:
    """A second inspector of the county."""
    world.appoint("county", name="county_colleague")


@pytest.mark.usefixtures("world", "_night")
def test_a_kind_of_a_city_says_whether_it_is_hidden_and_until_when(world: World) -> None:
    settle(world)
    shop = world.business()

    made = plan(world, businesses=[shop], kind="night")["plan"]
    named = plan(world, businesses=[shop], kind="night", embargo_until="2026-03-09T00:00:00+08:00")
    gone = planning(world, businesses=[shop], kind="routine")

    assert made["visible_from_rank"] is not None
    assert made["embargo_until"].startswith("2026-03-05T00:00")
    assert named["plan"]["embargo_until"].startswith("2026-03-09T00:00")
    assert (gone.status_code, "夜市检查" in gone.get_data(as_text=True)) == (422, True)
    assert world.ask("GET", f"/inspections/{made['id']}", "station").status_code == 404


def test_a_pack_without_the_file_has_the_usual_kinds(tmp_path: Path) -> None:
    assert list(read_inspection_kinds(tmp_path)) == [kind.id for kind in USUAL]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,甲,A,no,no,,\na,乙,B,no,no,,\n", "double"),
        ("a,,A,no,no,,\n", "empty"),
        ("a,甲,A,maybe,no,,\n", "write one of"),
        ("a,甲,A,no,no,3,\n", "hidden kind alone"),
        ("a,甲,A,yes,no,soon,\n", "whole number"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_place(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "inspection_kinds.csv").write_text(HEAD + rows, encoding="utf-8")

    with pytest.raises(Refused, match=said):
        read_inspection_kinds(tmp_path)
