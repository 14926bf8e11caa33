"""The words of the registry: statuses, marks, sources, what is lacking, categories."""

from collections.abc import Mapping
from typing import Any, Final

from flask import g

from storage.registry.statuses import STATUS_WORDS
from web.frame.language import listed, t
from web.frame.writing import ask

Tag = tuple[str, str, str]

_STATUS_LOOKS: Final = {
    "operating": ("good", ""),
    "suspected_ceased": ("warn", "circle-alert"),
    "ceased": ("late", "circle-pause"),
    "terminated_confirmed": ("late", "circle-pause"),
    "deregistration_notified": ("late", "bell"),
    "deregistered": ("plain", "x"),
    "dormant": ("paused", "circle-pause"),
}
"""Colour and icon of each status."""


def statuses() -> dict[str, Tag]:
    """The status of a business as a tag: colour, words, icon (R14)."""
    return {
        name: (colour, t(*STATUS_WORDS[name]), drawn)
        for name, (colour, drawn) in _STATUS_LOOKS.items()
    }


def marks() -> dict[str, str]:
    """What a business is marked with."""
    return {
        "handles_food": t("加工食品", "Handles food"),
        "bright_kitchen": t("明厨亮灶", "Bright kitchen"),
        "enterprise": t("企业", "Enterprise"),
        "unregistered": t("无证无照", "Unregistered"),
    }


def origins() -> dict[str, str]:
    """Where a value comes from."""
    return {
        "person": t("人工更正", "Corrected by hand"),
        "licence": t("许可台账", "Licence register"),
        "filing": t("备案台账", "Filing register"),
        "survey": t("实地摸排", "Survey in the field"),
        "sync": t("系统对接", "Another system"),
        "self": t("主体自报", "The business itself"),
    }


def lacks() -> dict[str, str]:
    """What may be missing."""
    return {
        "unplaced": t("没有位置", "No position"),
        "no_phone": t("没有电话", "No telephone"),
        "expired": t("证照已过期", "Licence expired"),
        "expiring": t("证照 30 天内到期", "Licence ends within 30 days"),
        "ceased_without_contact": t("停业未联系经营者", "Ceased, operator not contacted"),
    }


def changes() -> dict[str, str]:
    """How a business changed in a month (R13)."""
    return {
        "added": t("新增", "Added"),
        "changed": t("变更", "Changed"),
        "ceased": t("停止经营", "Ceased"),
        "deregistered": t("注销", "Deregistered"),
    }


def questions() -> dict[str, str]:
    """What a keeper is asked."""
    return {
        "conflict": t("来源说法不同", "Sources differ"),
        "duplicate": t("可能重复", "Perhaps the same"),
        "bad_code": t("信用代码有误", "Wrong credit code"),
        "unplaced": t("没有位置", "No position"),
        "gone_from_source": t("来源里没有了", "Gone from its source"),
    }


def asked() -> dict[str, str]:
    """The question of each kind as a sentence."""
    return {
        "conflict": t("来源说法不同，登记哪一个？", "The sources differ: which one is registered?"),
        "duplicate": t("这两个是同一家吗？", "Are these one and the same?"),
        "bad_code": t(
            "信用代码的校验位不对，请对照执照更正。",
            "The last sign of the credit code is wrong: correct it by the licence.",
        ),
        "unplaced": t(
            "这家店没有位置，所属区域也只到村：在哪里？",
            "It has no position and no area below its village: where is it?",
        ),
        "unplaced_area": t(
            "一份名单里的主体只写到这个村（社区），没有位置：现在补，还是留给现场？",
            "A list names this village only, and no positions: now, or when somebody is there?",
        ),
        "gone_from_source": t(
            "最新的完整名单里没有这一家，还在经营吗？",
            "The latest full list does not name it: does it still trade?",
        ),
    }


def decisions() -> dict[str, dict[str, str]]:
    """What a keeper may answer to each kind of question, by the key pressed."""
    looked_at = {"1": t("已核对", "Looked at")}
    return {
        "conflict": {
            "1": t("保留登记", "Keep as registered"),
            "2": t("采用这个", "Take this one"),
        },
        "duplicate": {
            "1": t("是两家", "Two businesses"),
            "2": t("是同一家，合并", "One business: merge"),
        },
        "bad_code": looked_at,
        "unplaced": {"1": t("留给现场摸排", "Leave it to the field")},
        "gone_from_source": {
            "1": t("仍在经营，保留", "It trades: keep it"),
            "2": t("疑似停业，请现场核实", "Perhaps ceased: have it looked at"),
        },
    }


def fields() -> dict[str, str]:
    """What a business is described by, in the order of its card."""
    return {
        "name": t("名称", "Name"),
        "category": t("类别", "Category"),
        "area_code": t("所属区域", "Area"),
        "address": t("地址", "Address"),
        "scope": t("经营范围", "Scope of business"),
        "credit_code": t("统一社会信用代码", "Credit code"),
        "licence_number": t("许可证号", "Licence number"),
        "person_in_charge": t("负责人", "Person in charge"),
        "phone": t("电话", "Telephone"),
        "lat": t("纬度", "Latitude"),
        "lon": t("经度", "Longitude"),
        "flags": t("标记", "Marks"),
        "status": t("状态", "Status"),
        "photo": t("门面照片", "Photo of the front"),
        "merged_into": t("合并到", "Merged into"),
        "created": t("新增", "Added"),
    }


def credentials() -> dict[str, str]:
    """What a business is allowed by."""
    return {
        "licence": t("许可证", "Licence"),
        "filing": t("备案", "Filing"),
        "approval": t("批准", "Approval"),
        "registration": t("登记", "Registration"),
    }


def categories() -> Mapping[str, str]:
    """Every category by its code: those of the pack and what an administrator added (R11)."""
    return {one["code"]: t(one["name_zh"], one["name_en"]) for one in _every_category()}


def categories_in_force() -> dict[str, str]:
    """Every category that a new business may get."""
    retired = {one["code"] for one in _every_category() if one["is_retired"]}
    return {code: name for code, name in categories().items() if code not in retired}


def _every_category() -> list[dict[str, Any]]:
    if "categories" not in g:
        answer = ask("business_categories.search", {}, {})
        g.categories = [] if answer.is_problem else answer.data["items"]
    items: list[dict[str, Any]] = g.categories
    return items


def tops() -> dict[str, str]:
    """The eight top categories (R11)."""
    return {code: name for code, name in categories().items() if "." not in code}


def value_of(field: str, value: Any) -> str:
    """A value of a field as it is read; "" for none."""
    if value in (None, "", []):
        return ""
    if field == "status":
        shown = statuses().get(str(value))
        return shown[1] if shown else str(value)
    if field == "category":
        return categories().get(str(value), str(value))
    if isinstance(value, list):
        return listed(marks().get(str(each), str(each)) for each in value)
    return t("新照片", "A new one") if field == "photo" else str(value)
