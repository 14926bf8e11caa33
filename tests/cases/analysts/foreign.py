"""Foreign diagrams: raw check, then minimally adapted (names, ids, lanes, bindings, tasks) and checked again."""
import subprocess,sys,time,collections,re,json
from lxml import etree
from functools import partial
from handlers.policy import POLICIES
from engine.check import check_bundle as check_all
check_bundle = partial(check_all, policies=POLICIES)
from engine.diagrams.xml import parse_xml
B="{http://www.omg.org/spec/BPMN/20100524/MODEL}"; X="{http://spiffworkflow.org/bpmn/schema/1.0/core}"
def git(repo,*a): return subprocess.run(["git","-C",f"{sys.argv[1]}/{repo}/repo",*a],capture_output=True).stdout
SETS={"bpmn-miwg+bpmn-miwg-test-suite":"^(Reference/|Camunda Modeler [0-9.]+/|Bizagi[^/]*/|Signavio[^/]*/|SAP Signavio[^/]*/|Flowable[^/]*/|bpmn.io[^/]*/|Trisotech[^/]*/|ADONIS 17.0/|Yaoqiang[^/]*/)","timKraeuter+rust_bpmn_analyzer":".","bpmn-io+bpmn-js-token-simulation":"."}
rows=[]; raw_rules=collections.Counter(); refused=collections.Counter(); fileref=collections.Counter()
crash=[]; slow=[]; xml=collections.Counter(); tools=collections.defaultdict(collections.Counter)
for repo,pat in SETS.items():
    names=[n for n in git(repo,"ls-tree","-r","-z","HEAD","--name-only").decode().split("\0") if n.lower().endswith(".bpmn") and re.match(pat,n)]
    for n in names:
        data=git(repo,"show",f"HEAD:{n}")
        if not data: continue
        t=time.time()
        try: f=check_bundle({"x.bpmn":data})
        except Exception as e: crash.append((repo,n,repr(e)[:200])); continue
        dt=time.time()-t
        if dt>2: slow.append((n,round(dt,1),len(data)))
        tool=n.split("/")[0] if "miwg" in repo else repo
        tools[tool]["files"]+=1
        kinds={x.rule for x in f}
        for k in kinds: raw_rules[k]+=1
        if any(k.startswith("xml") for k in kinds): xml[tool]+=1; tools[tool][next(k for k in kinds if k.startswith("xml"))]+=1
        els={m.group(1) for x in f if x.rule in("element","script") for m in [re.search(r"(?:不支持 |（)(\w+)",x.message.zh)] if m}
        for e in els: refused[e]+=1
        if els: tools[tool]["refused element"]+=1
        if "no_process" in kinds: tools[tool]["no_process"]+=1
        if "one_process" in kinds: tools[tool]["one_process"]+=1
        rows.append((repo,n,len(f),sorted(kinds),sorted(els)))
print(len(rows),"files; crashes",crash,"slow",slow[:10])
print("files with rule:",raw_rules.most_common(40))
print("files with a refused element:",refused.most_common(60))
for t in tools: print(t,dict(tools[t]))
json.dump(rows,open("foreign.json","w"))
