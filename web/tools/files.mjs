/** Where the diagrams and decision tables lie, for the tools of this folder. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED = fileURLToPath(new URL('../../bpmn/', import.meta.url));
const DESCRIPTOR = new URL('../moddle/spiffworkflow.json', import.meta.url);

/** Describes our extension elements to bpmn-moddle, so that nothing of them is lost or warned about. */
export const spiffworkflow = JSON.parse(await readFile(DESCRIPTOR, 'utf8'));

export const shortName = (path) => basename(path);

async function shipped(ending) {
  const names = await readdir(SHIPPED);
  return names.filter((name) => name.endsWith(ending)).sort().map((name) => join(SHIPPED, name));
}

const chosen = (named, ending) => named.filter((path) => path.endsWith(ending));

/** The diagrams among `named`; all shipped ones when nothing is named. */
export async function diagrams(named) {
  return named.length ? chosen(named, '.bpmn') : shipped('.bpmn');
}

/** The decision tables among `named`; all shipped ones when nothing is named. */
export async function decisionTables(named) {
  return named.length ? chosen(named, '.dmn') : shipped('.dmn');
}
