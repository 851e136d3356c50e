// Reads NAME.txt: one JavaScript expression a line, # starts a comment line.
// `«a ;; b ;; c»` in a line stands for each of a, b and c in turn, so that a
// line with several of them makes a row for each combination.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(fileURLToPath(import.meta.url));

function expand(line) {
  const open = line.indexOf('«');
  if (open < 0) return [line];
  const close = line.indexOf('»', open);
  if (close < 0) throw new Error(`« without »: ${line}`);
  const before = line.slice(0, open), after = line.slice(close + 1);
  return line.slice(open + 1, close).split(' ;; ')
    .flatMap((choice) => expand(before + choice + after));
}

export function names() {
  return fs.readdirSync(here).filter((f) => f.endsWith('.txt'))
    .map((f) => f.slice(0, -4)).sort();
}

export function rows(name) {
  return fs.readFileSync(path.join(here, `${name}.txt`), 'utf8').split('\n')
    .filter((line) => line.trim() && !line.startsWith('#')).flatMap(expand);
}

// Without the place and the excerpt that EJS puts around it.
export function sentence(message) {
  return message.replace(/^[^\n]*:\d+\n(?:(?: >>|   ) \d+\|[^\n]*\n)+\n/, '')
    .replace(/(?: in [^\n]*)? while compiling ejs[^]*$/, '');
}

// EJS's copy of an expression: `%>` would end the tag.
export const template = (row) => `<%- ${row} %>`;
