"""NOTICE names every package hangji runs on or ships, with its licence."""

import json
import re

from tests.architecture.tree import ROOT, source

WITHOUT_A_TEXT = {"chinesecalendar", "standardwebhooks", "murmurhash-js", "pmtiles"}
"""Their packages hold no text; they name MIT, the last one BSD-3-Clause."""


def listed() -> dict[str, str]:
    """Licence by name and version, as the list at the top says."""
    head = source("NOTICE").partition("=" * 80)[0]
    return dict(re.findall(r"^(\S+ \S+): (.+)$", head, re.MULTILINE))


def test_the_notice_lists_what_the_locks_hold() -> None:
    """`make lock` writes it; alone: `.venv/bin/python .ci/notice.py`."""
    python = re.findall(r"^([\w.-]+)==([\w.]+)", source("requirements.lock"), re.MULTILINE)
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    npm = [
        (place.rpartition("node_modules/")[2], about["version"])
        for place, about in lock["packages"].items()
        if place and not about.get("dev")
    ]

    assert set(listed()) == {f"{name} {version}" for name, version in [*python, *npm]}


def test_every_package_names_a_licence_and_comes_with_its_text() -> None:
    heads = re.findall(r"^={80}\n(.+)\n={80}$", source("NOTICE"), re.MULTILINE)
    told = {name for head in heads for name in head.split(", ")}

    assert {name.split(" ")[0] for name in listed()} - told == WITHOUT_A_TEXT
    assert "see its text" not in listed().values()
