// A case on its diagrams: what was passed is tinted, where it waits is outlined.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";

// Below this the names in the boxes cannot be read any more.
const READABLE = 0.8;
const STEP = 1.25;
const TASKS = /Task$|CallActivity$/;

async function draw(container, diagram) {
  const viewer = new NavigatedViewer({ container });
  const { warnings } = await viewer.importXML(diagram.xml);
  container.dataset.warnings = String(warnings.length);
  mark(viewer, diagram);
  look(viewer, diagram.active[0]);
  container.dataset.drawn = "yes";
  return viewer;
}

function mark(viewer, diagram) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  const known = ({ id }) => registry.get(id);
  for (const { id, times } of diagram.visited.filter(known)) {
    canvas.addMarker(id, "passed");
    if (times < 2 || !TASKS.test(registry.get(id).type)) continue;
    const badge = document.createElement("span");
    badge.className = "times";
    badge.textContent = `×${times}`;
    overlays.add(id, { position: { top: -10, right: 14 }, html: badge, scale: { min: 1 } });
  }
  for (const { id } of diagram.active.filter(known)) canvas.addMarker(id, "waiting");
}

// The whole drawing where it stays readable, the place that matters otherwise.
function look(viewer, place) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  const element = place && viewer.get("elementRegistry").get(place.id);
  if (canvas.zoom() >= READABLE || !element) return;
  canvas.zoom(READABLE);
  const { width, height } = canvas.viewbox();
  const x = element.x + element.width / 2 - width / 2;
  const y = element.y + element.height / 2 - height / 2;
  canvas.viewbox({ x, y, width, height });
}

function zoom(viewer, how) {
  const canvas = viewer.get("canvas");
  if (how === "fit") canvas.zoom("fit-viewport", "auto");
  else canvas.zoom(canvas.zoom() * (how === "in" ? STEP : 1 / STEP));
}

function prepare(tab, diagrams) {
  const container = document.getElementById(tab.dataset.diagram);
  let drawing = null;
  // A closed tab has no size, so the diagram is drawn and fitted when the tab opens.
  const all = tab.closest("[data-diagrams]");
  const show = () => {
    if (tab.open && all.open) drawing ??= draw(container, diagrams[Number(container.dataset.index)]);
  };
  tab.addEventListener("toggle", show);
  all.addEventListener("toggle", show);
  tab.querySelector(".zoom").hidden = false;
  for (const button of tab.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", async () => zoom(await drawing, button.dataset.zoom));
  }
  show();
}

function prepareAll() {
  const diagrams = JSON.parse(document.getElementById("diagrams")?.textContent ?? "[]");
  for (const tab of document.querySelectorAll("[data-diagram]")) prepare(tab, diagrams);
}
prepareAll();
document.addEventListener("hangji:shown", prepareAll);
