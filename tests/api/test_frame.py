"""The frame every route stands in: signing in, problems, headers, the description."""

from tests.api.conftest import PASSWORD, Api


def test_a_sign_in_gives_a_token_that_says_who_one_is(api: Api) -> None:
    answer = api.post("/tokens", {"username": "grid_member", "password": PASSWORD})

    told = answer.get_json()
    me = api.get("/me", headers={"Authorization": f"Bearer {told['access_token']}"})
    assert (answer.status_code, told["token_type"]) == (200, "Bearer")
    assert me.get_json()["username"] == "grid_member"
