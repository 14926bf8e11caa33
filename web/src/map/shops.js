// Businesses one by one from our own tiles: those that stand in no table of the page.
import { addShapes } from "./shapes.js";

const FIRST_ZOOM = 14;
const KIND = ["case", ["==", ["get", "status"], "ceased"], "ceased", ["get", "bright"], "bright", "shop"];
const SHAPE = ["concat", KIND, ["case", [">", ["get", "open_cases"], 0], "-open", ""]];

export function addShops(map, box, card) {
  const tiles = [location.origin + box.dataset.tiles];
  addShapes(map);
  map.addSource("shops", { type: "vector", tiles, minzoom: FIRST_ZOOM, maxzoom: 22 });
  map.addLayer({
    id: "shops", type: "symbol", source: "shops", "source-layer": "points", minzoom: FIRST_ZOOM,
    layout: { "icon-image": SHAPE, "icon-allow-overlap": true, "icon-ignore-placement": true },
  });
  map.on("click", "shops", (event) => {
    event.preventDefault();
    card.fetch(box.dataset.card.replace(/0$/, event.features[0].id));
  });
  map.on("mouseenter", "shops", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "shops", () => (map.getCanvas().style.cursor = ""));
}
