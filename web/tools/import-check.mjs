/**
 * Reads every diagram with bpmn-moddle and every decision table with dmn-moddle and writes it again:
 * no warning may come up and nothing may get lost on the way.
 *
 * node tools/import-check.mjs [FILE ...]     without files: everything in ../bpmn
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { BpmnModdle } from 'bpmn-moddle';
import { DmnModdle } from 'dmn-moddle';

import { decisionTables, diagrams, spiffworkflow, shortName } from './files.mjs';

const OURS = /<spiffworkflow:(?:property|calledDecisionId)[ >]/g;

async function check(path, moddle, type) {
  const xml = await readFile(path, 'utf8');
  const { rootElement, warnings } = await moddle.fromXML(xml, type);
  const { xml: again } = await moddle.toXML(rootElement, { format: true });
  const told = warnings.map(({ message }) => message);
  if ((xml.match(OURS) ?? []).length !== (again.match(OURS) ?? []).length) {
    told.push('extension elements got lost');
  }
  return { file: shortName(path), warnings: told };
}

const named = process.argv.slice(2);
const results = await Promise.all([
  ...(await diagrams(named)).map((path) => check(path, new BpmnModdle({ spiffworkflow }), 'bpmn:Definitions')),
  ...(await decisionTables(named)).map((path) => check(path, new DmnModdle(), 'dmn:Definitions'))
]);

console.log(JSON.stringify(results, null, 2));
process.exitCode = results.some(({ warnings }) => warnings.length) ? 1 : 0;
