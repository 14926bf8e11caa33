"""One step is one transaction, opened at an entry point and ended in one file."""

import ast

from tests.architecture.tree import ROOMS, Place, calls, python_files

ENDINGS = {"commit", "rollback", "begin", "begin_nested"}
THE_SESSION = "storage/database/session.py"

# Where a transaction may start, and what arrives there (design section 5).
ENTRIES = {
    "api/": "a write request or a command",
    "web/": "a write request from a page",
    "engine/background/scheduler.py": "one message between cases",
    "engine/background/firing.py": "one due case",
    "engine/background/dispatch.py": "one claim",
    "engine/background/hands.py": "one claim of deliveries",
    "engine/background/operations.py": "one part of long work",
    "engine/background/supervising.py": "one reminder of an unanswered supervision",
    "engine/background/recurring.py": "one period that begins",
    "engine/background/outbox.py": "one delivery",
    "engine/background/feed.py": "numbers of new events, the queue of one webhook",
    "engine/scenarios/playing.py": "one act of a scenario, on a database of its own",
    "storage/database/schema.py": "the command that makes or upgrades the tables",
    THE_SESSION: "where it is defined",
}


def test_only_the_session_ends_a_transaction() -> None:
    found = [
        str(Place(path, node.lineno, name))
        for path in python_files(*ROOMS)
        if path != THE_SESSION
        for node, name in calls(path)
        # None of them takes an argument; `story.begin("grid_report")` is another word.
        if name in ENDINGS and not node.args
    ]

    assert found == []


def test_a_transaction_starts_only_at_an_entry() -> None:
    found = [
        str(Place(path, node.lineno, name))
        for path in python_files(*ROOMS)
        if not path.startswith(tuple(ENTRIES))
        for node, name in calls(path)
        if name == "transaction" or ast.unparse(node.func).endswith("database.run")
    ]

    assert found == []
