"""The pages as a client of the API in the same process."""

from tests.web.town import PASSWORD, Town
from web.frame.client import Client


def client_of(town: Town, who: str = "grid_member", language: str = "zh") -> Client:
    """A client signed in as somebody."""
    anyone = Client(town.app, None, language, "127.0.0.1")
    told = anyone.post("/tokens", {"username": who, "password": PASSWORD})
    return Client(town.app, told.data["access_token"], language, "127.0.0.1")


def test_a_client_sees_what_its_caller_may_see(town: Town) -> None:
    number = town.file()

    assert client_of(town).get(f"/cases/{number}").status == 200
    assert client_of(town, "business").get(f"/cases/{number}").status == 404
    assert Client(town.app, None, "zh", "127.0.0.1").get(f"/cases/{number}").status == 401


def test_nothing_is_read_twice_and_a_write_makes_everything_new(town: Town) -> None:
    number, client = town.file(), client_of(town)

    first = client.get(f"/cases/{number}")
    again = client.get(f"/cases/{number}")
    client.post(f"/cases/{number}/note", {"text": "补充"})
    after = client.get(f"/cases/{number}")

    assert again is first
    assert after.data["version"] > first.data["version"]


def test_the_api_answers_in_the_language_of_the_page(town: Town) -> None:
    refused = {code: client_of(town, language=code).get("/cases/99999") for code in ("zh", "en")}

    assert refused["zh"].data["title"] == "没有找到"
    assert refused["en"].data["title"] == "Not found"


def test_the_same_key_is_answered_once(town: Town) -> None:
    client, key = client_of(town), "0123456789abcdef0123456789abcdef"
    form = {
        "matter": "L02",
        "area": "350322100001001",
        "description": "一次",
        "no_photo_reason": "无",
    }

    numbers = {client.post("/reports", form, key=key).data["number"] for _ in range(3)}

    assert len(numbers) == 1


def test_a_list_that_was_refused_is_empty(town: Town) -> None:
    assert Client(town.app, None, "zh", "127.0.0.1").get("/tasks").items == []
