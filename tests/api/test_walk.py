"""One grid report through the whole chain over HTTP, and what each caller sees on the way."""

from tests.api.conftest import Api

PASS_UP = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "需要执法权"}


def walk_to_the_station(api: Api) -> str:
    """A case that waits for the station to resolve it."""
    number = api.report("grid_member")
    for who in ("grid_member", "grid_leader"):
        api.accept(number, who)
        api.complete(number, who, **PASS_UP)
    api.complete(number, "village_center", outcome="pass_up", reason="转市管所")
    api.accept(number, "station_officer")
    return number


def test_a_report_climbs_the_chain_and_is_closed_with_its_file(api: Api) -> None:
    """R39, R40, R42: collected, passed up level by level, resolved, verified, fed back."""
    number = walk_to_the_station(api)

    api.complete(number, "station_officer", outcome="resolved", measures="责令改正")
    done = api.complete(number, "grid_member", verify_result="passed")

    case = api.get(f"/cases/{number}", "grid_member").get_json()
    assert (done["status"], done["next_tasks"]) == ("closed", [])
    assert (case["status"], case["outcome"], case["owner_level"]) == (
        "closed",
        "resolved",
        "station",
    )


def test_a_closed_case_has_times_for_what_is_on_file_and_says_what_is_not(api: Api) -> None:
    """R36, R43."""
    number = walk_to_the_station(api)
    api.complete(number, "station_officer", outcome="resolved", measures="责令改正")
    api.complete(number, "grid_member", verify_result="passed")

    phases = api.get(f"/cases/{number}", "grid_member").get_json()["phases"]

    assert [phase["state"] for phase in phases] == [
        "not_recorded",
        *["done"] * 4,
        "skipped_resolved",
    ]
    assert all(phase["began_at"] and phase["ended_at"] for phase in phases[1:5])
    assert (phases[0]["began_at"], phases[0]["ended_at"]) == (None, None)


def test_the_file_reads_in_order_and_page_by_page(api: Api) -> None:
    """R44; R04: no handling entry lacks the capacity in which it was made."""
    number = walk_to_the_station(api)

    first = api.get(f"/cases/{number}/events?limit=3", "station_officer").get_json()
    rest = api.get(f"/cases/{number}/events?cursor={first['next']}", "station_officer").get_json()

    entries = [*first["items"], *rest["items"]]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert all(later["previous"] == one["hash"] for one, later in zip(entries, entries[1:]))  # noqa: B905, RUF007 - one shorter
    assert {entry["capacity"] for entry in entries if entry["kind"] == "task_completed"} == {
        "assistance",
        "enforcement",
    }


def test_the_diagram_shows_where_the_case_was_and_where_it_waits(api: Api) -> None:
    number = walk_to_the_station(api)

    shown = api.get(f"/cases/{number}/diagram", "station_officer").get_json()

    by_process = {diagram["process"]: diagram for diagram in shown["diagrams"]}
    assert shown["process"] == "grid_report" == shown["diagrams"][0]["process"]
    assert [one["id"] for one in by_process["handling"]["active"]] == ["resolve_or_pass_up"]
    accepted = next(o for o in by_process["handling"]["visited"] if o["id"] == "accept")
    assert accepted["times"] == 2
    assert "<bpmn:definitions" in by_process["escalation"]["xml"]


def test_the_answer_of_a_step_names_the_next_tasks(api: Api) -> None:
    number = api.report("grid_member")

    moved = api.complete(number, "grid_member", **PASS_UP)

    assert [next_task["name"] for next_task in moved["next_tasks"]] == ["accept"]
    assert api.get(f"/tasks/{moved['next_tasks'][0]['id']}", "grid_leader").status_code == 200
