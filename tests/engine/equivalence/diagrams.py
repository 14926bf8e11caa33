"""The further diagrams of the equivalence proof: each puts one difficult construct to the test."""

from tests.engine.equivalence.drawing import (
    Drawing,
    both,
    boundary,
    call,
    chain,
    definitions,
    diagram,
    drawing,
    each,
    end,
    error,
    errors,
    flow,
    message,
    messages,
    node,
    part,
    process,
    service,
    some,
    start,
    timer,
    user,
    xor,
)
from tests.engine.equivalence.loops import LOOP, LOOP_IN_CALL

PARALLEL = drawing(
    "parallel",
    diagram(
        "parallel",
        *(start(), both("fork"), user("a"), user("b"), both("inner_fork"), user("c"), user("d")),
        *(both("inner_join"), xor("which", "to_e"), user("e"), xor("merged"), both("join")),
        *(user("last"), end()),
        chain("start", "fork", "a", "join"),
        chain("fork", "b", "which"),
        flow("which", "merged", "skip"),
        flow("which", "e", flow_id="to_e"),
        chain("e", "merged", "join", "last", "end"),
        chain("fork", "inner_fork", "c", "inner_join", "join"),
        chain("inner_fork", "d", "inner_join"),
    ),
    note=("", "x", "y"),
)

MULTI_INSTANCE = drawing(
    "multi",
    diagram(
        "multi",
        *(start(), user("choose"), user("ask", each("posts", "post")), user("weigh")),
        *(call("hear", "hearing", each("parties", "party")), user("decide"), end()),
        chain("start", "choose", "ask", "weigh", "hear", "decide", "end"),
    ),
    diagram(
        "hearing",
        *(start("begun"), user("speak"), xor("again", "enough"), xor("back"), end("heard")),
        chain("begun", "back", "speak", "again"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "heard", flow_id="enough"),
    ),
    answer=("agree", "refuse"),
)

ENOUGH = drawing(
    "enough",
    diagram(
        "enough",
        *(start(), user("choose"), user("ask", each("posts", "post", enough="answer == 'refuse'"))),
        *(boundary("slow", "ask", timer("timeDuration", '"P1D"'), interrupts=False), end("told")),
        *(user("tell"), user("weigh"), end()),
        chain("start", "choose", "ask", "weigh", "end"),
        chain("slow", "tell", "told"),
    ),
    answer=("agree", "refuse"),
)
"""Countersigned by all, or refused by the first who does."""

