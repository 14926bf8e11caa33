"""More seeded faults, of operators the rules were not written for; the same shape as `mutants`.

Drawn by a generator of its own, so that those of `mutants` stay as they were.
"""
import copy, json, random, re
from lxml import etree
from tests.cases.analysts import mutants as m
from tests.cases.analysts.mutants import B, D, X, FILES, by, flows, load, nodes, proc, props, ref_rm, retarget

R = random.Random(1711)
found = []


def add(op, file, what, expect, root_or_text):
    text = root_or_text if isinstance(root_or_text, str) else etree.tostring(root_or_text, encoding="unicode")
    found.append((op, file, what, set(expect), text, "fault"))


def pick(seq, k):
    seq = list(seq)
    R.shuffle(seq)
    return seq[:k]


def prop(root, node, name):
    return next((p for p in props(by(root, node)) if p.get("name") == name), None)


def dumped(doc):
    return json.dumps(doc, ensure_ascii=False)


def catalogue():
    """Every seeded fault: operator, file, what, the elements it is at, the text, and the word fault."""
    found.clear()
    R.seed(1711)
    for n in [x for x in FILES if x.endswith(".bpmn")]:
        drawing(n)
    for n in [x for x in FILES if x.endswith(".dmn")]:
        table(n)
    for n in [x for x in FILES if x.startswith("forms/")]:
        form(n)
    return list(found)


