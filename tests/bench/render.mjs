// Rendering, side by side: rounds of the contenders in C and of those on Node in
// turn, then medians and ratios.
//
//   node tests/bench/render.mjs [BUILD_FOLDER] [ROUNDS] [SECONDS]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const ejs = createRequire(new URL('../oracle/package.json', import.meta.url))('ejs');
const [build = path.join(here, '../../build'), rounds = '7', seconds = '0.15'] = process.argv.slice(2);
const views = path.join(here, 'views');
const names = 'friends search projects table100 table1000 teams blog page invoice catalog settings'.split(' ');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
execFileSync('node', [path.join(here, 'data.mjs'), work]);
const sizes = {};
for (const name of names) {
  const file = path.join(views, `${name}.ejs`);
  const page = ejs.render(fs.readFileSync(file, 'utf8'), JSON.parse(fs.readFileSync(path.join(work, `${name}.json`))), { filename: file });
  fs.writeFileSync(path.join(work, `${name}.html`), page);
  sizes[name] = Buffer.byteLength(page);
}

const samples = Object.fromEntries(names.map((n) => [n, {}]));
const take = (text) => {
  for (const [name, row] of Object.entries(JSON.parse(text))) {
    for (const [k, v] of Object.entries(row)) if (v !== null) (samples[name][k] ??= []).push(v);
  }
};
for (let i = 0; i < Number(rounds); i++) {
  take(execFileSync(path.join(build, 'tests/bench/bench-render'), [work, views, seconds, work, ...names], { encoding: 'utf8' }));
  take(execFileSync('node', [path.join(here, 'peers.mjs'), work, views, seconds, ...names], { encoding: 'utf8' }));
}
fs.rmSync(work, { recursive: true });

const median = (list) => (list ? [...list].sort((a, b) => a - b)[list.length >> 1] : NaN);
const m = Object.fromEntries(names.map((n) => [n, new Proxy({}, { get: (_, k) => median(samples[n][k]) })]));
const cell = (x, w = 9) => (Number.isFinite(x) ? x.toFixed(x < 10 ? 2 : 1) : '-').padStart(w);
console.log(`medians of ${rounds} rounds; µs a render, then how many times faster than EJS 7 (or as said)\n`);
console.log(`${'page'.padEnd(11)}${'bytes'.padStart(8)}${['EJS', 'native', 'interp.', 'text'].map((h) => `${h} µs`.padStart(12)).join('')}`);
for (const n of names) console.log(`${n.padEnd(11)}${String(sizes[n]).padStart(8)}${[m[n].ejs, m[n].native, m[n].interpreter, m[n].text].map((x) => (x / 1000).toFixed(2).padStart(12)).join('')}`);
const heads = ['native', 'interp.', 'fast EJS', 'literal', 'eta', 'by hand', 'structs'];
console.log(`\nEJS / ...   ${heads.map((h) => h.padStart(9)).join('')}   native against: fast EJS, by hand, structs; JSON.parse + EJS against JSON text`);
for (const n of names) {
  const r = m[n];
  console.log(`${n.padEnd(12)}${[r.ejs / r.native, r.ejs / r.interpreter, r.ejs / r.fast, r.ejs / r.literal, r.ejs / r.eta, r.ejs / r.hand, r.ejs / r.structs].map((x) => cell(x)).join('')}   ${
    [r.fast / r.native, r.native / r.hand, r.native / r.structs, r.json / r.text].map((x) => cell(x)).join('')}`);
}
