// Renders random templates with real EJS 7 and with mvcgen and compares pages
// and errors, byte for byte.
//
//   node run.mjs MVCGEN [--native] [--words] [--keep DIR] [COUNT [SEED]]
//
// COUNT (3000) cases from SEED (1) on; --keep leaves the differing ones in DIR,
// made as short as they get.  Errors must agree in name, file, line and excerpt;
// with --words also in their last sentence, where V8 words rare expressions in
// its own ways.  A syntax error's text is our own.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { generate } from './templates.mjs';

if (process.env.TZ !== 'UTC' || process.env.LC_ALL !== 'en_US.UTF-8') {
  const run = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, TZ: 'UTC', LC_ALL: 'en_US.UTF-8' } });
  process.exit(run.status ?? 1);
}

const args = process.argv.slice(2);
const native = args.includes('--native'), words = args.includes('--words'), at = args.indexOf('--keep');
const keep = at < 0 ? null : args.splice(at, 2)[1];
const expecting = args[0] === '--expect' ? args.splice(0, 2)[1] : null;
const [mvcgen, count = '3000', seed = '1'] = args.filter((a) => a !== '--native' && a !== '--words');
const CHUNK = native ? 250 : 500;
const ejs = createRequire(import.meta.url)('ejs');
const work = expecting ?? fs.mkdtempSync(path.join(os.tmpdir(), 'random-'));
if (!expecting) process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));

function write(c) {
  const folder = path.join(work, String(c.seed));
  for (const [name, text] of Object.entries(c.files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, `${name}.ejs`), text);
  }
  return folder;
}

// A template can make globals that the next one would see.
const own = new Set(Object.getOwnPropertyNames(globalThis));
function dropGlobals() {
  for (const key of Object.getOwnPropertyNames(globalThis)) if (!own.has(key)) delete globalThis[key];
}

const tidy = (text, folder) => text.replaceAll(`${folder}/`, '').toWellFormed();
// Our messages are C strings, and V8 repeats itself for some functions.
function message(text, folder) {
  text = tidy(text, folder).split('\0')[0].replace(/(\(intermediate value\))+/g, '$1');
  if (words) return text;
  const end = text.lastIndexOf('\n\n');
  return end < 0 ? text.replace(/^(\w*Error): .*$/s, '$1') : text.slice(0, end);
}

export function real(c, folder) {
  try {
    const out = ejs.render(c.files.main.replace(/^\ufeff/, ''), JSON.parse(c.data), { filename: path.join(folder, 'main.ejs'), root: folder, ...c.options });
    return { out: tidy(String(out ?? ''), folder) };
  } catch (e) {
    if (e?.name === 'SyntaxError') return { err: 'SyntaxError' };
    if (e === null || typeof e !== 'object' || e instanceof RangeError && /call stack/.test(e.message)) return null;
    return { err: message(`${e.name}: ${e.message}`, folder).replace(/^undefined: /, '') };
  } finally {
    dropGlobals();
  }
}

