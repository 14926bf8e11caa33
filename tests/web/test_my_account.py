"""An officer's own page: addresses, quiet hours, and the files of posts they have left."""

from datetime import timedelta

from storage.people.actors import find_officer
from storage.people.staffing import leave
from tests.web.town import Town


def test_an_officer_sees_and_changes_where_messages_go(town: Town) -> None:
    visitor = town.visitor("grid_member")

    before = visitor.page("/me")
    wrong = visitor.submit("/me", email="nobody", phone="12")
    saved = visitor.submit("/me", email="someone@mail.example", phone="13800000000")
    after = visitor.page("/me?done=saved")

    assert "学士社区第1网格员" in before
    assert "免打扰" in before
    assert (wrong.status_code, 'id="email-error"' in wrong.get_data(as_text=True)) == (422, True)
    assert saved.status_code == 303
    assert 'value="someone@mail.example"' in after
    assert town.ask("GET", "/me/address", "grid_member")["phone"] == "13800000000"
    assert 'href="/me"' in visitor.page("/inbox")


def test_an_officer_sets_quiet_hours_and_gives_them_back_to_the_city(town: Town) -> None:
    visitor = town.visitor("grid_member")

    half = visitor.submit("/me/quiet-hours", on="/me", quiet_from="23:00", quiet_to="")
    wrong = visitor.submit("/me/quiet-hours", on="/me", quiet_from="25:00", quiet_to="06:00")
    saved = visitor.submit("/me/quiet-hours", on="/me", quiet_from="23:00", quiet_to="06:15")
    page = visitor.page("/me")
    own = town.ask("GET", "/me/quiet-hours", "grid_member")
    visitor.submit("/me/quiet-hours", on="/me", quiet_from="", quiet_to="")

    assert (half.status_code, 'id="quiet_to-error"' in half.get_data(as_text=True)) == (422, True)
    assert (wrong.status_code, "25:00" in wrong.get_data(as_text=True)) == (422, True)
    assert (saved.status_code, 'value="06:15"' in page) == (303, True)
    assert own == {"quiet_from": "23:00", "quiet_to": "06:15"}
    assert "21:30–07:00" in page
    left = town.ask("GET", "/me/quiet-hours", "grid_member")
    assert left == {"quiet_from": None, "quiet_to": None}


def test_a_former_holder_reads_what_was_on_file_and_nothing_later(town: Town) -> None:
    number = town.file(description="许可证过期")
    town.clock.advance(timedelta(hours=1))
    with town.composition.database.transaction() as session:
        officer = find_officer(session, "grid_member")
        assert officer is not None
        leave(
            session,
            "grid_member:350322100001001",
            until=town.clock.now(),
            officer_id=officer.id,
        )
    town.ask("POST", f"/cases/{number}/note", "supervisor", json={"text": "以后的备注"})
    visitor = town.visitor("grid_member")

    led = visitor.get(f"/former?number={number}")
    page = visitor.page(f"/former/{number}")

    assert led.headers["Location"] == f"/former/{number}"
    assert ("许可证过期" in page, "以后的备注" in page) == (True, False)
    assert town.visitor("unit_leader").get(f"/former/{number}").status_code == 404
