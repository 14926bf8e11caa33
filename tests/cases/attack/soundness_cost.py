"""Cost of the soundness search of one small diagram against a harmless one, same process. Run from the repository: python soundness_cost.py"""
import sys, time, resource; sys.path.insert(0, ".")
from functools import partial
from pathlib import Path
from handlers.policy import POLICIES
from storage.city.rules import install, read_rules
install(read_rules(Path("city/putian")))
from engine.check import check_bundle as check_all
check_bundle = partial(check_all, policies=POLICIES)
H = '<?xml version="1.0"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x">'
def wide(k, m): return H + "<bpmn:process id='a' isExecutable='true'><bpmn:startEvent id='s'/><bpmn:parallelGateway id='p'/><bpmn:parallelGateway id='j'/><bpmn:endEvent id='e'/><bpmn:sequenceFlow id='q1' sourceRef='s' targetRef='p'/><bpmn:sequenceFlow id='q2' sourceRef='j' targetRef='e'/>" + "".join("".join(f"<bpmn:userTask id='t{i}_{x}' name='x'/>" for x in range(m)) + "".join(f"<bpmn:sequenceFlow id='f{i}_{x}' sourceRef='{'p' if x == 0 else f't{i}_{x-1}'}' targetRef='{f't{i}_{x}' if x < m else 'j'}'/>" for x in range(m + 1)) for i in range(k)) + "</bpmn:process></bpmn:definitions>"
def xor(n, w=2): return H + "<bpmn:process id='a' isExecutable='true'><bpmn:startEvent id='s'/><bpmn:endEvent id='e'/>" + "".join(f"<bpmn:exclusiveGateway id='g{i}'/>" for i in range(n)) + "<bpmn:sequenceFlow id='s0' sourceRef='s' targetRef='g0'/>" + "".join(f"<bpmn:sequenceFlow id='f{i}_{j}' sourceRef='g{i}' targetRef='{f'g{i+1}' if i + 1 < n else 'e'}'/>" for i in range(n) for j in range(w)) + "</bpmn:process></bpmn:definitions>"
base = open("bpmn/side_task.bpmn").read()
def t(tag, files):
    t0 = time.process_time(); f = check_bundle({k: v.encode() for k, v in files.items()}, functions={}); dt = time.process_time() - t0
    r = sorted({x.rule for x in f}); print(f"{tag:34} {dt/B:8.1f} x harmless", r[:9], "peak MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
check_bundle({"side_task.bpmn": base.encode()}, functions={}); t0 = time.process_time(); check_bundle({"side_task.bpmn": base.encode()}, functions={}); B = time.process_time() - t0
for k, m in ((3, 3), (6, 4), (12, 4), (12, 10), (18, 8), (60, 1), (100, 1)): t(f"{k} parallel branches of {m}", {"a.bpmn": wide(k, m)})
for n in (10, 14, 17): t(f"{n} gateways of 2 ways in a row", {"a.bpmn": xor(n)})
