"""Imports over HTTP: checked, mapped by hand, applied in chunks, undone; who may."""

import io
import threading
import zipfile

import pytest

from api.importing import work
from storage.imports import reader
from storage.registry import businesses
from storage.registry.businesses import Business
from tests.api.conftest import PASSWORD, Api
from tests.api.uploads import (
    HEADS,
    UNIT,
    applied,
    checked,
    lines_of,
    rows,
    run,
    run_watched,
    shop,
    step,
    upload,
    workbook,
)

CODES = ("91350322MADEM0091E", "91350322MADEM0092H")


def shops(api: Api, name: str) -> list[Business]:
    with api.database.reading() as session:
        return list(businesses.list_businesses(session, q=name, limit=200).items)


def test_a_licence_export_as_offices_make_it_is_imported_once(api: Api) -> None:
    """R07: merged title rows, codes as numbers, a filter row of blanks; again it is 0 changes."""
    content = workbook(
        ["食品经营许可证台账", None, None, None],
        ["导出日期：2026-03-01"],
        HEADS,
        ("甲示例面馆", "餐馆", 350322100001, CODES[0], "", 59400000001),
        ("乙示例面馆", "餐馆", 350322100001, CODES[1], "", ""),
    )

    first, again = applied(api, content), applied(api, content)

    assert (first["state"], first["counts"]["added"]) == ("applied", 2)
    assert [shop_.phone for shop_ in shops(api, "甲示例面馆")] == ["59400000001"]
    assert (again["counts"].get("added", 0), again["counts"].get("changed", 0)) == (0, 0)
    assert again["counts"]["same"] == 2
    assert any("applied before" in text for text in again["warnings"])


def test_a_checked_list_changes_nothing_until_it_is_applied(api: Api) -> None:
    batch = checked(api, lines_of(shop("丙示例店"), shop("丁示例店")))

    assert (batch["state"], batch["counts"]["added"], shops(api, "丙示例店")) == ("checked", 2, [])
    assert [row["value"]["name"] for row in rows(api, batch, "added")] == ["丙示例店", "丁示例店"]

    done = step(api, batch, "apply")

    assert (done["state"], len(shops(api, "示例店"))) == ("applied", 2)


def test_refused_rows_are_left_out_only_when_one_says_so(api: Api) -> None:
    wrong = ("戊示例店", "catering.restaurant", "999999", "", "", "")
    batch = checked(api, lines_of(wrong, shop("己示例店")))

    (refused,) = rows(api, batch, "refused")
    answer = api.post(f"/imports/{batch['id']}/apply", {}, "registry_keeper")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "rows_refused")
    assert (refused["number"], shops(api, "己示例店")) == (2, [])

    step(api, batch, "apply", {"leave_out_refused": True})

    assert len(shops(api, "己示例店")) == 1


def test_a_head_nobody_knows_is_mapped_by_hand(api: Api) -> None:
    content = f"招牌,类别,区域代码\n庚示例店,餐馆,{UNIT}\n".encode()
    draft = checked(api, content)

    assert (draft["state"], draft["counts"]) == ("draft", {})
    assert [head["column"] for head in draft["heads"]] == [None, "category", "area_code"]

    batch = step(api, draft, "check", {"mapping": {"招牌": "name"}})

    assert (batch["state"], batch["counts"]["added"]) == ("checked", 1)


def test_undoing_takes_back_all_but_what_was_changed_since(api: Api) -> None:
    before = applied(api, lines_of(shop("辛示例店", phone="05940000001")))
    batch = applied(
        api, lines_of(shop("辛示例店", phone="05940000002"), shop("壬示例店"), shop("癸示例店"))
    )
    (edited,) = shops(api, "癸示例店")
    with api.database.transaction() as session:
        businesses.update_business(session, edited.id, {"phone": "1"}, at=api.clock.now())

    undone = step(api, batch, "undo")

    assert (undone["state"], undone["counts"]["undone"], undone["counts"]["kept"]) == (
        "undone", 2, 1,
    )  # fmt: skip
    (kept,) = rows(api, batch, "kept")
    assert "癸示例店" in str(kept["value"])
    assert [shop_.phone for shop_ in shops(api, "辛示例店")] == ["05940000001"]
    assert (shops(api, "壬示例店"), len(shops(api, "癸示例店"))) == ([], 1)
    assert before["state"] == "applied"


@pytest.mark.postgres
def test_a_list_is_applied_again_and_undone_on_postgresql(postgres_api: Api) -> None:
    content = lines_of(shop("子示例店", CODES[0], "05940000001"), shop("丑示例店"))

    first, again = (applied(postgres_api, content, source="survey") for _ in range(2))
    applied(postgres_api, lines_of(shop("子示例馆", CODES[0])), source="licence")
    undone = step(postgres_api, first, "undo")

    assert (first["counts"]["added"], again["counts"]["same"]) == (2, 2)
    asked = postgres_api.get("/reviews", "registry_keeper").get_json()["items"]
    assert [question["field"] for question in asked if question["kind"] == "conflict"] == []
    assert (undone["counts"]["undone"], shops(postgres_api, "子示例店")) == (2, [])


