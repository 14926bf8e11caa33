"""Seeded faults of the shipped diagrams, tables and forms; what does `hangji check` say of each?
Run in the repository root with its own Python: .venv/bin/python mutants.py out.json"""
import collections, copy, json, random, sys
from pathlib import Path
from lxml import etree
from api.composition import handler_modules
from engine.binding import collect
from functools import partial
from handlers.policy import POLICIES
from engine.check import check_bundle as check_all
check_bundle = partial(check_all, policies=POLICIES)
from engine.definitions import read_folder

B="{http://www.omg.org/spec/BPMN/20100524/MODEL}"; X="{http://spiffworkflow.org/bpmn/schema/1.0/core}"
DI="{http://www.omg.org/spec/BPMN/20100524/DI}"; D="{https://www.omg.org/spec/DMN/20191111/MODEL/}"
R=random.Random(20260)
FILES={n:t for n,t in read_folder(Path("bpmn")).items()}
import tests.conftest  # the rules of the city
BOUND=collect(handler_modules())
def check(files):
    return check_bundle({n:t.encode() for n,t in files.items()}, functions=BOUND.table(), declared=BOUND.declared())
# Two flows and no decision: there is nothing to seed a fault between.
BPMNS=[n for n in FILES if n.endswith(".bpmn") and n!="external_inspection.bpmn"]
mutants=[]  # (operator, file, description, expected set, content)
def add(op, file, what, expect, root_or_text, truth="fault"):
    text=root_or_text if isinstance(root_or_text,str) else etree.tostring(root_or_text,encoding="unicode")
    mutants.append((op,file,what,set(expect),text,truth))
def load(n): return etree.fromstring(FILES[n].encode())
def by(root,i): return next(e for e in root.iter() if e.get("id")==i)
def proc(root): return root.find(B+"process")
def flows(root): return proc(root).findall(B+"sequenceFlow")
def nodes(root): return [e for e in proc(root) if e.get("id") and e.tag.startswith(B) and etree.QName(e).localname not in ("sequenceFlow","laneSet","property","association","textAnnotation")]
def ref_rm(root,fid):
    for e in list(root.iter(B+"incoming",B+"outgoing")):
        if e.text==fid: e.getparent().remove(e)
def di_rm(root,i):
    for e in list(root.iter(DI+"BPMNEdge",DI+"BPMNShape")):
        if e.get("bpmnElement")==i: e.getparent().remove(e)
def rm_flow(root,fid):
    f=by(root,fid); f.getparent().remove(f); ref_rm(root,fid); di_rm(root,fid)
    for e in proc(root).iter():
        if e.get("default")==fid: del e.attrib["default"]
def rm_node(root,nid):
    e=by(root,nid); e.getparent().remove(e); di_rm(root,nid)
    for r in list(root.iter(B+"flowNodeRef")):
        if r.text==nid: r.getparent().remove(r)
    for f in flows(root):
        if nid in (f.get("sourceRef"),f.get("targetRef")): rm_flow(root,f.get("id"))
def retarget(root,fid,new):
    f=by(root,fid); old=by(root,f.get("targetRef"))
    for e in old.findall(B+"incoming"):
        if e.text==fid: old.remove(e)
    n=by(root,new); inc=etree.Element(B+"incoming"); inc.text=fid
    pos=0
    for k,c in enumerate(n):
        if etree.QName(c).localname in("extensionElements","documentation","incoming"): pos=k+1
    n.insert(pos,inc); f.set("targetRef",new)
def resource(root,fid,new):
    f=by(root,fid); old=by(root,f.get("sourceRef"))
    for e in old.findall(B+"outgoing"):
        if e.text==fid: old.remove(e)
    n=by(root,new); inc=etree.Element(B+"outgoing"); inc.text=fid
    pos=0
    for k,c in enumerate(n):
        if etree.QName(c).localname in("extensionElements","documentation","incoming","outgoing"): pos=k+1
    n.insert(pos,inc); f.set("sourceRef",new)
def clean_rm(root,nid):
    """As an analyst would: delete a boundary event and all that only it leads to."""
    gone=[nid]; todo=[nid]
    while todo:
        n=todo.pop(); outs=[f for f in flows(root) if f.get("sourceRef")==n]
        for f in outs:
            t=f.get("targetRef"); 
            others=[g for g in flows(root) if g.get("targetRef")==t and g.get("sourceRef") not in gone]
            if not others and t not in gone: gone.append(t); todo.append(t)
    for g in gone: rm_node(root,g)
    # merging gateways left with one way in and one out: bypass
    for g in [e for e in nodes(root) if e.tag==B+"exclusiveGateway"]:
        i=[f for f in flows(root) if f.get("targetRef")==g.get("id")]; o=[f for f in flows(root) if f.get("sourceRef")==g.get("id")]
        if len(i)==1 and len(o)==1:
            t=o[0].get("targetRef"); rm_flow(root,o[0].get("id")); retarget(root,i[0].get("id"),t); rm_node(root,g.get("id"))
    return gone
