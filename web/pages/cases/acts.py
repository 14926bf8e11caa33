"""What may be done with a case as a whole by writing one text: its button and what comes of it."""

from typing import NamedTuple

from web.frame.language import t

CASE_ACTIONS = {
    "note": "text",
    "chase": "text",
    "supervise": "text",
    "answer_supervision": "text",
    "end_supervision": "text",
    "reopen": "reason",
}
"""What is done with a text, and the name of that text in the body."""


class CaseAction(NamedTuple):
    """An act on a case: its name, its button, what its text is, and what comes of it."""

    name: str
    label: str
    asks: str
    effect: str


def actions(*, is_supervised: bool = False) -> list[CaseAction]:
    """What may be done with a case as a whole by writing one text."""
    return [
        CaseAction("note", t("写备注", "Add a note"), t("备注内容", "Note"), ""),
        CaseAction(
            "chase",
            t("催办", "Chase"),
            t("催办要求", "What is asked"),
            t(
                "通知现在办理的人，要求其签收；承办岗和期限不变。",
                "Tells whoever holds it now and asks for an acknowledgement; owner and limit stay.",
            ),
        ),
        *_supervising(is_supervised=is_supervised),
        CaseAction(
            "reopen",
            t("重开", "Reopen"),
            t("重开理由", "Why it is reopened"),
            t(
                "在原案卷里按流程重新办理，从起办层级开始，期限重新计算。",
                "Handled once more in the same file, from where it began, with new due times.",
            ),
        ),
        CaseAction(
            "reporter",
            t("查看举报人", "See the reporter"),
            t("查看目的", "Purpose"),
            t(
                "姓名和电话只显示这一次；谁在什么时候为什么查看，写入案卷和审计。",
                "Name and phone are shown once; who looked, when and why goes on file and audit.",
            ),
        ),
    ]


def _supervising(*, is_supervised: bool) -> list[CaseAction]:
    """What supervised handling asks for: to ask, to answer, to end it."""
    return [
        CaseAction(
            "supervise",
            t("再督办", "Ask again") if is_supervised else t("督办", "Supervise"),
            t("督办要求", "What is asked"),
            t(
                "案件标为督办，现在办理的人要在这一天以前答复；承办岗和期限不变。",
                "Marked as supervised; whoever holds it has to answer by the day. Owner and due "
                "time stay.",
            ),
        ),
        CaseAction(
            "answer_supervision",
            t("答复督办", "Answer the supervision"),
            t("怎么办的、什么时候办完", "What was done, and when it will be finished"),
            t(
                "答复记入案卷，发给督办的人；督办由对方办结。",
                "The answer goes on file and to who asked, who ends the supervision.",
            ),
        ),
        CaseAction(
            "end_supervision",
            t("办结督办", "End the supervision"),
            t("办结意见", "Why it ends"),
            t(
                "不再督办，告知现在办理的人；案件照常办理。",
                "No longer supervised; the holder is told. The case itself goes on.",
            ),
        ),
    ]
