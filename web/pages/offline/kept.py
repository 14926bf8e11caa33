"""What an officer may read and send without a signal: the list of pages to keep, and the queue."""

import hashlib
from typing import Any

from flask import jsonify, render_template, url_for

from engine.reads.forms import list_published
from engine.reads.reading import Reading
from engine.reads.tasks import list_tasks
from handlers.patrols.rounds import goes_on_rounds
from handlers.registry.surveying import may_survey
from web.frame import assets, sessions
from web.frame.language import chosen
from web.frame.reading import seen
from web.frame.site import site
from web.pages.tasks.inbox import query_of

MOST_TASKS = 50
"""As many open tasks as are kept; nobody works through more of them without a signal."""


@site.get("/offline/pages")
@sessions.signed_in
def offline_pages() -> Any:
    """The pages to keep, each with a stamp that changes when the page would."""
    return jsonify(seen(_pages))


@site.get("/offline/state")
def offline_state() -> Any:
    """The signed-in officer, if any, and the token for sending queued items."""
    found = sessions.current()
    officer = None if found is None else found.officer_id
    return jsonify({"officer": officer, "csrf": sessions.csrf()})


@site.get("/queue")
@sessions.kept_offline
@sessions.signed_in
def queue() -> str:
    """What waits on this phone to be sent, and what was refused; the phone fills it in."""
    return render_template("queue.html")


def _pages(reading: Reading) -> dict[str, Any]:
    tasks = list_tasks(reading, query_of("mine", reading), limit=MOST_TASKS).items
    own = {url_for("web.task", key=task.id): (task.version, str(task.due_at)) for task in tasks}
    # The checklist of an inspection is filled in beside its task.
    inspected = [task for task in tasks if task.name == "carry_out"]
    records = [url_for("web.inspection_record", number=task.case.number) for task in inspected]
    lists = [url_for(f"web.{name}") for name in ("my_home", "inbox")]
    starts = [
        url_for("web.start", process=version.process_id)
        for version, _, may_start in list_published(reading)
        if may_start
    ]
    fills_in = {"report": sessions.may_report(), "survey": may_survey(reading.actor)}
    forms = [url_for(f"web.{name}") for name, is_so in fills_in.items() if is_so]
    rounds = [url_for("web.my_round_page")] if goes_on_rounds(reading.actor) else []
    always = dict.fromkeys([url_for("web.queue"), *forms, *starts], "")
    # A list changes with every task in it.
    changing: dict[str, object] = dict.fromkeys(lists, sorted(own.items()))
    changing |= dict.fromkeys([*rounds, *records], reading.now.hour)
    return {
        "officer": reading.actor.id,
        "pages": [
            {"path": path, "stamp": _stamp(reading, what)}
            for path, what in {**always, **changing, **own}.items()
        ],
    }


def _stamp(reading: Reading, what: object) -> str:
    told = (chosen(), assets.address("src/site.js"), reading.now.date(), what)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
