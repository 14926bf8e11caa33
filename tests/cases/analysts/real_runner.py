"""Run the real engine over every mutant that the check lets through: does a case go differently, stop or get stuck?"""
import json, sys, tempfile, collections
from datetime import timedelta
from pathlib import Path
src=open("tests/cases/analysts/mutants.py").read().split("out=[]\nfor op,file")[0]
sys.argv=["x","x"]; g={}; exec(compile(src,"m","exec"),g)
from api import deploying
from api.cli import walk as w
from api.composition import compose
from engine.time.clock import VirtualClock
from engine.background.scheduler import run_until, deliver_messages
FILES=g["FILES"]; found=json.load(open("mutants.json"))
folder=Path(tempfile.mkdtemp(prefix="dyn-",dir=".")); clock=VirtualClock(w.BEGIN)
comp=compose(w._settings(folder),clock=clock); w._load(comp)
D={"accept":[{"answer":"accept"}],"relay":[{"outcome":"pass_up"}],"verify":[{"verify_result":"passed","note":"x"}],
 "write_public_result":[{"public_result":"经核查属实，已责令改正并复查合格。"}],"report_progress":[{"progress":"进展","finished":True,"measures":"x"}],
 "decide_filing":[{"filing":"not_filed","reason":"x"}],"answer_inquiry":[{"public_result":"答复如下"}],
 "triage":[{"triage_answer":"unlisted","accepting_party":"MSA_DIRECT","reason":"x"}]}
UP={"outcome":"pass_up","reason_code":"beyond_powers","reason":"超出本级职权"}; OK={"outcome":"resolved","measures":"责令改正，复查合格"}
GRID=("grid_report",{"matter":"L01","area":w.UNIT,"description":"流动摊贩","no_photo_reason":"摊主已离开"},"grid_member")
PUB=("public_report",{"kind":["tip"],"description":"餐馆后厨有老鼠","area":w.VILLAGE,"channel":"huiminbao_app"},None)
S={"grid_up":(GRID,{"resolve_or_pass_up":[UP,UP,UP,UP,OK]}),
   "grid_member_resolves":(GRID,{"resolve_or_pass_up":[OK]}),
   "grid_overdue":(GRID,{"accept":["late","late",{"answer":"accept"}],"relay":["late"],"resolve_or_pass_up":["late",OK]}),
   "grid_long":(GRID,{"resolve_or_pass_up":[UP,UP,{"outcome":"long_running","reason":"x"},OK],"report_progress":[{"progress":"进展","finished":False},{"progress":"x","finished":True,"measures":"x"}],"verify":[{"verify_result":"not_passed","note":"x","reason":"x"},{"verify_result":"passed","note":"x"}]}),
   "grid_case_lead":(GRID,{"resolve_or_pass_up":[UP,UP,{"outcome":"case_lead","reason":"x"}]}),
   "grid_return":(GRID,{"accept":[{"answer":"accept"},{"answer":"return","reason":"x"},{"answer":"accept"}],"resolve_or_pass_up":[UP,OK]}),
   "grid_not_valid":(GRID,{"resolve_or_pass_up":[{"outcome":"not_valid","reason":"x"}]}),
   "grid_vanish":(GRID,{"resolve_or_pass_up":[UP,UP,"40d","40d",OK],}),
   "public":(PUB,{"resolve_or_pass_up":[UP,UP,OK]}),
   "public_unsure":(PUB,{"resolve_or_pass_up":[OK]}),
}
def run(name):
    (proc,form,who),plan=S[name]; plan={k:list(v) for k,v in plan.items()}
    st=w.Story(comp,clock,name,{}); lines=[]
    try:
        st.begin(proc,form,who=who)
        for _ in range(40):
            if st.is_closed: break
            wait=st.waiting()
            if not wait: st.pass_time(timedelta(days=8)); 
            else:
                t=wait[0].task_id; q=plan.get(t,[]); a=q.pop(0) if q else D.get(t,[{}])[0]
                if a=="late": st.pass_deadline()
                elif a=="40d": st.pass_time(timedelta(days=40))
                else: st.answer((t,a))
        res="closed" if st.is_closed else "STUCK: waits for "+",".join(x.task_id for x in st.waiting())
    except SystemExit as e: res="EXIT"
    except BaseException as e: res="EXC "+type(e).__name__+" "+str(e)[:160]
    with comp.database.reading() as s:
        try:
            case=st.case(s); from storage.cases import events
            t0=None; tr=[]
            for e in events.list_events(s,case.id,after=0):
                t0=t0 or e.at; p=e.payload if hasattr(e,"payload") else getattr(e,"data",{})
                p={k:v for k,v in dict(p).items() if k in("level","outcome","reason","from_level","to_level","task_id","post","reason_code","told","element","to_post","due_at")} if isinstance(p,dict) else {}
                tr.append((e.kind,getattr(e,"element",None),json.dumps(p,ensure_ascii=False,default=str,sort_keys=True) if 0 else "|".join(f"{k}={v}" for k,v in sorted(p.items()) if k!="due_at")))
        except BaseException as e: tr=[("none",repr(e)[:80],"")]
    return res,tr