def props(e): return e.findall(f"{B}extensionElements/{X}properties/{X}property")
def pick(seq,k): seq=list(seq); R.shuffle(seq); return seq[:k]

def catalogue():
    """Every seeded fault: operator, file, what, the elements it is at, the text, and whether it is one."""
    mutants.clear(); R.seed(20260)
    for n in BPMNS:
        base=load(n); small=n in("side_task.bpmn","follow_up.bpmn")
        k=2 if small else 4
        for f in pick(flows(base),k):
            r=load(n); i=f.get("id"); rm_flow(r,i); add("remove_flow",n,i,[i,f.get("sourceRef"),f.get("targetRef")],r)
        for f in pick(flows(base),k):
            r=load(n); i=f.get("id"); s,t=f.get("sourceRef"),f.get("targetRef"); retarget(r,i,s); resource(r,i,t)
            by(r,i).set("sourceRef",t); by(r,i).set("targetRef",s)
            add("reverse_flow",n,i,[i,s,t],r)
        cand=[e.get("id") for e in nodes(base) if etree.QName(e).localname not in("startEvent","boundaryEvent")]
        for f in pick(flows(base),k+2):
            new=R.choice([c for c in cand if c not in (f.get("targetRef"),f.get("sourceRef"))])
            r=load(n); retarget(r,f.get("id"),new); add("redirect_flow",n,f"{f.get('id')} -> {new}",[f.get("id"),f.get("sourceRef"),f.get("targetRef"),new],r)
        for g in pick([e for e in nodes(base) if e.get("default")],k):
            r=load(n); del by(r,g.get("id")).attrib["default"]
            add("remove_default",n,g.get("id"),[g.get("id"),g.get("default")],r)
        for g in pick([e for e in nodes(base) if e.get("default")],2):
            r=load(n); gg=by(r,g.get("id")); fid=gg.get("default"); del gg.attrib["default"]
            c=etree.SubElement(by(r,fid),B+"conditionExpression"); c.text="1 == 2"
            add("no_default_all_conditions",n,g.get("id"),[g.get("id"),fid],r)
        for b in [e for e in nodes(base) if e.tag==B+"boundaryEvent"]:
            r=load(n); gone=clean_rm(r,b.get("id")); add("remove_boundary_cleanly",n,b.get("id"),[b.get("id"),b.get("attachedToRef"),*gone],r)
            r=load(n); rm_node(r,b.get("id")); add("remove_boundary_only",n,b.get("id"),[b.get("id"),b.get("attachedToRef"),*gone],r)
            r=load(n); e=by(r,b.get("id")); 
            if e.get("cancelActivity")=="false": del e.attrib["cancelActivity"]
            else: e.set("cancelActivity","false")
            add("flip_interrupting",n,b.get("id"),[b.get("id"),b.get("attachedToRef"),*gone],r)
            for u in [e for e in nodes(base) if e.tag==B+"userTask" and e.get("id")!=b.get("attachedToRef")][:1]:
                r=load(n); by(r,b.get("id")).set("attachedToRef",u.get("id")); add("boundary_on_other_task",n,f"{b.get('id')} on {u.get('id')}",[b.get("id"),u.get("id"),b.get("attachedToRef")],r)
        lanes=[l.get("id") for l in base.iter(B+"lane")]
        for u in [e for e in nodes(base) if e.tag==B+"userTask"]:
            uid=u.get("id")
            if len(lanes)>1:
                r=load(n); ref=next(x for x in r.iter(B+"flowNodeRef") if x.text==uid); own=ref.getparent(); other=R.choice([l for l in lanes if l!=own.get("id")])
                own.remove(ref); by(r,other).append(ref); add("wrong_lane",n,f"{uid} in {other}",[uid,other,own.get("id")],r)
            r=load(n); ref=next(x for x in r.iter(B+"flowNodeRef") if x.text==uid); ref.getparent().remove(ref); add("no_lane",n,uid,[uid],r)
            forms=[x[6:-5] for x in FILES if x.startswith("forms/")]
            for p in props(by(load(n),uid)):
                name=p.get("name")
                r=load(n); q=next(x for x in props(by(r,uid)) if x.get("name")==name); q.getparent().remove(q); add(f"drop_{name}",n,uid,[uid],r)
                r=load(n); q=next(x for x in props(by(r,uid)) if x.get("name")==name)
                if name=="form":
                    q.set("value",R.choice([x for x in forms if x!=q.get("value") and not x.startswith("report")])); add("wrong_existing_form",n,f"{uid}: {q.get('value')}",[uid],r)
                elif name=="deadline":
                    q.set("value","handel"); add("deadline_typo",n,uid,[uid],r)
                    r=load(n); q=next(x for x in props(by(r,uid)) if x.get("name")==name); q.set("value","follow_up_progress" if q.get("value")!="follow_up_progress" else "triage"); add("deadline_other_step",n,f"{uid}: {q.get('value')}",[uid],r)
                elif name=="phase":
                    q.set("value","handling"); add("phase_typo",n,uid,[uid],r)
                else:
                    q.set("value","side_due"); add("due_typo",n,uid,[uid],r)
        conds=[f for f in flows(base) if f.find(B+"conditionExpression") is not None]
        for f in conds:
            i=f.get("id"); src=f.get("sourceRef"); text=f.find(B+"conditionExpression").text; exp=[i,src]
            if "'" in text:
                r=load(n); c=by(r,i).find(B+"conditionExpression"); a=text.split("'"); a[1]=a[1]+"d" if not a[1].endswith("d") else a[1][:-1]; c.text="'".join(a)
                add("outcome_literal_typo",n,f"{i}: {c.text}",exp,r)
        for f in pick(conds,k):
            i=f.get("id"); src=f.get("sourceRef"); text=f.find(B+"conditionExpression").text; exp=[i,src]
            r=load(n); by(r,i).find(B+"conditionExpression").text=R.choice(["True","1 == 1","2 > 1"]); add("condition_always_true",n,i,exp,r)
            r=load(n); by(r,i).find(B+"conditionExpression").text=R.choice(["False","1 == 2"]); add("condition_always_false",n,i,exp,r)
            r=load(n); by(r,i).find(B+"conditionExpression").text=f"not ({text})"; add("condition_negated",n,i,exp,r)
            r=load(n); by(r,i).find(B+"conditionExpression").text=text.replace(text.split()[1] if text.startswith("not ") else text.split()[0],"outcom"); add("condition_name_typo",n,i,exp,r)
            r=load(n); by(r,i).find(B+"conditionExpression").text=text.replace("==","="); 
            if "==" in text: add("condition_single_equals",n,i,exp,r)
        for g in [e for e in nodes(base) if e.tag==B+"exclusiveGateway"]:
            sib=[f for f in flows(base) if f.get("sourceRef")==g.get("id") and f.find(B+"conditionExpression") is not None]
            if len(sib)>=2:
                r=load(n); a,b=by(r,sib[0].get("id")),by(r,sib[1].get("id")); b.find(B+"conditionExpression").text=a.find(B+"conditionExpression").text
                add("duplicate_condition",n,f"{a.get('id')} = {b.get('id')}",[a.get("id"),b.get("id"),g.get("id")],r)
                r=load(n); a,b=by(r,sib[0].get("id")),by(r,sib[1].get("id")); ca,cb=a.find(B+"conditionExpression"),b.find(B+"conditionExpression"); ca.text,cb.text=cb.text,ca.text
                add("conditions_swapped",n,f"{a.get('id')} <> {b.get('id')}",[a.get("id"),b.get("id"),g.get("id")],r)
            o=[f for f in flows(base) if f.get("sourceRef")==g.get("id")]; inc=[f for f in flows(base) if f.get("targetRef")==g.get("id")]
            if len(o)==2 and g.get("default"):
                r=load(n); gg=by(r,g.get("id")); d=gg.get("default"); other=next(f.get("id") for f in o if f.get("id")!=d)
                gg.set("default",other); c=by(r,other).find(B+"conditionExpression"); by(r,other).remove(c); by(r,d).append(c)
                add("default_swapped_cleanly",n,g.get("id"),[g.get("id"),d,other],r)
        for g in pick([e for e in nodes(base) if e.tag==B+"exclusiveGateway"],k+2):
            gid=g.get("id"); o=[f.get("id") for f in flows(base) if f.get("sourceRef")==gid]; inc=[f.get("id") for f in flows(base) if f.get("targetRef")==gid]
            r=load(n); gg=by(r,gid); gg.tag=B+"parallelGateway"; gg.attrib.pop("default",None)
            for x in o:
                c=by(r,x).find(B+"conditionExpression")
                if c is not None: by(r,x).remove(c)
            add("xor_to_and_"+("split" if len(o)>1 else "join"),n,gid,[gid,*o,*inc,*[by(r,x).get("targetRef") for x in o]],r)
            if len(inc)>1 and len(o)==1:
                r=load(n); t=by(r,o[0]).get("targetRef"); rm_flow(r,o[0])
                for x in inc: retarget(r,x,t)
                rm_node(r,gid); add("removed_merge",n,gid,[gid,t],r)
        for c in [e for e in nodes(base) if e.tag==B+"callActivity"]:
            r=load(n); by(r,c.get("id")).set("calledElement","handeling"); add("call_missing_process",n,c.get("id"),[c.get("id")],r)
            r=load(n); by(r,c.get("id")).set("calledElement","side_task"); add("call_wrong_process",n,c.get("id"),[c.get("id")],r)
            for p in props(c):
                r=load(n); q=next(x for x in props(by(r,c.get("id"))) if x.get("name")==p.get("name")); v=q.get("value"); q.set("value","=start_levl" if v.startswith("=") else v[:-1]); add("call_property_value_typo",n,f"{c.get('id')}.{p.get('name')}={q.get('value')}",[c.get("id")],r)
                r=load(n); q=next(x for x in props(by(r,c.get("id"))) if x.get("name")==p.get("name")); q.set("name",q.get("name")+"s"); add("call_property_name_typo",n,f"{c.get('id')}.{q.get('name')}",[c.get("id")],r)
        for d in [e for e in nodes(base) if e.tag==B+"businessRuleTask"]:
            i=d.get("id")
            r=load(n); by(r,i).find(f"{B}extensionElements/{X}calledDecisionId").text="deadline"; add("decision_missing",n,i,[i],r)
            r=load(n); q=by(r,i).find(f"{B}extensionElements/{X}calledDecisionId"); q.text="chase" if q.text!="chase" else "matters"; add("decision_wrong_table",n,i,[i],r)
            for p in props(d):
                if p.get("name") in("step","level"):
                    r=load(n); q=next(x for x in props(by(r,i)) if x.get("name")==p.get("name")); q.set("value",q.get("value")+"e"); add("decision_input_typo",n,f"{i}.{p.get('name')}={q.get('value')}",[i],r)
                    r=load(n); q=next(x for x in props(by(r,i)) if x.get("name")==p.get("name")); q.getparent().remove(q); add("decision_input_dropped",n,f"{i}.{p.get('name')}",[i],r)
        for m in base.findall(B+"message"):
            r=load(n); by(r,m.get("id")).set("name",m.get("name")+"x"); ev=[e.getparent().get("id") for e in base.iter(B+"messageEventDefinition")]; add("message_name_typo",n,m.get("id"),[m.get("id"),*ev],r)
        for t in base.iter(B+"timeDate"):
            ev=t.getparent().getparent().get("id")
            r=load(n); q=by(r,ev).find(f"{B}timerEventDefinition/{B}timeDate"); q.tag=B+"timeDuration"; add("timer_kind_swapped",n,ev,[ev],r)
            r=load(n); q=by(r,ev).find(f"{B}timerEventDefinition/{B}timeDate"); q.text="long_running_at" if q.text!="long_running_at" else "accept_inform_at"; add("timer_other_variable",n,f"{ev}: {q.text}",[ev],r)
            r=load(n); q=by(r,ev).find(f"{B}timerEventDefinition/{B}timeDate"); q.text=q.text+"s"; add("timer_variable_typo",n,ev,[ev],r)
        for t in base.iter(B+"timeDuration"):
            ev=t.getparent().getparent().get("id")
            for v in ['"P7"','"7D"','"PT7D"','"P7H"','"P0D"','"-P7D"','"P7M"','P7D','"P7 D"','"p7d"','"P70D"','"PT7M"',"7"]:
                r=load(n); by(r,ev).find(f"{B}timerEventDefinition/{B}timeDuration").text=v; add("duration_typo",n,f"{ev}: {v}",[ev],r)
        for t in [e for e in nodes(base) if e.find(B+"terminateEventDefinition") is not None]:
            r=load(n); q=by(r,t.get("id")); q.remove(q.find(B+"terminateEventDefinition")); add("terminate_removed",n,t.get("id"),[t.get("id")],r)
        for t in [e for e in nodes(base) if e.tag==B+"endEvent" and e.find(B+"terminateEventDefinition") is None][:3]:
            inc=next(f.get("sourceRef") for f in flows(base) if f.get("targetRef")==t.get("id"))
            r=load(n); q=by(r,t.get("id")); etree.SubElement(q,B+"terminateEventDefinition").set("id","te"); add("terminate_added",n,t.get("id"),[t.get("id"),inc],r, "fault" if t.get("id") in("superior_informed","supervision_ordered","followed_up") else "harmless")
        ids=[e.get("id") for e in nodes(base)]
        for _ in range(1 if small else 2):
            a,b=R.sample(ids,2); r=load(n); by(r,a).set("id",b); add("duplicate_id",n,f"{a} = {b}",[a,b],r)
        for l in list(base.iter(B+"lane"))[:2]:
            r=load(n); by(r,l.get("id")).set("name",l.get("name")+"组"); add("lane_name_typo",n,l.get("id"),[l.get("id")],r)
        for s in pick([e for e in nodes(base) if e.tag==B+"serviceTask"],k):
            i=s.get("id"); r=load(n)
            inc=[f.get("id") for f in flows(base) if f.get("targetRef")==i]; o=[f for f in flows(base) if f.get("sourceRef")==i][0]
            for x in inc: retarget(r,x,o.get("targetRef"))
            rm_flow(r,o.get("id")); rm_node(r,i); add("service_deleted",n,i,[i],r)
        pv=[p for p in props(proc(base)) if p.get("name")=="variables"]
        for v in pv[0].get("value").split() if pv else []:
            r=load(n); q=[p for p in props(proc(r)) if p.get("name")=="variables"][0]; q.set("value"," ".join(x for x in q.get("value").split() if x!=v)); add("variable_not_declared",n,v,[v,proc(base).get("id"),*[f.get("id") for f in conds if v in f.find(B+"conditionExpression").text],*[t.getparent().getparent().get("id") for t in base.iter(B+"timeDate") if v in t.text]],r)
    # MI
    n="side_task.bpmn"
    for what,fn in {"collection_typo":lambda l:setattr(l.find(B+"loopDataInputRef"),"text","post"),"sequential":lambda l:l.set("isSequential","true"),"item_removed":lambda l:l.remove(l.find(B+"inputDataItem")),"item_renamed":lambda l:(l.find(B+"inputDataItem").set("name","post"),l.find(B+"inputDataItem").set("id","post")),"collection_text":lambda l:setattr(l.find(B+"loopDataInputRef"),"text","kind"),"loop_removed":lambda l:l.getparent().remove(l)}.items():
        r=load(n); fn(by(r,"answer").find(B+"multiInstanceLoopCharacteristics")); add("mi_"+what,n,"answer",["answer"],r)
    r=load(n); p=by(r,"posts"); p.getparent().remove(p); add("mi_property_removed",n,"posts",["answer","posts","side_task"],r)
    # policy: chain
    n="escalation.bpmn"
    for f,t,w in [("county_passed_up","at_the_grid_leader","downward"),("station_passed_up","at_the_village_center","downward"),("station_passed_up","at_the_city","skip"),("grid_leader_passed_up","at_the_station","skip"),("unit_or_grid_passed_up","at_the_village_center","skip"),("unit_or_grid_passed_up","at_the_station","skip"),("county_passed_up","left_a_level","stop"),("back_to_the_previous_level","at_the_grid_leader","downward_via_step_back"),("start_at_station","at_the_grid_leader","start_lower"),("start_at_county","at_the_station","start_lower"),("start_at_city","at_the_county","start_lower"),("center_stepped_over","at_the_county","skip")]:
        r=load(n); retarget(r,f,t); add("chain_"+w,n,f"{f} -> {t}",[f,t,by(load(n),f).get("sourceRef"),by(load(n),f).get("targetRef"),"handle_by_grid_leader","handle_at_station","handle_at_county","handle_at_city","relay","assign_village_center"],r)
    r=load(n); [q.set("value","station") for q in props(by(r,"handle_at_county"))]; add("chain_level_wrong",n,"handle_at_county=station",["handle_at_county","escalation","handle_at_station"],r)
    r=load(n); [q.set("value","grid_leader") for q in props(by(r,"handle_at_county"))]; add("chain_level_wrong",n,"handle_at_county=grid_leader",["handle_at_county","escalation","handle_at_station"],r)
    # downward through a new service-free relay: a decision between
    r=load(n); retarget(r,"county_passed_up","step_back"); add("chain_downward_via_step",n,"county_passed_up -> step_back",["county_passed_up","did_county_pass_up","step_back"],r)
    # feedback
    n="grid_report.bpmn"
    r=load(n); 
    for f in flows(load(n)):
        if f.get("targetRef")=="ready_to_feed_back": pass
    retarget(r,"ready_to_feed_back_to_feed_back","case_closed"); rm_flow(r,"feed_back_to_case_closed"); rm_node(r,"feed_back"); add("end_without_feedback",n,"feed_back removed",["feed_back","case_closed"],r)
    for fid in ("triage_closed_it","nothing_to_verify","passed"):
        r=load(n); e=etree.SubElement(proc(r),B+"endEvent"); e.set("id","closed_silently"); e.set("name","办结"); retarget(r,fid,"closed_silently"); add("end_without_feedback",n,fid,["closed_silently",fid],r)
    r=load(n); t=by(r,"verify"); b=etree.SubElement(proc(r),B+"boundaryEvent"); b.set("id","verify_overdue"); b.set("name","核查超时"); b.set("attachedToRef","verify"); b.set("cancelActivity","false")
    o=etree.SubElement(b,B+"outgoing"); o.text="verify_overdue_ends"; td=etree.SubElement(b,B+"timerEventDefinition"); etree.SubElement(td,B+"timeDuration").text='"P30D"'
    e=etree.SubElement(proc(r),B+"endEvent"); e.set("id","closed_silently"); e.set("name","自动办结"); etree.SubElement(e,B+"incoming").text="verify_overdue_ends"; etree.SubElement(e,B+"terminateEventDefinition")
    f=etree.SubElement(proc(r),B+"sequenceFlow"); f.set("id","verify_overdue_ends"); f.set("sourceRef","verify_overdue"); f.set("targetRef","closed_silently")
    add("end_without_feedback",n,"non-interrupting timer -> terminate end",["closed_silently","verify_overdue","verify"],r)
    n="public_report.bpmn"
    r=load(n); e=etree.SubElement(proc(r),B+"endEvent"); e.set("id","closed_silently"); e.set("name","办结"); retarget(r,"inquiry","closed_silently"); 
    add("end_without_feedback",n,"inquiry -> end",["closed_silently","inquiry","answer_inquiry"],r)
    r=load(n); e=etree.SubElement(proc(r),B+"endEvent"); e.set("id","closed_silently"); e.set("name","办结"); retarget(r,"no_emergency","closed_silently"); add("end_without_feedback",n,"no_emergency -> end",["closed_silently","no_emergency","is_it_about_food"],r)
    # skip verification (R: verify by somebody else)
    n="grid_report.bpmn"
    r=load(n); retarget(r,"something_to_verify","ready_to_feed_back"); add("skip_verification",n,"something_to_verify -> feed back",["something_to_verify","what_came_out","verify"],r)
    r=load(n); retarget(r,"resolved","ready_to_feed_back"); add("skip_verification",n,"resolved -> feed back",["resolved","verify","ready_to_feed_back"],r)
    r=load(n); retarget(r,"found_by_department","verify"); add("skip_rectification",n,"a department's finding -> verify",["found_by_department","who_found_it","rectify","verify","feed_back"],r)
    r=load(n); retarget(r,"found_by_department","ready_to_feed_back"); add("skip_rectification",n,"a department's finding -> feed back",["found_by_department","who_found_it","rectify","feed_back","ready_to_feed_back"],r)
    r=load(n); retarget(r,"case_lead","ready_to_verify"); add("skip_investigation",n,"a lead -> verify",["case_lead","what_came_out","investigate","ready_to_verify","feed_back"],r)
    r=load("public_report.bpmn"); retarget(r,"case_lead","ready_to_verify"); add("skip_investigation","public_report.bpmn","a lead of the public -> verify",["case_lead","what_came_out","investigate","ready_to_verify","notify_reporter"],r)
    r=load("case_investigation.bpmn"); retarget(r,"not_filed","enforcement_reported"); add("skip_investigation","case_investigation.bpmn","not filed and not reported",["not_filed","is_it_filed","report_back","enforcement_reported","ready_to_report"],r)
    r=load("department_inspection.bpmn"); retarget(r,"problems_found","all_ended"); add("skip_rectification","department_inspection.bpmn","problems -> published",["problems_found","what_was_found","rectify","all_ended","publish_result_later"],r)
    r=load("department_inspection.bpmn"); retarget(r,"lead_found","all_ended"); add("skip_investigation","department_inspection.bpmn","a lead -> published",["lead_found","what_was_found","investigate","all_ended","publish_result_later"],r)
    r=load("rectification.bpmn"); f="prove_rectification_to_ready_to_check"; retarget(r,f,"put_right"); add("skip_rectification","rectification.bpmn","a proof nobody checks",[f,"prove_rectification","put_right","ready_to_check"],r)
    r=load("snapshot_review.bpmn"); retarget(r,"as_evidence","ready_to_file"); add("skip_snapshot_review","snapshot_review.bpmn","evidence -> case",["as_evidence","is_it_evidence","legal_and_technical_review","file_lead","ready_to_file"],r)
    r=load("snapshot_review.bpmn"); retarget(r,"describe_to_ready_to_review","ready_to_file"); add("skip_snapshot_review","snapshot_review.bpmn","described -> case",["describe_to_ready_to_review","describe","review_snapshot","file_lead","ready_to_file","ready_to_review"],r)
    r=load(n); retarget(r,"emergency","ready_to_escalate"); add("emergency_no_alert",n,"emergency -> escalate",["emergency","alert_station_and_county"],r)
    r=load(n); retarget(r,"market_supervision_direct","ready_to_feed_back"); add("party_dropped",n,"market_supervision_direct -> feed back",["market_supervision_direct","who_accepts"],r)
    n="public_report.bpmn"; 
    r=load(n); retarget(r,"not_passed","ready_to_answer"); add("skip_rework",n,"not_passed -> answer",["not_passed","did_it_pass"],r)
    r=load(n); retarget(r,"passed","ready_to_escalate"); add("loop_without_exit",n,"passed -> escalate",["passed","did_it_pass","ready_to_escalate"],r)
    n="follow_up.bpmn"
    r=load(n); retarget(r,"finished_at_last","next_round"); rm_node(r,"follow_up_finished"); add("loop_without_exit",n,"finished -> next round",["finished_at_last","next_round","follow_up","is_it_finished"],r)
    r=load(n); retarget(r,"finished_at_last","next_round"); rm_node(r,"follow_up_finished"); 
    b=etree.SubElement(proc(r),B+"endEvent"); b.set("id","never"); b.set("name","x"); add("loop_without_exit",n,"end unreachable",["finished_at_last","next_round","follow_up","never","is_it_finished"],r)
    # DMN
    def rules(root): return list(root.iter(D+"rule"))
    def cols(root): return [i.find(f"{D}inputExpression/{D}text").text for i in root.iter(D+"input")], [o.get("name") for o in root.iter(D+"output")]
    for n in [x for x in FILES if x.endswith(".dmn")]:
        base=load(n); ci,co=cols(base)
        for ru in pick(rules(base),4):
            i=ru.get("id")
            r=load(n); q=by(r,i); c=copy.deepcopy(q); 
            for e in c.iter():
                if e.get("id"): e.set("id",e.get("id")+"_again")
            last=c.findall(D+"outputEntry")[0].find(D+"text"); last.text={"limit":"99"}.get(co[0],last.text)
            q.addnext(c); add("dmn_overlap_copy",n,i,[i,i+"_again"],r)
            r=load(n); q=by(r,i); q.getparent().remove(q); add("dmn_row_removed",n,i,[i,n[:-4]],r)
            r=load(n); q=by(r,i); q.findall(D+"inputEntry")[0].find(D+"text").text="-"; add("dmn_row_widened",n,f"{i}.{ci[0]}=-",[i],r)
            ins=by(load(n),i).findall(D+"inputEntry")
            for j,c in enumerate(ci):
                if '"' in (ins[j].find(D+"text").text or ""):
                    r=load(n); q=by(r,i).findall(D+"inputEntry")[j].find(D+"text"); q.text=q.text.replace('"','',1).replace('"','e',1); q.text='"'+q.text+'"'; add("dmn_input_typo",n,f"{i}.{c}={q.text}",[i,n[:-4]],r); break
        for col,vals in {"limit":["0","-3","5000","\"5\"","5.5"],"unit":['"workday"','"working_days"','"week"','"hours"'],"on_overdue":['"passup"','"escalate"',''],"extensions":["-1","99"],"extension_approver":['"count"'],
                         "accepting_party":['"GRID"'],"accepting_level":['"conty"','"grid"'],"priority":['"urgend"'],"deadline_profile":['"standart"'],"guide":['"nothing"'],"photo_required":['"y"'],
                         "repeat":['"daily"'],"tells":['"holders"','"boss"'],"action":['"call"','"remindd"']}.items():
            if col in co:
                for v in vals:
                    ru=R.choice(rules(base)); i=ru.get("id"); r=load(n); q=by(r,i).findall(D+"outputEntry")[co.index(col)].find(D+"text"); 
                    if q.text==v: continue
                    q.text=v; add("dmn_output_typo",n,f"{i}.{col}={v}",[i,f"{i}_{col}"],r)
        if "limit" in co:
            r=load(n); next(o for o in r.iter(D+"output") if o.get("name")=="limit").set("name","limits"); add("dmn_output_renamed",n,"limit",["limit_output",n[:-4],"limits"],r)
            ru=[x for x in rules(base) if '"pass_up"' in etree.tostring(x).decode()][0].get("id"); r=load(n); q=by(r,ru).findall(D+"outputEntry")[co.index("on_overdue")].find(D+"text"); q.text='"supervise"'; add("dmn_policy_overdue",n,f"{ru}.on_overdue=supervise",[ru],r)
        if "accepting_party" in co:
            r=load(n); next(o for o in r.iter(D+"output") if o.get("name")=="accepting_party").set("name","party"); add("dmn_output_renamed",n,"accepting_party",["accepting_party_output",n[:-4],"party"],r)
            em=[x for x in rules(base) if '"EMERGENCY"' in etree.tostring(x).decode()][0].get("id"); r=load(n); by(r,em).findall(D+"outputEntry")[co.index("accepting_level")].find(D+"text").text='"station"'; add("dmn_policy_emergency",n,em,[em],r)
            r=load(n); q=by(r,em).findall(D+"outputEntry"); q[co.index("accepting_party")].find(D+"text").text='"GRID_FIRST"'; q[co.index("accepting_level")].find(D+"text").text='"collector"'; add("dmn_policy_emergency",n,em+" to the grid",[em],r)
            ms=[x for x in rules(base) if '"MSA_DIRECT"' in etree.tostring(x).decode()][0].get("id"); r=load(n); by(r,ms).findall(D+"outputEntry")[co.index("accepting_level")].find(D+"text").text='"collector"'; add("dmn_policy_party_level",n,ms+" MSA_DIRECT at collector",[ms],r)
        for hp in ("FIRST","ANY","PRIORITY","COLLECT","RULE ORDER"):
            r=load(n); r.find(f".//{D}decisionTable").set("hitPolicy",hp); add("dmn_hit_policy",n,hp,[n[:-4],n[:-4]+"_table"],r,"fault" if hp!="FIRST" else "equivalent")
        r=load(n); r.find(f".//{D}decisionTable").set("hitPolicy","FIRST"); t=rules(r)[0]; t.findall(D+"inputEntry"); [setattr(x.find(D+"text"),"text","-") for x in t.findall(D+"inputEntry")]; add("dmn_dead_rows",n,"FIRST with row 1 all -",[x.get("id") for x in rules(base)],r)
        ru=R.choice(rules(base)).get("id"); r=load(n); by(r,ru).remove(by(r,ru).findall(D+"inputEntry")[-1]); add("dmn_cell_missing",n,ru,[ru],r)
        r=load(n); by(r,ru).findall(D+"inputEntry")[0].find(D+"text").text='"标准'; add("dmn_cell_syntax",n,ru,[ru],r)
    # forms
    for n in [x for x in FILES if x.startswith("forms/")]:
        doc=json.loads(FILES[n]); stem=n[6:-5]
        ch=[f for f in doc["fields"] if f["type"]=="choice" and f.get("options")]
        if ch:
            d=json.loads(FILES[n]); f=next(x for x in d["fields"] if x["name"]==ch[0]["name"]); o=f["options"][-1]; o["value"]+="x"; add("form_option_renamed",n,f"{f['name']}: {o['value']}",[stem,f["name"],o["value"]],json.dumps(d,ensure_ascii=False))
            d=json.loads(FILES[n]); f=next(x for x in d["fields"] if x["name"]==ch[0]["name"]); f.pop("required",None); add("form_required_dropped",n,f["name"],[stem,f["name"]],json.dumps(d,ensure_ascii=False))
        req=[f for f in doc["fields"]]
        d=json.loads(FILES[n]); d["fields"][0]["name"]+="x"; add("form_field_renamed",n,d["fields"][0]["name"],[stem,req[0]["name"],d["fields"][0]["name"]],json.dumps(d,ensure_ascii=False))
        d=json.loads(FILES[n]); d["fields"][0]["type"]="chioce"; add("form_type_typo",n,req[0]["name"],[stem,req[0]["name"]],json.dumps(d,ensure_ascii=False))
        rw=[f for f in doc["fields"] if f.get("required_when")]
        if rw:
            d=json.loads(FILES[n]); f=next(x for x in d["fields"] if x.get("required_when")); f["required_when"]={k:[v[0]+"x"] for k,v in f["required_when"].items()}; add("form_required_when_typo",n,f["name"],[stem,f["name"]],json.dumps(d,ensure_ascii=False))
    return list(mutants)
