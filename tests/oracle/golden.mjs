// Renders the golden cases with real EJS 7 (2.7.4 for legacyInclude) and
// compares with the results that are kept, so that those are what EJS gives.
//
//   node golden.mjs [--write] [WORD...]
//
// --write keeps what EJS gives for the templates under golden/ that a WORD
// names and that have no result yet.
// A case with a `deviation` has to differ: when it does not, the note is stale.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import { cases, home, load, templates } from '../golden/cases.mjs';

const require = createRequire(import.meta.url);
const ejs7 = require('ejs'), ejs2 = require('ejs2');

if (process.env.TZ !== 'UTC' || process.env.LC_ALL !== 'en_US.UTF-8') {
  const { spawnSync } = await import('node:child_process');
  const run = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, TZ: 'UTC', LC_ALL: 'en_US.UTF-8' } });
  process.exit(run.status ?? 1);
}

// {"$date": "..."} stands for a Date when the case is `typed`.
function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$date === 'string' && Object.keys(value).length === 1) return new Date(value.$date);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revive(member)]));
}

const RealDate = Date;
function pinClock(now) {
  globalThis.Date = now === undefined ? RealDate : class Date extends RealDate {
    constructor(...args) {
      if (args.length) super(...args);
      else super(now);
    }
    static now() {
      return now;
    }
  };
}

// A template can make globals that the next one would see.
const own = new Set(Object.getOwnPropertyNames(globalThis));
function dropGlobals() {
  for (const key of Object.getOwnPropertyNames(globalThis)) if (!own.has(key)) delete globalThis[key];
}

async function render(c) {
  const { legacyInclude, typed, ...options } = c.options;
  const folder = c.file.replace(/\/[^/]*$/, '');
  const data = JSON.parse(c.data), text = fs.readFileSync(c.file, 'utf8').replace(/^\uFEFF/, '');
  pinClock(c.now);
  try {
    return { out: await (legacyInclude ? ejs2 : ejs7).render(text, typed ? revive(data) : data, { filename: c.file, root: folder, views: [folder], ...options }) };
  } catch (e) {
    return { err: `${e?.name}: ${e?.message}\n`.replaceAll(`${home}/`, '') };
  } finally {
    pinClock();
    dropGlobals();
  }
}

const agrees = (c, real) => (c.html !== null ? c.html === real.out : c.err === real.err);

async function write(c) {
  const { out, err } = await render(c);
  fs.writeFileSync(c.id + (out !== undefined ? '.html' : '.err'), out ?? err);
  console.log(`${c.id}: ${JSON.stringify(out ?? err).slice(0, 160)}`);
}

process.chdir(home);
const words = process.argv.slice(2).filter((a) => a !== '--write');
if (process.argv.includes('--write')) {
  for (const c of templates().map(load)) if (c.html === null && c.err === null && words.some((word) => c.id.includes(word))) await write(c);
}
const version = parseInt(process.versions.node);
const list = cases(words).filter((c) => !(c.node > version));
let wrong = 0;
for (const c of list) {
  const real = await render(c);
  if (agrees(c, real) === (c.deviation === undefined)) continue;
  wrong++;
  console.log(`--- ${c.id}${c.deviation ? ` agrees, but is noted to deviate: ${c.deviation}` : ''}`);
  if (!c.deviation) console.log(`kept ${JSON.stringify(c.html ?? c.err)}\nreal ${JSON.stringify(real.out ?? real.err)}`);
}
console.log(`${list.length} golden cases, ${wrong} are not what EJS gives`);
process.exit(wrong ? 1 : 0);
