"""The words of rounds and self-inspection."""

from web.frame.language import t

Tag = tuple[str, str, str]


def states() -> dict[str, str]:
    """How closely a business is watched, when more than usual."""
    return {"watch": t("关注", "Watched"), "intensified": t("加强检查", "More checks")}


def results() -> dict[str, Tag]:
    """What came of a visit, as a tag: colour, words, icon."""
    return {
        "none": ("good", t("没有问题", "No problem"), ""),
        "problems": ("warn", t("发现问题", "Problems found"), "triangle-alert"),
        "closed_door": ("plain", t("没开门", "Closed door"), ""),
    }


def outcomes() -> dict[str, Tag]:
    """How a period of self-inspection ended, as a tag."""
    return {
        "done": ("good", t("已自查", "Done"), ""),
        "missed": ("late", t("未自查", "Missed"), "octagon-alert"),
    }


def periods() -> dict[str, str]:
    """How often a business inspects itself."""
    return {
        "day": t("每日", "Every day"),
        "week": t("每周", "Every week"),
        "month": t("每月", "Every month"),
        "quarter": t("每季度", "Every quarter"),
        "half": t("每半年", "Every half year"),
        "year": t("每年", "Every year"),
        "term": t("每学期", "Every term"),
    }
