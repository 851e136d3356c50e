// parse.mjs PARSE_BATCH [WORD...] - which of test262's language tests we accept
// and refuse.  $TEST262 is a checkout of tc39/test262; without it, skipped
// (exit 77).  Words pick tests by their path.
//
// Each test becomes the body of a function in a scriptlet, sloppy and strict as
// it says.  Left out are features the language leaves out, and what only a
// script's top level forbids.
import fs from 'node:fs';
import path from 'node:path';
import { batch } from '../syntax/batch.mjs';

const [program, ...words] = process.argv.slice(2);
const root = process.env.TEST262;
if (!root) { console.log('TEST262 is not set'); process.exit(77); }

const without = new Set(['async-functions', 'async-iteration', 'BigInt', 'dynamic-import', 'import.meta', 'top-level-await',
  'import-attributes', 'import-assertions', 'json-modules', 'import-defer', 'source-phase-imports', 'import-text', 'import-bytes', 'decorators', 'hashbang', 'regexp-v-flag', 'regexp-match-indices',
  'regexp-modifiers', 'regexp-duplicate-named-groups', 'explicit-resource-management', 'arbitrary-module-namespace-names',
  'source-phase-imports-module-source', 'export-star-as-namespace-from-module', 'immutable-arraybuffer', 'import-defer', 'canonical-tz']);
// What is an error at the top level of a script only, or leaves the function we wrap around it.
const topLevel = /^(language\/global-code\/|language\/eval-code\/|language\/module-code\/|language\/import|language\/export|language\/comments\/hashbang|language\/statements\/return\/S12\.9_A1_T|language\/expressions\/new\.target\/(escaped|value-via-(f|r)).*global|language\/block-scope\/syntax\/redeclaration-global|language\/expressions\/dynamic-import|language\/expressions\/import\.meta)/;

function* tests(dir) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* tests(full);
    else if (entry.name.endsWith('.js') && !entry.name.includes('_FIXTURE')) yield full;
  }
}

function list(text, key) {
  const inline = new RegExp(`^\\s*${key}:\\s*\\[([^\\]]*)\\]`, 'm').exec(text);
  if (inline) return inline[1].split(',').map((word) => word.trim()).filter(Boolean);
  const block = new RegExp(`^\\s*${key}:\\s*\\n((?:\\s+- .*\\n)+)`, 'm').exec(text);
  return block ? block[1].split('\n').map((line) => line.replace(/^\s*-\s*/, '').trim()).filter(Boolean) : [];
}

const records = [];
let skipped = 0;
for (const top of ['test/language', 'test/annexB/language'])
  for (const file of tests(path.join(root, top))) {
    const name = path.relative(path.join(root, 'test'), file);
    if (words.length && !words.some((word) => name.includes(word))) continue;
    const text = fs.readFileSync(file, 'utf8');
    const meta = /\/\*---([^]*?)---\*\//.exec(text)?.[1].replace(/\r\n?/g, '\n') || '';
    const flags = list(meta, 'flags');
    if (topLevel.test(name) || flags.includes('module') || flags.includes('async') || list(meta, 'features').some((word) => without.has(word))) { skipped++; continue; }
    const negative = /negative:/.test(meta) && /phase:\s*parse/.test(meta);
    for (const strict of [false, true]) {
      if (strict ? flags.includes('noStrict') || flags.includes('raw') : flags.includes('onlyStrict')) continue;
      records.push({ name, negative, flags: strict ? 'xs' : 'x', text: `\x01\x02 (function () {\n${text}\n}) \x02\x03` });
    }
  }

const areas = new Map();
let wrong = 0, leftOut = 0;
batch(program, records).forEach((answer, i) => {
  const { name, negative, flags } = records[i];
  const area = name.split('/').slice(0, name.startsWith('annexB') ? 4 : 3).join('/').replace(/\/[^/]*\.js$/, '');
  const count = areas.get(area) || areas.set(area, { pass: 0, total: 0 }).get(area);
  if (!answer.ok && !negative && /not supported/.test(answer.message)) { leftOut++; return; }
  count.total++;
  if (answer.ok !== negative) { count.pass++; return; }
  wrong++;
  if (wrong <= 400) console.log(`${name} [${flags}] ${answer.ok ? 'accepted' : `${answer.line}:${answer.column} ${answer.message}`}`);
});
const failing = [...areas].filter(([, { pass, total }]) => pass < total);
for (const [area, { pass, total }] of failing) console.log(`${area}: ${pass}/${total}`);
const total = records.length - leftOut;
console.log(`${total - wrong} of ${total} right (${(100 * (total - wrong) / total).toFixed(2)} %); ${leftOut} use forms we refuse by name, ${skipped} files left out`);
process.exit(wrong ? 1 : 0);
