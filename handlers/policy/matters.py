"""事项清单：受理单位是三者之一，紧急事项直达县级（R39、A11）。"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.face import Bundle, Finding, Json, Text
from handlers.policy.policy import Policy, constant

MATTERS: Final = "matters"
PARTIES: Final = ("GRID_FIRST", "MSA_DIRECT", "EMERGENCY")
DEPARTMENT_LEVELS: Final = frozenset({"station", "county", "city"})
HIGH_LEVELS: Final = frozenset({"county", "city"})


def check_matters(bundle: Bundle) -> Iterator[Finding]:
    """R39, A11: every matter names a known accepting party, and an emergency skips the chain."""
    held = bundle.tables.get(MATTERS)
    if held is None:
        return
    for rule in held.table.rules:
        answers = zip(held.table.outputs, rule.outputs, strict=True)
        known = {column.name: constant(cell) for column, cell in answers if not cell.names}
        party, level = known.get("accepting_party"), known.get("accepting_level")
        if "accepting_party" in known and party not in PARTIES:
            message = Text(f"没有受理单位 {party}。", f"There is no accepting party {party}.")
            way_out = Text(
                "请写 " + "、".join(PARTIES) + "。", f"Write one of {', '.join(PARTIES)}."
            )
            yield Finding("error", "accepting_party", held.file, rule.id, message, way_out)
        elif party == "EMERGENCY" and "accepting_level" in known and level not in HIGH_LEVELS:
            message = Text("紧急事项没有直达县级。", "An emergency does not start at county level.")
            way_out = Text(
                "受理层级请写 county 或 city。", "Set accepting_level to county or city."
            )
            clause = "A11"
            yield Finding("error", "emergency", held.file, rule.id, message, way_out, clause=clause)
        elif _is_misplaced(known):
            message = Text(
                f"{party} 的事项不能这样受理：层级 {level}，轻重缓急 {known.get('priority')}。",
                f"A matter of {party} is not accepted at {level} as {known.get('priority')}.",
            )
            way_out = Text(
                "直办的层级写 station、county 或 city；网格先行的写 collector，不能是 urgent。",
                "Direct matters name a department; grid matters `collector`, and are never urgent.",
            )
            yield Finding(
                "error", "accepting_party", held.file, rule.id, message, way_out, clause="R39"
            )


def _is_misplaced(known: Mapping[str, Json]) -> bool:
    """Whether level or urgency does not go with the accepting party."""
    party, level = known.get("accepting_party"), known.get("accepting_level")
    if party == "MSA_DIRECT" and "accepting_level" in known:
        return level not in DEPARTMENT_LEVELS
    return party == "GRID_FIRST" and known.get("priority") == "urgent"


POLICY: Final = Policy("emergency", ("R39", "A11"), of_bundle=check_matters)
