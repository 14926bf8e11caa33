// One canvas of MapLibre: served by us alone, labelled with the fonts of the machine.
import { AttributionControl, Map, NavigationControl, addProtocol, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

setWorkerUrl(new URL(workerUrl, location.href).href);

const FONT = '"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif';
export const BOLD = ["Noto Sans CJK SC Bold"];
export const PLAIN = ["Noto Sans CJK SC Regular"];

export function canDraw() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

// A canvas needs the values of the colour tokens in the current theme.
export function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// Addresses of our own server; one file of tiles is read piece by piece.
function absolute(style) {
  const base = style.sources.base;
  if (base?.tiles) base.tiles = base.tiles.map((address) => location.origin + address);
  if (base?.url) {
    base.url = base.url.replace("pmtiles://", `pmtiles://${location.origin}`);
    addProtocol("pmtiles", async (...asked) => {
      const { Protocol } = await import("pmtiles");
      archive ??= new Protocol();
      return archive.tile(...asked);
    });
  }
  return style;
}
let archive = null;

export function openMap(box, options = {}) {
  const words = JSON.parse(box.dataset.words);
  const style = absolute(JSON.parse(box.dataset.style));
  style.layers[0].paint = { "background-color": colour("paper") };
  const map = new Map({
    container: box,
    style,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    localIdeographFontFamily: FONT,
    // On a phone one finger scrolls the page, two move the map.
    cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    locale: words.locale,
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  if (box.dataset.attribution) {
    const customAttribution = box.dataset.attribution;
    map.addControl(new AttributionControl({ compact: false, customAttribution }), "bottom-right");
  }
  map.on("idle", () => (box.dataset.drawn = "yes"));
  return map;
}

// Images of the canvas are drawn here: no sprite is asked for.
export function addImage(map, name, width, height, draw, options = {}) {
  const ratio = 2;
  const canvas = Object.assign(document.createElement("canvas"), { width: width * ratio, height: height * ratio });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  draw(pen);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height);
  map.addImage(name, data, { pixelRatio: ratio, ...options });
}

export function boundsOf(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
}