def drawing(n):
    base = load(n)
    of = lambda tag: [e for e in nodes(base) if e.tag == B + tag]
    users, services = [e.get("id") for e in of("userTask")], [e.get("id") for e in of("serviceTask")]
    conds = [f for f in flows(base) if f.find(B + "conditionExpression") is not None]
    # gateways of another type
    for g in of("exclusiveGateway"):
        gid = g.get("id")
        ways = [f.get("id") for f in flows(base) if gid in (f.get("sourceRef"), f.get("targetRef"))]
        r = load(n); by(r, gid).tag = B + "eventBasedGateway"; by(r, gid).attrib.pop("default", None); add("xor_to_event", n, gid, [gid, *ways], r)
        r = load(n); by(r, gid).tag = B + "complexGateway"; add("xor_to_complex", n, gid, [gid, *ways], r)
        if len([w for w in flows(base) if w.get("sourceRef") == gid]) > 1:
            r = load(n); by(r, gid).tag = B + "inclusiveGateway"; add("xor_to_inclusive", n, gid, [gid, *ways], r)
    for tag in ("eventBasedGateway", "parallelGateway", "inclusiveGateway"):
        for g in of(tag):
            gid = g.get("id"); ways = [f.get("id") for f in flows(base) if gid in (f.get("sourceRef"), f.get("targetRef"))]
            r = load(n); by(r, gid).tag = B + "exclusiveGateway"; add("to_xor", n, gid, [gid, *ways], r)
    # defaults and conditions
    for g in [e for e in nodes(base) if e.get("default")]:
        gid = g.get("id"); other = [f.get("id") for f in flows(base) if f.get("sourceRef") == gid and f.get("id") != g.get("default")]
        r = load(n); by(r, gid).set("default", other[0]); add("default_at_condition", n, gid, [gid, g.get("default"), *other], r)
    for f in conds:
        i, src, text = f.get("id"), f.get("sourceRef"), f.find(B + "conditionExpression").text
        exp = [i, src]
        def changed(op, new):
            if new != text:
                r = load(n); by(r, i).find(B + "conditionExpression").text = new; add(op, n, f"{i}: {new}", exp, r)
        changed("condition_equals_not", text.replace("==", "!=") if "==" in text else text.replace("!=", "=="))
        changed("condition_list_shorter", re.sub(r"\['\w+', ", "[", text))
        changed("condition_or_and", text.replace(" or ", " and ") if " or " in text else text.replace(" and ", " or "))
        changed("condition_off_by_one", re.sub(r"\d+", lambda k: str(int(k[0]) + 1), text))
        changed("condition_case", re.sub(r"'(\w+)'", lambda k: "'" + k[1].swapcase() + "'", text))
        changed("condition_as_text", re.sub(r"^([a-z_]+)$", r"\1 == 'true'", text))
        r = load(n); by(r, i).remove(by(r, i).find(B + "conditionExpression")); add("condition_removed", n, i, exp, r)
    # targets of two ways swapped
    for g in of("exclusiveGateway"):
        outs = [f.get("id") for f in flows(base) if f.get("sourceRef") == g.get("id")]
        if len(outs) >= 2:
            a, b = outs[:2]; ta, tb = by(base, a).get("targetRef"), by(base, b).get("targetRef")
            if ta != tb:
                r = load(n); retarget(r, a, tb); retarget(r, b, ta); add("targets_swapped", n, f"{a} <> {b}", [a, b, g.get("id"), ta, tb], r)
    # tasks
    lanes = [l.get("id") for l in base.iter(B + "lane")]
    for u in users:
        own = next(x.getparent().get("id") for x in base.iter(B + "flowNodeRef") if x.text == u)
        for lane in lanes:
            if lane != own:
                r = load(n); ref = next(x for x in r.iter(B + "flowNodeRef") if x.text == u); ref.getparent().remove(ref); by(r, lane).append(ref); add("every_other_lane", n, f"{u} in {lane}", [u, lane, own], r)
        r = load(n); by(r, u).tag = B + "manualTask"; add("user_to_manual", n, u, [u], r)
        r = load(n); by(r, u).tag = B + "serviceTask"; add("user_to_service", n, u, [u], r)
        r = load(n); by(r, u).tag = B + "task"; add("user_to_task", n, u, [u], r)
        r = load(n); by(r, u).attrib.pop("name", None); add("no_label", n, u, [u], r)
    for a, b in zip(users, users[1:]):
        for name in ("form", "deadline", "phase"):
            r = load(n); p, q = prop(r, a, name), prop(r, b, name)
            if p is not None and q is not None and p.get("value") != q.get("value"):
                x, y = p.get("value"), q.get("value"); p.set("value", y); q.set("value", x); add(f"swapped_{name}", n, f"{a} <> {b}", [a, b], r)
    for s in services:
        r = load(n); by(r, s).tag = B + "userTask"; add("service_to_user", n, s, [s], r)
        r = load(n); by(r, s).tag = B + "sendTask"; add("service_to_send", n, s, [s], r)
        r = load(n); by(r, s).tag = B + "scriptTask"; add("service_to_script", n, s, [s], r)
    for a, b in zip(services, services[1:]):
        r = load(n); x, y = by(r, a), by(r, b); x.set("id", "tmp"); y.set("id", a); x.set("id", b)
        for e in [x, y]: pass
        ins = lambda e, i: [k for k in e if k.tag in (B + "incoming", B + "outgoing")]
        kx, ky = ins(x, a), ins(y, b)
        for k in kx: x.remove(k)
        for k in ky: y.remove(k)
        for k in ky: x.append(k)
        for k in kx: y.append(k)
        add("services_swapped", n, f"{a} <> {b}", [a, b], r)
    for d in of("businessRuleTask"):
        i = d.get("id"); r = load(n); by(r, i).tag = B + "serviceTask"; add("decision_to_service", n, i, [i], r)
        for p in props(d):
            r = load(n); q = prop(r, i, p.get("name")); q.set("value", ""); add("decision_property_empty", n, f"{i}.{p.get('name')}", [i], r)
    for c in of("callActivity"):
        i = c.get("id")
        for name in ("handling", "escalation", "rectification", "case_investigation", "follow_up"):
            if c.get("calledElement") != name:
                r = load(n); by(r, i).set("calledElement", name); add("call_of_sibling", n, f"{i} -> {name}", [i], r)
        for p in props(c):
            r = load(n); q = prop(r, i, p.get("name")); q.getparent().remove(q); add("call_property_dropped", n, f"{i}.{p.get('name')}", [i], r)
            if p.get("value") in ("yes", "no"):
                r = load(n); prop(r, i, p.get("name")).set("value", "maybe"); add("call_property_maybe", n, f"{i}.{p.get('name')}", [i], r)
    # events
    refs = [e.get("messageRef") for e in base.iter(B + "messageEventDefinition")]
    for e in base.iter(B + "messageEventDefinition"):
        ev = e.getparent().get("id")
        r = load(n); q = by(r, ev).find(B + "messageEventDefinition"); q.attrib.pop("messageRef"); add("message_missing", n, ev, [ev], r)
        for other in sorted(set(refs) - {e.get("messageRef")}):
            r = load(n); by(r, ev).find(B + "messageEventDefinition").set("messageRef", other); add("message_of_other", n, f"{ev}: {other}", [ev, other, e.get("messageRef")], r)
        r = load(n); q = by(r, ev).find(B + "messageEventDefinition"); q.tag = B + "signalEventDefinition"; q.attrib.pop("messageRef"); add("message_to_signal", n, ev, [ev], r)
    for t in list(base.iter(B + "timeDate")) + list(base.iter(B + "timeDuration")):
        ev, tag = t.getparent().getparent().get("id"), etree.QName(t).localname; find = f"{B}timerEventDefinition/{B}{tag}"
        r = load(n); by(r, ev).find(find).tag = B + "timeCycle"; add("timer_to_cycle", n, ev, [ev], r)
        r = load(n); q = by(r, ev).find(find); q.getparent().remove(q); add("timer_empty", n, ev, [ev], r)
        r = load(n); q = by(r, ev).find(find); q.tag = B + "timeDuration"; q.text = "'P3D'"; add("timer_literal_instead", n, ev, [ev, by(base, ev).get("attachedToRef")], r)
        k = re.search(r"\d+", t.text)
        if k:
            for step in (-1, 1):
                r = load(n); by(r, ev).find(find).text = t.text.replace(k[0], str(int(k[0]) + step)); add("duration_off_by_one", n, f"{ev}: {step:+}", [ev], r)
    for b in of("boundaryEvent"):
        i = b.get("id")
        r = load(n); by(r, i).set("attachedToRef", "nowhere"); add("boundary_on_nothing", n, i, [i], r)
        for u in users:
            if u != b.get("attachedToRef"):
                r = load(n); by(r, i).set("attachedToRef", u); add("boundary_on_every_task", n, f"{i} on {u}", [i, u, b.get("attachedToRef")], r)
    for e in of("endEvent"):
        i = e.get("id"); inc = next((f.get("sourceRef") for f in flows(base) if f.get("targetRef") == i), i)
        r = load(n); etree.SubElement(by(r, i), B + "linkEventDefinition").set("name", "x"); add("end_to_link", n, i, [i], r)
        r = load(n); q = by(r, i); [q.remove(k) for k in q.findall(B + "terminateEventDefinition")]; etree.SubElement(q, B + "errorEventDefinition"); add("end_to_error", n, i, [i, inc], r)
        p = prop(base, i, "outcome")
        if p is not None:
            r = load(n); q = prop(r, i, "outcome"); q.getparent().remove(q); add("outcome_dropped", n, i, [i], r)
            r = load(n); prop(r, i, "outcome").set("value", p.get("value") + "s"); add("outcome_typo", n, i, [i], r)
    for s in of("startEvent"):
        i = s.get("id")
        for p in props(s):
            r = load(n); prop(r, i, p.get("name")).set("value", p.get("value") + "s"); add("start_property_typo", n, f"{i}.{p.get('name')}", [i], r)
    # ids of several files, the process itself
    for other in pick([x[:-5] for x in FILES if x.endswith(".bpmn") and x != n], 1):
        r = load(n); proc(r).set("id", other); add("process_id_of_other", n, other, [other, n[:-5]], r)
    r = load(n); proc(r).set("isExecutable", "false"); add("not_executable", n, n[:-5], [n[:-5]], r)
    r = load(n); by(r, (users + services + [of("startEvent")[0].get("id")])[0]).set("id", "Activity_0x1y2z"); add("id_renamed", n, "Activity_0x1y2z", ["Activity_0x1y2z", *(users + services)[:1], of("startEvent")[0].get("id")], r)
    # several instances
    for loop in base.iter(B + "multiInstanceLoopCharacteristics"):
        i = loop.getparent().get("id"); get = lambda r: by(r, i).find(B + "multiInstanceLoopCharacteristics")
        r = load(n); q = get(r).find(B + "loopDataInputRef"); q.getparent().remove(q); add("mi_no_list", n, i, [i], r)
        r = load(n); q = etree.SubElement(get(r), B + "completionCondition"); q.text = "numberOfCompletedInstances >= 0"; add("mi_enough_at_once", n, i, [i], r)
        r = load(n); q = etree.SubElement(get(r), B + "completionCondition"); q.text = "completedInstances > 1"; add("mi_enough_unknown", n, i, [i], r)
        r = load(n); q = get(r); q.tag = B + "standardLoopCharacteristics"; [q.remove(k) for k in list(q)]; q.attrib.clear(); add("mi_to_loop", n, i, [i], r)


