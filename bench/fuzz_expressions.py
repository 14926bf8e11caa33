"""Throws random expressions at the evaluator: a plain value or ExpressionError, nothing else.

`python -m bench.fuzz_expressions [COUNT] [SEED]` prints how many were tried, how many gave a
value, the codes of the refusals and the slowest one. Ends with status 1 when anything escaped.
"""

import copy
import math
import sys
import time
from collections import Counter
from random import Random

from engine.errors import ExpressionError
from engine.expressions.language import compile_expression

DATA = {
    "a": 1,
    "n": -2.5,
    "s": "abc",
    "yes": True,
    "nothing": None,
    "lst": [1, 2, 3],
    "mixed": ["x", 1, None, [2], {"k": 1}],
    "d": {"k": "v", "n": 3, "deep": {"lst": [1]}},
    "obj": Random,
    "fn": len,
    "事项": "L01",
}
ATOMS = (
    *DATA,
    *("0", "1", "-1", "3.5", "1e15", "1e999", "9" * 20, "''", "'x'", '"abc"', "'中文'"),
    *("True", "None", "true", "null", "len", "min", "max", "x", "__import__", "__class__"),
    *("[]", "()", "[1, 2]", "{}", "lambda: 1", "...", "b'x'", "f'{a}'", "0x1", "1_0", "1j"),
)
INFIX = (
    *("+", "-", "*", "/", "%", "**", "//", "@", "<<", "&", "|", "^", ",", ":", ":=", "=", ";"),
    *("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "and", "or", "if", "else"),
)
SHAPES = (
    "({0})",
    "not {0}",
    "-{0}",
    "+{0}",
    "~{0}",
    "*{0}",
    "{0}[{1}]",
    "{0}[{1}:{2}]",
    "{0}.k",
    "{0}.__class__",
    "{0}.format({1})",
    "{0}({1})",
    "len({0})",
    "min({0})",
    "max({0}, {1})",
    "max(*{0})",
    "min({0}, key={1})",
    "[{0}, {1}]",
    "({0}, {1})",
    "{{{0}: {1}}}",
    "{0} if {1} else {2}",
    "[x for x in {0}]",
    "{0} == {1} == {2}",
    "{0} < {1} <= {2}",
    "await {0}",
    "{0} # {1}",
)
CHARACTERS = "abdklnstx019.'\"()[]{}+-*/%<>=!&|^~@:,; \t\n\\\0_＿（“事é\u202e\ud800"


def main(count: int, seed: int) -> int:
    """Try `count` expressions; answer with the exit status."""
    random = Random(seed)  # noqa: S311  # reproducible, nothing secret
    kept = {key: value for key, value in DATA.items() if key not in {"obj", "fn"}}
    before = copy.deepcopy(kept)
    outcomes: Counter[str] = Counter()
    slowest = (0.0, "")
    started = time.perf_counter()
    for _ in range(count):
        source = _source(random)
        began = time.thread_time()
        outcome = _outcome(source)
        slowest = max(slowest, (time.thread_time() - began, source))
        outcomes[outcome] += 1
        if outcome.startswith("ESCAPED") or kept != before:
            print(f"escaped: {source!r}: {outcome}")
            return 1
    spent = time.perf_counter() - started
    print(f"{count} expressions in {spent:.0f} s, seed {seed}; none escaped, data unchanged")
    print(f"slowest {slowest[0] * 1000:.2f} ms: {slowest[1][:100]!r}")
    for outcome, number in outcomes.most_common():
        print(f"{number:>10}  {outcome}")
    return 0


def _source(random: Random) -> str:
    kind = random.random()
    if kind < 0.1:  # noqa: PLR2004  # shares of the three kinds of text
        return "".join(random.choice(CHARACTERS) for _ in range(random.randint(0, 30)))
    if kind < 0.3:  # noqa: PLR2004
        words = (random.choice(ATOMS + INFIX) for _ in range(random.randint(1, 12)))
        return random.choice(("", " ")).join(words)
    return _grown(random, random.randint(0, 5))


def _grown(random: Random, depth: int) -> str:
    if depth == 0:
        return random.choice(ATOMS)
    if random.random() < 0.6:  # noqa: PLR2004  # as many infix as other shapes, nearly
        left, right = _grown(random, depth - 1), _grown(random, random.randint(0, depth - 1))
        return f"{left} {random.choice(INFIX)} {right}"
    shape = random.choice(SHAPES)
    parts = [_grown(random, random.randint(0, depth - 1)) for _ in range(3)]
    return shape.format(*parts)


def _outcome(source: str) -> str:
    try:
        value = compile_expression(source).evaluate(DATA)
    except ExpressionError as error:
        return error.code
    except BaseException as error:  # noqa: BLE001  # anything else that gets out is an escape
        return f"ESCAPED {type(error).__name__}"
    return "value" if _is_plain(value) else f"ESCAPED {type(value).__name__}"


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(type(key) is str and _is_plain(item) for key, item in value.items())
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in {bool, int, str}


if __name__ == "__main__":
    NUMBERS = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(NUMBERS + [1_000_000, 1][len(NUMBERS) :])))
