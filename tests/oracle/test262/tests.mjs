// tests.mjs - reads test262: walks the tests and their front matter.
import fs from 'node:fs';
import path from 'node:path';

// Features that the language leaves out (engine/docs/language.md).
export const without = new Set(['async-functions', 'async-iteration', 'BigInt', 'dynamic-import', 'import.meta', 'top-level-await',
  'import-attributes', 'import-assertions', 'json-modules', 'import-defer', 'source-phase-imports', 'source-phase-imports-module-source', 'import-text', 'import-bytes',
  'decorators', 'hashbang', 'regexp-v-flag', 'regexp-match-indices', 'regexp-modifiers', 'regexp-duplicate-named-groups',
  'explicit-resource-management', 'arbitrary-module-namespace-names', 'immutable-arraybuffer', 'canonical-tz', 'export-star-as-namespace-from-module']);

// What is an error at the top level of a script only, or leaves the function we wrap around it.
export const topLevel = /^(language\/global-code\/|language\/eval-code\/|language\/module-code\/|language\/import|language\/export|language\/comments\/hashbang|language\/statements\/return\/S12\.9_A1_T|language\/block-scope\/syntax\/redeclaration-global|language\/expressions\/dynamic-import|language\/expressions\/import\.meta)/;

function* files(dir) {
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (entry.name.endsWith('.js') && !entry.name.includes('_FIXTURE')) yield full;
  }
}

function list(text, key) {
  const inline = new RegExp(`^\\s*${key}:\\s*\\[([^\\]]*)\\]`, 'm').exec(text);
  if (inline) return inline[1].split(',').map((word) => word.trim()).filter(Boolean);
  const block = new RegExp(`^\\s*${key}:\\s*\\n((?:\\s+- .*\\n)+)`, 'm').exec(text);
  return block ? block[1].split('\n').map((line) => line.replace(/^\s*-\s*/, '').trim()).filter(Boolean) : [];
}

// The tests below `tops` whose path contains one of `words` (all, without any).
export function* tests(root, tops, words) {
  for (const top of tops) {
    const folder = path.join(root, 'test', top);
    if (!fs.existsSync(folder)) continue;
    for (const file of files(folder)) {
      const name = path.relative(path.join(root, 'test'), file);
      if (words.length && !words.some((word) => name.includes(word))) continue;
      const text = fs.readFileSync(file, 'utf8');
      const meta = /\/\*---([^]*?)---\*\//.exec(text)?.[1].replace(/\r\n?/g, '\n') || '';
      const negative = /negative:\s*\n\s*phase:\s*(\w+)\s*\n\s*type:\s*(\w+)/.exec(meta) || /negative:\s*\n\s*type:\s*(?<type>\w+)\s*\n\s*phase:\s*(?<phase>\w+)/.exec(meta);
      yield {
        name, text, flags: list(meta, 'flags'), features: list(meta, 'features'), includes: list(meta, 'includes'),
        phase: negative && (negative.groups?.phase || negative[1]), type: negative && (negative.groups?.type || negative[2]),
      };
    }
  }
}

// Which of sloppy and strict a test is to be run in.
export const modes = ({ flags }) => [
  ...(flags.includes('onlyStrict') ? [] : [false]),
  ...(flags.includes('noStrict') || flags.includes('raw') ? [] : [true]),
];

export const area = (name) => name.split('/').slice(0, name.startsWith('annexB') ? 4 : 3).join('/').replace(/\/[^/]*\.js$/, '');

// Prints the areas with failures and the total; returns the exit status.
export class Tally {
  areas = new Map();
  pass = 0;
  total = 0;
  add(name, right) {
    const key = area(name), count = this.areas.get(key) || { pass: 0, total: 0 };
    this.areas.set(key, count);
    count.total++;
    this.total++;
    if (right) { count.pass++; this.pass++; }
  }
  print(all) {
    for (const [key, { pass, total }] of [...this.areas].sort())
      if (all || pass < total) console.log(`${key}: ${pass}/${total} (${(100 * pass / total).toFixed(1)} %)`);
    console.log(`${this.pass} of ${this.total} right (${(100 * this.pass / this.total).toFixed(2)} %)`);
    return this.pass < this.total ? 1 : 0;
  }
}
