"""Every rule has its page, and every page its rule."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGES = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} - {"README"}
# Where a rule's word stands in the source: in a finding, in a table of words, in a refusal.
WORD = re.compile(
    r'[fF]inding\(\s*(?:(?:"(?:error|warning)"|severity),\s*)?"(?!error"|warning")([a-z_]+)"'
    r'|^    "([a-z_]+)": \($'
    r'|"(xml_[a-z_0-9]+)"'
    r'|_refused\(drawing, "([a-z]+)"',
    re.MULTILINE,
)


def _words() -> set[str]:
    files = [*(ROOT / "engine").rglob("*.py"), *(ROOT / "handlers" / "policy").rglob("*.py")]
    files.append(ROOT / "api" / "rehearsing.py")
    found = {
        next(filter(None, match))
        for path in files
        for match in WORD.findall(path.read_text("utf-8"))
    }
    return {"xml" if word.startswith("xml_") else word for word in found}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    missing = {f"missing_{word}" for word in ("form", "decision", "process")}

    assert _words() | missing == PAGES


def test_every_page_is_in_the_table_and_shows_a_good_and_a_bad_example() -> None:
    index = (ROOT / "docs" / "rules" / "README.md").read_text("utf-8")

    for page in PAGES:
        text = (ROOT / "docs" / "rules" / f"{page}.md").read_text("utf-8")
        assert f"[{page}]({page}.md)" in index
        assert "Bad:" in text
        assert "Good:" in text
