"""One's own account: another password, and the end of sign-ins elsewhere."""

import pytest

from tests.web.town import PASSWORD, Town, Visitor

NEW = "an-own-password-of-mine"


def change(visitor: Visitor, *, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> int:
    form = {"password": old, "new_password": new, "again": again}
    return visitor.submit("/me/password", on="/me", **form).status_code


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/me").status_code == 200


def audited(town: Town) -> list[str]:
    rows = town.ask("GET", "/audit?limit=50", "admin_audit")["items"]
    return [str(row["action"]) for row in rows]


def test_a_changed_password_ends_the_other_sign_ins_and_opens_the_next(town: Town) -> None:
    town.token("grid_member")
    phone, desk = town.visitor("grid_member"), town.visitor("grid_member")

    assert change(desk) == 303
    api = town.app.test_client().get(
        "/api/v1/me", headers={"Authorization": f"Bearer {town.tokens['grid_member']}"}
    )
    sign_in = town.visitor().client.post

    assert (is_signed_in(desk), is_signed_in(phone), api.status_code) == (True, False, 401)
    assert "只有这里登录着" in desk.page("/me")
    wrong = sign_in("/sign-in", data={"username": "grid_member", "password": PASSWORD})
    right = sign_in("/sign-in", data={"username": "grid_member", "password": NEW})
    assert (wrong.status_code, right.status_code) == (401, 303)
    assert "password_changed" in audited(town)


def test_a_password_that_does_not_do_changes_nothing(town: Town) -> None:
    desk = town.visitor("grid_member")

    refused = [
        change(desk, old="not-my-password"),
        change(desk, again="another-one-here"),
        change(desk, new="short", again="short"),
        change(desk, new=PASSWORD, again=PASSWORD),
    ]

    assert refused == [422] * 4
    assert town.visitor().sign_in("grid_member").status_code == 303
    assert "password_change_refused" in audited(town)


def test_a_wrong_present_password_is_counted_as_at_the_sign_in(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.composition.limits, "_is_on", True)
    desk = town.visitor("grid_member")

    tries = [change(desk, old="not-my-password") for _ in range(6)]

    assert tries == [422] * 5 + [429]
    assert town.visitor().sign_in("grid_member").status_code == 429
    assert change(town.visitor("grid_leader")) == 303


def test_sign_ins_elsewhere_are_listed_and_end_together(town: Town) -> None:
    phone, desk = town.visitor("grid_member"), town.visitor("grid_member")
    other = town.visitor("grid_leader")
    listed = desk.page("/me")

    desk.submit("/me/sign-outs", on="/me")

    assert listed.count(" 登录</li>") == 1
    assert [is_signed_in(one) for one in (desk, phone, other)] == [True, False, True]
    assert "只有这里登录着" in desk.page("/me")
    assert "sign_ins_ended" in audited(town)
