"""A new resource or page is a module in its room and nothing else: nobody keeps a list of them."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOMS, ROOT

RESOURCE = '''"""When the tide is in."""

from api.http.auth import ANYONE
from api.http.routes import Ask, Gives, Nothing, Resource

routes = Resource("tides", "When the tide is in.")


@routes.get("/tides", needs=ANYONE, gives=Gives(Nothing))
def search(ask: Ask) -> dict[str, object]:
    """List the tides."""
    return {}
'''
PAGE = '''"""The page of the tides."""

from web.frame import sessions
from web.frame.site import site


@site.get("/tides")
@sessions.signed_in
def tides() -> str:
    """The tides."""
    return ""
'''
SHOW_ROUTES = """
import base64, secrets, sys
from api.app import create_app
from api.composition import compose
from api.settings import from_environment
from web import add_pages
told = {
    "HANGJI_VAR_FOLDER": sys.argv[1],
    "HANGJI_SECRET_KEY": secrets.token_urlsafe(48),
    "HANGJI_VAULT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
}
app = create_app(compose(from_environment(told)), pages=[add_pages])
print(*(rule.rule for rule in app.url_map.iter_rules() if "tides" in rule.rule))
"""


def test_a_new_resource_and_a_new_page_are_one_module_each(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for room in (*ROOMS, "city", "bpmn"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / room, tree / room, ignore=ignored)
    (tree / "api" / "resources" / "places" / "tides.py").write_text(RESOURCE, encoding="utf-8")
    (tree / "web" / "pages" / "places" / "tides.py").write_text(PAGE, encoding="utf-8")

    ended = subprocess.run(
        [sys.executable, "-c", SHOW_ROUTES, str(tmp_path / "var")],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr == ""
    assert set(ended.stdout.split()) == {"/api/v1/tides", "/tides"}