def right(f, file, expect):
    """Whether a finding names the element that was spoilt."""
    return f.element in expect or bool(set(f.trace)&expect) or (file.startswith("forms/") and f.file==file)
def main():
    catalogue()
    BASE={(f.rule,f.file,f.element) for f in check(FILES)}
    out=[]
    for op,file,what,expect,text,truth in mutants:
        files=dict(FILES); files[file]=text
        try: found=[f for f in check(files) if (f.rule,f.file,f.element) not in BASE]
        except Exception as e:
            out.append(dict(op=op,file=file,what=what,result="CRASH",detail=repr(e)[:300],truth=truth)); continue
        fw=[dict(sev=f.severity,rule=f.rule,file=f.file,el=f.element,trace=list(f.trace)) for f in found]
        errs=[f for f in fw if f["sev"]=="error"]; warns=[f for f in fw if f["sev"]=="warning" and f["rule"]!="shape"]
        use=errs or warns
        def right(f): return f["el"] in expect or bool(set(f["trace"])&expect) or (file.startswith("forms/") and f["file"]==file) 
        res=("error" if errs else "warning" if warns else "none")
        if use: res+=":"+("right" if any(right(f) for f in use) else "wrong")
        out.append(dict(op=op,file=file,what=what,result=res,truth=truth,found=[(f["sev"],f["rule"],f["file"],f["el"]) for f in use][:5]))
    json.dump(out,open(sys.argv[1],"w"),ensure_ascii=False,indent=0)
    c=collections.defaultdict(collections.Counter)
    for o in out: c[o["op"]][o["result"]]+=1
    tot=collections.Counter(o["result"] for o in out)
    print(len(out),dict(tot))
    for op in c: print(f"{op:28}",dict(c[op]))
if __name__ == "__main__":
    main()
