"""Drawn files whose check is measured: parallel branches with loops, and a row of choices."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import orjson

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="x">'
    '<process id="p" isExecutable="true">'
)
_TAIL = "</process></definitions>"
_TASK = (
    '<userTask id="{0}" name="办理"><extensionElements><s:properties>'
    '<s:property name="form" value="note"/></s:properties></extensionElements></userTask>'
)
_TIMER = (
    '<boundaryEvent id="{0}" name="超时" attachedToRef="{1}"><timerEventDefinition>'
    """<timeDuration xsi:type="tFormalExpression">'PT1H'</timeDuration>"""
    "</timerEventDefinition></boundaryEvent>"
)


def rounds(branches: int) -> dict[str, bytes]:
    """Parallel branches of two tasks; the first may be interrupted, the second leads back to it."""
    parts = [*_ends(), '<parallelGateway id="f"/><parallelGateway id="j"/>']
    parts += [_flow("begin", "f"), _flow("j", "closed")]
    for place in range(branches):
        one, two, late = f"one_{place}", f"two_{place}", f"late_{place}"
        back, merge, ask = f"back_{place}", f"merge_{place}", f"ask_{place}"
        parts += [_TASK.format(one), _TASK.format(two), _TIMER.format(late, one)]
        parts += [f'<exclusiveGateway id="{back}"/><exclusiveGateway id="{merge}"/>']
        parts += [f'<exclusiveGateway id="{ask}" default="{ask}_to_j"/>']
        parts += [*_path("f", back, one, merge, two, ask, "j"), _flow(late, merge)]
        parts += [_flow(ask, back, "outcome == 'again'")]
    return _files(parts)


def chosen(choices: int) -> dict[str, bytes]:
    """A row of choices between two tasks."""
    parts, last = _ends(), "begin"
    for place in range(choices):
        left, right, ask, join = f"l_{place}", f"r_{place}", f"ask_{place}", f"join_{place}"
        parts += [_TASK.format(left), _TASK.format(right), f'<exclusiveGateway id="{join}"/>']
        parts += [f'<exclusiveGateway id="{ask}" default="{ask}_to_{right}"/>', _flow(last, ask)]
        parts += [_flow(ask, left, "outcome == 'again'"), *_path(ask, right, join)]
        parts += [_flow(left, join)]
        last = join
    return _files([*parts, _flow(last, "closed")])


def _ends() -> list[str]:
    return ['<startEvent id="begin" name="开始"/><endEvent id="closed" name="结束"/>']


def _path(*nodes: str) -> Iterator[str]:
    return (_flow(source, target) for source, target in pairwise(nodes))


def _flow(source: str, target: str, condition: str = "") -> str:
    asked = (
        f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>'
        if condition
        else ""
    )
    ends = f'id="{source}_to_{target}" sourceRef="{source}" targetRef="{target}"'
    return f'<sequenceFlow {ends} name="是">{asked}</sequenceFlow>'


def _files(parts: Iterable[str]) -> dict[str, bytes]:
    words = [{"value": value, "label": {"zh": value, "en": value}} for value in ("again", "done")]
    label = {"zh": "结果", "en": "Outcome"}
    field = {"name": "outcome", "type": "choice", "label": label, "options": words}
    form = {"id": "note", "title": label, "fields": [field]}
    drawn = f"{_HEAD}{''.join(parts)}{_TAIL}".encode()
    return {"p.bpmn": drawn, "forms/note.json": orjson.dumps(form)}
