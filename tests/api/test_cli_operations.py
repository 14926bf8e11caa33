"""Long work from the command line: started, watched to its end, listed, cancelled."""

from tests.api.terminal import Terminal


def test_case_files_are_verified_by_a_command_that_waits_for_the_result(
    terminal: Terminal,
) -> None:
    ended = terminal.run("operation", "start", "verify_case_files", "--json")

    assert ended.status == 0, ended.err
    assert ended.json["state"] == "done"
    listed = terminal.run("operation", "list", "--json").json
    assert [one["id"] for one in listed] == [ended.json["id"]]


def test_an_operation_left_to_the_scheduler_is_run_by_its_next_round(terminal: Terminal) -> None:
    made = terminal.run("operation", "start", "verify_case_files", "--no-wait", "--json").json
    assert made["state"] == "waiting"

    assert terminal.run("scheduler", "--once").status == 0

    ended = terminal.run("operation", "show", str(made["id"]), "--watch")
    assert "done" in ended.out
    over = terminal.run("operation", "cancel", str(made["id"]))
    assert over.status == 1
    assert "It is over already" in over.err


def test_work_nobody_knows_is_refused_with_what_there_is(terminal: Terminal) -> None:
    refused = terminal.run("operation", "start", "dig_a_hole")

    assert refused.status == 1
    assert "verify_case_files" in refused.err


def test_a_worker_is_refused_a_queue_nobody_knows(terminal: Terminal) -> None:
    refused = terminal.run("worker", "--queues", "timers,letters")

    assert refused.status == 2
    assert "timers, deliveries, long" in refused.err
