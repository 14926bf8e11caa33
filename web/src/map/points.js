// Businesses where they stand, read from the rows of their table; more than a table holds, from tiles.
import { BOLD, boundsOf, colour, openMap } from "./canvas.js";
import { openCard } from "./card.js";
import { addShapes } from "./shapes.js";
import { addShops } from "./shops.js";

const CLOSEST = 18;

export function drawPoints(box) {
  const rows = new globalThis.Map([...document.querySelectorAll("tr[data-code]")].map((row) => [row.dataset.code, row]));
  const points = [...rows.values()].filter((row) => row.dataset.lat).map(pointOf);
  if (!points.length) return;
  const bounds = boundsOf(points.map(({ geometry }) => geometry.coordinates));
  const map = openMap(box, { bounds, maxZoom: 22, fitBoundsOptions: { padding: 70, maxZoom: CLOSEST } });
  const card = openCard(box, rows);
  map.on("load", () => {
    addGrid(map);
    if (box.dataset.tiles) return addShops(map, box, card);
    addShapes(map);
    map.addSource("points", { type: "geojson", data: { type: "FeatureCollection", features: points } });
    map.addLayer({
      id: "points", type: "symbol", source: "points",
      layout: {
        "icon-image": ["get", "shape"], "icon-allow-overlap": true, "symbol-sort-key": ["get", "order"],
        "text-field": ["get", "label"], "text-font": BOLD, "text-size": 12, "text-offset": [0, 1.2], "text-anchor": "top",
        "text-max-width": 9, "text-optional": true,
      },
      paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.5 },
    });
    map.on("click", "points", ({ features: [point] }) => card.show(point.properties.code));
    map.on("mouseenter", "points", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "points", () => (map.getCanvas().style.cursor = ""));
    for (const [code, row] of rows) row.addEventListener("focusin", () => pointAt(map, points, code));
  });
}

function pointOf(row) {
  const { code, lat, lon, shape, label } = row.dataset;
  const order = shape === "shop" ? 0 : 1;
  return { type: "Feature", properties: { code, shape, label, order }, geometry: { type: "Point", coordinates: [Number(lon), Number(lat)] } };
}

function pointAt(map, points, code) {
  const point = points.find(({ properties }) => properties.code === code);
  if (point && !map.getBounds().contains(point.geometry.coordinates)) map.jumpTo({ center: point.geometry.coordinates });
}

// Without a base map a net of lines shows how far apart things stand.
function addGrid(map) {
  if (map.getSource("base")) return;
  const bounds = map.getBounds();
  const wide = bounds.getEast() - bounds.getWest();
  const step = 10 ** Math.floor(Math.log10(wide / 2));
  const lines = [];
  const [west, south] = [bounds.getWest() - 4 * wide, bounds.getSouth() - 4 * wide];
  for (let place = 0; place < (9 * wide) / step; place += 1) {
    const [lon, lat] = [(Math.floor(west / step) + place) * step, (Math.floor(south / step) + place) * step];
    lines.push([[lon, south], [lon, south + 9 * wide]], [[west, lat], [west + 9 * wide, lat]]);
  }
  map.addSource("net", { type: "geojson", data: { type: "MultiLineString", coordinates: lines } });
  map.addLayer({ id: "net", type: "line", source: "net", paint: { "line-color": colour("line"), "line-width": 1 } });
}
