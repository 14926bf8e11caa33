"""Diagrams that come back: plain, with a join, beside an open task, in a call, over instances."""

from tests.engine.equivalence.drawing import (
    both,
    boundary,
    call,
    chain,
    diagram,
    drawing,
    each,
    end,
    flow,
    start,
    timer,
    user,
    xor,
)

INSTANCES_FAR_AHEAD = drawing(
    "far",
    diagram(
        "far",
        *(start(), user("choose"), xor("one"), xor("two"), xor("three"), xor("four"), xor("back")),
        *(user("ask", each("posts", "post")), user("read"), xor("again", "finished"), end()),
        chain("start", "back", "choose", "one", "two", "three", "four", "ask", "read", "again"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
    ),
)
"""Instances in a loop: for our engine only, the stock one refuses the second round."""

LOOP = drawing(
    "loop",
    diagram(
        "loop",
        *(start(), xor("back"), user("turn"), xor("again", "finished"), end()),
        chain("start", "back", "turn", "again"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
    ),
    n=(1, 2, 3),
)

LOOP_WITH_JOIN = drawing(
    "joined",
    diagram(
        "joined",
        *(start(), xor("back"), both("fork"), user("a"), user("b"), both("join"), end()),
        *(user("turn"), xor("again", "finished")),
        chain("start", "back", "turn", "fork", "a", "join", "again"),
        chain("fork", "b", "join"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
    ),
    n=(1, 2, 3),
)

BESIDE_A_LOOP = drawing(
    "beside",
    diagram(
        "beside",
        *(start(), both("split"), user("long"), xor("back"), user("turn"), both("fork")),
        *(user("a"), user("b"), both("join"), xor("again", "finished"), both("together"), end()),
        chain("start", "split", "long", "together", "end"),
        chain("split", "back", "turn", "fork", "a", "join", "again"),
        chain("fork", "b", "join"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "together", flow_id="finished"),
    ),
)

LOOP_IN_CALL = drawing(
    "caller",
    diagram(
        "caller",
        *(start(), call("work", "called"), end()),
        chain("start", "work", "end"),
    ),
    diagram(
        "called",
        *(start("begun"), xor("back"), user("turn"), user("reminder"), xor("again", "finished")),
        boundary("slow", "turn", timer("timeDuration", '"P1D"'), interrupts=False),
        *(end("ended"), end("reminded")),
        chain("begun", "back", "turn", "again"),
        chain("slow", "reminder", "reminded"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "ended", flow_id="finished"),
    ),
)
