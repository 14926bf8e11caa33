"""Expressions that must never do anything, and a program that tries each in a process of its own.

Run as `python -m tests.engine.attacks PLACE CANARY`: prints one JSON object, attack -> outcome.
`refused` is what every attack has to end in; `value`, `changed`, `raised` and `died` are escapes.
"""

import copy
import json
import os
import resource
import sys
from collections.abc import Callable

from engine.check import check_bundle
from engine.decisions.tables import parse_decision
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from engine.errors import DiagramError, ExpressionError
from engine.expressions.language import compile_expression
from handlers.policy import POLICIES
from tests.engine import drawing as d

NESTED_ALL = "lst.all(a1, " * 14 + "true" + ")" * 14
CODE = (
    "__import__('os').system('touch CANARY')",
    (
        "[c for c in ().__class__.__base__.__subclasses__() if c.__name__=='_wrap_close'][0]"
        ".__init__.__globals__['system']('touch CANARY')"
    ),
    "fn.__self__.__dict__['eval']('1+1')",
    "(lambda:[x for x in [(g.gi_frame.f_back.f_back.f_builtins) for g in [(1 for _ in [1])]]])()",
    "type(s)('x')",
)
LEAKS = (
    "'{0.__class__.__mro__}'.format(s)",
    "'{0.__init__.__globals__}'.format(obj)",
    "'{a.__class__}'.format_map(d)",
    "s.__class__.format('{0.__class__.__base__}', s)",
    "f'{s.__class__.__mro__}'",
    "getattr(s,'__class__')",
    "(x for x in [1]).gi_frame",
    "obj.title.__globals__",
    "obj.title.__func__",
    "obj.title",
    "obj",
    "(lambda: 1).__code__",
    "fn.__self__",
    "fn",
    "[].__class__.__subclasses__",
    "vars()",
    "celpy",
    "open('/etc/passwd').read()",
    "loadtxt('/etc/passwd',dtype=str)",
    "print('x')",
)
BOMBS = (
    "9**9**9",
    "'a'*10**10",
    "[0]*10**10",
    "'a'*99999*99999",
    "[0]*1000000000",
    "1<<10**10",
    "'{:>9999999999}'.format(1)",
    "'%9999999999d' % 1",
    "f'{1:>9999999999}'",
    "s.zfill(10**10)",
    "int('9'*5000)",
    "s.join([s*100000]*100000)",
    "sum([1 for a1 in range(10**5) for b1 in range(10**5)])",
    "[x for x in lst for y in lst for z in range(10**9)]",
    "(" * 400 + "1" + ")" * 400,
    "(" * 20_000 + "1" + ")" * 20_000,
    NESTED_ALL,
    "'" + "a" * 36 + "!'.matches('^(a+)+$')",
    "''.join(['a'])",
)
WRITES = (
    "d.update({'k':'pwn'})",
    "lst.append(9)",
    "(a:=99)",
    "setattr(obj,'status','closed')",
)
EXTRA = (
    "1e999-1e999",
    "9" * 5_000,
    "9" * 1_500,
    "-" * 1_999 + "1",
    "not " * 490 + "1",
    "max(*lst)",
    "min([])",
    "1/0",
    "lst[9]",
    "lst[True]",
    "min(s)",
    "max(d)",
    "d.__class__",
    "d._x",
    "len",
    "a\0",
    "ｌｅｎ(s)",
    "d.＿x",
    r"'\d' == s",
    "len(s, s)",
    "is_food(s)",
    "__builtins__",
    "await a",
    "(yield a)",
    "{**d}",
    "lst[0:2]",
    "a if a else (b := 1)",
    "0x7fffffffffffffff",
    "1_0",
    "a;a",
    "a\n\nimport os",
)
ATTACKS = (*CODE, *LEAKS, *BOMBS, *WRITES, *EXTRA)


class Tempting:
    """An object among the data, with something to find."""

    status = "new"

    def title(self) -> str:
        """Hand an attacker a method to walk from."""
        return self.status


