"""Random nonsense at every address: whatever is sent, the answer is no fault of ours."""

import os
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.http import openapi
from tests.api.conftest import Api
from tests.api.test_walk import walk_to_the_station

EXAMPLES = int(os.environ.get("HANGJI_FUZZ", "60"))
WHO = ("grid_member", "station_officer", "supervisor", "business", "analyst", None)
WORDS = (
    "form",
    "reason",
    "answer",
    "outcome",
    "posts",
    "officer",
    "matter",
    "area",
    "description",
    "kind",
    "channel",
    "photos",
    "location",
    "business",
    "code",
    "text",
    "into",
    "parts",
    "action",
    "tasks",
    "id",
    "files",
    "until",
    "due_at",
    "question",
    "reporter",
    "name",
    "username",
    "password",
    "__class__",
    "_schema",
)
VALUES = (
    "L01",
    "other",
    "350322100001001001",
    "accept",
    "pass_up",
    "resolved",
    "tip",
    "web",
    "2026-03-09T09:00:00+08:00",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59-14:00",
    "1-1",
    "station:ST-350322100",
    "city:3503",
    "\x00",
    "\ud7ff",
    "%s{0}${x}",
    "' or 1=1 --",
    2**31,
    2**63,
    -1,
    1e308,
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(VALUES),
)
NAMES = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
BODIES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=20,
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ("q", "cursor", "limit", "area", "due_before", "on", "state", "code", "format")
    ),
    st.one_of(st.text(max_size=20), st.sampled_from([str(one) for one in VALUES])),
    max_size=3,
)


def names_of(whole: dict[str, Any], operation: openapi.Operation) -> tuple[str, ...]:
    """The fields an operation knows, so that some nonsense comes further than others."""
    content = whole["paths"][operation.path][operation.method.lower()]
    for one in content.get("requestBody", {}).get("content", {}).values():
        name = one["schema"]["$ref"].rsplit("/", 1)[-1]
        return tuple(whole["components"]["schemas"][name].get("properties", ()))
    return ()


def body_for(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Nonsense under the right names, or any nonsense at all."""
    forms = st.dictionaries(st.sampled_from(WORDS), SCALARS, max_size=5)
    fitting = st.fixed_dictionaries(
        {
            name: st.one_of(st.sampled_from(VALUES), forms, BODIES, st.lists(forms, max_size=3))
            for name in names
        }
    )
    return st.one_of(fitting, fitting, BODIES)


def send(
    api: Api,
    operation: openapi.Operation,
    data: Any,
    ids: dict[str, str],
    names: tuple[str, ...],
) -> Any:
    """Send one random request to an operation."""
    path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "1"), operation.path)
    query = "&".join(
        f"{name}={quote(text, errors='replace')}" for name, text in data.draw(QUERIES).items()
    )
    body = data.draw(body_for(names)) if operation.method != "GET" else None
    return api.send(
        operation.method, f"{path}?{query}", data.draw(st.sampled_from(WHO)), json=plain(body)
    )


def plain(body: Any) -> Any:
    """What JSON can carry of it: integers of 64 bits, text without halves of characters."""
    if isinstance(body, dict):
        return {str(plain(name)): plain(one) for name, one in body.items()}
    if isinstance(body, list):
        return [plain(one) for one in body]
    if isinstance(body, int) and not isinstance(body, bool):
        return body if -(2**63) <= body < 2**64 else str(body)
    return body.encode("utf-8", "replace").decode() if isinstance(body, str) else body


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_nothing_sent_anywhere_is_answered_with_a_fault(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """`api.md`: bad input never gives 5xx."""
    served: Api = request.getfixturevalue(kind)
    number = walk_to_the_station(served)
    ids = {"number": number, "key": served.task(number)["id"], "code": "350322"}
    whole = served.get("/openapi.json").get_json()
    known = [
        operation for operation in openapi.operations(whole) if operation.path.startswith("/api/")
    ]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def fuzz(data: Any) -> None:
        for operation in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=5)):
            answer = send(served, operation, data, ids, names_of(whole, operation))
            assert answer.status_code < 500, (operation, answer.get_data(as_text=True))

    fuzz()
