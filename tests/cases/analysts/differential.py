"""Random small diagrams: verdict of the check against brute force over the real engine step."""
import sys, json, time, itertools, collections
from random import Random
from datetime import datetime, UTC
from engine.execution import plan
from functools import partial
from handlers.policy import POLICIES
from engine.check import check_bundle as check_all
check_bundle = partial(check_all, policies=POLICIES)
from engine.check.bundle import Drawing
from engine.check.soundness import check_soundness
from engine.execution.marking import SpecNames
from engine.diagrams.reader import read_diagram
from engine.errors import EngineFault
from engine.execution.execution import Execution
from engine.execution.spiff import parse_processes, UNFINISHED, workflows, is_person, is_split
from engine.diagrams.xml import parse_xml
from tests.engine import drawing as d
NOW=datetime(2026,3,2,1,0,tzinfo=UTC)
class Drawn:
    def __init__(s,files,top):
        trees={n:parse_xml(t,name=n) for n,t in files.items()}
        s.top,s.called=parse_processes(trees,top); s.names=SpecNames(s.top,s.called)
class Maker:
    def __init__(s,r): s.r=r; s.parts=[]; s.n=0; s.xor=[]; s.out=''
    def name(s,k): s.n+=1; return f"{k}_{s.n}"
    def task(s):
        x=s.r.random(); name=s.name("task")
        if x<.12: s.parts.append(d.catch(name,d.timer())); return name,name
        if x<.2: s.parts.append(d.element("callActivity",name,"",calledElement="sub")); 
        elif x<.28: s.parts.append(d.user(name,d.several()))
        else: s.parts.append(d.user(name))
        if s.r.random()<.3:
            ev=s.name("ev"); inter=s.r.random()<.6; s.parts.append(d.boundary(ev,name,d.timer(),interrupting=inter))
            y=s.r.random()
            if y<.4 or not inter and y<.55:
                e=s.name("end"); s.parts.append(d.end(e,s.r.choice(["","","<bpmn:terminateEventDefinition/>"]))+d.path(ev,e))
            elif y<.8:
                t=s.name("task"); e=s.name("end"); s.parts.append(d.user(t)+d.end(e)+d.path(ev,t,e))
            else:
                m=s.name("merge"); s.parts.append(d.xor(m)+d.path(name,m)+d.path(ev,m)); return name,m
        return name,name
    def split(s,name,targets):
        for k,t in enumerate(targets[:-1]): s.parts.append(d.flow(name,t,f"{name}_pick == {k}"))
        s.parts.append(d.flow(name,targets[-1],None)); s.xor.append((name,len(targets)))
    def block(s,depth):
        k=s.r.choice(["task","row","xor","fork","loop","evg"]) if depth else "task"
        wrong=s.r.random()<.12
        if k=="task": return s.task()
        if k=="row":
            (a,b),(c,e)=s.fix(s.block(depth-1)),s.fix(s.block(depth-1)); s.parts.append(d.path(b,c)); return a,e
        if k=="loop":
            i,o=s.name("in"),s.name("xor"); a,b=s.fix(s.block(depth-1)); s.parts.append(d.fork(i) if wrong else d.xor(i)); 
            s.parts.append(d.path(i,a)+d.path(b,o)); return ("LOOP",i,o)
        if k=="evg":
            g=s.name("evg"); m=s.name("join"); s.parts.append(d.event_gateway(g)); s.parts.append(d.fork(m) if wrong else d.xor(m))
            a=s.name("tm"); b=s.name("ms"); s.parts.append(d.catch(a,d.timer())+d.catch(b,d.message("msg"))+d.path(g,a,m)+d.path(g,b,m)); return g,m
        sp,jn=s.name(k),s.name("join"); par=k=="fork"
        bl=[s.block(depth-1) for _ in range(2)]
        w2=s.r.random()<.12
        bl2=[s.fix(b) for b in bl]
        if par!=wrong: s.parts.append(d.fork(sp)+"".join(d.path(sp,a) for a,_ in bl2))
        else:
            s.parts.append(d.xor(sp,default=f"{sp}_to_{bl2[-1][0]}")); s.split(sp,[a for a,_ in bl2])
        s.parts.append(d.fork(jn) if par!=w2 else d.xor(jn))
        for _,b in bl2: s.parts.append(d.path(b,jn))
        return sp,jn
    def fix(s,b):
        if b[0]!="LOOP": return b
        _,i,o=b; nxt=s.name("task"); s.parts.append(d.user(nxt)); s.parts.append(d.xor(o,default=f"{o}_to_{nxt}")); s.split(o,[i,nxt]); return i,nxt
