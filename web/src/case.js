// A case on its diagrams: what was passed is tinted, where it waits is outlined.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";

const data = JSON.parse(document.getElementById("diagrams").textContent);

async function draw(container, diagram) {
  const viewer = new NavigatedViewer({ container });
  const { warnings } = await viewer.importXML(diagram.xml);
  container.dataset.warnings = String(warnings.length);
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const { id, times } of diagram.visited) {
    if (!registry.get(id)) continue;
    canvas.addMarker(id, "passed");
    if (times > 1) {
      const badge = document.createElement("span");
      badge.className = "times";
      badge.textContent = `×${times}`;
      overlays.add(id, { position: { top: -12, right: 12 }, html: badge });
    }
  }
  for (const { id } of diagram.active) if (registry.get(id)) canvas.addMarker(id, "waiting");
  canvas.zoom("fit-viewport", "auto");
  container.dataset.drawn = "yes";
}

for (const tab of document.querySelectorAll("[data-diagram]")) {
  const container = document.getElementById(tab.dataset.diagram);
  const show = () => {
    if (container.dataset.drawn) return;
    draw(container, data[Number(container.dataset.index)]);
  };
  tab.addEventListener("toggle", () => tab.open && show());
  if (tab.open) show();
}
