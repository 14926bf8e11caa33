"""Video patrols on the first page: what my unit still owes; the quotas for who oversees them."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion
from handlers.video.entering import units_to_enter
from handlers.video.reading import list_progress
from storage.video.scope import sees_quotas


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """还没有完成的视频巡查；全部单位的进度。"""
    actor = question.actor
    if not sees_quotas(actor):
        return
    enters = units_to_enter(actor)
    # Who oversees the units finds their progress on the page; their first page asks nothing more.
    found = list_progress(question.session, actor=actor, now=question.now) if enters else ()
    for progress in found:
        if progress.rule.unit in enters and progress.left:
            so_far = f"{progress.count}/{progress.owed}"
            yield HomeLine(
                "waits",
                f"{progress.rule.name_zh}视频巡查 {so_far}",
                f"{progress.rule.name_en}: video patrols {so_far}",
                "video_quotas",
                "video",
            )
    yield HomeLine("start", "视频巡查任务", "Video patrols", "video_quotas", "video")