def make(seed):
    r=Random(seed); m=Maker(r); a,b=m.fix(m.block(2))
    for k,p in enumerate(m.parts): pass
    body=d.start()+"".join(m.parts)+d.end()+d.path("reported",a)+d.path(b,"closed")
    msg='<bpmn:message id="msg" name="msg"/>' if "evg_" in body else ''
    return d.diagram(body,outside=msg).replace(b'<bpmn:laneSet',b'<bpmn:property id="posts" name="posts"/><bpmn:laneSet',1),m.xor
SUB=d.diagram(d.start("sub_in")+d.user("sub_task")+d.end("sub_out")+d.path("sub_in","sub_task","sub_out"),process="sub")
def fixblock(m): pass
def key(ex):
    out=[]
    for wf in workflows(ex._workflow):
        for t in wf.tasks.values():
            if t.state & UNFINISHED:
                out.append((wf.spec.name,t.task_spec.name,int(t.state),t.parent.task_spec.name if t.parent else "",str(t.internal_data.get("key_or_index",""))))
    return tuple(sorted(out))
def brute(data,xors,limit=1500):
    defn=Drawn({"p.bpmn":data,"sub.bpmn":SUB},"p")
    picks=[{f"{n}_pick":v for (n,_),v in zip(xors,c)} for c in itertools.product(*[range(k) for _,k in xors])][:16]
    faults=set(); trace={}
    states={}; pend=collections.deque(); prev=collections.defaultdict(set); ended=set()
    def go(src,mk,dat,act,label,extra=None):
        ex=Execution(defn,mk,dat,now=NOW)
        try: ex.apply(act)
        except EngineFault as e: faults.add("engine:"+e.code); return
        except Exception as e: faults.add("exc:"+type(e).__name__); return
        k=key(ex); res=ex.result()
        w=ex.waiting() if not res.is_ended else None
        if res.is_ended: k="END"; ended.add(k)
        else:
            els=collections.Counter(o.element for o in w.persons.values())
            if any(c>1 for e,c in els.items()): faults.add("two_tokens")
            if not w.persons and not w.timers and not w.messages and not res.call: faults.add("deadlock")
            extra=tuple(sorted((a,b) for a,b in res.data.items() if a.endswith("_pick"))) if False else ()
        prev[k].add(src)
        if k not in states:
            states[k]=None
            if k!="END": pend.append((k,res.marking,res.data))
    for p in picks: go("START",None,{},plan.Start({"posts":[1,2],**p}),"start")
    while pend:
        if len(states)>limit: return None
        k,mk,dat=pend.popleft()
        ex=Execution(defn,mk,dat,now=NOW); w=ex.waiting()
        for tok,o in w.persons.items():
            for p in picks: go(k,mk,dat,plan.Complete(tok,p),o.element)
        for e in w.timers: go(k,mk,dat,plan.Due(e),e)
        for e,a in w.messages.items(): go(k,mk,dat,plan.Message(a.name,{},e),e)
        if "two_tokens" in faults: break
    if "two_tokens" not in faults:
        good=set(); todo=["END"] if "END" in states else []
        while todo:
            x=todo.pop()
            for q in prev[x]:
                if q not in good: good.add(q); todo.append(q)
        lost=[s for s in states if s!="END" and s not in good]
        if lost: faults.add("no option to complete")
    return faults,len(states)
if __name__=="__main__":
    N=int(sys.argv[1]); seed0=int(sys.argv[2]) if len(sys.argv)>2 else 0
    tally=collections.Counter(); odd=[]; t0=time.time(); seed=seed0; done=0
    while done<N and time.time()-t0<float(sys.argv[3]):
        seed+=1
        data,xors=make(seed)
        if len(xors)>4: continue
        done+=1
        root=parse_xml(data,name="p.bpmn"); fs=check_bundle({"p.bpmn":data,"sub.bpmn":SUB,"forms/note.json":d.form("note")})
        rules={f.rule for f in fs if f.file=="p.bpmn" and f.severity=="error"}-{"label","idle_gateway","unknown_name","task_count","lane","form"}
        S={"join_waits","two_tokens","no_end_reached","livelock","side_branch","dead_node"}
        unproved=any(f.rule=="unproved" for f in fs)
        other=rules-S
        if other: tally["shape error: "+",".join(sorted(other))]+=1; continue
        try: b=brute(data,xors)
        except Exception as e: tally["brute crashed "+type(e).__name__]+=1; odd.append((seed,"crash",repr(e)[:200])); continue
        if b is None: tally["too large"]+=1; continue
        faults,n=b
        v=("unproved" if unproved else "unsound" if rules&S else "sound"); e="unsound" if faults else "sound"
        tally[f"check {v} / engine {e}"]+=1
        if v!=e: odd.append((seed,sorted(rules),sorted(faults),n))
    print(done,dict(tally)); 
    for o in odd[:40]: print(o)
    json.dump(odd,open("odd.json","w"))
