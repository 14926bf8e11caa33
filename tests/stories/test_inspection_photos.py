"""Photos of the lines of an inspection: who may add them, what both wrote, what the file holds."""

import io
from typing import Any
from zipfile import ZipFile

import pytest

from engine.casefile.export import gather, to_json, write_zip
from storage.cases.cases import find_case_by_number
from tests.stories.pictures import upload
from tests.stories.world import World

FOUND = {"found": "problems", "measures": "检查了后厨"}


@pytest.fixture
def number(world: World) -> str:
    """An inspection of the county, whose office has a second inspector."""
    world.appoint("county", name="colleague")
    body = {
        "kind": "work_supervision",
        "title": "示例检查",
        "since": "2026-03-02",
        "until": "2026-03-20",
        "inspectors": [world.people["county"].id, world.people["colleague"].id],
        "businesses": [world.business()],
    }
    plan = world.done(world.ask("POST", "/inspections", "county", json=body))["plan"]["id"]
    begun = world.done(world.ask("POST", f"/inspections/{plan}/start", "county"))
    return str(begun["numbers"][0])


def writing(world: World, number: str, who: str, **line: Any) -> Any:
    """Write one line of the checklist."""
    items = [{"item": "licence_shown", "base": 0, **line}]
    return world.ask("PUT", f"/cases/{number}/inspection", who, json={"items": items})


def photos_on_file(world: World, number: str) -> list[str]:
    record = world.done(world.ask("GET", f"/cases/{number}/inspection", "county"))
    return list(record["items"][0]["photos"])


def test_photos_stand_at_the_line_they_show_and_in_the_exported_case(
    world: World, number: str
) -> None:
    """R28, R38: line, case and export name the same pictures; nothing is lost by a second save."""
    first, second = upload(world, "county", 10), upload(world, "county", 200)
    world.done(writing(world, number, "county", answer="no", photos=[first]))
    world.done(writing(world, number, "county", base=1, answer="no", remark="已过期"))
    world.done(writing(world, number, "county", base=2, answer="no", photos=[first, second]))
    world.do(number, "county", "carry_out", **FOUND)

    (inspected,) = world.notes(number, "inspected")
    out = io.BytesIO()
    with world.database.reading() as session:
        case = find_case_by_number(session, number)
        assert case is not None
        file = gather(session, case, now=world.clock.now(), exported_by="officer:1")
        blobs = world.composition.blobs
        write_zip(file, out, blob=lambda digest: blobs / digest[:2] / digest, key=None)
    names = ZipFile(out).namelist()

    assert inspected["lines"] == [
        {"item": "licence_shown", "answer": "no", "photos": [first, second]}
    ]
    assert photos_on_file(world, number) == [first, second]
    assert set(world.case(number)["photos"]) == {first, second}
    for photo in (first, second):
        assert any(photo in name for name in names)
        assert photo.encode() in to_json(file, key=None)


def test_two_inspectors_who_say_the_same_keep_the_photos_of_both(world: World, number: str) -> None:
    """R28: the same answer with another picture is no conflict; another answer is one."""
    mine, theirs, late = (upload(world, who, shade) for who, shade in _three())
    world.done(writing(world, number, "county", answer="no", photos=[mine]))
    same = world.done(writing(world, number, "colleague", answer="no", photos=[theirs]))
    other = world.done(writing(world, number, "colleague", answer="yes", photos=[late]))

    assert [item["photos"] for item in same["saved"]] == [[mine, theirs]]
    assert [item["photos"] for item in other["conflicts"]] == [[mine, theirs]]
    assert photos_on_file(world, number) == [mine, theirs]


def _three() -> list[tuple[str, int]]:
    return [("county", 10), ("colleague", 100), ("colleague", 200)]


def test_a_photo_of_somebody_else_or_of_another_case_or_the_tenth_is_refused(
    world: World, number: str
) -> None:
    """R38: nothing of the line is written then."""
    foreign, used = upload(world, "station", 10), upload(world, "county", 100)
    world.file("county", no_photo_reason=None, photos=[used])
    too_many = [upload(world, "county", shade) for shade in range(10)]

    refused = [
        writing(world, number, "county", answer="no", photos=photos)
        for photos in ([foreign], [used], ["no-such-photo"], too_many)
    ]
    record = world.done(world.ask("GET", f"/cases/{number}/inspection", "county"))

    assert [answer.status_code for answer in refused] == [422] * 4
    assert record["items"] == []


@pytest.mark.parametrize("shown", [{"remark": "冷库断电，拍不清"}, {"photos": ["PHOTO"]}])
def test_what_is_wrong_where_the_checklist_wants_a_photo_has_one_or_says_why_not(
    world: World, number: str, shown: dict[str, Any]
) -> None:
    """R38: the city's list says which lines; a paper that is missing needs none."""
    record = world.done(world.ask("GET", f"/cases/{number}/inspection", "county"))
    wants = {line["item"]: line["wants_photo"] for line in record["lines"]}
    if "photos" in shown:
        shown = {"photos": [upload(world, "county", 10)]}
    world.done(writing(world, number, "county", answer="no"))
    world.done(writing(world, number, "county", item="clean_premises", answer="no"))
    bare = world.doing(number, "county", "carry_out", **FOUND)
    world.done(
        writing(world, number, "county", item="clean_premises", base=1, answer="no", **shown)
    )
    world.do(number, "county", "carry_out", **FOUND)

    assert (wants["clean_premises"], wants["licence_shown"]) == (True, False)
    assert (bare.status_code, bare.get_json()["clause"]) == (422, "R38")
    assert "场所整洁" in bare.get_data(as_text=True)
    assert world.notes(number, "inspected")[0]["problems"] == ["clean_premises", "licence_shown"]
