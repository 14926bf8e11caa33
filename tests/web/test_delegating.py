"""Handing a task to a colleague and taking it back, and what both are told."""

from engine.delivery.channels import LogChannel, Notices
from tests.delivering import deliver_due
from tests.web.town import Town, words


def deliver(town: Town) -> None:
    """Deliver what is due, until nothing is."""
    channels = {"notice": Notices(LogChannel())}
    while deliver_due(town.composition.database, channels, town.clock).sent:
        pass


def box(town: Town, who: str) -> list[dict[str, object]]:
    """The messages of an officer."""
    items: list[dict[str, object]] = town.ask("GET", "/messages", who)["items"]
    return items


def test_who_is_handed_a_task_is_told_and_sees_it_marked(town: Town) -> None:
    number = town.file()
    town.reach_the_station(number)
    key = town.task(number)
    colleague = town.ask("GET", f"/tasks/{key}/colleagues", "station_officer")["officers"][0]
    giver, path = town.visitor("station_officer"), f"/tasks/{key}"
    body = {"officer": str(colleague["id"]), "reason": "外出培训"}
    handed = giver.submit(f"{path}/delegate", on=path, **body).headers["Location"]
    deliver(town)

    (told,) = [each for each in box(town, "station_officer2") if each["case"] == number]

    assert told["name_zh"] == "委派给您"
    assert "委派给您" in town.visitor("station_officer2").page("/inbox")

    whom = colleague["name"]
    assert f"{number} 已委派给{whom}，期限不变；{whom}会收到消息。" in giver.page(handed)
    assert "收回委派（由我办理）" in giver.page(path)
    taken = giver.submit(f"{path}/take_back", on=path).headers["Location"]
    assert f"已从{whom}收回，由您办理；{whom}会收到消息。" in giver.page(taken)
    deliver(town)

    names = [one["name_zh"] for one in box(town, "station_officer2") if one["case"] == number]
    assert "委派给您的环节已收回" in names
    assert "收回委派" in words(giver.page(f"/cases/{number}"))
