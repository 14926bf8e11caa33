"""Fifteen parallel tasks make the proof give up ("unproved", a warning): the deadlock behind them is not told. Run from the repository."""
import sys; sys.path.insert(0, ".")
from functools import partial
from pathlib import Path
from handlers.policy import POLICIES
from storage.city.rules import install, read_rules
install(read_rules(Path("city/putian")))
from api.deploying import blocking
from engine.check import check_bundle as check_all
check_bundle = partial(check_all, policies=POLICIES)
H = '<?xml version="1.0"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
def dead(k):
    """fork into k tasks, join; then an exclusive choice runs into a parallel join that waits for ever."""
    b = "<bpmn:startEvent id='s'/><bpmn:parallelGateway id='p'/><bpmn:parallelGateway id='j'/><bpmn:exclusiveGateway id='x' default='d1'/><bpmn:parallelGateway id='dead'/><bpmn:endEvent id='e'/>" + "".join(f"<bpmn:userTask id='t{i}' name='x'/>" for i in range(k))
    f = "<bpmn:sequenceFlow id='a' sourceRef='s' targetRef='p'/><bpmn:sequenceFlow id='b' sourceRef='j' targetRef='x'/><bpmn:sequenceFlow id='d1' sourceRef='x' targetRef='dead'/><bpmn:sequenceFlow id='d2' sourceRef='x' targetRef='dead'><bpmn:conditionExpression>again == 1</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id='z' sourceRef='dead' targetRef='e'/>"
    f += "".join(f"<bpmn:sequenceFlow id='i{i}' sourceRef='p' targetRef='t{i}'/><bpmn:sequenceFlow id='o{i}' sourceRef='t{i}' targetRef='j'/>" for i in range(k))
    return H + f"<bpmn:process id='proc' isExecutable='true'>{b}{f}</bpmn:process></bpmn:definitions>"
for k in (2, 8, 12, 13, 14, 15):
    found = check_bundle({"proc.bpmn": dead(k).encode()}, functions=None)
    print(k, "tasks:", sorted({(f.severity, f.rule) for f in found if f.rule in ("join_waits", "two_tokens", "unproved", "task_count", "livelock", "merge")}), "kept from publishing by", sorted({f.rule for f in blocking(found)} & {"join_waits", "unproved"}))
