// Reading JSON text, side by side: ours, json-c, yyjson where it is installed,
// and Node's JSON.parse; MB/s and ratios, medians of rounds that take turns.
//
//   node tests/bench/json.mjs [BUILD_FOLDER] [ROUNDS] [SECONDS]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const [build = path.join(here, '../../build'), rounds = '7', seconds = '0.15'] = process.argv.slice(2);
const names = 'teams page blog friends projects settings'.split(' ');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
execFileSync('node', [path.join(here, 'data.mjs'), work]);
const files = names.map((n) => path.join(work, `${n}.json`));
const texts = files.map((f) => fs.readFileSync(f, 'utf8'));

function time(text) {
  let n = 0, spent = 0;
  while (spent < Number(seconds) * 1000) {
    const turns = (n >> 3) + 1;
    const start = performance.now();
    for (let i = 0; i < turns; i++) JSON.parse(text);
    spent += performance.now() - start;
    n += turns;
  }
  return (spent * 1e6) / n;
}

texts.forEach(time); // warm
const samples = names.map(() => ({}));
for (let i = 0; i < Number(rounds); i++) {
  const out = JSON.parse(execFileSync(path.join(build, 'tests/bench/bench-json'), [seconds, ...files], { encoding: 'utf8' }));
  out.forEach((row, k) => {
    row.node = time(texts[k]);
    for (const [what, ns] of Object.entries(row)) (samples[k][what] ??= []).push(ns);
  });
}
fs.rmSync(work, { recursive: true });

const median = (list) => (list ? [...list].sort((a, b) => a - b)[list.length >> 1] : NaN);
const cell = (x, digits = 0) => (Number.isFinite(x) ? x.toFixed(digits) : '-').padStart(9);
console.log(`medians of ${rounds} rounds; MB/s, then ours as times the speed of the others\n`);
console.log(`${'text'.padEnd(11)}${['bytes', 'ours', 'json-c', 'yyjson', 'Node', '/ json-c', '/ yyjson', '/ Node'].map((h) => h.padStart(9)).join('')}`);
samples.forEach((s, k) => {
  const bytes = median(s.bytes);
  const [ours, jsonc, yyjson, node] = ['ours', 'jsonc', 'yyjson', 'node'].map((what) => (bytes / median(s[what])) * 1000);
  console.log(names[k].padEnd(11) + cell(bytes) + [ours, jsonc, yyjson, node].map((x) => cell(x)).join('') + [jsonc, yyjson, node].map((x) => cell(ours / x, 2)).join(''));
});
