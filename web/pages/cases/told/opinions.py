"""What agreeing and not agreeing is called, by the kind of request that is answered."""

from web.frame.language import t

OPINIONS = {
    ("assist", "agree"): ("已办", "Done"),
    ("assist", "disagree"): ("没有办成", "Could not be done"),
    ("consult", "agree"): ("同意", "Agree"),
    ("consult", "disagree"): ("不同意", "Disagree"),
    ("countersign", "agree"): ("同意会签", "Agree and countersign"),
    ("countersign", "disagree"): ("不同意", "Disagree"),
    ("extension", "agree"): ("批准延期", "Grant it"),
    ("extension", "disagree"): ("不批准", "Refuse it"),
}

_RESULTS = {"answered": ("已答复", "answered"), "agreed": ("已同意", "agreed")}


def opinion_on(kind: str, value: object) -> str:
    """What an answer to a request is called; empty where its kind gives it no name."""
    chosen = OPINIONS.get((kind, str(value)))
    return "" if chosen is None else t(*chosen)


def result_of(kind: str, result: object) -> str:
    """What came of a request once everybody has answered."""
    if kind == "extension":
        return opinion_on(kind, "agree" if result == "agreed" else "disagree")
    return t(*_RESULTS.get(str(result), ("没有都同意", "not everybody agreed")))
