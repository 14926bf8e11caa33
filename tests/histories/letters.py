"""The notifications a case file promises, read off its entries and drawings; holds no test.

Nothing here asks the senders: a notification that is missing is noticed, and so is one that nothing
promised.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from engine.casefile.replay import OpenTask, State, replay
from storage.cases.cases import Case, get_case
from storage.cases.events import CaseEvent, list_events
from storage.database.session import Database, Session
from storage.delivery.outbox import list_of_case
from storage.tables import case_
from storage.tables.places import holding

PLATFORM, REPORTER = "platform", "reporter"
OTHER_PLATFORM = "sync:"
"""What is pushed to it follows from its record there, not from an entry."""

NOTED_BY = {
    "feed_back": "fed_back",
    "hand_back": "handed_back",
    "notify_reporter": "reporter_notified",
    "supervise_alert": "alert_not_acknowledged",
}
"""Drawn tasks that tell somebody -> the entry each passing of them leaves."""

Letter = tuple[datetime, str, str]
"""When it was written, to whom, by which template."""


class Seat(NamedTuple):
    """Somebody in a post of theirs."""

    officer: int
    post: str


Receivers = Iterable[tuple[str | Seat, str]]


def check_letters(session: Session, case: Case, file: list[CaseEvent]) -> None:
    """Every entry that tells somebody has its notifications, and none is without its entry."""
    check_telling_tasks(file)
    wanted = Counter(promised(session, file))
    sent = Counter(
        (letter.created_at, letter.receiver, letter.template)
        for letter in list_of_case(session, case.id)
        if not letter.receiver.startswith(OTHER_PLATFORM)
    )
    if any(event.kind == "personal_data_erased" for event in file):
        wanted &= sent
    assert wanted == sent, (
        f"{case.number}: never written {sorted(wanted - sent)}, unasked {sorted(sent - wanted)}"
    )


def check_all_letters(database: Database) -> None:
    """The same of every case there is."""
    with database.reading() as session:
        for case_id in session.scalars(select(case_.c.id).order_by(case_.c.id)).all():
            check_letters(session, get_case(session, case_id), list_events(session, case_id))


def check_telling_tasks(file: list[CaseEvent]) -> None:
    """Every drawn task that tells somebody left its entry each time it was passed."""
    passed = Counter(
        element.rpartition(".")[2] for event in file for element in event.data.get("passed", ())
    )
    kinds = Counter(event.kind for event in file)
    for element, kind in NOTED_BY.items():
        assert kinds[kind] == passed[element], f"{element} was passed without {kind}"


def promised(session: Session, file: list[CaseEvent]) -> Iterator[Letter]:
    """The notifications the entries of a file promise, each to who is still there to read it."""
    for place, event in enumerate(file):
        reads = _PROMISES.get(event.kind)
        if reads is not None:
            state = replay(file[: place + 1])
            for receiver, template in reads(event.data, state):
                yield event.at, _to(session, receiver, event.at), template


def _to(session: Session, receiver: str | Seat, at: datetime) -> str:
    """To whom it goes: of what somebody has in a post they have left, its holders hear."""
    if isinstance(receiver, str):
        return receiver
    stays = select(holding.c.id).where(
        holding.c.post_id == receiver.post,
        holding.c.officer_id == receiver.officer,
        holding.c.since <= at,
        or_(holding.c.until.is_(None), holding.c.until > at),
    )
    return f"officer:{receiver.officer}" if session.execute(stays).first() else receiver.post


def _chased(data: Mapping[str, Any], _: State) -> Receivers:
    if data["told"] is not None:
        yield data["told"], f"chase_{data['action']}"


def _holders(kind: str) -> Callable[[Mapping[str, Any], State], Receivers]:
    """Everybody the open tasks wait for: the person, or the post when that person has left."""

    def reads(data: Mapping[str, Any], state: State) -> Receivers:
        waiting = [_receivers(task) for task in state.open_tasks.values()]
        named = set(data["told"])
        assert named <= set().union(*waiting), f"{kind} told somebody nobody waits for"
        assert all(named & some for some in waiting), f"{kind} left somebody out"
        return [(receiver, kind) for receiver in named]

    return reads


def _receivers(task: OpenTask) -> set[str]:
    return {str(task.post)} | ({f"officer:{task.officer}"} if task.officer is not None else set())


def _alerted(data: Mapping[str, Any], _: State) -> Receivers:
    assert data["posts"], "an emergency alerted nobody"
    return [(post, "emergency") for post in [*data["posts"], *data.get("copied", ())]]


def _informed(template: str) -> Callable[[Mapping[str, Any], State], Receivers]:
    """Whoever the entry says was told: nobody, one, or several."""

    def reads(data: Mapping[str, Any], _: State) -> Receivers:
        told = data["told"]
        several = told if isinstance(told, list) else [] if told is None else [told]
        return [(receiver, template) for receiver in several]

    return reads


def _fed_back(_: Mapping[str, Any], state: State) -> Receivers:
    yield PLATFORM, "case_closed"
    if state.columns.get("collector_officer") is not None:
        yield _collector(state), "case_closed"


def _collector(state: State) -> str | Seat:
    """Who collected the case; an assistant who wrote down a citizen's report did so in no post."""
    officer, post = (state.columns.get(f"collector_{one}") for one in ("officer", "post"))
    return f"officer:{officer}" if post is None else Seat(officer, post)


