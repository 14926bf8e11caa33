"""Titles of posts: the place and the role, the level not said twice."""

import pytest

from storage.people.roles import ROLES
from storage.people.staffing import title_at


@pytest.mark.parametrize(
    ("place", "role", "title"),
    [
        ("学士社区第1网格", "grid_member", "学士社区第1网格员"),
        ("学士社区第1网格1单元", "unit_leader", "学士社区第1网格1单元长"),
        ("东片", "grid_member", "东片网格员"),
        ("学士社区居委会", "village_center", "学士社区居委会平台中心"),
        ("莆田市", "city", "莆田市市场监管部门"),
        ("莆田市", "catering_section", "莆田市餐饮科"),
    ],
)
def test_a_title_says_its_level_once(place: str, role: str, title: str) -> None:
    assert title_at(place, ROLES[role]) == title
