"""The BPMN schema, which the library checks for every diagram before parsing. No I/O."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from engine.diagrams.xml import parse_xml
from engine.execution.spiff import SCHEMA

_NAMESPACE = re.compile(r"\{[^{}]*\}")


class SchemaFault(NamedTuple):
    """A violation of the schema: the line, the id of the nearest element, and the reason."""

    line: int
    element: str
    reason: str


@lru_cache(maxsize=64)
def find_schema_fault(content: bytes, *, name: str) -> SchemaFault | None:
    """The first violation of the BPMN schema in a file; None when it is valid.

    Raises:
        DiagramError: the file is no XML hangji reads.
    """
    root: Any = parse_xml(content, name=name)
    SCHEMA.preprocess(root)
    if SCHEMA.validator.validate(root):
        return None
    entry = SCHEMA.validator.error_log[0]
    return SchemaFault(entry.line, _nearest_id(root, entry.path), _NAMESPACE.sub("", entry.message))


def _nearest_id(root: Any, path: str | None) -> str:
    """Id of the element at `path`, or of the nearest one above it that has an id."""
    prefixes = {prefix: space for prefix, space in root.nsmap.items() if prefix}
    try:
        place = root.getroottree().xpath(path or "/*", namespaces=prefixes)[0]
    except (etree.XPathError, IndexError):
        place = root
    above = (element.get("id") for element in (place, *place.iterancestors()) if element.get("id"))
    return str(next(above, ""))
