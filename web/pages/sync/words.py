"""The words of records of other platforms: how they relate, what spoke for it, what went wrong."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from handlers.sync.mapping import read_mappings
from web.frame.contract import hangji
from web.frame.language import listed, pick, t


def relations() -> dict[str, str]:
    """How a record relates to what stands here."""
    return {
        "created": t("由同步建立", "Created by synchronisation"),
        "linked": t("已关联，不重复计数", "Linked, not counted again"),
        "waiting": t("待裁定", "Waits for a decision"),
        "ignored": t("不采用", "Ignored"),
    }


def event(name: str) -> str:
    """What of a case a platform is told."""
    known = {
        "case_opened": t("立案", "Opened"),
        "rectified": t("整改核查到位", "Rectified"),
        "case_closed": t("办结", "Closed"),
        "retried": t("重新推送", "Sent again"),
        "found": t("对方已有记录，补推现状", "Found there; how it stands"),
    }
    return known.get(name, name)


def fields() -> dict[str, str]:
    """The fields of a record of theirs, in the order they are shown."""
    return {
        "business_name": t("主体名称", "Business"),
        "credit_code": t("统一社会信用代码", "Credit code"),
        "licence_number": t("许可证号", "Licence"),
        "area_code": t("区划代码", "Area code"),
        "address": t("地址", "Address"),
        "visited_at": t("检查时间", "Visited at"),
        "unit": t("检查单位", "Unit that looked"),
        "inspector": t("检查人员", "Inspector"),
        "entered_by": t("录入人", "Typed by"),
        "matter": t("事项", "Matter"),
        "matter_note": t("对方的事项代码", "Their matter"),
        "found_problem": t("发现问题", "Problem found"),
        "handled": t("已处置", "Settled"),
        "description": t("情况", "What was seen"),
        "result": t("处置结果", "Result"),
        "items": t("检查项", "Checklist"),
        "remark": t("备注", "Remark"),
    }


def source(ident: str) -> str:
    """The name of a platform, as the city's pack has it."""
    names = _names(hangji().settings.city_folder)
    return pick(names[ident]) if ident in names else ident


@lru_cache(maxsize=4)
def _names(city_folder: Path) -> dict[str, Mapping[str, str]]:
    return {ident: mapping.name for ident, mapping in read_mappings(city_folder).items()}


def why(reason: Mapping[str, Any] | None) -> str:
    """Why a record was linked, in one sentence."""
    by = (reason or {}).get("by")
    if by == "pushed":
        return t("由本平台推送过去，编号由对方给出", "Sent from here; the number is theirs")
    if by == "number":
        return t("对方备注里有本平台编号", "Their remark holds our number")
    if by not in {"scores", "person"}:
        return t("没有写明", "Not stated")
    spoke = evidence(reason or {})
    if by == "person":
        return t(f"由人裁定：{spoke}", f"Decided by a person: {spoke}")
    return t(f"自动比对：{spoke}", f"Matched automatically: {spoke}")


def evidence(candidate: Mapping[str, Any]) -> str:
    """What speaks for a candidate."""
    said = [t("同一主体", "the same business")]
    said.append(
        t("同一天", "the same day") if candidate.get("same_day") else t("相差一天", "a day apart")
    )
    if candidate.get("same_matter"):
        said.append(t("事项相同", "the same matter"))
    if candidate.get("same_inspector"):
        said.append(t("检查人相同", "the same inspector"))
    points = candidate.get("score")
    return t(f"{listed(said)}（{points} 分）", f"{listed(said)} ({points} points)")