OBJECT = Tempting()
DATA = {"a": 1, "s": "abc", "lst": [1, 2, 3], "d": {"k": "v"}, "obj": OBJECT, "fn": len}


def _expression(attack: str) -> None:
    compile_expression(attack).evaluate(DATA)


def _drawn(*parts: str, outside: str = "") -> None:
    """Check it as a file that was sent, then evaluate what is drawn all the same."""
    body = d.start() + d.user("accept") + d.end() + d.path("reported", "accept")
    content = d.diagram(body, *parts, outside=outside)
    check_bundle({"p.bpmn": content}, policies=POLICIES)
    diagram = read_diagram(parse_xml(content, name="p.bpmn"), name="p.bpmn")
    for drawn in diagram.expressions:
        compile_expression(drawn.source).evaluate(DATA)


def _condition(attack: str) -> None:
    way = d.xor("way", default="no") + d.path("accept", "way")
    _drawn(way, d.flow("way", "closed", attack), d.flow("way", "accept", identifier="no"))


def _timer(attack: str) -> None:
    _drawn(d.boundary("late", "accept", d.timer(attack)), d.path("accept", "closed"))


def _collection(attack: str) -> None:
    _drawn(d.user("answer", d.several(attack)), d.path("accept", "answer", "closed"))


def _property(attack: str) -> None:
    _drawn(d.call("handle", "handling", level=f"={attack}"), d.path("accept", "handle", "closed"))


def _correlation(attack: str) -> None:
    path = d.element("formalExpression", "path", d.escape(attack))
    inner = d.element("correlationPropertyRetrievalExpression", "retrieval", path)
    _drawn(d.path("accept", "closed"), outside=d.element("correlationProperty", "number", inner))


def _payload(attack: str) -> None:
    payload = f"<spiffworkflow:messagePayload>{d.escape(attack)}</spiffworkflow:messagePayload>"
    inner = f"<bpmn:messageEventDefinition>{d.extension(payload)}</bpmn:messageEventDefinition>"
    _drawn(d.throw("told", inner), d.path("accept", "told", "closed"))


def _decide(inputs: str, cell: str, output: str) -> None:
    content = d.table("t", [inputs], ["y"], [([cell], [output])])
    check_bundle({"t.dmn": content}, policies=POLICIES)
    parse_decision(parse_xml(content, name="t.dmn"), name="t.dmn").decide(DATA)


PLACES: dict[str, Callable[[str], None]] = {
    "expression": _expression,
    "gateway condition": _condition,
    "timer": _timer,
    "multi-instance": _collection,
    "property": _property,
    "message correlation": _correlation,
    "message payload": _payload,
    "decision input": lambda attack: _decide(attack, "-", "1"),
    "decision cell": lambda attack: _decide("a", attack, "1"),
    "decision output": lambda attack: _decide("a", "-", attack),
}


def _try(place: Callable[[str], None], attack: str) -> str:
    before = copy.deepcopy({key: DATA[key] for key in ("a", "s", "lst", "d")})
    try:
        place(attack)
    except (ExpressionError, DiagramError):
        outcome = "refused"
    except BaseException as error:  # noqa: BLE001  # anything else that gets out is an escape
        outcome = f"raised {type(error).__name__}"
    else:
        outcome = "value"
    same = before == {key: DATA[key] for key in before} and OBJECT.status == "new"
    return outcome if same else "changed"


def _alone(place: Callable[[str], None], attack: str) -> str:
    """Try it in a forked process with five seconds and 1.5 GB."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        resource.setrlimit(resource.RLIMIT_AS, (1_500 << 20, 1_500 << 20))
        os.write(write, _try(place, attack).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        outcome = answer.read().decode()
    os.waitpid(child, 0)
    return outcome or "died"


if __name__ == "__main__":
    chosen, canary = PLACES[sys.argv[1]], sys.argv[2]
    outcomes = {one: _alone(chosen, one.replace("CANARY", canary)) for one in ATTACKS}
    print(json.dumps(outcomes))  # noqa: T201  # the answer of this program
