"""What a page says after an action: which case it was, and who has it now."""

import re
from collections.abc import Sequence
from typing import Any

from flask import request

from engine.reads.reading import Reading
from engine.reads.tasks import TaskShown, read_task
from storage.errors import NotAllowed, NotFound
from storage.people.posts import officer_of, reference_of
from web.frame.fields import id_of
from web.frame.language import listed, t
from web.frame.naming import names_for, task_name
from web.frame.reading import seen
from web.frame.words import word
from web.pages.tasks.acts import BESIDE

_LEFT = frozenset({"release", "withdraw", "return", "delegate"})
"""After these the task is on another desk, and the message names its case."""
_TO_A_COLLEAGUE = frozenset({"delegate", "take_back"})
"""What is handed to a colleague, and taken back from one: the message names them."""
_ONWARD = frozenset({"next_task", "first_task", "completed"})
"""After these the page says where the case went."""
_VERIFYING = frozenset({"verify", "check_rectification"})
"""The forms of tasks in which a second person looks at what was done."""
_MOST_POSTS = 20
_NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)


def told_onward() -> str | None:
    """The message after an action: which case it was, and who has it now."""
    done, number = request.args.get("done"), request.args.get("of", "")
    if done in _TO_A_COLLEAGUE and (whom := _colleague()):
        return _named(done, whom, number if _NUMBER.fullmatch(number) else "")
    if done in _LEFT and _NUMBER.fullmatch(number):
        return f"{number} {told(done)}"
    if done == "again" and _NUMBER.fullmatch(number):
        return t(
            f"{number} 您已经提交过，内容一样，没有再提交一次。",
            f"{number}: you had submitted the same before; nothing was done twice.",
        )
    if done in BESIDE:
        return _asked(done, request.args.getlist("to")[:_MOST_POSTS])
    if done not in _ONWARD or not _NUMBER.fullmatch(number):
        return told(done)
    then = _then(request.args.get("to", ""), request.args.get("then", ""))
    following = {
        "next_task": t("下面是列表里的下一件。", " This is the next task of the list."),
        "first_task": t("下面是列表里最紧要的一件。", " This is the most pressing of the list."),
    }
    return t(f"已提交：{number} {then}。", f"Submitted: {number} {then}.") + following.get(done, "")


def asked_whom(name: str, held_by: int | None = None) -> dict[str, Any]:
    """The part of an address that lets the page say what was just done, and to or for whom.

    `held_by` is who had the task before.
    """
    if name in BESIDE:
        return {"done": name, "to": request.form.getlist("posts")[:_MOST_POSTS]}
    officer = id_of(request.form.get("officer", "")) if name == "delegate" else held_by
    if name not in _TO_A_COLLEAGUE or officer is None:
        return {"done": name}
    return {"done": name, "to": reference_of(officer)}


def holder_of(key: str) -> int | None:
    """The officer who has a task now; None where nobody has taken it, or it is not to be seen."""
    task = seen(lambda reading: known_task(reading, key))
    return None if task is None else task.holder.id


def _colleague() -> str:
    """The name of the colleague an address names; "" where it names none."""
    officer = officer_of(request.args.get("to", ""))
    if officer is None:
        return ""
    return seen(lambda reading: names_for(reading, officers=[officer])).officers.get(officer, "")


def _named(done: str, whom: str, number: str) -> str:
    texts = {
        "delegate": t(
            f"已委派给{whom}，期限不变；{whom}会收到消息。",
            f"Delegated to {whom} within the same limit; {whom} is told.",
        ),
        "take_back": t(
            f"已从{whom}收回，由您办理；{whom}会收到消息。",
            f"Taken back from {whom}: it is yours, and {whom} is told.",
        ),
    }
    return f"{number} {texts[done]}".strip()


def _asked(kind: str, posts: Sequence[str]) -> str:
    officers = [officer_of(named) for named in posts]
    names = seen(lambda reading: names_for(reading, posts=posts, officers=officers))
    titles = listed([names.who(named) for named in posts])
    return t(
        f"已请{titles}{word(kind)}，对方各有一件“答复”；您的环节和期限不变。",
        f"Asked {titles} ({word(kind)}); each has a task to answer, yours stays as it is.",
    )


def _then(to: str, key: str) -> str:
    if to == "closed":
        return t("已办结", "is closed")
    if not to:
        return t("已记入案卷", "is on file")
    title = seen(lambda reading: names_for(reading, posts=[to])).post(to)
    task = seen(lambda reading: known_task(reading, key)) if key else None
    if task is None:
        # Whoever submitted does not see it.
        return t(f"现由{title}办理", f"is with {title} now")
    if task.form in _VERIFYING:
        # What was resolved is not handled once more.
        return t(f"现由{title}核查", f"is with {title} now, to be verified")
    name = task_name(task.label, task.name)
    return t(f"下一步“{name}”由{title}办理", f"goes on with “{name}”, by {title}")


def known_task(reading: Reading, key: str) -> TaskShown | None:
    """The task an address or a form names; None for nonsense, and for what is not to be seen."""
    try:
        return read_task(reading, key)
    except (NotAllowed, NotFound):
        return None


def told(code: str | None) -> str | None:
    """The message after an action; unknown ones are not shown."""
    sentences = {
        "next_step": t(
            "已提交，已记入案卷。下面是这件案子的下一步，也由您办理。",
            "Submitted, and on file. This is the next step of the case, and yours too.",
        ),
        "first_task": t(
            "已提交，案件已流转。下面是列表里最紧要的一件。",
            "Submitted; the case has moved on. This is the most pressing of the list.",
        ),
        "next_task": t(
            "已提交，案件已流转。下面是列表里的下一件。",
            "Submitted; the case has moved on. This is the next task of the list.",
        ),
        "completed": t("已提交，案件已流转到下一步。", "Submitted; the case has moved on."),
        "draft": t("草稿已保存。", "Draft saved."),
        "release": t("已释放，交回本岗。", "Released to the post."),
        "withdraw": t("已撤回。", "Taken back."),
        "return": t("已退回上一承办岗。", "Returned to the previous owner."),
        "delegate": t("已委派，同事会收到消息。", "Delegated; your colleague is told."),
        "claim": t("已认领，由您办理。", "Claimed; it is yours."),
        "take_back": t(
            "已收回，由您办理；同事会收到消息。",
            "Taken back: it is yours, and your colleague is told.",
        ),
        "pause": t(
            "已缓办，时限停在现在，到所选日子自动恢复。",
            "Paused; the clock stands still and runs on at the chosen day.",
        ),
        "resume": t("已恢复，时限继续计算。", "Resumed; the clock runs on."),
        "extend": t(
            "已申请延期，由上一级批准；批准以前时限照常计算。",
            "Asked for more time, decided one level up; until then the clock runs.",
        ),
        "go_on": t("不再等答复，可以提交了。", "No longer waiting; you may submit."),
        "minutes": t("会商纪要已记入案卷。", "The minutes are on file."),
        "of_another": t(
            "刚才留下的内容由另一位工作人员填写，没有提交，也不显示给您。",
            "What had been typed belongs to another officer; it was not sent and is not shown.",
        ),
        "too_old": t(
            "刚才留下的内容保留时间已过，没有提交，请重新填写。",
            "What had been typed was kept too long ago; it was not sent. Please type it again.",
        ),
    }
    return sentences.get(code or "")