def table(n):
    base = load(n); stem = n[:-4]
    rules = [x.get("id") for x in base.iter(D + "rule")]
    cell = lambda r, rule, kind, k: by(r, rule).findall(D + kind)[k].find(D + "text")
    ins, outs = list(base.iter(D + "input")), list(base.iter(D + "output"))
    for k, column in enumerate(ins):
        name = column.find(f"{D}inputExpression/{D}text").text
        if column.find(D + "inputValues") is not None:
            r = load(n); t = list(r.iter(D + "input"))[k].find(f"{D}inputValues/{D}text"); first = t.text.split(",")[0]; t.text = t.text[len(first) + 1:]; add("dmn_allowed_removed", n, f"{name}: {first}", [stem, name, column.get("id"), *rules], r)
            r = load(n); q = list(r.iter(D + "input"))[k]; q.remove(q.find(D + "inputValues")); add("dmn_allowed_dropped", n, name, [stem, name, column.get("id")], r)
        r = load(n); list(r.iter(D + "input"))[k].find(f"{D}inputExpression/{D}text").text = name + "s"; add("dmn_input_renamed", n, name + "s", [stem, name, name + "s", column.get("id")], r)
        r = load(n); e = list(r.iter(D + "input"))[k].find(D + "inputExpression"); e.set("typeRef", "number" if e.get("typeRef") != "number" else "string"); add("dmn_input_type", n, name, [stem, name, column.get("id"), *rules], r)
        for rule in pick(rules, 2):
            text = cell(base, rule, "inputEntry", k).text or ""
            if '"' in text and not text.startswith("not("):
                r = load(n); cell(r, rule, "inputEntry", k).text = f"not({text})"; add("dmn_cell_negated", n, f"{rule}.{name}", [rule, stem, *rules], r)
            if re.fullmatch(r"\d+", text.strip()):
                r = load(n); cell(r, rule, "inputEntry", k).text = str(int(text) + 1); add("dmn_cell_off_by_one", n, f"{rule}.{name}", [rule, stem, *rules], r)
    for k, column in enumerate(outs):
        name = column.get("name")
        r = load(n); list(r.iter(D + "output"))[k].set("name", name + "s"); add("dmn_every_output_renamed", n, name + "s", [stem, name, name + "s", column.get("id")], r)
        r = load(n); o = list(r.iter(D + "output"))[k]; o.set("typeRef", "number" if o.get("typeRef") != "number" else "string"); add("dmn_output_type", n, name, [stem, name, column.get("id"), *rules], r)
        for rule in pick(rules, 1):
            text = cell(base, rule, "outputEntry", k).text or ""
            if text:
                r = load(n); cell(r, rule, "outputEntry", k).text = ""; add("dmn_output_empty", n, f"{rule}.{name}", [rule, stem, name], r)
                r = load(n); cell(r, rule, "outputEntry", k).text = text.strip('"') if text.startswith('"') else f'"{text}"'; add("dmn_output_quotes", n, f"{rule}.{name}", [rule, stem, name], r)
    for rule in pick(rules, 2):
        r = load(n); q = by(r, rule); q.remove(q.findall(D + "outputEntry")[-1]); add("dmn_output_missing", n, rule, [rule, stem], r)
        r = load(n); by(r, rule).set("id", rules[0] if rule != rules[0] else rules[1]); add("dmn_row_id_twice", n, rule, [rule, stem, *rules[:2]], r)
    r = load(n); next(r.iter(D + "decision")).set("id", stem + "s"); add("dmn_id_renamed", n, stem, [stem, stem + "s"], r)
    r = load(n); q = next(r.iter(D + "decisionTable")); q.remove(q.findall(D + "input")[0]); add("dmn_column_removed", n, "first", [stem, *rules], r)


