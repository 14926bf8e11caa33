"""Whatever bytes are sent, the check answers with findings that can be shown, and never raises."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check import check_bundle
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, NOTE, line
from tests.engine.check.test_shipped import shipped

WORDS = (
    b'"',
    b"<",
    b"/>",
    b"'",
    b"\xff",
    b"\0",
    b"&x;",
    b"<!DOCTYPE a>",
    b"]]>",
    b'id=""',
    b'default="accept"',
    b'sourceRef="nobody"',
    b'targetRef="accept"',
    b"bpmn:parallelGateway",
    b"bpmn:exclusiveGateway",
    b"bpmn:subProcess",
    b"bpmn:userTask",
    b"__import__('os')",
    "承办岗".encode(),
    b"\xed\xa0\x80",
    b"-1e999",
    b"[" * 50,
    b"{}",
)
SHIPPED = shipped()


def _spoil(content: bytes, random: Random) -> bytes:
    """Cut, repeat, swap or insert pieces."""
    spoilt = bytearray(content)
    for _ in range(random.randint(1, 4)):
        size = max(len(spoilt), 1)
        one, other = sorted((random.randrange(size), random.randrange(size)))
        other = min(other, one + 300)
        match random.choice(["cut", "repeat", "insert", "truncate", "exchange", "name"]):
            case "cut":
                del spoilt[one:other]
            case "repeat":
                spoilt[one:one] = spoilt[one:other]
            case "insert":
                spoilt[one:one] = random.choice(WORDS)
            case "truncate":
                del spoilt[max(one, size // 2) :]
            case "exchange":
                spoilt[one : one + 20] = random.choice(WORDS)
            case "name":
                _exchange_values(spoilt, random)
    return bytes(spoilt)


def _exchange_values(content: bytearray, random: Random) -> None:
    """Put one quoted value in the place of another: dangling and double references."""
    values = bytes(content).split(b'"')
    if len(values) > 4:
        one, other = random.randrange(1, len(values), 2), random.randrange(1, len(values), 2)
        values[one] = values[other]
        content[:] = b'"'.join(values)


def _is_shown(files: Mapping[str, bytes]) -> None:
    for finding in check_bundle(files, policies=POLICIES, functions={"p": {"a": "service"}}):
        json.dumps(asdict(finding), allow_nan=False).encode()
        str(finding).encode()


@pytest.mark.parametrize("ending", ["bpmn", "dmn", "json", "png"])
@given(content=st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_are_checked(ending: str, content: bytes) -> None:
    _is_shown({f"f.{ending}": content})


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(SHIPPED)))
@settings(deadline=None)
def test_spoilt_files_are_checked(random: Random, name: str) -> None:
    _is_shown({name: _spoil(SHIPPED[name], random)})


@given(st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_spoilt_bundle_is_checked(random: Random) -> None:
    files = {"p.bpmn": d.diagram(line("accept", "handle")), "note.json": NOTE, "t.dmn": LIMITS}

    _is_shown({name: _spoil(content, random) for name, content in files.items()})


@pytest.mark.parametrize(
    "content",
    [
        b"{" * 100_000,
        b"[" * 199_000,
        b'{"id": "x", "title": {"zh": "\\ud800", "en": "x"}, "fields": [{"name": "\\ud800"}]}',
        b'{"id": "x", "title": 1, "fields": [null, 1, {"name": {}}, {"name": "a", "type": []}]}',
        b'{"id": "x", "fields": [{"name": "a", "type": "choice", "options": [[], {"value": []}]}]}',
        b'{"id": "x", "fields": [{"name": "a", "type": "text", "max": 1e999, "min": NaN}]}',
        b'{"id": "x", "fields": [{"name": "a", "type": "text", "required_when": {"a": [[]]}}]}',
    ],
)
def test_hostile_forms_are_checked(content: bytes) -> None:
    _is_shown({"x.json": content})


def test_a_wall_of_gateways_is_checked() -> None:
    gateways = "".join(d.xor(f"g_{number}") for number in range(150))
    flows = "".join(
        d.flow(f"g_{one}", f"g_{other}", identifier=f"f_{one}_{other}")
        for one in range(150)
        for other in range(one + 1, min(one + 4, 150))
    )
    body = d.start() + gateways + flows + d.end() + d.path("reported", "g_0")

    found = check_bundle({"p.bpmn": d.diagram(body + d.path("g_149", "closed"))}, policies=POLICIES)

    assert found


def test_hundreds_of_subprocesses_are_refused_before_each_is_checked() -> None:
    files = {"p.bpmn": d.diagram("".join(f'<bpmn:subProcess id="g{at}"/>' for at in range(400)))}

    found = check_bundle(files, policies=POLICIES)

    assert [(one.rule, one.file) for one in found] == [("task_count", "p.bpmn")]
