// Compares what mvcgen makes of each row with what EJS on Node 20 made of it.
//     node run.mjs MVCGEN [NAME...] [--native]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { here, names, rows, sentence, template } from './rows.mjs';

const flags = process.argv.slice(2).filter((a) => a.startsWith('--'));
const [program, ...chosen] =
  process.argv.slice(2).filter((a) => !a.startsWith('--'));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'expressions-'));

function expectations(name) {
  const file = path.join(here, `${name}.expected.jsonl`);
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const expected = lines.map((line) => JSON.parse(line));
  const wanted = rows(name);
  if (wanted.length !== expected.length ||
      wanted.some((row, i) => row !== expected[i][0]))
    throw new Error(`${name}.expected.jsonl is old: run expect.mjs`);
  return expected;
}

function render(name, expected) {
  const lines = expected.map(([row], id) => {
    const file = path.join(scratch, `${name}-${id}.ejs`);
    fs.writeFileSync(file, template(row));
    return JSON.stringify({ id, file, data: '{}' });
  });
  const child = spawnSync(program, ['render', '--tz', 'UTC', ...flags,
    '--batch', '-'], { input: lines.join('\n') + '\n', encoding: 'utf8',
    maxBuffer: 1 << 28 });
  if (child.error) throw child.error;
  if (child.status === null) console.log(`died of ${child.signal}`);
  const results = [];
  for (const line of child.stdout.split('\n').filter(Boolean)) {
    const r = JSON.parse(line);
    results[r.id] = r.ok ? r.out
      : { name: r.name, message: sentence(r.message) };
  }
  return results;
}

let failed = 0, total = 0;
for (const name of chosen.length ? chosen : names()) {
  const expected = expectations(name);
  const results = render(name, expected);
  expected.forEach(([row, want], i) => {
    total++;
    if (JSON.stringify(want) === JSON.stringify(results[i])) return;
    if (++failed <= 200)
      console.log(`${name}: ${row}\n  want ${JSON.stringify(want)}\n` +
        `  got  ${JSON.stringify(results[i])}`);
  });
}
fs.rmSync(scratch, { recursive: true });
console.log(`${total - failed} of ${total} expressions are as in Node`);
process.exit(failed ? 1 : 0);