def form(n):
    stem = n[6:-5]
    doc = lambda: json.loads(FILES[n])
    for k, field in enumerate(doc()["fields"]):
        name = field["name"]; exp = [stem, name]
        if field.get("required"):
            d = doc(); d["fields"][k].pop("required"); add("form_every_optional", n, name, exp, dumped(d))
        d = doc(); d["fields"][k]["type"] = "integer" if field["type"] in ("text", "longtext") else "text"; [d["fields"][k].pop(x, None) for x in ("options", "min", "max")]; add("form_type_changed", n, f"{name}: {field['type']}", exp, dumped(d))
        d = doc(); d["fields"].pop(k); add("form_field_removed", n, name, exp, dumped(d))
        d = doc(); d["fields"].append(copy.deepcopy(d["fields"][k])); add("form_field_twice", n, name, exp, dumped(d))
        if field.get("options"):
            for o in (0, -1):
                d = doc(); gone = d["fields"][k]["options"].pop(o); add("form_option_removed", n, f"{name}: {gone['value']}", [*exp, gone["value"]], dumped(d))
            d = doc(); d["fields"][k]["options"].append(copy.deepcopy(d["fields"][k]["options"][0])); add("form_option_twice", n, name, exp, dumped(d))
            d = doc(); d["fields"][k]["options"] = []; add("form_options_gone", n, name, exp, dumped(d))
        if field.get("required_when"):
            d = doc(); d["fields"][k].pop("required_when"); add("form_required_when_dropped", n, name, exp, dumped(d))
            d = doc(); d["fields"][k]["required_when"] = {"nobody": ["x"]}; add("form_required_when_unknown", n, name, exp, dumped(d))
        if field.get("max"):
            d = doc(); d["fields"][k]["max"] = 0; add("form_max_zero", n, name, exp, dumped(d))
    d = doc(); d["id"] = stem + "s"; add("form_id_renamed", n, stem + "s", [stem, stem + "s"], dumped(d))
