"""Who plans inspections follows the roles of the city that is installed."""

import shutil
from pathlib import Path

from handlers.inspections.plans import plans_inspections
from storage.city.rules import install, read_rules
from storage.people.actors import Actor
from storage.people.posts import Post
from tests.city import CITY


def actor(role: str) -> Actor:
    """Somebody who holds a post of a role."""
    post = Post(id=f"{role}:350322", role=role, place="350322", rank=5, title="示例")
    return Actor(1, "somebody", "示例", None, (post,), frozenset(), ("350322",))


def test_a_department_role_of_a_city_installed_later_plans_too(tmp_path: Path) -> None:
    """R21: the departments are those of roles.csv, not those of the moment of an import."""
    folder = tmp_path / "city"
    shutil.copytree(CITY, folder)
    roles = (folder / "roles.csv").read_text(encoding="utf-8")
    county = next(line for line in roles.splitlines() if line.startswith("county,"))
    own = county.replace("county,县级市场监管部门,County bureau,县级", "bureau,检查局,Bureau,", 1)
    (folder / "roles.csv").write_text(f"{roles}{own}\n", encoding="utf-8")

    before = plans_inspections(actor("bureau"))
    install(read_rules(folder))
    try:
        after = plans_inspections(actor("bureau"))
    finally:
        install(read_rules(CITY))

    assert (before, after) == (False, True)
    assert plans_inspections(actor("county"))
    assert not plans_inspections(actor("grid_member"))
