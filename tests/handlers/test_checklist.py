"""Which matters of the list a shop is looked at by (R37)."""

import csv
from typing import Final

import pytest

from api.settings import ROOT
from handlers.patrols.checklist import FIRST, Premises, checklist_of, version_of
from storage.places.positions import Position
from tests.stories.world import matters

CATEGORIES: Final = ROOT / "city" / "putian" / "business_categories.csv"
EVERYWHERE: Final = {"L01", "L02", "L03", "L04", "P02", "S02", "S05", "S06", "S10", "H01", "Z01"}
OF_KITCHENS: Final = {"P03", "H02", "H04"}
ALWAYS_URGENT: Final = {"X01", "X02"}

HERE: Final = Position(25.2407, 118.8609)

MORE: Final = {
    "manufacturer": {"S07"},
    "farm_market": {"S01", "S04", "M01"},
    "retailer": {"S01", "S03", "S04"},
    "retailer.mother_baby": {"S09"},
    "retailer.health_food": {"S08"},
    "catering": {"S07", "H03", "H06", "O01", *OF_KITCHENS},
    "canteen": {"H05", *OF_KITCHENS},
    "canteen.school": {"C02"},
    "canteen.medical": {"C03"},
    "canteen.elder_care": {"C03"},
    "meal_delivery": {"H05"},
    "small": {"L06"},
    "small.workshop": {"L05", "S07"},
}
"""What a category is looked at by besides what is looked at everywhere; a subtype inherits."""


def codes(category: str, *flags: str, position: Position | None = None) -> set[str]:
    schools = [Position(25.2420, 118.8609)]
    premises = Premises(category, frozenset(flags), position, schools)
    return {matter.code for matter in checklist_of(matters(), premises)}


def categories() -> list[str]:
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("category", categories())
def test_every_category_of_the_plan_has_its_checklist(category: str) -> None:
    """R37: for all the codes of the list, top categories and subtypes."""
    expected = EVERYWHERE | ALWAYS_URGENT
    expected |= MORE.get(category, set()) | MORE.get(category.partition(".")[0], set())

    assert codes(category) == expected


def test_flags_activities_and_schools_nearby_add_their_lines() -> None:
    plain = codes("retailer.convenience")
    near = codes("retailer.convenience", position=HERE)
    far = codes("retailer.convenience", position=Position(25.25, 118.8609))

    assert codes("catering", "bright_kitchen") - codes("catering") == {"B01", "B02"}
    assert codes("catering", "banquet") - codes("catering") == {"G01", "H05"}
    assert (near - plain, far - plain) == ({"C01"}, set())


def test_what_was_found_here_before_stands_first_and_the_rest_by_weight() -> None:
    premises = Premises("catering.restaurant", frozenset(), None)
    listed = checklist_of(matters(), premises, found=["H06"])

    assert listed[0].code == "H06"
    assert [matter.priority for matter in listed[1:3]] == ["urgent", "urgent"]
    assert listed[FIRST - 1].priority != "low"


def test_the_version_changes_with_the_list() -> None:
    known = list(matters())

    assert version_of(known) == version_of(matters())
    assert version_of(known[1:]) != version_of(known)
