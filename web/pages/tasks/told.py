"""What a page says after an action: which case it was, and who has it now."""

import re

from flask import request

from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen

_NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)


def told_onward() -> str | None:
    """The message after an action: which case it was, and who has it now."""
    done, number = request.args.get("done"), request.args.get("of", "")
    if done not in {"next_task", "completed"} or not _NUMBER.fullmatch(number):
        return told(done)
    to = request.args.get("to", "")
    then = _then(to)
    following = t("下面是列表里的下一件。", " This is the next task of the list.")
    return t(f"已提交：{number} {then}。", f"Submitted: {number} {then}.") + (
        following if done == "next_task" else ""
    )


def _then(to: str) -> str:
    if to == "closed":
        return t("已办结", "is closed")
    if not to:
        return t("已记入案卷", "is on file")
    title = seen(lambda reading: names_for(reading, posts=[to])).post(to)
    return t(f"现由{title}办理", f"is with {title} now")


def told(code: str | None) -> str | None:
    """The message after an action; unknown ones are not shown."""
    sentences = {
        "next_step": t(
            "已提交，已记入案卷。下面是这件案子的下一步，也由您办理。",
            "Submitted, and on file. This is the next step of the case, and yours too.",
        ),
        "next_task": t(
            "已提交，案件已流转。下面是列表里的下一件。",
            "Submitted; the case has moved on. This is the next task of the list.",
        ),
        "completed": t("已提交，案件已流转到下一步。", "Submitted; the case has moved on."),
        "draft": t("草稿已保存。", "Draft saved."),
        "release": t("已释放，交回本岗。", "Released to the post."),
        "withdraw": t("已撤回。", "Taken back."),
        "of_another": t(
            "刚才留下的内容由另一位工作人员填写，没有提交，也不显示给您。",
            "What had been typed belongs to another officer; it was not sent and is not shown.",
        ),
        "too_old": t(
            "刚才留下的内容保留时间已过，没有提交，请重新填写。",
            "What had been typed was kept too long ago; it was not sent. Please type it again.",
        ),
        "acted": t("已办理，已记入案卷。", "Done, and on file."),
    }
    return sentences.get(code or "")
