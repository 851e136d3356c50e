// What a render costs apart from time, the same on every machine: instructions
// (counted by valgrind's callgrind), calls of malloc and the most bytes taken
// from it while a render runs, once earlier ones have warmed the pools.
//
//   node tests/bench/cost.mjs [BUILD_FOLDER] [PAGE...]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const [build = path.join(here, '../../build'), ...words] = process.argv.slice(2);
const names = words.length ? words : 'friends search projects table100 table1000 teams blog page invoice catalog settings'.split(' ');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
execFileSync('node', [path.join(here, 'data.mjs'), work]);

const program = path.join(build, 'tests/bench/bench-cost');
const run = (lane, turns, name) => [work, path.join(here, 'views'), lane, String(turns), name];
const malloced = (lane, name) => JSON.parse(execFileSync(program, run(lane, 20, name), { encoding: 'utf8' }));
function instructions(lane, name, turns) {
  const log = path.join(work, 'callgrind.log');
  execFileSync('valgrind', ['--tool=callgrind', '--callgrind-out-file=/dev/null', `--log-file=${log}`, program, ...run(lane, turns, name)]);
  return Number(/Collected : (\d+)/.exec(fs.readFileSync(log, 'utf8'))[1]);
}

const lanes = ['native', 'interpreter', 'text'];
const count = (n) => Math.round(n).toLocaleString('en').padStart(12);
console.log(`instructions a render, then calls of malloc and most bytes taken from it\n`);
console.log(`${'page'.padEnd(10)}${lanes.map((l) => l.padStart(12)).join('')}   ${lanes.map((l) => l.padStart(20)).join('')}`);
for (const name of names) {
  const counts = lanes.map((lane) => (instructions(lane, name, 25) - instructions(lane, name, 5)) / 20);
  const memory = lanes.map((lane) => malloced(lane, name));
  console.log(`${name.padEnd(10)}${counts.map(count).join('')}   ${memory.map((m) => `${m.calls} ${count(m.peak).trim().padStart(11)}`.padStart(20)).join('')}`);
}
fs.rmSync(work, { recursive: true });
