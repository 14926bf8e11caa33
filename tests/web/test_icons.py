"""Icons: what pages name is drawn, and nothing is carried along that no page names."""

import re
from pathlib import Path

from tests.web.town import Town

WEB = Path(__file__).parents[2] / "web"
NAME = re.compile(r'"([a-z0-9-]+)"')


def test_the_list_of_icons_is_what_pages_use() -> None:
    listed = (WEB / "src" / "icons.txt").read_text("utf-8").split()
    texts = [
        path.read_text("utf-8")
        for path in (*WEB.glob("templates/**/*.html"), *WEB.glob("pages/**/*.py"))
    ]
    quoted = {name for text in texts for name in NAME.findall(text)}
    named = {name for text in texts for name in re.findall(r'icon\("([a-z0-9-]+)"\)', text)}

    assert listed == sorted(set(listed))
    assert named - set(listed) == set()
    assert set(listed) - quoted == set()


def test_the_style_guide_shows_every_colour_by_a_token_that_exists(town: Town) -> None:
    page = town.visitor().page("/styleguide")
    sheet = (WEB / "src" / "styles" / "tokens.css").read_text("utf-8")

    shown = re.findall(r'fill="var\(--([a-z0-9-]+)\)"', page)
    tokens = set(re.findall(r"--([a-z0-9-]+): light-dark", sheet))

    assert len(shown) > 20
    assert set(shown) - tokens == set()
    assert "32/40" in page
    assert 'data-chart="days"' in page
