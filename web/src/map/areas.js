// The areas below one: hexagons, or outlines where the city has given them.
import { BOLD, PLAIN, addImage, boundsOf, colour, openMap } from "./canvas.js";
import { openCard } from "./card.js";
import { addShops } from "./shops.js";

const NOTHING = { type: "FeatureCollection", features: [] };
const SHADES = [1, 2, 3, 4, 5];

export function drawAreas(box) {
  const shapes = JSON.parse(box.dataset.shapes);
  const rows = new globalThis.Map([...document.querySelectorAll("tr[data-code]")].map((row) => [row.dataset.code, row]));
  const corners = shapes.features.flatMap(cornersOf);
  if (!corners.length) return;
  const band = JSON.parse(box.dataset.band);
  const fitBoundsOptions = { padding: paddingOf(box) };
  // Hexagons are as large as their band wants; an outline is as large as the area is.
  if (!box.dataset.outlines) fitBoundsOptions.maxZoom = band[1] - 0.3;
  const map = openMap(box, { bounds: boundsOf(corners), maxZoom: 22, fitBoundsOptions });
  const card = openCard(box, rows);
  onLayer(box, () => map.getSource("areas") && show(map, box, shapes, rows));
  map.on("load", () => {
    addLayers(map, box.dataset.outlines ? "soft" : "paper");
    show(map, box, shapes, rows);
    markRows(map, rows, shapes);
    if (box.dataset.tiles) addShops(map, box, card);
    map.on("click", "areas", (event) => {
      if (!event.defaultPrevented) card.show(event.features[0].properties.code);
    });
    stayInBand(map, band, rows, box);
  });
}

function cornersOf({ geometry }) {
  const rings = geometry.type === "MultiPolygon" ? geometry.coordinates.flat() : geometry.coordinates;
  return rings.flat();
}

function paddingOf(box) {
  const foot = box.clientWidth < 500 ? 14 : 24;
  return { top: 56, bottom: foot, left: 20, right: 20 };
}

function addLayers(map, edge) {
  for (const name of ["areas", "labels", "lit"]) map.addSource(name, { type: "geojson", data: NOTHING });
  addImage(map, "pill", 24, 22, drawPill, { stretchX: [[22, 26]], stretchY: [[20, 24]], content: [16, 6, 32, 38] });
  const shade = ["match", ["get", "shade"], ...SHADES.flatMap((step) => [step, colour(`shade-${step}`)]), colour("sunk")];
  const ink = ["match", ["get", "shade"], 4, colour("on-shade-4"), 5, colour("on-shade-5"), colour("on-light-shade")];
  map.addLayer({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": shade, "fill-antialias": true } });
  map.addLayer({ id: "edges", type: "line", source: "areas", paint: { "line-color": colour(edge), "line-width": edge === "paper" ? 1.5 : 0.8 } });
  map.addLayer({ id: "lit", type: "line", source: "lit", layout: { "line-join": "round" }, paint: { "line-color": colour("focus"), "line-width": 4 } });
  map.addLayer({
    id: "names", type: "symbol", source: "labels",
    layout: {
      "text-field": ["format", ["get", "name"], { "font-scale": 0.62, "text-font": ["literal", PLAIN] }, "\n", {}, ["get", "number"], {}],
      "text-font": BOLD, "text-size": ["get", "size"], "text-line-height": 1.25, "text-max-width": 6,
      "text-offset": ["case", [">", ["get", "late"], 0], ["literal", [0, -0.35]], ["literal", [0, 0]]],
      "text-allow-overlap": true, "text-ignore-placement": true,
    },
    paint: { "text-color": ink },
  });
  map.addLayer({
    id: "late", type: "symbol", source: "labels", filter: [">", ["get", "late"], 0],
    layout: {
      "text-field": ["get", "late_words"], "text-font": BOLD, "text-size": ["*", 0.58, ["get", "size"]],
      "text-offset": [0, 2.15], "icon-image": "pill", "icon-text-fit": "both", "icon-text-fit-padding": [1, 3, 1, 3],
      "text-allow-overlap": true, "icon-allow-overlap": true,
    },
    paint: { "text-color": "#fff" },
  });
}

function drawPill(pen) {
  pen.fillStyle = colour("red-solid");
  pen.strokeStyle = "#fff";
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.roundRect(1, 1, 22, 20, 10);
  pen.fill();
  pen.stroke();
}

// Numbers, shades and words of the chosen figure, as the table has them.
function show(map, box, shapes, rows) {
  const figure = box.dataset.layer;
  const size = sizeOf(map, shapes);
  const features = shapes.features.filter(({ properties }) => rows.has(properties.code)).map((feature) => {
    const { code, name, label } = feature.properties;
    const told = rows.get(code).dataset;
    const late = figure === "open" ? Number(told.late) : 0;
    const number = Number(told[figure]).toLocaleString("en");
    const properties = { code, name: shortened(name), number, shade: Number(told[`${figure}Shade`]), late, late_words: told.lateWords, size };
    return { ...feature, properties, label };
  });
  map.getSource("areas").setData({ type: "FeatureCollection", features });
  const labels = features.map(({ properties, label }) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: label } }));
  map.getSource("labels").setData({ type: "FeatureCollection", features: labels });
}