PARTS = drawing(
    "whole",
    diagram(
        "whole",
        *(start(), user("before"), xor("back")),
        part(
            "visit",
            *(start("visit_begun"), both("fork"), user("look"), user("talk"), both("join")),
            part(
                "report",
                *(start("report_begun"), user("write"), end("written")),
                chain("report_begun", "write", "written"),
            ),
            boundary("slow", "talk", timer("timeDuration", '"PT4H"'), interrupts=False),
            *(user("remind"), end("reminded"), end("visited")),
            chain("slow", "remind", "reminded"),
            chain("visit_begun", "fork", "look", "join", "report", "visited"),
            chain("fork", "talk", "join"),
        ),
        boundary("too_late", "visit", timer("timeDuration", '"P3D"')),
        boundary("told", "visit", message("withdrawn")),
        *(user("taken_over"), user("after"), xor("again", "finished"), end(), end("over")),
        chain("start", "before", "back", "visit", "after", "again"),
        chain("too_late", "taken_over", "over"),
        chain("told", "given_up"),
        end("given_up"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
        before=messages("withdrawn"),
    ),
    seen=(1, 2),
)
"""Subprocesses in one another, with events on the border of the outer one, in a loop."""

PARTS_OVER_A_LIST = drawing(
    "parties",
    diagram(
        "parties",
        *(start(), user("choose")),
        part(
            "hear",
            each("posts", "post", enough="answer == 'refuse'"),
            *(start("hearing"), user("speak"), user("answer"), end("heard")),
            chain("hearing", "speak", "answer", "heard"),
        ),
        *(user("weigh"), end()),
        chain("start", "choose", "hear", "weigh", "end"),
    ),
    answer=("agree", "refuse"),
)

SOME = drawing(
    "some",
    diagram(
        "some",
        *(start(), user("choose"), some("who", "nobody"), user("fire"), user("police")),
        *(user("police_again"), some("inner", "quiet"), user("loud"), user("soft"), some("met")),
        *(user("nobody_asked"), some("asked"), user("weigh"), end()),
        boundary("late", "fire", timer("timeDuration", '"PT4H"')),
        *(user("remind"), xor("fire_done")),
        chain("start", "choose", "who"),
        flow("who", "fire", "fire == 'yes'"),
        flow("who", "police", "police in ['yes', 'both']"),
        flow("who", "inner", "noise"),
        flow("who", "nobody_asked", flow_id="nobody"),
        chain("fire", "fire_done", "asked"),
        chain("late", "remind", "fire_done"),
        chain("police", "police_again", "asked"),
        flow("inner", "loud", "level > 2"),
        flow("inner", "soft", "level < 4"),
        flow("inner", "met", flow_id="quiet"),
        chain("loud", "met", "asked"),
        chain("soft", "met"),
        chain("nobody_asked", "asked", "weigh", "end"),
    ),
)
"""Whoever has to be asked is asked, in a block with another one in it."""

NESTED_CALLS = drawing(
    "outer",
    diagram(
        "outer",
        *(start(), call("first", "middle", depth="1", mark="=word"), xor("again", "done")),
        *(xor("back"), user("closing"), end()),
        chain("start", "back", "first", "again"),
        flow("again", "back", "repeat"),
        flow("again", "closing", flow_id="done"),
        chain("closing", "end"),
    ),
    diagram(
        "middle",
        *(start("middle_begun"), both("fork"), user("beside"), call("second", "inner", depth="2")),
        *(both("join"), user("middle_last"), end("middle_ended")),
        chain("middle_begun", "fork", "beside", "join"),
        chain("fork", "second", "join", "middle_last", "middle_ended"),
    ),
    diagram(
        "inner",
        *(start("inner_begun"), user("inner_task"), call("third", "innermost", depth="3")),
        *(xor("deep_enough", "out"), xor("deep_back"), end("inner_ended")),
        chain("inner_begun", "deep_back", "inner_task", "third", "deep_enough"),
        flow("deep_enough", "deep_back", "deeper"),
        flow("deep_enough", "inner_ended", flow_id="out"),
    ),
    diagram(
        "innermost",
        *(start("deepest_begun"), service("look"), user("deepest"), end("deepest_ended")),
        chain("deepest_begun", "look", "deepest", "deepest_ended"),
    ),
    seen=(True, False),
)

BOUNDARIES = drawing(
    "boundaries",
    diagram(
        "boundaries",
        *(start(), xor("back"), user("work"), user("late"), user("reminder"), user("taken_back")),
        boundary("overdue", "work", timer("timeDate", "due_at")),
        boundary("half_time", "work", timer("timeDuration", '"PT2H"'), interrupts=False),
        boundary("withdrawn", "work", message("withdrawn")),
        *(xor("again", "finished"), end(), end("reminded")),
        chain("start", "back", "work", "again"),
        chain("overdue", "late", "again"),
        chain("withdrawn", "taken_back", "again"),
        chain("half_time", "reminder", "reminded"),
        flow("again", "back", "outcome == 'again'"),
        flow("again", "end", flow_id="finished"),
        before=messages("withdrawn"),
    ),
    due_at=(
        "2098-03-01T08:00:00+08:00",
        "2098-03-02T17:30:00+08:00",
        "9999-12-30T00:00:00+08:00",
    ),
)

BOUNDARIES_OF_CALL = drawing(
    "supervised",
    diagram(
        "supervised",
        *(start(), xor("back"), call("handle", "handled"), user("taken_over"), user("chased")),
        boundary("too_late", "handle", timer("timeDuration", '"P3D"')),
        boundary("half_time", "handle", timer("timeDate", "chase_at"), interrupts=False),
        boundary("called_off", "handle", message("called_off")),
        *(xor("again", "finished"), end(), end("chase_ended")),
        chain("start", "back", "handle", "again"),
        chain("too_late", "taken_over", "again"),
        chain("called_off", "again"),
        chain("half_time", "chased", "chase_ended"),
        flow("again", "back", "outcome == 'again'"),
        flow("again", "end", flow_id="finished"),
        before=messages("called_off"),
    ),
    diagram(
        "handled",
        *(start("begun"), xor("return"), user("accept"), user("resolve"), end("handled_end")),
        boundary("not_accepted", "accept", timer("timeDuration", '"PT4H"')),
        boundary("slow", "resolve", timer("timeDuration", '"P1D"'), interrupts=False),
        *(user("nudge"), end("nudged"), xor("resolved", "yes")),
        chain("begun", "return", "accept", "resolve", "resolved"),
        flow("resolved", "handled_end", flow_id="yes"),
        flow("resolved", "return", "outcome == 'no'"),
        chain("not_accepted", "return"),
        chain("slow", "nudge", "nudged"),
    ),
)

EVENT_GATEWAY = drawing(
    "waiting",
    diagram(
        "waiting",
        *(start(), xor("back"), user("prepare"), node("eventBasedGateway", "whichever_first")),
        node("intermediateCatchEvent", "answered", message("answered")),
        node("intermediateCatchEvent", "given_up", timer("timeDuration", '"P2D"')),
        *(user("read"), user("remind"), xor("again", "finished"), end()),
        chain("start", "back", "prepare", "whichever_first", "answered", "read", "again"),
        chain("whichever_first", "given_up", "remind", "again"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
        before=messages("answered"),
    ),
    word=("a", "b"),
)

FAILING_SERVICES = drawing(
    "failing",
    diagram(
        "failing",
        *(start(), both("fork"), user("prepare"), service("look"), user("by_hand")),
        *(service("print_notice"), user("write_notice"), both("join"), xor("looked")),
        *(xor("printed"), end()),
        boundary("no_answer", "look", error("unreachable")),
        boundary("no_paper", "print_notice", error("unreachable")),
        chain("start", "fork", "prepare", "look", "looked", "join"),
        chain("no_answer", "by_hand", "looked"),
        chain("fork", "print_notice", "printed", "join", "end"),
        chain("no_paper", "write_notice", "printed"),
        before=errors("unreachable"),
    ),
    found=(1, 2),
)

TERMINATED = drawing(
    "terminated",
    diagram(
        "terminated",
        *(start(), both("fork"), user("long"), user("short"), user("longer"), both("join"), end()),
        end("stopped", '<bpmn:terminateEventDefinition id="all_over"/>'),
        xor("stop", "go_on"),
        chain("start", "fork", "long", "longer", "join", "end"),
        chain("fork", "short", "stop"),
        flow("stop", "stopped", "outcome == 'stop'"),
        flow("stop", "join", flow_id="go_on"),
    ),
)

TIMERS_IN_INSTANCES = drawing(
    "summons",
    diagram(
        "summons",
        *(start(), user("choose"), call("summon", "summoned", each("parties", "party"))),
        *(user("decide"), end()),
        chain("start", "choose", "summon", "decide", "end"),
    ),
    diagram(
        "summoned",
        *(start("begun"), user("appear"), user("excuse"), xor("over"), end("heard")),
        boundary("absent", "appear", timer("timeDuration", '"P5D"')),
        boundary("reminded", "appear", timer("timeDuration", '"P2D"'), interrupts=False),
        boundary("settled", "appear", message("settled")),
        *(user("phone"), end("phoned")),
        chain("begun", "appear", "over", "heard"),
        chain("absent", "excuse", "over"),
        chain("settled", "over"),
        chain("reminded", "phone", "phoned"),
        before=messages("settled"),
    ),
)

TALKING_TO_ITSELF = drawing(
    "inner_talk",
    diagram(
        "inner_talk",
        *(start(), both("fork"), user("prepare"), node("manualTask", "print"), both("join")),
        node("intermediateThrowEvent", "tell", message("prepared", "letter")),
        node("intermediateCatchEvent", "told", message("prepared")),
        node("intermediateCatchEvent", "a_while", timer("timeDuration", '"PT2H"')),
        *(user("act"), end()),
        chain("start", "fork", "prepare", "tell", "print", "join", "end"),
        chain("fork", "told", "a_while", "act", "join"),
        before=messages("prepared"),
    ),
    letter=({"number": 1}, {"number": 2}),
)

ENDS_OF_CALL = drawing(
    "several_ends",
    diagram(
        "several_ends",
        *(start(), xor("back"), call("hear", "heard"), user("appeal"), user("accept")),
        boundary("not_admitted", "hear", error("refused")),
        *(xor("again", "finished"), end()),
        chain("start", "back", "hear", "accept", "again"),
        chain("not_admitted", "appeal", "again"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
        before=errors("refused"),
    ),
    diagram(
        "heard",
        *(start("begun"), both("fork"), user("hear_one"), user("hear_other"), both("both_heard")),
        *(xor("how", "well"), end("heard_out"), user("write_down")),
        end("refused_at_once", error("refused")),
        end("broken_off", '<bpmn:terminateEventDefinition id="over"/>'),
        chain("begun", "fork", "hear_one", "how"),
        flow("how", "refused_at_once", "outcome == 'refused'"),
        flow("how", "broken_off", "outcome == 'broken_off'"),
        flow("how", "both_heard", flow_id="well"),
        chain("fork", "hear_other", "both_heard", "write_down", "heard_out"),
        before=errors("refused"),
    ),
)

_CORRELATION = (
    '<bpmn:collaboration id="talk"><bpmn:participant id="asker" processRef="asking"/>'
    '<bpmn:participant id="answerer" processRef="answering"/>'
    '<bpmn:correlationKey id="letter" name="letter">'
    "<bpmn:correlationPropertyRef>number</bpmn:correlationPropertyRef></bpmn:correlationKey>"
    "</bpmn:collaboration>"
    + messages("asked", "answered")
    + '<bpmn:correlationProperty id="number" name="number">'
    + "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="message_{name}">'
        '<bpmn:messagePath xsi:type="bpmn:tFormalExpression">number</bpmn:messagePath>'
        "</bpmn:correlationPropertyRetrievalExpression>"
        for name in ("asked", "answered")
    )
    + "</bpmn:correlationProperty>"
)

ASKING = drawing(
    "asking",
    definitions(
        _CORRELATION,
        process(
            "asking",
            *(start(), user("write"), user("read"), end()),
            node("intermediateThrowEvent", "ask", message("asked", "letter")),
            node("intermediateCatchEvent", "hear", message("answered")),
            chain("start", "write", "ask", "hear", "read", "end"),
        ),
        process("answering", start("s"), end("e"), chain("s", "e")),
    ),
    letter=({"number": 7}, {"number": 8}),
    number=(7, 8),
)

ANSWERING = drawing(
    "answering",
    definitions(
        _CORRELATION,
        process("asking", start("s"), end("e"), chain("s", "e")),
        process(
            "answering",
            *(start(), user("open"), user("think"), end()),
            node("intermediateCatchEvent", "be_asked", message("asked")),
            node("intermediateThrowEvent", "answer", message("answered", "reply")),
            chain("start", "open", "be_asked", "think", "answer", "end"),
        ),
    ),
    number=(7, 8),
    reply=({"number": 7, "verdict": "yes"}, {"number": 8}),
)

TWO_LETTERS = drawing(
    "asking",
    definitions(
        _CORRELATION,
        process(
            "asking",
            *(start(), both("fork"), both("join"), user("file"), end()),
            node("intermediateCatchEvent", "be_asked", message("asked")),
            node("intermediateCatchEvent", "hear", message("answered")),
            chain("start", "fork", "be_asked", "join", "file", "end"),
            chain("fork", "hear", "join"),
        ),
        process("answering", start("s"), end("e"), chain("s", "e")),
    ),
    number=(7, 8),
)

FURTHER: dict[str, Drawing] = {
    "parallel": PARALLEL,
    "multi_instance": MULTI_INSTANCE,
    "enough": ENOUGH,
    "some": SOME,
    "parts": PARTS,
    "parts_over_a_list": PARTS_OVER_A_LIST,
    "nested_calls": NESTED_CALLS,
    "boundaries": BOUNDARIES,
    "boundaries_of_call": BOUNDARIES_OF_CALL,
    "event_gateway": EVENT_GATEWAY,
    "failing_services": FAILING_SERVICES,
    "terminated": TERMINATED,
    "timers_in_instances": TIMERS_IN_INSTANCES,
    "talking_to_itself": TALKING_TO_ITSELF,
    "ends_of_call": ENDS_OF_CALL,
    "loop_in_call": LOOP_IN_CALL,
    "loop": LOOP,
    "asking": ASKING,
    "answering": ANSWERING,
    "two_letters": TWO_LETTERS,
}
