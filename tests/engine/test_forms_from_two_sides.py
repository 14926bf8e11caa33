"""A form filled in on two devices: each field from the side that touched it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.forms.merging import merged, taken_from_both, touched_by_both
from storage.errors import FormInvalid

NAMES = st.sampled_from(["measures", "outcome", "photos", "found"])
VALUES = st.one_of(st.none(), st.sampled_from(["", "甲", "乙", 3, False]))
FORMS = st.dictionaries(NAMES, VALUES)


def test_what_one_side_touched_is_taken_from_it() -> None:
    base = {"measures": "旧", "outcome": "resolved", "found": "早"}
    mine = {**base, "measures": "我写的"}
    theirs = {**base, "outcome": "invalid", "remark": "他加的"}

    assert merged(base, mine, theirs) == {
        "measures": "我写的",
        "outcome": "invalid",
        "found": "早",
        "remark": "他加的",
    }


def test_what_both_sides_changed_is_refused_by_name() -> None:
    with pytest.raises(FormInvalid) as refused:
        merged({"measures": "旧"}, {"measures": "甲", "found": "x"}, {"measures": "乙"})

    assert refused.value.code == "touched_by_both"
    assert [pointer for pointer, _ in refused.value.errors] == ["/measures"]


def test_photos_of_both_sides_are_kept_and_what_one_took_away_is_gone() -> None:
    base, mine = {"photos": ["a", "b"]}, {"photos": ["b", "m"]}

    assert merged(base, mine, {"photos": ["a", "b", "t"]}) == {"photos": ["b", "t", "m"]}


def test_blanks_and_ends_of_lines_are_no_change() -> None:
    base = {"measures": "一\n二"}
    mine = {"measures": "一\r\n二\r\n", "found": ""}

    assert merged(base, mine, {"measures": "三"}) == {"measures": "三", "found": ""}


@given(FORMS, FORMS, FORMS)
def test_no_value_of_a_side_is_lost_without_being_named(
    base: dict[str, object], mine: dict[str, object], theirs: dict[str, object]
) -> None:
    touched = set(touched_by_both(base, mine, theirs))
    taken = taken_from_both(base, mine, theirs)

    for name in {*mine, *theirs} - touched:
        others = [side.get(name) for side in (mine, theirs) if side.get(name) != base.get(name)]
        if any(other not in (None, "", False) for other in others):
            assert taken.get(name) in others
    assert touched_by_both(base, base, theirs) == touched_by_both(base, mine, base) == []