NN=[0]
def publish(files):
    NN[0]+=1; files={k:(v+f"<!-- {NN[0]} -->" if k in("grid_report.bpmn","public_report.bpmn","side_task.bpmn") else v) for k,v in files.items()}
    with comp.database.transaction() as s: deploying.publish(s,files,by="m",now=clock.now())
base={}
for n in ("grid_up","public"):
    base[n]=run(n); print(n,base[n][0],len(base[n][1]))
sys.stdout.flush()
out=[]
import time; t0=time.time()
LIMIT=float(sys.argv[2]) if len(sys.argv)>2 else 420
seen=set()
S={k:S[k] for k in ("grid_up","public")}
prio=["decision_input_typo","timer_kind_swapped","dmn_output_typo","dmn_output_renamed","flip_interrupting","boundary_on_other_task","terminate_removed","timer_other_variable","dmn_row_removed","dmn_input_typo","wrong_existing_form","call_wrong_process","condition_always_true","duplicate_condition","decision_input_dropped","call_property_name_typo","xor_to_and_split","form_required_dropped","default_swapped_cleanly","wrong_lane","terminate_added","message_name_typo","mi_collection_text","dmn_dead_rows","skip_verification","party_dropped","condition_negated"]
rows=sorted(zip(g["mutants"],found),key=lambda x: prio.index(x[0][0]) if x[0][0] in prio else 99)
for (op,file,what,expect,text,truth),o in rows:
    if o["result"]!="none": continue
    if time.time()-t0>115: break
    if (op,file) in seen: continue
    seen.add((op,file))
    files=dict(FILES); files[file]=text
    try: publish(files)
    except BaseException as e: out.append(dict(op=op,file=file,what=what,verdict="publish fails",detail=repr(e)[:200])); continue
    diff={}
    for n in S:
        if file=="public_report.bpmn" and n.startswith("grid"): continue
        if file in("grid_report.bpmn","forms/report_collected.json") and n.startswith("public"): continue
        if file=="side_task.bpmn": continue
        res,tr=run(n)
        if res!=base[n][0]: diff[n]=res
        elif tr!=base[n][1]: diff[n]="other way"
    v="same in all runs" if not diff else ("stuck or incident" if any(not d.startswith("other") for d in diff.values()) else "silently another way")
    out.append(dict(op=op,file=file,what=what,verdict=v,diff=diff))
publish(FILES)
json.dump(out,open("dyn2.json","w"),ensure_ascii=False,indent=0)
c=collections.defaultdict(collections.Counter)
for o in out: c[o["op"]][o["verdict"]]+=1
print(collections.Counter(o["verdict"] for o in out))
for k in c: print(f"{k:28}",dict(c[k]))
