"""Writes NOTICE: the packages hangji runs on or ships, with the licence of each and its text.

What they are comes from requirements.lock and web/package-lock.json, the texts from the packages as
they are installed (`make lock` runs it).
"""

import json
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NOTICE = ROOT / "NOTICE"
LOCKED = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)
RULE = "=" * 80

HEAD = """\
夯基 hangji
Licensed under the Apache License, Version 2.0; see LICENSE.

hangji runs on the packages below, unchanged, and ships those of npm as parts of its browser code.
Their licences follow, with the texts they come with. This file is written by .ci/notice.py.
"""


class Package(NamedTuple):
    """One package, its licence as it names it, and the texts it comes with."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def main() -> None:
    """Write the file."""
    packages = [*of_python(), *of_npm()]
    listed = [f"{one.name} {one.version}: {one.licence}" for one in packages]
    parts = [HEAD, "\n".join(listed) + "\n"]
    for text, names in shared_texts(packages):
        parts.append(f"{RULE}\n{', '.join(names)}\n{RULE}\n{text}\n")
    NOTICE.write_text("\n".join(parts), encoding="utf-8")


def shared_texts(packages: Iterable[Package]) -> Iterator[tuple[str, list[str]]]:
    """Each licence text once, with the packages that come with it."""
    users: dict[str, list[str]] = {}
    for package in packages:
        for text in package.texts:
            users.setdefault(text, []).append(package.name)
    yield from users.items()


def of_python() -> list[Package]:
    """The packages of requirements.lock, as they are installed."""
    locked = LOCKED.findall((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    return [_python(name, version) for name, version in locked]


def _python(name: str, version: str) -> Package:
    found = distribution(name)
    texts = [
        plain(Path(str(found.locate_file(file))).read_text(encoding="utf-8", errors="replace"))
        for file in found.files or ()
        if ".dist-info/" in str(file) and LICENCE_FILE.search(str(file))
    ]
    return Package(name, version, licence_of(found), tuple(texts))


def licence_of(found: Distribution) -> str:
    """The licence a distribution names: an expression, else its classifiers, else a line."""
    told = found.metadata.get("License-Expression")
    if told:
        return str(told)
    classified = [
        one.rpartition(" :: ")[2]
        for one in found.metadata.get_all("Classifier") or ()
        if one.startswith("License ::") and not one.endswith("OSI Approved")
    ]
    line = str(found.metadata.get("License") or "").partition("\n")[0]
    return "; ".join(classified) or line or "see its text"


def of_npm() -> list[Package]:
    """What the browser code is made of: packages of package-lock.json that are no tools."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    shipped = {
        (package.name, package.version): package
        for place, about in sorted(lock["packages"].items())
        if place and not about.get("dev")
        for package in [_npm(place, about)]
    }
    return list(shipped.values())


def _npm(place: str, about: dict[str, str]) -> Package:
    folder = ROOT / "web" / place
    own = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    named = sorted(one for one in folder.glob("*") if LICENCE_FILE.search(one.name))
    files = [each for one in named for each in (sorted(one.iterdir()) if one.is_dir() else [one])]
    texts = [plain(one.read_text(encoding="utf-8", errors="replace")) for one in files]
    licence = about.get("license") or str(own.get("license", "see its text"))
    return Package(place.rpartition("node_modules/")[2], about["version"], licence, tuple(texts))


def plain(text: str) -> str:
    """A text without blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


if __name__ == "__main__":
    main()
