"""Requests made up from the description alone: no server error, no answer it does not name."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import status_code_conformance

from tests.api.conftest import Api

CHECKS = [not_a_server_error, status_code_conformance]
EXAMPLES = 6
OPERATIONS_AT_LEAST = 50
MAY_BE_UNHEALTHY = "/health"
"""Answers 503 on purpose where no scheduler runs."""


@pytest.mark.parametrize("who", ["supervisor", "grid_member", "analyst"])
def test_whatever_the_description_allows_is_answered_as_it_says(api: Api, who: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.app)
    headers = api.authorization(who)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith(MAY_BE_UNHEALTHY):
            continue
        _try(operation, headers)
        tried += 1

    assert tried >= OPERATIONS_AT_LEAST


def _try(operation: Any, headers: dict[str, str]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    send()


def test_an_answer_the_description_does_not_name_would_be_noticed(api: Api) -> None:
    rules = {rule.rule: rule.endpoint for rule in api.app.url_map.iter_rules()}
    api.app.view_functions[rules["/api/v1/me"]] = lambda **_: ("", 409)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.app)

    with pytest.raises(FailureGroup):
        _try(schema["/api/v1/me"]["GET"], api.authorization("supervisor"))


def test_a_server_error_would_be_noticed(api: Api) -> None:
    rules = {rule.rule: rule.endpoint for rule in api.app.url_map.iter_rules()}
    api.app.view_functions[rules["/api/v1/me"]] = lambda **_: ("", 500)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.app)

    with pytest.raises(FailureGroup):
        _try(schema["/api/v1/me"]["GET"], api.authorization("supervisor"))