def _handed_back(_: Mapping[str, Any], __: State) -> Receivers:
    return [(PLATFORM, "handed_back"), (REPORTER, "handed_back")]


def _reporter_notified(_: Mapping[str, Any], state: State) -> Receivers:
    yield PLATFORM, "public_result"
    # An answered inquiry is over; anything else may still be disputed.
    is_over = state.status == "closed"
    yield REPORTER, "inquiry_answered" if is_over else "public_result"


def _merged(_: Mapping[str, Any], state: State) -> Receivers:
    yield PLATFORM, "case_closed"
    is_public = state.columns.get("channel") is not None
    yield REPORTER if is_public else _collector(state), "case_closed"


def _recounted(data: Mapping[str, Any], state: State) -> Receivers:
    if data["was_due_at"] != data["due_at"]:
        task = state.open_tasks[data["running"], str(data["token"])]
        post = str(task.post)
        yield post if task.officer is None else Seat(task.officer, post), "limit_moved"


def _handed_over(data: Mapping[str, Any], _: State) -> Receivers:
    yield data["to"], "task_delegated"


def _taken_back(data: Mapping[str, Any], _: State) -> Receivers:
    yield data["from"], "task_taken_back"


def _extension_decided(data: Mapping[str, Any], _: State) -> Receivers:
    if data["asked"] == "extension":
        yield data["told"], f"extension_{data['result']}"


def _resumed(data: Mapping[str, Any], _: State) -> Receivers:
    if "told" in data:
        yield data["told"], "pause_ended"


def _business_told(data: Mapping[str, Any], _: State) -> Receivers:
    if data["by"] == "account":
        yield data["told"], "rectification_ordered"


def _verified(data: Mapping[str, Any], state: State) -> Receivers:
    """The business hears of the check of a rectification, the handler of work that came back."""
    if "rectification" in data:
        yield from _rectification_checked(data, state)
    elif data.get("told"):
        yield data["told"], "not_verified"


def _rectification_checked(data: Mapping[str, Any], _: State) -> Receivers:
    if data.get("told"):
        passed = data["result"] == "passed"
        yield data["told"], "rectification_passed" if passed else "rectification_refused"


def _business_reminded(data: Mapping[str, Any], _: State) -> Receivers:
    for receiver in data["told"]:
        yield receiver, f"{data.get('of', 'rectification')}_overdue"


def _of_video(data: Mapping[str, Any], _: State) -> Receivers:
    for receiver in data["told"]:
        yield receiver, data["template"]


def _owner_told(template: str) -> Callable[[Mapping[str, Any], State], Receivers]:
    return lambda _, state: [(str(state.columns["owner_post"]), template)]


def _period_opened(data: Mapping[str, Any], state: State) -> Receivers:
    """The business hears of it; where nobody represents it, its station is asked for an account."""
    if data["told"] is None:
        yield str(state.columns["owner_post"]), "nobody_represents"
    else:
        yield data["told"], "self_inspection_due"


def _inspection_closed(data: Mapping[str, Any], _: State) -> Receivers:
    yield PLATFORM, "case_closed"
    if data["copied_to"]:
        yield data["copied_to"], "inspection_copied"


def _rectification_failed(data: Mapping[str, Any], state: State) -> Receivers:
    if data["suggests_lead"]:
        yield str(state.columns["owner_post"]), "rectification_failed"


def _enforcement_reported(_: Mapping[str, Any], state: State) -> Receivers:
    if state.columns["owner_post"] is not None:
        yield str(state.columns["owner_post"]), "enforcement_reported"


_PROMISES: dict[str, Callable[[Mapping[str, Any], State], Receivers]] = {
    "chased": _chased,
    "case_chased": _holders("case_chased"),
    "case_supervised": _holders("case_supervised"),
    "alerted": _alerted,
    "alert_not_acknowledged": _informed("alert_not_acknowledged"),
    "superior_informed": _informed("not_accepted_in_time"),
    "supervised": _informed("overdue_supervised"),
    "fed_back": _fed_back,
    "inspection_closed": _inspection_closed,
    "self_inspection_opened": _period_opened,
    "self_inspection_missed": _owner_told("self_inspection_missed"),
    "intensity_changed": _owner_told("intensity_changed"),
    "business_told": _business_told,
    "verified": _verified,
    "video_proposed": _of_video,
    "video_reminded": _of_video,
    "video_period_closed": _of_video,
    "business_reminded": _business_reminded,
    "rectification_failed": _rectification_failed,
    "enforcement_reported": _enforcement_reported,
    "handed_back": _handed_back,
    "reporter_notified": _reporter_notified,
    "case_merged": _merged,
    "limit_recounted": _recounted,
    "task_delegated": _handed_over,
    "task_taken_back": _taken_back,
    "task_resumed": _resumed,
    "side_task_recorded": _extension_decided,
    "side_task_ended": _informed("side_task_withdrawn"),
    "supervision_answered": _informed("supervision_answered"),
    "supervision_ended": _informed("supervision_ended"),
    "supervision_late": _informed("supervision_late"),
    "step_notified": _informed("step_notice"),
}
