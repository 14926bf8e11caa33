/**
 * Checks how the diagrams are drawn: bpmnlint's recommended rules and two of ours.
 * What a diagram means is the business of `hangji check`.
 *
 * node tools/lint.mjs [FILE.bpmn ...]     without files: every diagram in ../bpmn
 */
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import process from 'node:process';

import { BpmnModdle } from 'bpmn-moddle';

import { diagrams, spiffworkflow, shortName } from './files.mjs';
import rules from './rules/index.mjs';

const require = createRequire(import.meta.url);
const Linter = require('bpmnlint/lib/linter');
const recommended = require('bpmnlint/config/recommended');

const resolver = {
  resolveRule(plugin, name) {
    return plugin === 'bpmnlint' ? require(`bpmnlint/rules/${name}`) : rules[name];
  },
  resolveConfig(plugin, name) {
    throw new Error(`no configuration ${plugin}:${name}`);
  }
};

const config = {
  rules: {
    ...recommended.rules,
    // Discouraged for engines that guess; ours proves each block of them (docs/rules/inclusive.md).
    'no-inclusive-gateway': 'off',
    'hangji/user-task-has-form-phase-and-deadline': 'error',
    'hangji/id-was-written-by-a-person': 'error'
  }
};

/** All findings of one diagram as `{ file, id, category, rule, message }`. */
async function lint(path) {
  const moddle = new BpmnModdle({ spiffworkflow });
  const { rootElement } = await moddle.fromXML(await readFile(path, 'utf8'));
  const found = await new Linter({ config, resolver }).lint(rootElement);
  return Object.entries(found).flatMap(([rule, reports]) =>
    reports.map(({ id, category, message }) => ({ file: shortName(path), id, category, rule, message }))
  );
}

const findings = (await Promise.all((await diagrams(process.argv.slice(2))).map(lint))).flat();

console.log(JSON.stringify(findings, null, 2));
process.exitCode = findings.some(({ category }) => category !== 'warn') ? 1 : 0;
