"""The lines capabilities add to a first page: found in their packages and put in their parts."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from flask import url_for

import handlers
from engine.reads.reading import Reading
from engine.slots import HomeLine, HomeLines, HomeQuestion
from web.frame.language import t


def lines_of(reading: Reading, area: str | None = None) -> dict[str, list[dict[str, Any]]]:
    """The lines of every capability for a first page, by part of the page.

    On the page of a smaller area only those whose list is of that area: the others count more
    than its heading says.
    """
    question = HomeQuestion(reading.session, reading.actor, reading.now, area)
    parts: dict[str, list[dict[str, Any]]] = {"waits": [], "late": [], "changed": [], "start": []}
    for lines in _found():
        for line in lines(question):
            if area is not None and line.at.get("area") != area:
                continue
            parts[line.part].append(_shown(line))
    return parts


def _shown(line: HomeLine) -> dict[str, Any]:
    return {
        "href": url_for(f"web.{line.page}", **dict[str, Any](line.at)),
        "icon": line.icon,
        "label": t(line.zh, line.en),
        "count": line.count,
    }


@cache
def _found() -> tuple[HomeLines, ...]:
    """The functions `lines` of the modules `home`, by name of their capability."""
    found = []
    for package in pkgutil.iter_modules(handlers.__path__, "handlers."):
        capability = import_module(package.name)
        if any(entry.name == "home" for entry in pkgutil.iter_modules(capability.__path__)):
            found.append(import_module(f"{package.name}.home").lines)
    return tuple(found)
