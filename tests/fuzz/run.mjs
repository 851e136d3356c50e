// Renders random changes of the golden templates: whatever they have become,
// each must give a page or an error, and the program must live on.  In a build
// with sanitizers, it also finds what they find.
//
//   node run.mjs MVCGEN WORK [COUNT [SEED]]
//
// The template that killed the program stays in WORK.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { home, load, templates } from '../golden/cases.mjs';

const [mvcgen, work, count = '3000', seed = '1'] = process.argv.slice(2);

let state = BigInt(seed) * 0x9E3779B97F4A7C15n | 1n;
function below(n) {
  state ^= state << 13n & 0xFFFFFFFFFFFFFFFFn;
  state ^= state >> 7n;
  state ^= state << 17n & 0xFFFFFFFFFFFFFFFFn;
  return Number((state & 0xFFFFFFFFFFFFFFFFn) % BigInt(n));
}
const pick = (list) => list[below(list.length)];

const PIECES = ['<%', '%>', '<%=', '<%-', '-%>', '_%>', '<%%', '(', ')', '{', '}', '[', ']', '=>', '...', '?.', '??', '`', '${', '"', "'", '/', '/*', '//', '\\', '\\u{', ';', ',', ':', '0x', '1e999', '.5', 'function', 'class', 'let', 'const', 'var', 'for (', 'of', 'in', 'if', 'else', 'switch', 'case', 'break', 'continue', 'return', 'throw', 'try', 'catch', 'finally', 'new', 'delete', 'typeof', 'void', 'yield', 'await', 'async', 'this', 'super', 'null', 'undefined', 'NaN', 'length', 'constructor', '__proto__', 'prototype', 'locals', 'include(', 'arguments', '\u0000', '\ud83d', '😀', '\u2028', '\r\n', 'é'];

function mutate(text, others) {
  for (let i = 1 + below(4); i > 0; i--) {
    const from = below(text.length + 1), to = Math.min(text.length, from + 1 + below(12)), other = pick(others);
    const start = below(other.length + 1);
    switch (below(5)) {
      case 0: text = text.slice(0, from) + text.slice(to); break;
      case 1: text = text.slice(0, from) + pick(PIECES) + text.slice(from); break;
      case 2: text = text.slice(0, from) + pick(PIECES) + text.slice(to); break;
      case 3: text = text.slice(0, from) + other.slice(start, start + 1 + below(60)) + text.slice(from); break;
      default: text = text.slice(0, to) + text.slice(from); // a piece twice
    }
  }
  return text.slice(0, 20000);
}

const originals = templates().map(load).map((c) => ({ ...c, text: fs.readFileSync(path.join(home, c.file), 'utf8') }));
const texts = originals.map((c) => c.text);

function make(i) {
  const { data, options } = pick(originals), file = path.join(work, `${i}.ejs`);
  const { root, views, ...rest } = options;
  fs.writeFileSync(file, mutate(pick(texts), texts));
  return JSON.stringify({ id: String(i), file, data, options: { ...rest, root: home, views: [path.join(home, 'include')] }, timeout_ms: 2000 });
}

// Renders them all in one program; the number of those answered before its end.
function render(requests) {
  const run = spawnSync(mvcgen, ['render', '--batch', '-'], { input: requests.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 30, timeout: 600000 });
  return { answered: run.stdout.split('\n').filter(Boolean).length, end: run.signal ?? run.status, err: run.stderr };
}

fs.rmSync(work, { recursive: true, force: true });
fs.mkdirSync(work, { recursive: true });
let requests = Array.from({ length: Number(count) }, (_, i) => make(i));
let deaths = 0;
while (requests.length) {
  const { answered, end, err } = render(requests);
  if (answered === requests.length && end === 0) break;
  deaths++;
  const killer = requests[answered];
  console.log(`the program ended with ${end} at ${killer ? JSON.parse(killer).file : 'its end'}\n${err.slice(0, 3000)}`);
  requests = requests.slice(answered + 1);
  if (deaths === 10) break;
}
if (!deaths) fs.rmSync(work, { recursive: true, force: true });
console.log(`${count} templates, seed ${seed}, ${deaths} deaths`);
process.exit(deaths ? 1 : 0);
