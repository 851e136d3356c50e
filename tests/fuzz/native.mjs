// Golden templates, random changes of them, and what libFuzzer has found, each
// interpreted and as C in one program: both must give the same.
//
//   node native.mjs FUZZ-NATIVE-REPLAY WORK [COUNT [SEED]]
//   node native.mjs --seeds FOLDER      writes the golden templates as inputs
//
// Inputs that differ stay in WORK.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { input, mutant, originals, pick, start } from './mutate.mjs';

const corpus = path.join(path.dirname(fileURLToPath(import.meta.url)), 'corpus/native');

function write(folder, count) {
  fs.mkdirSync(folder, { recursive: true });
  for (const c of originals) fs.writeFileSync(path.join(folder, c.id.replaceAll('/', '-')), input(c.text, c));
  for (let i = 0; i < count; i++) fs.writeFileSync(path.join(folder, String(i)), input(mutant(), pick(originals)));
}

if (process.argv[2] === '--seeds') {
  write(process.argv[3], 0);
  process.exit(0);
}

const [replay, work, count = '400', seed = '1'] = process.argv.slice(2);
start(seed);
fs.rmSync(work, { recursive: true, force: true });
write(work, Number(count));
const run = spawnSync(replay, [corpus, work], { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 600000, stdio: ['ignore', 'pipe', 'pipe'] });
console.log(run.stdout);
if (run.status === 0) {
  fs.rmSync(work, { recursive: true, force: true });
} else {
  console.log(`ended with ${run.signal ?? run.status}\n${(run.stderr ?? '').slice(-20000)}`);
  process.exit(1);
}
