"""What one may do with a task besides its form: its buttons, what each sends, what comes of it."""

from dataclasses import dataclass
from typing import Any

from flask import request

from engine.reads.whole import WholeTask
from storage.city.rules import installed
from web.frame.fields import id_of, moment_of
from web.frame.language import t
from web.frame.words import word

BESIDE = ("assist", "consult", "countersign")
AT_ONCE = ("claim", "go_on", "release", "resume", "take_back")
WITH_REASON = ("withdraw", "return", "pause", "extend")
ACTS = frozenset({*BESIDE, *AT_ONCE, *WITH_REASON, "delegate", "minutes"})
STAYS = frozenset({"claim", "take_back", "resume", "go_on", "minutes", "pause", "extend", *BESIDE})
"""After these the task is still on the desk of whoever did them."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An action that was not done: why, "" when it only is to be looked at, and its next key.

    `is_final` when pressing again would change nothing: then nothing on the page waits to be sent.
    """

    action: str
    problem: str
    key: str
    is_final: bool = False


def body_of(action: str) -> dict[str, Any]:
    """The body of an act, as its form on the page was filled in."""
    reason = (request.form.get("reason") or "").strip()
    if action in AT_ONCE:
        return {}
    if action in BESIDE:
        return {
            "posts": request.form.getlist("posts"),
            "question": reason,
            "due_at": _moment("due_at"),
            "wait": bool(request.form.get("wait")),
        }
    if action == "minutes":
        people = (request.form.get("participants") or "").strip()
        return {"participants": people, "text": reason}
    if action == "delegate":
        return {"reason": reason, "officer": id_of(request.form.get("officer", ""))}
    until = {"extend": _moment, "pause": _end_of_day}.get(action)
    return {"reason": reason} if until is None else {"reason": reason, "until": until("until")}


def _end_of_day(name: str) -> str | None:
    """The end of a day that may be left out; what is no day is refused further down."""
    day = (request.form.get(name) or "").strip()
    return moment_of(f"{day}T23:59") if day else None


def _moment(name: str) -> str | None:
    """A moment that may be left out."""
    return moment_of((request.form.get(name) or "").strip()) or None


def offered(whole: WholeTask) -> dict[str, Any]:
    """What may be done, in the order a page shows it."""
    allowed, near = whole.shown.allowed_actions, whole.colleagues
    return {
        "may_complete": "complete" in allowed and whole.shown.state == "open",
        "at_once": [(name, _at_once(name)) for name in AT_ONCE if name in allowed],
        "with_reason": [(name, word(name), _asks(name)) for name in WITH_REASON if name in allowed],
        "minutes": "minutes" in allowed,
        "waits": "go_on" in allowed,
        "effects": effects(),
        "officers": near.officers if near else [],
        "posts": near.posts if near else [],
        "own_office": near.own_office if near else [],
        "beside": [(name, word(name), _asks(name)) for name in BESIDE if name in allowed],
    }


def has_place(acts: dict[str, Any], failed: Failed | None) -> bool:
    """Whether the page still has the form that was sent; it may have been taken away meanwhile."""
    if failed is None:
        return bool(acts["may_complete"])
    if failed.action == "minutes":
        return bool(acts["minutes"])
    if failed.action in {"delegate", "beside"}:
        return bool(acts["officers"] if failed.action == "delegate" else acts["beside"])
    return failed.action in {name for name, *_ in acts["at_once"] + acts["with_reason"]}


def effects() -> dict[str, str]:
    """What comes of each act: who has it then, until when, and who is told."""
    times = installed().thresholds.pause_most_times
    return {
        "withdraw": t(
            "案件回到您手里直接处置，处置期限重新计算；上一级的签收取消。",
            "The case is yours again, with a new limit to handle it; the level above loses it.",
        ),
        "return": t(
            "退给上一承办岗，由其重新签收，签收期限重新计算；只能退一次。",
            "Back to the previous owner, who accepts it again with a new limit; only once.",
        ),
        "pause": t(
            "时限停在现在，到所选日子自动恢复，也可以提前恢复，接着算剩下的时间；"
            f"仍由您办理，已经超期的仍算超期。每个环节最多 {times} 次，"
            "理由和日子写入案卷，上级看得到。",
            "The clock stops, runs on at the chosen day or when you resume, with what is left; it"
            f" stays yours, and what is late stays late. At most {times} times a task;"
            " reason and day are on file.",
        ),
        "extend": t(
            "由上一级批准，默认两个工作日内答复；批准以前时限照常计算，只能延一次。",
            "Decided one level up, within two working days; until then the clock runs. Only once.",
        ),
        "delegate": t(
            "由所选同事办理，期限不变；同事收到消息，委派写入案卷。",
            "The chosen colleague handles it within the same limit and is told; it is on file.",
        ),
        "beside": t(
            "对方各收到一件“答复”；不改变承办岗，您的期限照常计算。",
            "Each gets a task to answer; you stay the owner and your clock runs on.",
        ),
        "minutes": t(
            "写入案卷，不改变办理岗和期限。",
            "Goes on file; holder and limit stay.",
        ),
    }


def _at_once(name: str) -> str:
    texts = {
        "claim": t("认领（由我办理）", "Claim (I take it)"),
        "release": t("释放（交回本岗）", "Release (back to the post)"),
        "go_on": t("不再等答复（可以提交了）", "Wait no longer (then submit)"),
        "take_back": t("收回委派（由我办理）", "Take it back (I handle it)"),
        "resume": t("恢复办理（时限继续计算）", "Resume (the clock runs on)"),
    }
    return texts[name]


def _asks(name: str) -> str:
    texts = {
        "withdraw": t("撤回理由", "Why you take it back"),
        "return": t("退回理由", "Why it is returned"),
        "pause": t(
            "在等什么：举报人、检验、法院等（时限停止计算）",
            "What is waited for: reporter, laboratory, court (the clock stops)",
        ),
        "extend": t("延期理由（由上一级批准）", "Why (decided one level up)"),
        "assist": t("请对方协助办理一部分工作", "Others do a part of the work"),
        "consult": t("听取对方意见", "Others give advice"),
        "countersign": t("须全部同意", "All have to agree"),
    }
    return texts[name]
