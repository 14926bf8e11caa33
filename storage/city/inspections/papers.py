"""The words of printed papers: `papers.json` of a city's pack, one entry for each kind."""

from pathlib import Path
from string import Formatter
from typing import Any

from storage.city.files import PackFile, read_pack
from storage.inspections.papers import FILLED, KINDS, NUMBERED, Both, PaperWords


def read_papers(folder: Path) -> dict[str, PaperWords]:
    """Read the words by kind; a pack without the file prints no papers.

    Raises:
        Refused: a kind or a text is missing, or one names what nothing is known for.
    """
    path = folder / "papers.json"
    if not path.exists():
        return {}
    pack = read_pack(path)
    return {kind: _words(pack, kind) for kind in KINDS}


def _words(pack: PackFile, kind: str) -> PaperWords:
    given = pack.entries.get(kind)
    if not isinstance(given, dict):
        pack.refuse(kind, "缺少这一种文书 (the paper is missing)")
    number = given.get("number")
    if not isinstance(number, str) or not number:
        pack.refuse(f"{kind}.number", "请写文号的格式 (write how it is numbered)")
    _check(pack, f"{kind}.number", number, NUMBERED)

    def both(name: str) -> Both:
        return _both(pack, f"{kind}.{name}", given.get(name))

    def several(name: str) -> tuple[Both, ...]:
        listed = given.get(name)
        if not isinstance(listed, list):
            pack.refuse(f"{kind}.{name}", "请列出各段 (list the paragraphs)")
        return tuple(_both(pack, f"{kind}.{name}", text) for text in listed)

    return PaperWords(
        heading=both("heading"),
        number=number,
        opening=several("opening"),
        closing=several("closing"),
        statement=both("statement"),
        signatures=several("signatures"),
        copies=both("copies"),
    )


def _both(pack: PackFile, place: str, given: Any) -> Both:
    pair = given if isinstance(given, dict) else {}
    texts = Both(str(pair.get("zh") or ""), str(pair.get("en") or ""))
    if not all(texts):
        pack.refuse(place, "请写 zh 和 en (write both languages)")
    for text in texts:
        _check(pack, place, text, FILLED)
    return texts


def _check(pack: PackFile, place: str, text: str, known: frozenset[str]) -> None:
    try:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        named = {"{"}
    if unknown := named - known:
        problem = f"没有 {min(unknown)}，可以用 (unknown, there are): {', '.join(sorted(known))}"
        pack.refuse(place, problem)
