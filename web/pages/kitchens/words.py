"""The words of cameras and snapshots, in both languages."""

from web.frame.language import t


def kinds() -> dict[str, str]:
    """Return what a snapshot shows."""
    return {
        "no_mask": t("未戴口罩", "No mask"),
        "no_cap": t("未戴工作帽", "No cap"),
        "no_workwear": t("未穿工作服", "No work clothes"),
        "rodent": t("发现鼠类", "Rodent"),
        "open_bin": t("垃圾桶未加盖", "Open bin"),
        "other": t("其他", "Other"),
    }


def states() -> dict[str, tuple[str, str]]:
    """Return the state of a snapshot: how its tag looks, and its words."""
    return {
        "pending": ("doing", t("待核实", "To review")),
        "confirmed": ("warn", t("属实", "Confirmed")),
        "dismissed": ("plain", t("不属实", "Dismissed")),
        "lapsed": ("late", t("逾期作废", "Lapsed")),
    }


def reasons() -> dict[str, str]:
    """Return why a snapshot is dismissed."""
    return {
        "misread": t("识别有误", "The machine misread it"),
        "blurred": t("图片看不清", "The picture is blurred"),
        "allowed": t("情形不违规", "It is allowed"),
        "not_kitchen": t("不是这家的后厨", "Not this kitchen"),
        "repeated": t("已经处理过", "Dealt with already"),
    }


def evidence() -> dict[str, str]:
    """Return what became of it as evidence."""
    return {
        "wanted": t("等法制和技术审核", "Waits for the legal and technical review"),
        "admitted": t("可作证据", "Admitted as evidence"),
        "refused": t("不作证据", "Not admitted as evidence"),
    }


def refusals() -> dict[str, str]:
    """Return why a snapshot was refused."""
    return {
        "camera_unknown": t("摄像头没有登记", "The camera is not registered"),
        "camera_retired": t("摄像头已停用", "The camera is out of use"),
    }
