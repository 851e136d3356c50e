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
import { home } from '../golden/cases.mjs';
import { mutant, originals, pick, start } from './mutate.mjs';

const [mvcgen, work, count = '3000', seed = '1'] = process.argv.slice(2);

start(seed);

function make(i) {
  const { data, options } = pick(originals), file = path.join(work, `${i}.ejs`);
  const { root, views, ...rest } = options;
  fs.writeFileSync(file, mutant());
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