def test_officers_work_between_the_chunks(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    batch = checked(api, lines_of(*(shop(f"示例{number}店") for number in range(6))))
    api.post(f"/imports/{batch['id']}/apply", {}, "registry_keeper")
    filed: list[tuple[str, int]] = []

    def file_one(_done: int, _total: int | None) -> None:
        filed.append((api.report(), len(shops(api, "示例"))))

    before = len(shops(api, "示例"))
    run_watched(api, file_one)

    # Between the chunks everything of the earlier ones is there, and nothing of the next.
    assert {count - before for _, count in filed} >= {0, 2, 4, 6}


@pytest.mark.postgres
def test_a_sign_in_never_waits_for_a_chunk_that_is_being_written(postgres_api: Api) -> None:
    """Capabilities 0.3; on SQLite, with its one writer, it waits for the chunk and not the list."""
    api = postgres_api
    content = f"用户名,姓名,岗位\nnew_one,示例人员,网格员:{UNIT[:15]}\n".encode()
    batch = checked(api, content, "admin_system", kind="people")
    api.post(f"/imports/{batch['id']}/apply", {}, "admin_system")
    writing, signed_in = threading.Event(), threading.Event()
    importer = threading.Thread(target=run, args=(api,))

    def hold(statement: str) -> None:
        if threading.current_thread() is importer and "insert into holding" in statement.lower():
            writing.set()
            assert signed_in.wait(60)

    with api.database.interrupted(hold):
        importer.start()
        assert writing.wait(60)
        body = {"username": "station_officer", "password": PASSWORD}
        answer = api.post("/tokens", body)
        is_open = importer.is_alive()
        signed_in.set()
        importer.join(60)

    assert (answer.status_code, is_open) == (200, True)
    assert api.get(f"/imports/{batch['id']}", "admin_system").get_json()["state"] == "applied"


def test_new_people_set_their_own_password_by_a_link_that_holds_once(api: Api) -> None:
    content = f"用户名,姓名,岗位\nnew_one,示例人员,网格员:{UNIT[:15]}\n".encode()
    batch = applied(api, content, "admin_system", kind="people")
    place = f"/imports/{batch['id']}/passwords"

    links = api.post(place, None, "admin_system").get_json()["links"]
    chosen = {"link": links["new_one"].partition("link=")[2], "password": "ten-letters-or-more"}
    first, second = (api.post("/passwords", chosen).status_code for _ in range(2))

    assert (set(links), first, second) == ({"new_one"}, 204, 404)
    assert api.post(place, None, "admin_system").get_json()["links"] == {}
    body = {"username": "new_one", "password": chosen["password"]}
    assert api.post("/tokens", body).status_code == 200


def test_each_list_is_for_its_keeper(api: Api) -> None:
    batch = checked(api, lines_of(shop("示例店")))

    assert upload(api, lines_of(), "grid_member").status_code == 403
    assert upload(api, lines_of(), "admin_system").status_code == 403
    assert api.get(f"/imports/{batch['id']}", "admin_system").status_code == 404
    assert api.get("/imports", "admin_system").get_json()["items"] == []
    assert len(api.get("/imports", "registry_keeper").get_json()["items"]) == 1


def test_every_act_on_an_import_is_on_the_audit_log(api: Api) -> None:
    batch = applied(api, lines_of(shop("示例店")))
    step(api, batch, "undo")

    events = api.get("/audit", "admin_audit").get_json()["items"]

    acts = {event["action"] for event in events}
    assert acts >= {"import_uploaded", "imported", "import_undo_ordered", "import_undone"}


def test_work_that_is_running_is_not_started_again(api: Api) -> None:
    batch = checked(api, lines_of(shop("示例店")))
    place = f"/imports/{batch['id']}"
    api.post(f"{place}/apply", {}, "registry_keeper")

    busy = api.post(f"{place}/undo", {}, "registry_keeper")
    run(api)
    again = api.post(f"{place}/apply", {}, "registry_keeper")

    assert (busy.status_code, busy.get_json()["code"]) == (409, "import_busy")
    assert (again.status_code, again.get_json()["code"]) == (409, "import_state")


@pytest.mark.parametrize("damage", ["bomb", "far cell", "no workbook", "long code", "many rows"])
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(api: Api, damage: str) -> None:
    content, named = BAD_FILES[damage]

    batch = checked(api, content)

    found = [*batch["problems"], *(row["message"] for row in rows(api, batch, "refused"))]
    assert any(named in text for text in found), found


def test_rows_without_anything_in_them_do_not_count_as_rows(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet that is full up to the limit may have empty rows below, as spreadsheets keep them."""
    monkeypatch.setattr(reader, "ROWS_AT_MOST", 2)
    full = lines_of(shop("甲空行示例店"), shop("乙空行示例店"))

    assert checked(api, full + b"\n\n,,,\n")["counts"]["added"] == 2
    assert checked(api, full + "\n,,\n丙空行示例店".encode())["problems"] != []


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (16 << 20))
    return packed.getvalue()


def far_cell() -> bytes:
    content = workbook(HEADS)
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                text = text.replace(b"</sheetData>", cell)
            new.writestr(name, text)
    return written.getvalue()


BAD_FILES = {
    "bomb": (bomb(), "unpacks to more"),
    "far cell": (far_cell(), "cannot be read"),
    "no workbook": (b"PK\x03\x04workbook", "CSV UTF-8"),
    "long code": (
        workbook(HEADS, ("示例店", "餐馆", 350322100001, 913503221234567890, "", "")),
        "科学计数",
    ),
    "many rows": (lines_of() + b"\n1,2,3" * 200_001, "200000"),
}