// What does not fit into an area of the screen is written smaller.
function sizeOf(map, shapes) {
  const widths = shapes.features.map((feature) => {
    const across = cornersOf(feature).map(([lon, lat]) => map.project([lon, lat]).x);
    return Math.max(...across) - Math.min(...across);
  });
  const middle = widths.sort((one, other) => one - other)[Math.floor(widths.length / 2)];
  return Math.max(16, Math.min(24, middle / 4.9));
}
function shortened(name) {
  const longest = 12;
  return name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
}

// Pointing at an area marks its row, and the other way round.
function markRows(map, rows, shapes) {
  const lit = (code) => {
    for (const [one, row] of rows) row.classList.toggle("is-lit", one === code);
    const features = shapes.features.filter(({ properties }) => properties.code === code);
    map.getSource("lit").setData({ type: "FeatureCollection", features });
  };
  for (const [code, row] of rows) {
    row.addEventListener("pointerenter", () => lit(code));
    row.addEventListener("pointerleave", () => lit(null));
    row.addEventListener("focusin", () => lit(code));
    row.addEventListener("focusout", () => lit(null));
  }
  map.on("mousemove", "areas", ({ features: [area] }) => {
    map.getCanvas().style.cursor = "pointer";
    lit(area.properties.code);
  });
  map.on("mouseleave", "areas", () => {
    map.getCanvas().style.cursor = "";
    lit(null);
  });
}

// A level has a band of zoom: beyond its edge begins the next one, before it the one above.
function stayInBand(map, [from, to], rows, box) {
  const edge = Math.max(to, map.getZoom() + 1);
  map.setMinZoom(Math.min(from, map.getZoom() - 0.5));
  map.setMaxZoom(edge);
  map.on("zoomend", ({ originalEvent }) => {
    if (!originalEvent) return;
    if (map.getZoom() >= edge - 0.01) goInto(map, rows);
    else if (map.getZoom() <= map.getMinZoom() + 0.01) goTo(box.dataset.up);
  });
}
function goInto(map, rows) {
  const { width, height } = map.getCanvas().getBoundingClientRect();
  const [area] = map.queryRenderedFeatures([width / 2, height / 2], { layers: ["areas"] });
  goTo(area && rows.get(area.properties.code).dataset.down);
}
function goTo(address) {
  if (address) location.assign(address);
}

// Another figure needs no request: table and canvas change together, and so does the address.
function onLayer(box, changed) {
  const page = box.closest(".map-page");
  for (const chip of document.querySelectorAll("[data-figure]")) {
    chip.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", chip.href);
      box.dataset.layer = page.dataset.layer = chip.dataset.figure;
      for (const each of document.querySelectorAll("[data-figure]")) each.removeAttribute("aria-current");
      chip.setAttribute("aria-current", "true");
      mostFirst(page, chip.dataset.figure);
      for (const key of page.querySelectorAll("[data-key]")) key.hidden = key.dataset.key !== chip.dataset.figure;
      changed();
    });
  }
}
// The rows of another figure stand in the order of its numbers, as the server would have put them.
function mostFirst(page, figure) {
  const rows = [...page.querySelectorAll("tr[data-code]")];
  const by = (row) => Number(row.dataset[figure]);
  rows.sort((one, other) => by(other) - by(one) || one.dataset.code.localeCompare(other.dataset.code));
  rows[0]?.parentElement.prepend(...rows);
}
