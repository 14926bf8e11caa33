"""Kinds of inspections, as a city names them (R21)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InspectionKind:
    """A kind of inspection, with what a plan of it always is."""

    id: str
    name_zh: str
    name_en: str
    is_hidden: bool = False
    """Whether nobody below the planner knows of it before its start."""
    is_drawn: bool = False
    """Whether businesses and inspectors are drawn."""
    announce_days: int | None = None
    """Days after its first day from which those below may know of one that is hidden; None: from
    its start on. A plan may name another moment."""


USUAL: tuple[InspectionKind, ...] = (
    InspectionKind("routine", "日常监督检查", "Routine inspection"),
    InspectionKind("work_supervision", "工作督查", "Work supervision"),
    InspectionKind("double_random", "双随机检查", "Double-random inspection", is_drawn=True),
    InspectionKind("unannounced", "飞行检查", "Unannounced inspection", is_hidden=True),
)
"""The kinds of a city that names none."""
