"""The words of imports: kinds, sources, columns, states and what came of a row."""

import re
from typing import Final

from web.frame.language import chosen, t

_ENGLISH: Final = re.compile(r" ?\(([A-Za-z0-9][^()]*(?:\([^()]*\)[^()]*)*)\)")
_OWN_NAME: Final = re.compile(r"“([^”]*[\u4e00-\u9fff][^”]*) [a-z_]+”")


def said(message: str) -> str:
    """Return the reader's part of a message, which is Chinese with its English in brackets."""
    english = _ENGLISH.findall(message)
    if chosen() == "zh":
        return _OWN_NAME.sub(r"“\1”", _ENGLISH.sub("", message))
    row = [part for part in english if part.startswith("row ")]
    rest = [part for part in english if part not in row]
    return ": ".join([*row, "; ".join(rest)]) if rest else message


def kinds() -> dict[str, str]:
    """Every kind of list by its name."""
    return {
        "businesses": t("食品主体", "Food businesses"),
        "people": t("人员与岗位", "People and posts"),
        "areas": t("区域", "Areas"),
        "calendar": t("工作日历", "Working calendar"),
    }


def sources() -> dict[str, str]:
    """Where a list of businesses may come from."""
    return {
        "licence": t("许可台账", "Licence register"),
        "filing": t("备案台账", "Filing register"),
        "survey": t("实地摸排", "Survey in the field"),
        "full": t("全员名单", "Names everybody"),
        "some": t("部分人员", "Some people"),
    }


def columns() -> dict[str, str]:
    """Every column of every kind."""
    return {
        "code": t("代码", "Code"),
        "name": t("名称或姓名", "Name"),
        "category": t("类别", "Category"),
        "area_code": t("区域代码", "Area code"),
        "credit_code": t("统一社会信用代码", "Credit code"),
        "licence_number": t("许可证号", "Licence number"),
        "address": t("地址", "Address"),
        "scope": t("经营范围", "Scope of business"),
        "person_in_charge": t("负责人", "Person in charge"),
        "phone": t("电话", "Telephone"),
        "lat": t("纬度", "Latitude"),
        "lon": t("经度", "Longitude"),
        "flags": t("标记", "Marks"),
        "status": t("登记状态", "State of registration"),
        "valid_from": t("有效期自", "Valid from"),
        "valid_to": t("有效期至", "Valid until"),
        "issued_by": t("发证机关", "Issued by"),
        "date": t("日期", "Date"),
        "kind": t("类型", "Kind"),
        "username": t("用户名", "User name"),
        "posts": t("岗位", "Posts"),
        "unit": t("所属单位", "Unit"),
        "role": t("角色", "Role"),
        "place": t("地点", "Place"),
        "since": t("任职自", "Holds it from"),
        "until": t("任职至", "Until"),
        "business": t("食品主体", "Business"),
        "representative_of": t("代表的食品主体", "Represents"),
        "rights": t("权限", "Rights"),
    }


def states() -> dict[str, tuple[str, str, str]]:
    """The state of an import as a tag: colour, words, icon."""
    return {
        "draft": ("warn", t("待检查", "Not checked"), "triangle-alert"),
        "checked": ("doing", t("已检查，未写入", "Checked, not applied"), "list-checks"),
        "applying": ("doing", t("正在写入", "Being applied"), "refresh-cw"),
        "applied": ("good", t("已写入", "Applied"), "circle-check"),
        "undoing": ("doing", t("正在撤销", "Being undone"), "refresh-cw"),
        "undone": ("plain", t("已撤销", "Undone"), "circle-pause"),
    }


def outcomes() -> dict[str, tuple[str, str]]:
    """What came of rows: words and icon."""
    return {
        "added": (t("新增", "New"), "arrow-right"),
        "changed": (t("变更", "Changed"), "arrow-down-up"),
        "same": (t("相同", "The same"), "check"),
        "review": (t("待核对", "To be verified"), "eye"),
        "refused": (t("拒绝", "Refused"), "octagon-alert"),
        "kept": (t("未撤销", "Not undone"), "info"),
    }
