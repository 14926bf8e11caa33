/**
 * Draws every diagram as docs/pictures/<id>.png with bpmn-js in a headless Chromium.
 *
 * node tools/render.mjs [--to FOLDER] [FILE.bpmn ...]     CHROMIUM names another browser
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { diagrams } from './files.mjs';

const run = promisify(execFile);
const CHROMIUM = process.env.CHROMIUM ?? 'chromium';
const PICTURES = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const MARGIN = 20;
const MARK = 30;
const SCALE = 1.5;
const SWITCHES = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--allow-file-access-from-files',
  `--force-device-scale-factor=${SCALE}`, '--virtual-time-budget=5000'
];

/** The outer edges of everything drawn, read from the diagram's own bounds. */
function frame(xml) {
  const bounds = [...xml.matchAll(/<dc:Bounds x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g)];
  const boxes = bounds.map(([, ...numbers]) => numbers.map(Number));
  const x = Math.min(...boxes.map((box) => box[0])) - MARGIN;
  const y = Math.min(...boxes.map((box) => box[1])) - MARGIN;
  const width = Math.max(...boxes.map((box) => box[0] + box[2])) + MARGIN - x;
  const height = Math.max(...boxes.map((box) => box[1] + box[3])) + MARGIN + MARK - y;
  return { x, y, width: Math.ceil(width), height: Math.ceil(height) };
}

function page(xml, viewbox) {
  const library = pathToFileURL(resolve(fileURLToPath(new URL('../node_modules/bpmn-js/dist', import.meta.url))));
  return `<!doctype html><meta charset="utf-8">
<link rel="stylesheet" href="${library}/assets/bpmn-js.css">
<style>body{margin:0;background:#fff}#canvas{width:${viewbox.width}px;height:${viewbox.height}px}</style>
<div id="canvas"></div><script src="${library}/bpmn-viewer.production.min.js"></script>
<script>
  const viewer = new BpmnJS({
    container: '#canvas', textRenderer: { defaultStyle: { fontFamily: '"Noto Sans CJK SC", sans-serif' } }
  });
  viewer.importXML(${JSON.stringify(xml).replaceAll('</', '<\\/')})
    .then(() => viewer.get('canvas').viewbox(${JSON.stringify(viewbox)}))
    .catch((problem) => { document.body.textContent = problem.message; });
</script>`;
}

async function draw(path, folder, scratch) {
  const name = basename(path, '.bpmn');
  const xml = await readFile(path, 'utf8');
  const viewbox = frame(xml);
  const html = join(scratch, `${name}.html`);
  const picture = join(folder, `${name}.png`);
  await writeFile(html, page(xml, viewbox));
  const size = `--window-size=${viewbox.width},${viewbox.height}`;
  const profile = `--user-data-dir=${join(scratch, name)}`;
  await run(CHROMIUM, [...SWITCHES, size, profile, `--screenshot=${picture}`, pathToFileURL(html).href]);
  console.log(`${name}.png ${viewbox.width} x ${viewbox.height}`);
}

const named = process.argv.slice(2);
const to = named.indexOf('--to');
const folder = to < 0 ? PICTURES : resolve(named.splice(to, 2)[1]);
const scratch = await mkdtemp(join(tmpdir(), 'hangji-pictures-'));
try {
  await mkdir(folder, { recursive: true });
  for (const path of await diagrams(named)) await draw(path, folder, scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