// What EJS says, in a process of its own: a template can also leave something on
// a built-in that a later one sees, and all of them together more than fits.
function expect(cases) {
  const run = spawnSync(process.execPath, [process.argv[1], '--expect', work, ...(words ? ['--words'] : [])], { input: JSON.stringify(cases), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`EJS ended with ${run.status ?? run.signal}: ${run.stderr.slice(0, 1500)}`);
  return JSON.parse(fs.readFileSync(path.join(work, 'expected.json'), 'utf8'));
}
if (expecting) {
  const cases = JSON.parse(fs.readFileSync(0, 'utf8'));
  const answers = cases.map((c) => real(c, path.join(work, String(c.seed))));
  fs.writeFileSync(path.join(work, 'expected.json'), JSON.stringify(answers));
  process.exit(0);
}

function ours(cases) {
  const lines = cases.map((c) => JSON.stringify({ id: String(c.seed), file: path.join(work, String(c.seed), 'main.ejs'), data: c.data, options: { root: path.join(work, String(c.seed)), ...c.options }, timeout_ms: 20000 }));
  const run = spawnSync(mvcgen, ['render', ...(native ? ['--native'] : []), '--batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8', maxBuffer: 1 << 30 });
  const answers = new Map();
  for (const line of (run.stdout ?? '').split('\n').filter(Boolean)) {
    const { id, ok, out, name, message: text } = JSON.parse(line);
    const folder = path.join(work, id);
    answers.set(id, ok ? { out: tidy(out, folder) } : { err: name === 'SyntaxError' ? name : message(`${name}: ${text}`, folder) });
  }
  if (run.status !== 0) console.log(`${mvcgen} ended with ${run.status ?? run.signal} after ${answers.size} of ${cases.length}: ${run.stderr.slice(0, 1500)}`);
  return answers;
}

// What is thrown without a name has one with us.
const agrees = (err, mine) => err === mine || (mine !== undefined && (err === 'undefined' || mine.replace(/^\w*: /, '') === err));
const same = (a, b) => a === null || (a.out === b?.out && agrees(a.err, b?.err));

// What a difference is about: the last words of both.
const about = (a, b) => [a, b].map((r) => r?.err?.split('\n').at(-1) ?? 'page').join('\n');

// Still differs, and in the same way.
function differs(c, way) {
  const folder = write(c);
  const a = real(c, folder), b = ours([c]).get(String(c.seed));
  return !same(a, b) && about(a, b) === way;
}

function cut(c, still, text, put) {
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < text.length;) {
      const less = text.slice(0, from) + text.slice(from + size);
      if (still(put(less))) text = less;
      else from += size;
    }
  }
  return put(text);
}

function shorten(c, way) {
  const deadline = Date.now() + 10000;
  const still = (less) => Date.now() < deadline && differs(less, way);
  for (const name of Object.keys(c.files).reverse()) c = cut(c, still, c.files[name], (text) => ({ ...c, files: { ...c.files, [name]: text } }));
  const data = JSON.parse(c.data);
  for (const key of Object.keys(data)) {
    const { [key]: _, ...less } = JSON.parse(c.data);
    const smaller = { ...c, data: JSON.stringify(less) };
    if (still(smaller)) c = smaller;
  }
  return c;
}

function show(c, a, b) {
  console.log(`--- seed ${c.seed} ${JSON.stringify(c.options)}`);
  for (const [name, text] of Object.entries(c.files)) if (text) console.log(`${name}: ${JSON.stringify(text.slice(0, 1500))}`);
  console.log(`data: ${c.data.slice(0, 600)}\nEJS:  ${JSON.stringify(a).slice(0, 700)}\nours: ${JSON.stringify(b)?.slice(0, 700)}`);
}

let differing = 0, pages = 0;
for (let from = Number(seed); from < Number(seed) + Number(count); from += CHUNK) {
  const cases = Array.from({ length: Math.min(CHUNK, Number(seed) + Number(count) - from) }, (_, i) => generate(from + i));
  cases.forEach(write);
  const expected = expect(cases);
  const answers = ours(cases);
  cases.forEach((c, i) => {
    if (expected[i]?.out !== undefined) pages++;
    const mine = answers.get(String(c.seed));
    if (same(expected[i], mine) || same(expect([c])[0], mine)) return;
    differing++;
    if (differing > (keep ? 40 : 2000)) return;
    const less = keep && !native ? shorten(c, about(expected[i], answers.get(String(c.seed)))) : c;
    const folder = write(less);
    show(less, real(less, folder), keep && !native ? ours([less]).get(String(c.seed)) : answers.get(String(c.seed)));
    if (keep) fs.cpSync(folder, path.join(keep, String(c.seed)), { recursive: true });
  });
  fs.readdirSync(work).forEach((name) => fs.rmSync(path.join(work, name), { recursive: true }));
}
console.log(`${count} random templates from seed ${seed}, ${pages} give pages, ${differing} differ${native ? ' (native)' : ''}`);
process.exit(differing ? 1 : 0);
