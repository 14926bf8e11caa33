"""What an inspection looked at, as a case file tells it: how many lines, and each one wrong."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from storage.city.rules import installed
from web.frame.language import in_brackets, t
from web.frame.naming import Names

_WRONG = "no"


def lines_looked_at(data: Mapping[str, Any], _: Names) -> str:
    """Tell a record; the photos of its lines stand with those of the case."""
    lines = data.get("lines") or []
    if not lines:
        return t("没有填检查表", "No checklist was filled in")
    counts = Counter(line["answer"] for line in lines)
    told = t(
        f"检查表 {len(lines)} 项：符合 {counts['yes']}，不符合 {counts[_WRONG]}",
        f"{len(lines)} lines: {counts['yes']} in order, {counts[_WRONG]} not",
    )
    wrong = [_line(line) for line in lines if line["answer"] == _WRONG]
    return t("；", "; ").join([told, *wrong])


def _line(line: Mapping[str, Any]) -> str:
    item, remark = str(line["item"]), str(line.get("remark") or "")
    name = _names().get(item, item)
    return name + (in_brackets(remark) if remark else "")


def _names() -> dict[str, str]:
    every = installed().checklists.values()
    return {line.item: t(line.name_zh, line.name_en) for lines in every for line in lines}
