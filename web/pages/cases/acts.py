"""What may be done with a case as a whole by writing one text: its button and what comes of it."""

from typing import NamedTuple

from web.frame.language import t

CASE_ACTIONS = {"note": "text", "chase": "text", "supervise": "text", "reopen": "reason"}
"""What is done with a text, and the name of that text in the body."""


class CaseAction(NamedTuple):
    """An act on a case: its name, its button, what its text is, and what comes of it."""

    name: str
    label: str
    asks: str
    effect: str


def actions() -> list[CaseAction]:
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
        CaseAction(
            "supervise",
            t("督办", "Supervise"),
            t("督办要求", "What is asked"),
            t(
                "案件标为督办直到办结，通知现在办理的人；承办岗和期限不变。",
                "Marked as supervised until it ends; the holder is told. Owner and due time stay.",
            ),
        ),
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
