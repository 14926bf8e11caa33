"""Long work on a page: what runs and ran, and one of it with progress, result and log."""

from typing import Any, Final

from flask import redirect, render_template, request, url_for

from engine.reads import operations as reads
from engine.reads.reading import Reading
from storage.operations.operations import LongOperation
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.writing import ask, write

TAGS: Final = {
    "waiting": ("plain", "hourglass"),
    "running": ("doing", "refresh-cw"),
    "done": ("good", "circle-check"),
    "failed": ("late", "octagon-alert"),
    "cancelled": ("plain", "circle-pause"),
}


@site.get("/operations")
@sessions.signed_in
def operation_list() -> Any:
    """What runs and ran, newest first, and what I may start."""
    after = cursor()
    page = seen(lambda reading: reads.list_operations(reading, cursor=after))
    return render_template(
        "operations.html",
        rows=[shown(each) for each in page.items],
        next=hangji().seal(page.next),
        startable=startable(),
        key=new_key(),
    )


@site.get("/operations/<row:operation_id>")
@sessions.signed_in
def operation(operation_id: int) -> Any:
    """One of it; while it runs the page loads itself again."""

    def look(reading: Reading) -> reads.WithLog:
        return reads.read_operation(reading, operation_id)

    found = seen(look)
    return render_template(
        "operation.html", it=shown(found.operation), log=found.log, key=new_key()
    )


@site.post("/operations")
@sessions.signed_in
def start_operation() -> Any:
    """Start one by its name."""
    answer = write("operations.start", {}, {"kind": request.form.get("kind", "")}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.operation", operation_id=answer.data["id"]), code=303)


@site.post("/operations/<row:operation_id>/cancel")
@sessions.signed_in
def cancel_operation(operation_id: int) -> Any:
    """Request the cancellation of one."""
    answer = write("operations.cancel", {"operation_id": str(operation_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.operation", operation_id=operation_id), code=303)


def startable() -> list[dict[str, Any]]:
    """What who is signed in may start by its name."""
    answer = ask("operations.list_kinds", {}, {})
    return [] if answer.is_problem else list(answer.data["items"])


def shown(found: LongOperation) -> dict[str, Any]:
    """One operation in the words of a template."""
    kind, drawn = TAGS[found.state]
    is_ending = found.cancel_asked_at is not None and not found.is_over
    summary = (found.result or {}).get("summary")
    return {
        "found": found,
        "tag": (kind, t("正在停止", "Stopping") if is_ending else state_in_words(found), drawn),
        "is_ending": is_ending,
        "summary": summary,
        "facts": _facts(found),
    }


def state_in_words(found: LongOperation) -> str:
    """The state of an operation in words."""
    words = {
        "waiting": t("等待执行", "Waiting"),
        "running": t("执行中", "Running"),
        "done": t("已完成", "Done"),
        "failed": t("失败", "Failed"),
        "cancelled": t("已取消", "Cancelled"),
    }
    return words[found.state]


def _facts(found: LongOperation) -> list[tuple[str, Any]]:
    """Its result, beyond the summary; lists are joined."""
    broken = (found.result or {}).get("broken")
    return [(t("不完整的案卷", "Broken case files"), "\n".join(broken))] if broken else []
