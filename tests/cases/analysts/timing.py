import time,sys,random
from functools import partial
from handlers.policy import POLICIES
from engine.check import check_bundle as check_all
check_bundle = partial(check_all, policies=POLICIES)
from engine.execution.spiff import parse_processes
from engine.diagrams.xml import parse_xml
from engine.definitions import read_folder
from pathlib import Path
from tests.engine import drawing as d
def med(f,n=5):
    t=[]
    for _ in range(n):
        a=time.process_time(); r=f(); t.append(time.process_time()-a)
    return sorted(t)[n//2],r
def both(name,files,tops):
    c,r=med(lambda:check_bundle(files),3)
    def parse():
        for top in tops: parse_processes({n:parse_xml(b,name=n) for n,b in files.items() if n.endswith('.bpmn')},top)
    try: p,_=med(parse,3)
    except Exception as e: p=float('nan'); print('   parse',repr(e)[:120])
    rules=sorted({f.rule for f in r}-{'shape'})
    print(f"{name:46} check/parse = {c/p:5.2f}  findings={rules[:8]}")
sh={n:t.encode() for n,t in read_folder(Path('bpmn')).items()}
both("shipped set (3 roots parsed)",sh,["grid_report","public_report","side_task"])
F={"forms/note.json":d.form("note")}
def chain(n):
    ns=[f"t_{i}" for i in range(n)]
    return d.diagram(d.start(),*[d.user(x) for x in ns],d.end(),d.path("reported",*ns,"closed"))
def blocks(n):  # n xor diamonds with two tasks each + loops
    parts=[d.start(),d.end()]; last="reported"
    for i in range(n):
        a,b,s,j=f"a_{i}",f"b_{i}",f"s_{i}",f"j_{i}"
        parts+=[d.user(a),d.user(b),d.xor(s,default=f"{s}_to_{b}"),d.xor(j),d.path(last,s),d.flow(s,a,"x == 1"),d.path(s,b),d.path(a,j),d.path(b,j)]; last=j
    parts.append(d.path(last,"closed")); return d.diagram(*parts,properties={"variables":"x"})
def par(k,length=2):  # k parallel branches of `length` tasks
    parts=[d.start(),d.end(),d.fork("f"),d.fork("j"),d.path("reported","f"),d.path("j","closed")]
    for i in range(k):
        ns=[]
        for q in range(length):
            x=f"t_{i}_{q}"; ns.append(x); parts.append(d.user(x))
            parts.append(d.boundary(f"e_{i}_{q}",x,d.timer(),interrupting=False)); parts.append(d.end(f"n_{i}_{q}")); parts.append(d.path(f"e_{i}_{q}",f"n_{i}_{q}"))
        parts.append(d.path("f",*ns,"j"))
    return d.diagram(*parts)
def timers(k,work=True):
    parts=[d.start(),d.user("t"),d.end(),d.path("reported","t","closed")]
    for i in range(k):
        parts.append(d.boundary(f"e_{i}","t",d.timer(f"'PT{i+1}H'"),interrupting=False))
        if work: parts+=[d.user(f"w_{i}"),d.end(f"n_{i}"),d.path(f"e_{i}",f"w_{i}",f"n_{i}")]
        else: parts+=[d.end(f"n_{i}"),d.path(f"e_{i}",f"n_{i}")]
    return d.diagram(*parts)
for name,x in [("40 nodes: 9 xor diamonds",blocks(9)),("100 nodes: 24 xor diamonds",blocks(24)),("200 nodes: 49 xor diamonds",blocks(49)),
  ("15 non-interrupting timers, each a task",timers(15)),("40 non-interrupting timers",timers(40)),
  ("parallel 3x2, timers",par(3)),("parallel 5x2, timers",par(5)),("parallel 7x2",par(7)),("parallel 8x2",par(8)),("parallel 10x1",par(10,1)),("parallel 12x1",par(12,1)),("parallel 14x1",par(14,1))]:
    both(name,{"p.bpmn":x,**F},["p"])
