"""One change, and the sentences all kinds of files share."""

from dataclasses import dataclass

from engine.findings import Text


@dataclass(frozen=True, slots=True)
class Change:
    """One difference at one element of one file; the sentence names the element."""

    file: str
    element: str
    message: Text


def added(file: str, element: str, label: str, kind: Text, *, detail: str = "") -> Change:
    """Something that was not there; `detail` says what it does or who does it."""
    zh, en = f"新增{kind.zh}“{label or element}”", f"New {kind.en} {element}"
    named = f"{en} ({label})" if label else en
    if detail:
        return Change(file, element, Text(f"{zh}：{detail}。", f"{named}: {detail}."))
    return Change(file, element, Text(f"{zh}。", f"{named}."))


def removed(file: str, element: str, label: str, kind: Text) -> Change:
    """Something that is not there any more."""
    zh, en = f"删去{kind.zh}“{label or element}”。", f"Removed {kind.en} {element}"
    return Change(file, element, Text(zh, f"{en} ({label})." if label else f"{en}."))


def changed(file: str, element: str, label: str, what: Text, old: object, new: object) -> Change:
    """A value that changed."""
    before, after = _shown(old), _shown(new)
    return Change(
        file,
        element,
        Text(
            f"“{label or element}”的{what.zh}：{before} → {after}",
            f"{element}, {what.en}: {before} -> {after}",
        ),
    )


def _shown(value: object) -> str:
    return "—" if value in {None, ""} else str(value)
