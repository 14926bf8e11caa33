"""A class name means one thing in all rooms."""

from collections import defaultdict
from functools import cache

from tests.architecture.tree import ROOMS, classes, last_name, python_files

TWICE = {
    "Case": "what a handler sees of a case, and its row",
    "Meta": "where marshmallow looks for the options of a schema",
}


def test_no_two_classes_outside_tests_carry_one_name() -> None:
    """A schema of the API may carry the name of what it serialises."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in python_files(*ROOMS, "bench"):
        for found in classes(path):
            if not (path.startswith("api/") and found.name in schemas()):
                places[found.name].append(path)

    twice = {name: paths for name, paths in places.items() if len(paths) > 1}
    assert {name: twice[name] for name in twice.keys() - TWICE.keys()} == {}
    assert twice.keys() >= TWICE.keys()


@cache
def schemas() -> set[str]:
    """Classes of the API that derive from a marshmallow schema, over any number of steps."""
    bases = {
        found.name: {last_name(base) for base in found.bases}
        for path in python_files("api")
        for found in classes(path)
    }
    known = {"Schema"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return known
