"""The roles of the city: lane names, capacities, where posts stand; rules live in the engine."""

from dataclasses import dataclass
from typing import Literal

Capacity = Literal["enforcement", "assistance"]
Place = Literal["unit", "grid", "village", "station", "county", "enforcement", "city", "business"]


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its names, its capacity (R04), where its posts stand, whom a vacancy goes to."""

    id: str
    name_zh: str
    name_en: str
    capacity: Capacity
    place: Place
    above: str | None = None
    sees_area: bool = False
    """Cases of its area are visible to it, not only those that come to its post."""
    supervises: bool = False
    """It may put a case of an owner below its rank under supervised handling (督办)."""


_ALL = (
    Role(
        "unit_leader", "单元长", "Unit leader", "assistance", "unit", "grid_leader", sees_area=True
    ),
    Role(
        "grid_member", "网格员", "Grid member", "assistance", "grid", "grid_leader", sees_area=True
    ),
    Role(
        "grid_leader",
        "网格长",
        "Grid leader",
        "assistance",
        "grid",
        "village_center",
        sees_area=True,
    ),
    Role(
        "village_center",
        "村（社区）平台中心",
        "Village platform centre",
        "assistance",
        "village",
        "station",
        sees_area=True,
    ),
    Role(
        "village_assistant",
        "村居食品安全协管员",
        "Village food-safety assistant",
        "assistance",
        "village",
        "village_center",
        sees_area=True,
    ),
    Role(
        "station",
        "市场监管所",
        "Market-supervision station",
        "enforcement",
        "station",
        "county",
        sees_area=True,
    ),
    Role(
        "county",
        "县级市场监管部门",
        "County bureau",
        "enforcement",
        "county",
        "city",
        sees_area=True,
        supervises=True,
    ),
    Role(
        "city",
        "市级市场监管部门",
        "City bureau",
        "enforcement",
        "city",
        None,
        sees_area=True,
        supervises=True,
    ),
    Role("enforcement", "执法大队", "Enforcement brigade", "enforcement", "enforcement", "city"),
    Role("catering_section", "餐饮科", "Catering section", "enforcement", "city", "city"),
    Role("emergency_center", "应急处置服务中心", "Emergency centre", "enforcement", "city", "city"),
    Role("business", "食品主体", "Business", "assistance", "business", "station"),
    Role("triage", "受理初分岗", "Triage clerk", "assistance", "city", "supervisor"),
    Role(
        "supervisor",
        "督办人员",
        "Supervisor",
        "enforcement",
        "city",
        "city",
        sees_area=True,
        supervises=True,
    ),
    Role("registry_keeper", "主体库管理员", "Registry keeper", "assistance", "city"),
    Role("analyst", "流程分析员", "Analyst", "assistance", "city"),
    Role("publisher", "发布人", "Publisher", "assistance", "city"),
    Role("admin_system", "系统管理员", "System administrator", "assistance", "city"),
    Role("admin_security", "安全管理员", "Security administrator", "assistance", "city"),
    Role("admin_audit", "审计管理员", "Audit administrator", "assistance", "city"),
)

ROLES: dict[str, Role] = {role.id: role for role in _ALL}
"""Every role by its identifier."""

ROLE_OF_NAME: dict[str, str] = {
    **{role.name_zh: role.id for role in _ALL},
    "村居协管员": "village_assistant",
    "村平台中心": "village_center",
    "县级": "county",
    "市级": "city",
}
"""Role identifier by the Chinese name a lane may carry."""

GRID_ASSISTANTS = frozenset({"unit_leader", "grid_member", "grid_leader"})
"""The three grass-roots roles of R03: they watch and assist, they enforce nothing."""

DEPARTMENT = frozenset({"station", "county", "city"})
"""The department tier R26 speaks of, from low to high: station, county, city."""


def capacity(role: str) -> Capacity:
    """Say in which capacity a role acts (R04)."""
    return ROLES[role].capacity
