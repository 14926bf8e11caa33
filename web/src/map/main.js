// The map beside its table. Every number of the canvas is read from the table, so that both agree;
// without scripts or without WebGL the table stands alone.
import "maplibre-gl/dist/maplibre-gl.css";
import "../styles/map.css";
import { drawAreas } from "./areas.js";
import { canDraw } from "./canvas.js";
import { drawPoints } from "./points.js";

const box = document.querySelector("[data-map]");
if (box && !canDraw()) box.closest(".map-page").classList.add("is-off");
if (box && canDraw()) {
  box.closest(".map-page").classList.add("is-drawn");
  if (box.dataset.map === "points") drawPoints(box);
  else drawAreas(box);
}
