"""How a verdict on an exported file is printed, whatever the file holds."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from api.cli.terminal import dump, end, say
from engine.casefile.verdict import Verdict


def conclude(file: Path, verdict: Verdict, facts: Iterable[str], *, is_json: bool) -> None:
    """Print it and end the command: with 0 only when the file is authenticated.

    `facts` are the lines about what the file holds, for people.
    """
    if is_json:
        words = {"whole": verdict.is_whole, "authenticated": verdict.is_authenticated}
        dump({**asdict(verdict), **words})
    else:
        _print(file, verdict, facts)
    end(is_fine=verdict.is_authenticated)


def _print(file: Path, verdict: Verdict, facts: Iterable[str]) -> None:
    if not verdict.is_whole:
        say(f"{file.name}: 不完整 / BROKEN - {verdict.place}: {verdict.reason}")
        return
    if verdict.is_authenticated:
        say(f"{file.name}: 完整，已验签 / whole, authenticated (key {verdict.key})")
    else:
        say(f"{file.name}: 前后一致，未验签 / consistent, not authenticated")
        say(f"{verdict.doubt}; whoever wrote the file can have written anything in it")
    for fact in facts:
        say(fact)
