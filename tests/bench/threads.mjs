// One engine and one template shared by threads: renders a second with one and
// with two, and the processor time of a render.
//
//   node tests/bench/threads.mjs [BUILD_FOLDER] [ROUNDS] [SECONDS]
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const here = new URL('.', import.meta.url).pathname;
const [build = path.join(here, '../../build'), rounds = '7', seconds = '0.3'] = process.argv.slice(2);
const names = 'teams page blog friends table100'.split(' ');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
execFileSync('node', [path.join(here, 'data.mjs'), work]);
execFileSync(path.join(build, 'tests/bench/bench-threads'), [work, path.join(here, 'views'), seconds, rounds, ...names], { stdio: 'inherit' });
fs.rmSync(work, { recursive: true });
